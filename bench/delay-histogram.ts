/** Buckets grow by this factor: a quantile is right to within 2 %. */
const GROWTH = 1.02;
const LOG = Math.log(GROWTH);
/** Up to e^(0.0198 · 1400) µs, which is far above a quarter of an hour. */
const BUCKETS = 1_400;

export interface DelayFigures {
  readonly count: number;
  /** Milliseconds; NaN when there is no sample. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Delays in µs by how often they occurred, in a fixed amount of memory. */
export class DelayHistogram {
  readonly #counts: Float64Array;
  #max = 0;

  /** @param counts of another one, as `counts` answers them */
  constructor(counts: readonly number[] = []) {
    this.#counts = new Float64Array(BUCKETS);
    this.#counts.set(counts);
  }

  add(micros: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(Math.max(micros, 1)) / LOG)));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    if (micros > this.#max) this.#max = micros;
  }

  merge(counts: readonly number[]): void {
    counts.forEach((count, bucket) => {
      this.#counts[bucket] = (this.#counts[bucket] as number) + count;
    });
  }

  counts(): number[] {
    return [...this.#counts];
  }

  figures(): DelayFigures {
    const count = this.#counts.reduce((sum, each) => sum + each, 0);
    const at = (q: number): number => (count === 0 ? Number.NaN : this.#quantile(q * count) / 1000);
    return { count, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
  }

  #quantile(rank: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.exp(bucket * LOG);
    }
    return this.#max;
  }
}
