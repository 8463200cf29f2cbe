import { RecentValues } from './history-bands.ts';
import type { HistoryPoints } from './history-request.ts';
import { Outgoing, type Series, type SeriesOptions } from './history-series.ts';

/** A point that may be its bucket's least or greatest. */
interface Extreme {
  /** Of the value among all valid ones; −1 = there is none. */
  number: number;
  time: number;
  value: number;
  upper: number;
  lower: number;
  /** Whether the bands were told. */
  banded: boolean;
}

/**
 * Thins to two points of each of `points / 2` equal buckets of the range: the least and the greatest value, of equal ones the first, with the bands they had among all points; and one
 * with NaN, the last, where the route stopped being valid within the bucket.
 */
export class ThinSeries implements Series {
  readonly #out = new Outgoing();
  readonly #recent: RecentValues;
  readonly #options: SeriesOptions;
  readonly #buckets: number;
  readonly #width: number;
  #least = noExtreme(Number.POSITIVE_INFINITY);
  #greatest = noExtreme(Number.NEGATIVE_INFINITY);
  #bucketEnd = Number.NEGATIVE_INFINITY;
  #break = Number.NaN;
  /** With that many values, the bands of an extreme must be told or are lost. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: SeriesOptions) {
    this.#options = options;
    this.#recent = new RecentValues(options.window);
    this.#buckets = options.to > options.from ? Math.max(1, Math.floor((options.points ?? 2) / 2)) : 1;
    this.#width = (options.to - options.from) / this.#buckets;
  }

  take(time: Float64Array, value: Float64Array, count: number): void {
    // Local, like the merge's: see there.
    let bucketEnd = this.#bucketEnd;
    let least = this.#least.value;
    let greatest = this.#greatest.value;
    let deadline = this.#deadline;
    for (let i = 0; i < count; i += 1) {
      const at = time[i] as number;
      const now = value[i] as number;
      if (at >= bucketEnd) {
        bucketEnd = this.#enter(at);
        least = Number.POSITIVE_INFINITY;
        greatest = Number.NEGATIVE_INFINITY;
        deadline = Number.POSITIVE_INFINITY;
      }
      if (Number.isNaN(now)) {
        this.#break = at;
        continue;
      }
      if (this.#recent.pushed >= deadline) {
        this.#tellBands();
        deadline = Number.POSITIVE_INFINITY;
      }
      this.#recent.push(now);
      if (now < least) {
        least = now;
        deadline = Math.min(deadline, this.#set(this.#least, time, value, i));
      }
      if (now > greatest) {
        greatest = now;
        deadline = Math.min(deadline, this.#set(this.#greatest, time, value, i));
      }
    }
    this.#bucketEnd = bucketEnd;
    this.#deadline = deadline;
  }

  end(): void {
    this.#leave();
  }

  ready(least: number): HistoryPoints | undefined {
    return this.#out.ready(least);
  }

  /** Answers the number of values with which the bands must be told. If the other extreme waits too, the earlier of both counts: telling too soon costs little. */
  #set(extreme: Extreme, time: Float64Array, value: Float64Array, at: number): number {
    extreme.number = this.#recent.pushed - 1;
    extreme.time = time[at] as number;
    extreme.value = value[at] as number;
    extreme.banded = false;
    return extreme.number + this.#recent.patience;
  }

  /** Closes the bucket before and opens the one of a time; answers where that ends. */
  #enter(time: number): number {
    this.#leave();
    const last = this.#buckets - 1;
    let bucket = Math.min(last, Math.max(0, Math.floor((time - this.#options.from) / this.#width)));
    // A quotient may be rounded over a border; the borders themselves decide.
    while (bucket > 0 && time < this.#startOf(bucket)) bucket -= 1;
    while (bucket < last && time >= this.#startOf(bucket + 1)) bucket += 1;
    return bucket === last ? Number.POSITIVE_INFINITY : this.#startOf(bucket + 1);
  }

  #startOf(bucket: number): number {
    return this.#options.from + bucket * this.#width;
  }

  #leave(): void {
    this.#tellBands();
    const [least, greatest] = [this.#least, this.#greatest];
    const first = least.number <= greatest.number ? least : greatest;
    const second = first === least ? greatest : least;
    const at = this.#break;
    let waits = !Number.isNaN(at);
    for (const extreme of first.number === second.number ? [first] : [first, second]) {
      if (extreme.number < 0) continue;
      if (waits && at < extreme.time) {
        this.#out.add(at, Number.NaN, Number.NaN, Number.NaN);
        waits = false;
      }
      this.#out.add(extreme.time, extreme.value, extreme.upper, extreme.lower);
    }
    if (waits) this.#out.add(at, Number.NaN, Number.NaN, Number.NaN);
    this.#break = Number.NaN;
    this.#least = noExtreme(Number.POSITIVE_INFINITY);
    this.#greatest = noExtreme(Number.NEGATIVE_INFINITY);
  }

  #tellBands(): void {
    for (const extreme of [this.#least, this.#greatest]) {
      if (extreme.number < 0 || extreme.banded) continue;
      const { percent } = this.#options;
      const [lower, upper] = this.#recent.band(extreme.number, 100 - percent, percent);
      extreme.lower = lower;
      extreme.upper = upper;
      extreme.banded = true;
    }
  }
}

function noExtreme(value: number): Extreme {
  return { number: -1, time: Number.NaN, value, upper: Number.NaN, lower: Number.NaN, banded: false };
}
