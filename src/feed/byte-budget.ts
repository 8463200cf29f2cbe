import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';

/** Bytes that the connections of one feed may hold, taken together, for messages larger than their own small buffers. */
export class ByteBudget {
  readonly capacity: number;
  #used = 0;
  #peak = 0;
  #refused = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get used(): number {
    return this.#used;
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

  read(facts: BoundFacts): BoundReading {
    return boundOf(facts, { used: this.#used, peak: this.#peak, refused: this.#refused });
  }
}
