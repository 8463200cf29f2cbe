import type { BoundReading } from '../core/bounds.ts';
import type { GapRow } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { paddedBytes, writeHeader } from './frame.ts';
import { FRAME_HEADER_BYTES, FrameKind } from './journal-format.ts';
import { jsonFrame } from './json-frame.ts';

/** A frame that waits in the pool. */
export interface WaitingFrame {
  readonly kind: FrameKind;
  readonly venue: VenueId | undefined;
  readonly rows: number;
  /** How many of the rows are rows of a table: in a quotes frame, not those that say that one ended. */
  readonly records: number;
  /** µs since the epoch. */
  readonly writtenAt: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Where it lies in the pool's memory; −1 = it has memory of its own. */
  readonly offset: number;
  /** All of it, its header included. */
  readonly data: Uint8Array;
  /** The gaps that it tells, if it does. */
  readonly gaps?: readonly GapRow[];
  /** Given when it is first put into a file and kept from then on; −1 = not yet. */
  readonly number: number;
}

/** Frames are few; this is far beyond what the bytes hold in any real run. */
const MOST_FRAMES = 16_384;

/**
 * A fixed block of memory in which the journal's frames wait, in their order, until the disk has them for sure. What was written and not yet synced stays here too: after an error it is written
 * again.
 */
export class FramePool {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly #frames: WaitingFrame[] = [];
  /** Where the next frame goes, if it fits there. */
  #head = 0;
  #used = 0;
  #peak = 0;
  #refused = 0;

  constructor(bytes: number) {
    this.memory = new Uint8Array(new ArrayBuffer(bytes));
  }

  get length(): number {
    return this.#frames.length;
  }

  at(index: number): WaitingFrame | undefined {
    return this.#frames[index];
  }

  /** Room for a frame with such a payload: the offset at which its header begins, a multiple of 8; −1 = there is none now. It is taken by `add`. */
  place(payloadBytes: number): number {
    const bytes = FRAME_HEADER_BYTES + paddedBytes(payloadBytes);
    const at = this.#frames.length >= MOST_FRAMES ? -1 : this.#fit(bytes);
    if (at < 0) this.#refused += 1;
    return at;
  }

  /** Adds a frame whose payload lies behind its header's place `offset`, as `place` gave it. */
  add(frame: Omit<WaitingFrame, 'data' | 'number'>, payloadBytes: number): void {
    const { offset } = frame;
    const bytes = FRAME_HEADER_BYTES + paddedBytes(payloadBytes);
    this.memory.fill(padding(frame.kind), offset + FRAME_HEADER_BYTES + payloadBytes, offset + bytes);
    this.#frames.push({ ...frame, data: this.memory.subarray(offset, offset + bytes), number: -1 });
    this.#head = offset + bytes;
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#frames.length);
  }

  /** Adds a frame of JSON, or of nothing; false = there is no room now. */
  addJson(
    kind: FrameKind,
    rows: number,
    writtenAt: number,
    value?: unknown,
    gaps: readonly GapRow[] = [],
  ): boolean {
    const payload = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const length = payload?.byteLength ?? 0;
    const offset = this.place(length);
    if (offset < 0) return false;
    if (payload !== undefined) this.memory.set(payload, offset + FRAME_HEADER_BYTES);
    const times = { minTime: Number.NaN, maxTime: Number.NaN };
    this.add({ kind, venue: undefined, rows, records: 0, writtenAt, ...times, offset, gaps }, length);
    return true;
  }

  /** Gives a frame its number, and with it its checksum. */
  number(index: number, number: number): void {
    const frame = this.#frames[index];
    if (frame === undefined || frame.number >= 0) return;
    this.#frames[index] = { ...frame, number };
    writeHeader(frame.data, 0, { ...frame, number }, frame.data.byteLength - FRAME_HEADER_BYTES);
  }

  /** Puts in a frame that says that the segment ends after the first `index` frames. */
  insertEnd(index: number, number: number, writtenAt: number): void {
    this.#frames.splice(index, 0, bare(FrameKind.end, number, writtenAt));
  }

  /** The segments that were to end did not come to be: what said so says nothing now, so that no number is missing. */
  unsayEnds(): void {
    for (const [i, { kind, number, writtenAt }] of this.#frames.entries())
      if (kind === FrameKind.end) this.#frames[i] = bare(FrameKind.heartbeat, number, writtenAt);
  }

  /** Lets go of the first frames: the disk has them. */
  release(count: number): void {
    for (const { offset, data } of this.#frames.splice(0, count))
      if (offset >= 0) this.#used -= data.byteLength;
  }

  /** The gaps that frames from this one on tell. */
  gapsFrom(index: number): GapRow[] {
    return this.#frames.slice(index).flatMap(({ gaps = [] }) => gaps);
  }

  read(name: string): BoundReading {
    return {
      name,
      policy: 'wait',
      capacity: MOST_FRAMES,
      capacityBytes: this.memory.byteLength,
      cleanedBy: 'the disk, once synced',
      used: this.#frames.length,
      usedBytes: this.#used,
      peak: this.#peak,
      refused: this.#refused,
      replaced: 0,
      evicted: 0,
      lost: 0,
    };
  }

  #fit(bytes: number): number {
    const tail = this.#frames.find(({ offset }) => offset >= 0)?.offset;
    const size = this.memory.byteLength;
    if (tail === undefined) return bytes <= size ? 0 : -1;
    if (this.#head > tail) {
      if (this.#head + bytes <= size) return this.#head;
      // Strictly below the tail, so that an empty pool and a full one look different.
      return bytes < tail ? 0 : -1;
    }
    return this.#head + bytes < tail ? this.#head : -1;
  }
}

/** A frame without payload, in memory of its own. */
function bare(kind: FrameKind, number: number, writtenAt: number): WaitingFrame {
  const data = jsonFrame(kind, number, writtenAt);
  const none = { venue: undefined, rows: 0, records: 0, minTime: Number.NaN, maxTime: Number.NaN };
  return { kind, ...none, writtenAt, offset: -1, data, number };
}

/** JSON is padded with spaces, columns with zeros. */
function padding(kind: FrameKind): number {
  return kind === FrameKind.quotes || kind === FrameKind.trades ? 0 : 0x20;
}
