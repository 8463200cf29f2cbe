import type { RateLimit } from '../venues/venue.ts';

/** The venue counts when our messages arrive, not when they leave: some may bunch up on the way. */
const MARGIN = 1.05;

/** Keeps a venue's rate limit: at most `count` in any span of `perMs`, wherever the span begins. */
export class RateWindow {
  /** When the last `count` uses were made, as a ring. */
  readonly #uses: Float64Array;
  readonly #spanMs: number;
  #next = 0;

  constructor(limit: RateLimit) {
    this.#uses = new Float64Array(Math.max(1, limit.count)).fill(Number.NEGATIVE_INFINITY);
    this.#spanMs = limit.perMs * MARGIN;
  }

  /** Uses it once if the limit allows that now. */
  take(nowMs: number): boolean {
    if (nowMs - (this.#uses[this.#next] as number) < this.#spanMs) return false;
    this.#uses[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#uses.length;
    return true;
  }

  /** Share of the limit that is free now, 0 … 1. */
  headroom(nowMs: number): number {
    let free = 0;
    for (const use of this.#uses) if (nowMs - use >= this.#spanMs) free += 1;
    return free / this.#uses.length;
  }
}
