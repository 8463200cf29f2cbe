import type { QuoteColumns } from '../core/records.ts';
import type { Market } from '../market/market.ts';
import { BATCH_ROWS } from './replay.ts';

/** How often rows are taken when they come by the clock, ms. */
const STEP_MS = 20;

/**
 * The clock of a recording: it begins at the first moment, goes at `speed` times the pace of `clockMs`, and never runs ahead of what was applied. With an infinite speed it is where the rows are.
 */
export class ReplayPace {
  readonly #market: Market;
  readonly #columns: QuoteColumns;
  readonly #speed: number;
  readonly #from: number;
  readonly #to: number;
  readonly #clockMs: () => number;
  readonly #startedMs: number;
  #applied = 0;
  #latest: number;
  #ended = false;

  /** @param clockMs a monotonic clock, ms; @param from first moment, µs; @param to last moment, µs */
  constructor(
    market: Market,
    columns: QuoteColumns,
    options: {
      readonly speed: number;
      readonly from: number;
      readonly to: number;
      readonly clockMs: () => number;
    },
  ) {
    this.#market = market;
    this.#columns = columns;
    this.#speed = options.speed;
    this.#from = options.from;
    this.#to = options.to;
    this.#clockMs = options.clockMs;
    this.#startedMs = options.clockMs();
    this.#latest = options.from;
  }

  /** µs since the epoch, in the time of the recording. */
  get now(): number {
    if (this.#ended) return this.#to;
    if (this.#speed === Infinity) return this.#latest;
    const passed = (this.#clockMs() - this.#startedMs) * 1000 * this.#speed;
    return Math.min(this.#to, this.#from + passed);
  }

  get applied(): number {
    return this.#applied;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Applies the rows of a batch, each when its time has come. */
  async take(count: number, signal: AbortSignal): Promise<void> {
    const { receiveTime } = this.#columns;
    for (let first = 0; first < count; ) {
      signal.throwIfAborted();
      const now = this.#speed === Infinity ? Infinity : this.now;
      let next = first;
      while (next < count && (receiveTime[next] as number) <= now) next++;
      if (next > first) {
        this.#latest = receiveTime[next - 1] as number;
        this.#market.applyQuotes(this.#columns, first, next - first, BATCH_ROWS - 1, this.#latest);
        this.#market.settle();
        this.#applied += next - first;
        first = next;
      }
      // Also at full speed the page must get its turn.
      await new Promise((done) => (first < count ? setTimeout(done, STEP_MS) : setImmediate(done)));
    }
  }

  /** The rest of the range holds no rows: its time passes all the same. */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.#speed !== Infinity && this.now < this.#to) {
      signal.throwIfAborted();
      await new Promise((done) => setTimeout(done, STEP_MS));
    }
    this.#ended = true;
    this.#market.leave(this.#to);
  }
}
