import type { BoundReading } from '../core/bounds.ts';

/** Bytes that the connections of one feed may hold, taken together, for messages larger than their own small buffers. */
export class ByteBudget {
  readonly capacity: number;
  #used = 0;
  #peak = 0;
  #refused = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Takes the bytes, or answers false when they are not free. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.capacity) {
      this.#refused += 1;
      return false;
    }
    this.#used += bytes;
    if (this.#used > this.#peak) this.#peak = this.#used;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  read(name: string): BoundReading {
    return {
      name,
      policy: 'close',
      capacity: this.capacity,
      capacityBytes: this.capacity,
      used: this.#used,
      usedBytes: this.#used,
      peak: this.#peak,
      refused: this.#refused,
      replaced: 0,
      evicted: 0,
      lost: 0,
    };
  }
}
