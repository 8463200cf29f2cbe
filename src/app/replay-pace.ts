import type { Market } from '../market/market.ts';
import type { ReplayRows } from './replay-rows.ts';

/** How often rows are taken when they come by the clock, ms. */
const STEP_MS = 20;

export interface ReplayPaceOptions {
  /** Times the pace of life; Infinity = as fast as it goes; 0 = it stands still. */
  readonly speed: number;
  /** First and last moment, µs. */
  readonly from: number;
  readonly to: number;
  /** What comes until then is applied at once, and the clock begins there, µs; default `from`. */
  readonly moment?: number | undefined;
  /** A monotonic clock, ms. */
  readonly clockMs: () => number;
}

/**
 * The clock of a recording: it begins at its moment, goes at `speed` times the pace of `clockMs`, and never runs ahead of what was applied. With an infinite speed it is where the rows are.
 */
export class ReplayPace {
  /** Resolves when all that came until the moment is applied. */
  readonly reached: Promise<void>;
  readonly #market: Market;
  readonly #rows: ReplayRows;
  readonly #from: number;
  readonly #to: number;
  readonly #moment: number;
  readonly #clockMs: () => number;
  #reach: () => void = () => undefined;
  #speed: number;
  /** The clock showed `#since` when it was `#sinceMs`; it does not go before the moment is reached. */
  #since: number;
  #sinceMs: number | undefined;
  #applied = 0;
  #latest: number;
  #ended = false;

  constructor(market: Market, rows: ReplayRows, options: ReplayPaceOptions) {
    const { speed, from, to, moment = from, clockMs } = options;
    this.#market = market;
    this.#rows = rows;
    this.#speed = speed;
    this.#moment = moment;
    this.#since = moment;
    this.#from = from;
    this.#to = to;
    this.#clockMs = clockMs;
    this.#latest = from;
    this.reached = new Promise((done) => {
      this.#reach = done;
    });
    if (moment === from) this.#arrive();
  }

  /** µs since the epoch, in the time of the recording. */
  get now(): number {
    if (this.#ended) return this.#to;
    if (this.#sinceMs === undefined) return this.#moment;
    if (this.#speed === Infinity) return this.#latest;
    const passed = (this.#clockMs() - this.#sinceMs) * 1000 * this.#speed;
    return Math.min(this.#to, this.#since + passed);
  }

  get speed(): number {
    return this.#speed;
  }

  /** How much of the time before its moment is applied, 0 to 1. */
  get progress(): number {
    return this.#sinceMs === undefined
      ? Math.max(0, this.#latest - this.#from) / (this.#moment - this.#from)
      : 1;
  }

  /** Quotes, and ends of sight. */
  get applied(): number {
    return this.#applied;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** From now on at another pace. */
  setSpeed(speed: number): void {
    this.#since = this.now;
    if (this.#sinceMs !== undefined) this.#sinceMs = this.#clockMs();
    this.#speed = speed;
  }

  /** Applies the rows of a batch, each when its time has come. */
  async take(count: number, signal: AbortSignal): Promise<void> {
    const { receiveTime } = this.#rows.columns;
    for (let first = 0; first < count; ) {
      signal.throwIfAborted();
      if (this.#sinceMs === undefined && (receiveTime[first] as number) > this.#moment) this.#arrive();
      const now = this.#sinceMs !== undefined && this.#speed === Infinity ? Infinity : this.now;
      let next = first;
      while (next < count && (receiveTime[next] as number) <= now) next++;
      if (next > first) {
        this.#latest = receiveTime[next - 1] as number;
        this.#applied += this.#rows.apply(this.#market, first, next);
        this.#market.settle();
        first = next;
      }
      // Also at full speed the page must get its turn.
      const waits = first < count && this.#sinceMs !== undefined;
      await new Promise((done) => (waits ? setTimeout(done, STEP_MS) : setImmediate(done)));
    }
  }

  /** The rest of the range holds no rows: its time passes all the same. */
  async pass(signal: AbortSignal): Promise<void> {
    if (this.#sinceMs === undefined) this.#arrive();
    while (this.#speed !== Infinity && this.now < this.#to) {
      signal.throwIfAborted();
      await new Promise((done) => setTimeout(done, STEP_MS));
    }
    this.#ended = true;
    this.#market.leave(this.#to);
  }

  #arrive(): void {
    this.#sinceMs = this.#clockMs();
    this.#reach();
  }
}
