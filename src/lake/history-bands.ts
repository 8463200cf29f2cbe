/**
 * The nearest rank, 1-based, of a percentile among `count` values: the least rank with at least that share of them up to it.
 * @param percent 0 … 100
 */
export function nearestRank(percent: number, count: number): number {
  // A product that should be whole may be a hair above.
  return Math.min(count, Math.max(1, Math.ceil((percent * count) / 100 - 1e-9)));
}

/** The last values that were pushed, kept in order, so that any rank is at hand: for whoever asks after each push. A push moves half the window's bytes on average. */
export class SortedWindow {
  readonly #recent: Float64Array;
  readonly #sorted: Float64Array;
  #pushed = 0;

  constructor(window: number) {
    this.#recent = new Float64Array(window);
    this.#sorted = new Float64Array(window);
  }

  get count(): number {
    return Math.min(this.#pushed, this.#recent.length);
  }

  push(value: number): void {
    const [recent, sorted] = [this.#recent, this.#sorted];
    const slot = this.#pushed % recent.length;
    let count = this.count;
    if (count === recent.length) {
      const gone = this.#place(recent[slot] as number, count);
      sorted.copyWithin(gone, gone + 1, count);
      count -= 1;
    }
    const at = this.#place(value, count);
    sorted.copyWithin(at + 1, at, count);
    sorted[at] = value;
    recent[slot] = value;
    this.#pushed += 1;
  }

  /** The value of a rank, 1 … count. */
  at(rank: number): number {
    return this.#sorted[rank - 1] ?? Number.NaN;
  }

  /** Where the first of the first `count` sorted values lies that is not below `value`. */
  #place(value: number, count: number): number {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Values that are kept beyond the window: with more of them a band is told late, and most extremes of a bucket are outdone by then. */
const KEPT = 8192;

/**
 * The last values as they came, many more than the window: for whoever asks for the band of few of them, and not at once. A push costs a store; a band some
 * microseconds (`npm run bench -- history`).
 */
export class RecentValues {
  readonly #window: number;
  readonly #ring: Float64Array;
  readonly #scratch: Float64Array;
  #pushed = 0;

  constructor(window: number) {
    this.#window = window;
    this.#ring = new Float64Array(2 ** Math.ceil(Math.log2(window + KEPT)));
    this.#scratch = new Float64Array(window);
  }

  /** How many values there were: the number of the next. */
  get pushed(): number {
    return this.#pushed;
  }

  /** After so many pushes, its window not counted, a value's band cannot be told any more. */
  get patience(): number {
    return this.#ring.length - this.#window;
  }

  push(value: number): void {
    this.#ring[this.#pushed & (this.#ring.length - 1)] = value;
    this.#pushed += 1;
  }

  /** The values of two percentiles, `low` ≤ `high`, over the window that ends with value `number`. */
  band(number: number, low: number, high: number): readonly [number, number] {
    const count = Math.min(this.#window, number + 1);
    const mask = this.#ring.length - 1;
    for (let i = 0; i < count; i += 1)
      this.#scratch[i] = this.#ring[(number - count + 1 + i) & mask] as number;
    const [lowAt, highAt] = [nearestRank(low, count) - 1, nearestRank(high, count) - 1];
    select(this.#scratch, 0, count - 1, lowAt);
    // What is right of a selected place is not less than it.
    if (highAt > lowAt) select(this.#scratch, lowAt + 1, count - 1, highAt);
    return [this.#scratch[lowAt] as number, this.#scratch[highAt] as number];
  }
}

/** Moves values between `left` and `right` so that place `wanted` holds what it would if they were sorted, with nothing greater before it and nothing less behind. */
function select(values: Float64Array, left: number, right: number, wanted: number): void {
  let [low, high] = [left, right];
  while (low < high) {
    const pivot = middleOf(
      values[low] as number,
      values[(low + high) >>> 1] as number,
      values[high] as number,
    );
    let [i, j] = [low, high];
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1;
      while ((values[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const value = values[i] as number;
      values[i] = values[j] as number;
      values[j] = value;
      i += 1;
      j -= 1;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
