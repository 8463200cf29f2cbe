import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { GapReason, GapRow } from '../core/lake-status.ts';
import type { Schema } from '../core/records.ts';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import { columnBytes, layColumns } from '../ring/ring.ts';
import { type Frame, isSound, paddedBytes, parseHeader } from './frame.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  JOURNAL_QUOTES,
  JOURNAL_TRADES,
  type JournalQuotes,
  type JournalTrades,
} from './journal-format.ts';
import { JOURNAL_FOLDER, parseSegmentName } from './layout.ts';

/** What a segment says of itself in its first frame. */
export interface SegmentFacts {
  readonly segment: number;
  /** µs since the epoch. */
  readonly createdAt: number;
  /** The venues that were watched. */
  readonly venues: readonly VenueId[];
  /** One life of the program. */
  readonly run: string;
}

/** A spell that had not ended when the segment began. */
export interface OpenGap {
  /** Null = the whole venue. */
  readonly instrument: number | null;
  readonly venue: VenueId;
  readonly symbol: string | null;
  readonly stream: GapRow['stream'];
  readonly from: number;
  readonly reason: GapReason;
}

export interface SegmentFile {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
}

export interface Walk {
  readonly frames: readonly Frame[];
  /** `closed`: ended in peace; `open`: ends with a whole frame, more may follow; `cut`: what follows is no whole, sound frame (yet). */
  readonly end: 'closed' | 'open' | 'cut';
  /** Where to go on later. */
  readonly next: number;
}

const READ_BYTES = 65_536;
/** No writer makes a larger frame; what claims to be one is damage. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** The journal's segments in order of their numbers; none if there is no journal. */
export function listSegments(lake: string): SegmentFile[] {
  const folder = join(lake, JOURNAL_FOLDER);
  const found: SegmentFile[] = [];
  for (const name of namesIn(folder)) {
    const number = parseSegmentName(name);
    if (number === undefined) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) found.push({ number, path, bytes: stat.size });
  }
  return found.sort((a, b) => a.number - b.number);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * One segment of the journal, for reading; another thread or program may be appending to it. Whatever its bytes are, reading never throws but for what the disk throws, and
 * never takes more memory than the largest frame that a writer makes.
 */
export class Segment {
  readonly number: number;
  readonly path: string;
  readonly #file: number;
  #buffer = new Uint8Array(READ_BYTES);

  private constructor(path: string, number: number) {
    this.path = path;
    this.number = number;
    this.#file = openSync(path, 'r');
  }

  /** Throws what the disk throws, ENOENT for one that was converted meanwhile. */
  static open(path: string): Segment {
    const number = parseSegmentName(path.slice(path.lastIndexOf('/') + 1));
    if (number === undefined) throw new RangeError(`${path} has not the name of a segment`);
    return new Segment(path, number);
  }

  /** Goes from header to header, from the start or from an earlier walk's `next`, to the end or to the first frame that is not whole. */
  walk(from = 0): Walk {
    const size = fstatSync(this.#file).size;
    const frames: Frame[] = [];
    const block = new Uint8Array(READ_BYTES);
    let [blockAt, blockEnd] = [0, 0];
    let at = from;
    let last = Number.NEGATIVE_INFINITY;
    while (at + FRAME_HEADER_BYTES <= size) {
      if (at < blockAt || at + FRAME_HEADER_BYTES > blockEnd) {
        blockAt = at;
        // Between long frames a block would be mostly payload, which is not looked at here.
        const wanted = (frames.at(-1)?.payloadBytes ?? 0) < READ_BYTES / 4 ? READ_BYTES : FRAME_HEADER_BYTES;
        blockEnd = at + readSync(this.#file, block, 0, wanted, at);
        if (blockEnd - at < FRAME_HEADER_BYTES) break;
      }
      const frame = parseHeader(block, at - blockAt, at);
      if (frame === undefined || frame.payloadBytes > MAX_PAYLOAD_BYTES || frame.number <= last) break;
      const end = at + FRAME_HEADER_BYTES + frame.payloadBytes;
      if (end > size || !hasItsSize(frame)) break;
      frames.push(frame);
      last = frame.number;
      at = end;
      if (frame.kind === FrameKind.end) return { frames, end: 'closed', next: at };
    }
    return { frames, end: at === size ? 'open' : 'cut', next: at };
  }

  /** The rows of a quotes frame, valid until the next call; undefined = its checksum is wrong: the journal ends before it. */
  quotes(frame: Frame): JournalQuotes | undefined {
    if (frame.kind !== FrameKind.quotes) return undefined;
    return this.#columns(JOURNAL_QUOTES, frame);
  }

  /** As `quotes`, of a trades frame. */
  trades(frame: Frame): JournalTrades | undefined {
    if (frame.kind !== FrameKind.trades) return undefined;
    return this.#columns(JOURNAL_TRADES, frame);
  }

  /** What a frame of the other kinds carries; undefined = its checksum is wrong, or it is no JSON. */
  json(frame: Frame): unknown {
    if (!this.#load(frame)) return undefined;
    const bytes = this.#buffer.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + frame.payloadBytes);
    try {
      return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    } catch {
      return undefined;
    }
  }

  /** Whether the frame is as it was written. */
  isSound(frame: Frame): boolean {
    return this.#load(frame);
  }

  /** Which venue and symbol the instrument numbers stand for, out of all instruments frames among these. */
  instruments(frames: readonly Frame[]): Map<number, { venue: VenueId; symbol: string }> {
    const found = new Map<number, { venue: VenueId; symbol: string }>();
    for (const frame of frames) {
      if (frame.kind !== FrameKind.instruments) continue;
      for (const [instrument, venue, symbol] of entries(this.json(frame)))
        found.set(instrument, { venue, symbol });
    }
    return found;
  }

  close(): void {
    closeSync(this.#file);
  }

  #columns<S extends Schema>(schema: S, frame: Frame) {
    if (!hasItsSize(frame) || !this.#load(frame)) return undefined;
    return layColumns(schema, frame.rows, this.#buffer.buffer, FRAME_HEADER_BYTES);
  }

  /** Reads header and payload to the start of the buffer. */
  #load(frame: Frame): boolean {
    if (frame.payloadBytes > MAX_PAYLOAD_BYTES) return false;
    const bytes = FRAME_HEADER_BYTES + frame.payloadBytes;
    if (this.#buffer.byteLength < bytes) this.#buffer = new Uint8Array(bytes);
    const read = readSync(this.#file, this.#buffer, 0, bytes, frame.offset);
    return read === bytes && isSound(this.#buffer, 0, frame.payloadBytes);
  }
}

/** Whether the payload is as long as the rows make it. */
function hasItsSize(frame: Frame): boolean {
  if (frame.kind === FrameKind.quotes)
    return frame.payloadBytes === paddedBytes(columnBytes(JOURNAL_QUOTES, frame.rows));
  if (frame.kind === FrameKind.trades)
    return frame.payloadBytes === paddedBytes(columnBytes(JOURNAL_TRADES, frame.rows));
  return true;
}

/** The entries of an instruments frame that are what they should be. */
function entries(json: unknown): (readonly [number, VenueId, string])[] {
  if (!Array.isArray(json)) return [];
  const found: (readonly [number, VenueId, string])[] = [];
  for (const entry of json as unknown[]) {
    if (!Array.isArray(entry)) continue;
    const [instrument, venue, symbol] = entry as unknown[];
    if (
      typeof instrument === 'number' &&
      Number.isSafeInteger(instrument) &&
      instrument >= 0 &&
      typeof venue === 'string' &&
      isVenueId(venue) &&
      typeof symbol === 'string'
    )
      found.push([instrument, venue, symbol]);
  }
  return found;
}
