import type { ByteBudget } from './byte-budget.ts';

/**
 * Collects the pieces of one message. It keeps a small buffer for good; a message that outgrows it borrows a larger one from the budget until
 * `reset`, never beyond `max` bytes.
 */
export class SpillBuffer {
  /** A Buffer like the socket's own chunks, so that code which reads either sees one kind of object. */
  bytes: Buffer;
  length = 0;
  readonly #resident: Buffer;
  readonly #max: number;
  readonly #budget: ByteBudget;

  constructor(residentBytes: number, max: number, budget: ByteBudget) {
    this.#resident = Buffer.allocUnsafeSlow(Math.min(residentBytes, max));
    this.bytes = this.#resident;
    this.#max = max;
    this.#budget = budget;
  }

  /** Appends `source[start, end)`; false when it is not to be had within `max` or the budget (the buffer is then unchanged). */
  append(source: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > this.bytes.length && !this.#grow(length)) return false;
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = length;
    return true;
  }

  /** Empties it and gives borrowed memory back. */
  reset(): void {
    this.length = 0;
    if (this.bytes === this.#resident) return;
    this.#budget.give(this.bytes.length);
    this.bytes = this.#resident;
  }

  #grow(length: number): boolean {
    if (length > this.#max) return false;
    const size = Math.min(this.#max, Math.max(length, this.bytes.length * 2, 1024));
    if (!this.#budget.take(size)) return false;
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.bytes.subarray(0, this.length));
    if (this.bytes !== this.#resident) this.#budget.give(this.bytes.length);
    this.bytes = larger;
    return true;
  }
}
