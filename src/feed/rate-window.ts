import type { RateLimit } from '../venues/venue.ts';

/** The venue counts when our messages arrive, not when they leave. */
const MARGIN = 1.05;
/** Limits over longer spans are for the long run; uses are kept this far apart all the same. */
const LONG_SPAN_MS = 1_000;
const LONG_SPAN_SPACING_MS = 150;

/**
 * Keeps a venue's rate limit: at most `count` in any span of `perMs`, wherever the span begins. Uses are spread over the span rather than made at once, because what
 * leaves as two bursts may arrive as one.
 */
export class RateWindow {
  /** When the last `count` uses were made, as a ring. */
  readonly #uses: Float64Array;
  readonly #spanMs: number;
  readonly #spacingMs: number;
  #next = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(limit: RateLimit) {
    const count = Math.max(1, limit.count);
    this.#uses = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#spanMs = limit.perMs * MARGIN;
    const even = this.#spanMs / count;
    this.#spacingMs = limit.perMs > LONG_SPAN_MS ? Math.min(even, LONG_SPAN_SPACING_MS) : even;
  }

  /** Uses it once if the limit allows that now. */
  take(nowMs: number): boolean {
    if (nowMs - this.#last < this.#spacingMs) return false;
    if (nowMs - (this.#uses[this.#next] as number) < this.#spanMs) return false;
    this.#uses[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#uses.length;
    this.#last = nowMs;
    return true;
  }

  /** Share of the limit that is not used up, 0 … 1. */
  headroom(nowMs: number): number {
    let free = 0;
    for (const use of this.#uses) if (nowMs - use >= this.#spanMs) free += 1;
    return free / this.#uses.length;
  }
}
