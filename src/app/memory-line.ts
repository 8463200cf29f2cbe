import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { MemoryReply } from '../wire/api.ts';

/** Six hours, a reading each ten seconds. */
const EVERY_MS = 10_000;
const CAPACITY = (6 * 3600 * 1000) / EVERY_MS;

/** The line's own line in the ledger. */
export function memoryLineFacts(): BoundFacts {
  return {
    ...{ name: 'app.memory-line', policy: 'drop-oldest', capacity: CAPACITY },
    ...{ capacityBytes: CAPACITY * 2 * Float64Array.BYTES_PER_ELEMENT, cleanedBy: 'newer readings' },
  };
}

export interface MemoryLineOptions {
  /** Bytes that are resident. */
  readonly read: () => number;
  /** Bytes. */
  readonly budget: number;
  /** µs since the epoch. */
  readonly clock: () => number;
}

/** How much memory the process had over the last hours; the oldest readings go. */
export class MemoryLine {
  readonly #time = new Float64Array(CAPACITY);
  readonly #rss = new Float64Array(CAPACITY);
  readonly #options: MemoryLineOptions;
  readonly #timer: NodeJS.Timeout;
  /** Readings ever taken; the next one's place follows from it. */
  #taken = 0;

  constructor(options: MemoryLineOptions) {
    this.#options = options;
    this.take();
    this.#timer = setInterval(() => this.take(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes one reading now. */
  take(): void {
    const at = this.#taken % CAPACITY;
    this.#time[at] = Math.floor(this.#options.clock());
    this.#rss[at] = this.#options.read();
    this.#taken += 1;
  }

  /** All readings, oldest first. */
  columns(): MemoryReply {
    return {
      ...{ budget: this.#options.budget, everyMs: EVERY_MS },
      ...{ time: this.#inOrder(this.#time), rss: this.#inOrder(this.#rss) },
    };
  }

  bound(): BoundReading {
    return boundOf(memoryLineFacts(), {
      ...{ used: Math.min(this.#taken, CAPACITY), evicted: Math.max(0, this.#taken - CAPACITY) },
    });
  }

  #inOrder(column: Float64Array): number[] {
    if (this.#taken <= CAPACITY) return [...column.subarray(0, this.#taken)];
    const oldest = this.#taken % CAPACITY;
    return [...column.subarray(oldest), ...column.subarray(0, oldest)];
  }
}
