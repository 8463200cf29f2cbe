import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** How one thread does. Delays are of its event loop over the last 5 to 10 s, beyond what its timer asked for. */
export interface ThreadReading {
  readonly delaySeconds: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly heap: { readonly usedBytes: number; readonly limitBytes: number };
}

const RESOLUTION_MS = 10;
const SPAN_MS = 5_000;
const NANO = 1e9;

/** Measures the event loop and the heap of the thread it is made in. Two histograms take turns, so that a reading is never of a moment alone. */
export class ThreadWatch {
  readonly #clockMs: () => number;
  #older: IntervalHistogram;
  #newer: IntervalHistogram;
  #turnedMs: number;

  /** @param clockMs a monotonic clock, ms */
  constructor(clockMs: () => number) {
    this.#clockMs = clockMs;
    this.#older = started();
    this.#newer = started();
    this.#turnedMs = clockMs();
  }

  read(): ThreadReading {
    const now = this.#clockMs();
    if (now - this.#turnedMs >= SPAN_MS) {
      this.#turnedMs = now;
      [this.#older, this.#newer] = [this.#newer, this.#older];
      this.#newer.reset();
    }
    const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
    return {
      delaySeconds: {
        p50: delay(this.#older.percentile(50)),
        p99: delay(this.#older.percentile(99)),
        max: delay(this.#older.max),
      },
      heap: { usedBytes, limitBytes },
    };
  }

  stop(): void {
    this.#older.disable();
    this.#newer.disable();
  }
}

function started(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}

/** What an interval was longer than asked for, s; an empty histogram has none. */
function delay(nanoseconds: number): number {
  if (!Number.isFinite(nanoseconds) || nanoseconds > Number.MAX_SAFE_INTEGER) return 0;
  return Math.max(0, nanoseconds / NANO - RESOLUTION_MS / 1000);
}
