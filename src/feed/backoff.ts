import type { FeedTuning } from './tuning.ts';

/** Exponential backoff with a cap and full jitter; forgotten after a life of `backoffResetMs`. */
export class Backoff {
  readonly #tuning: FeedTuning;
  readonly #random: () => number;
  #failures = 0;

  constructor(tuning: FeedTuning, random: () => number) {
    this.#tuning = tuning;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The wait before the next dial, ms, after a connection that was open for `livedMs` (NaN = never). */
  next(livedMs: number): number {
    const { backoffBaseMs, backoffCapMs, backoffResetMs } = this.#tuning;
    if (livedMs >= backoffResetMs) this.#failures = 0;
    const ceiling = Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return this.#random() * ceiling;
  }
}
