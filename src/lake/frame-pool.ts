import type { BoundReading } from '../core/bounds.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { paddedBytes, writeHeader } from './frame.ts';
import { FRAME_HEADER_BYTES, FrameKind } from './journal-format.ts';

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
  /** Where it lies in the pool, and how long it is with its header. */
  readonly offset: number;
  readonly bytes: number;
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
  add(frame: Omit<WaitingFrame, 'bytes' | 'number'>, payloadBytes: number): void {
    const { offset } = frame;
    const bytes = FRAME_HEADER_BYTES + paddedBytes(payloadBytes);
    this.memory.fill(padding(frame.kind), offset + FRAME_HEADER_BYTES + payloadBytes, offset + bytes);
    this.#frames.push({ ...frame, bytes, number: -1 });
    this.#head = offset + bytes;
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#frames.length);
  }

  /** Adds a frame of JSON, or of nothing; false = there is no room now. */
  addJson(kind: FrameKind, rows: number, writtenAt: number, value?: unknown): boolean {
    const payload = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const length = payload?.byteLength ?? 0;
    const offset = this.place(length);
    if (offset < 0) return false;
    if (payload !== undefined) this.memory.set(payload, offset + FRAME_HEADER_BYTES);
    const times = { minTime: Number.NaN, maxTime: Number.NaN };
    this.add({ kind, venue: undefined, rows, records: 0, writtenAt, ...times, offset }, length);
    return true;
  }

  /** Gives a frame its number, and with it its checksum. */
  number(index: number, number: number): void {
    const frame = this.#frames[index];
    if (frame === undefined || frame.number >= 0) return;
    this.#frames[index] = { ...frame, number };
    writeHeader(this.memory, frame.offset, { ...frame, number }, frame.bytes - FRAME_HEADER_BYTES);
  }

  /** Lets go of the first frames: the disk has them. */
  release(count: number): void {
    for (const { bytes } of this.#frames.splice(0, count)) this.#used -= bytes;
    if (this.#frames.length === 0) this.#head = 0;
  }

  read(name: string): BoundReading {
    return {
      name,
      policy: 'wait',
      capacity: MOST_FRAMES,
      capacityBytes: this.memory.byteLength,
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
    const tail = this.#frames[0]?.offset;
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

/** JSON is padded with spaces, columns with zeros. */
function padding(kind: FrameKind): number {
  return kind === FrameKind.quotes || kind === FrameKind.trades ? 0 : 0x20;
}
