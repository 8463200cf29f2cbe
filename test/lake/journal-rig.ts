import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind, TRADE_ID_BYTES } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { paddedBytes, writeHeader } from '../../src/lake/frame.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  JOURNAL_QUOTES,
  JOURNAL_TRADES,
} from '../../src/lake/journal-format.ts';
import { JOURNAL_FOLDER, segmentName } from '../../src/lake/layout.ts';
import type { OpenGap } from '../../src/lake/segment.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';

export interface RigQuote {
  instrument: number;
  kind?: number;
  venueTime: number;
  receiveTime: number;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
  sequence: number;
}

export interface RigTrade {
  instrument: number;
  venueTime: number;
  receiveTime: number;
  price: number;
  size: number;
  side: number;
  id: string;
}

export type RigFrame =
  | { kind: 'quotes'; venue: VenueId; number: number; rows: readonly RigQuote[] }
  | { kind: 'trades'; venue: VenueId; number: number; rows: readonly RigTrade[] }
  | { kind: 'gaps'; number: number; rows: readonly GapRow[] };

export interface RigSegment {
  number: number;
  run?: string;
  createdAt: number;
  instruments: readonly (readonly [number, VenueId, string])[];
  /** What it says of the spells that were open when it began, and of the venues that are watched. */
  openGaps?: readonly OpenGap[];
  venues?: readonly VenueId[];
  frames: readonly RigFrame[];
  /** Bytes to cut off its end, or an offset from the end at which to spoil a byte. */
  cut?: number;
  spoil?: number;
}

export function temporaryLake(): string {
  return mkdtempSync(join(tmpdir(), 'lake-'));
}

/** Writes a segment as a recorder would. */
export function writeSegment(lake: string, segment: RigSegment): void {
  const first = segment.frames[0]?.number ?? 0;
  const facts = {
    segment: segment.number,
    createdAt: segment.createdAt,
    venues: segment.venues ?? [],
    run: segment.run ?? 'a',
  };
  const bytes = Buffer.concat([
    jsonFrame(FrameKind.segment, first - 3, segment.createdAt, facts),
    jsonFrame(FrameKind.instruments, first - 2, segment.createdAt, segment.instruments),
    jsonFrame(FrameKind.openGaps, first - 1, segment.createdAt, segment.openGaps ?? []),
    ...segment.frames.map((frame) => rowsFrame(frame, segment.createdAt)),
  ]);
  if (segment.spoil !== undefined) {
    const at = bytes.length - 1 - segment.spoil;
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
  }
  mkdirSync(join(lake, JOURNAL_FOLDER), { recursive: true });
  const path = join(lake, JOURNAL_FOLDER, segmentName(segment.number));
  writeFileSync(path, bytes.subarray(0, bytes.length - (segment.cut ?? 0)));
}

function jsonFrame(kind: FrameKind, number: number, writtenAt: number, value: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(value));
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + paddedBytes(text.length)).fill(0x20);
  bytes.set(text, FRAME_HEADER_BYTES);
  const header = { kind, venue: undefined, rows: 0, number, writtenAt };
  writeHeader(bytes, 0, { ...header, minTime: Number.NaN, maxTime: Number.NaN }, paddedBytes(text.length));
  return bytes;
}

function rowsFrame(frame: RigFrame, writtenAt: number): Uint8Array {
  if (frame.kind === 'gaps') return jsonFrame(FrameKind.gaps, frame.number, writtenAt, frame.rows);
  const schema = frame.kind === 'quotes' ? JOURNAL_QUOTES : JOURNAL_TRADES;
  const payload = paddedBytes(columnBytes(schema, frame.rows.length));
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload);
  if (frame.kind === 'quotes') layQuotes(bytes, frame.rows);
  else layTrades(bytes, frame.rows);
  const times = frame.rows.map((row) => row.receiveTime);
  writeHeader(
    bytes,
    0,
    {
      kind: FrameKind[frame.kind],
      venue: frame.venue,
      rows: frame.rows.length,
      number: frame.number,
      writtenAt,
      minTime: Math.min(...times),
      maxTime: Math.max(...times),
    },
    payload,
  );
  return bytes;
}

function layQuotes(bytes: Uint8Array, rows: readonly RigQuote[]): void {
  const columns = layColumns(JOURNAL_QUOTES, rows.length, bytes.buffer, FRAME_HEADER_BYTES);
  rows.forEach((row, i) => {
    columns.instrument[i] = row.instrument;
    columns.kind[i] = row.kind ?? QuoteKind.quote;
    for (const name of ['venueTime', 'receiveTime', 'bid', 'bidSize', 'ask', 'askSize', 'sequence'] as const)
      columns[name][i] = row[name];
  });
}

function layTrades(bytes: Uint8Array, rows: readonly RigTrade[]): void {
  const columns = layColumns(JOURNAL_TRADES, rows.length, bytes.buffer, FRAME_HEADER_BYTES);
  rows.forEach((row, i) => {
    columns.instrument[i] = row.instrument;
    columns.side[i] = row.side;
    const id = Buffer.from(row.id);
    columns.idLength[i] = id.length;
    columns.id.set(id, i * TRADE_ID_BYTES);
    for (const name of ['venueTime', 'receiveTime', 'price', 'size'] as const) columns[name][i] = row[name];
  });
}

/** Numbers from 0 to 1 that look random and are the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
