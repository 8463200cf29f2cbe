/** Buckets per doubling: a percentile is right to about 12 %. */
const PER_OCTAVE = 4;
const BUCKETS = 31 * PER_OCTAVE;
/** Bytes of one histogram. */
export const LAG_BYTES = 2 * BUCKETS * 4;
const MAX_MICROS = 2 ** 31 - 1;

/** How long records took from the venue's clock to ours, over the last one to two `spanMs`. A fixed size, whatever the rate. */
export class LagHistogram {
  readonly #spanMs: number;
  #now = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #turnedAt = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Adds `receive[0] − fields[timeField]`, µs; an absent venue time adds nothing, a venue clock ahead of ours counts as 0. */
  add(receive: Float64Array, fields: Float64Array, timeField: number): void {
    const micros = (receive[0] as number) - (fields[timeField] as number);
    if (Number.isNaN(micros)) return;
    const lag = micros < 1 ? 1 : micros > MAX_MICROS ? MAX_MICROS : micros | 0;
    const octave = 31 - Math.clz32(lag);
    const quarter = octave >= 2 ? (lag >> (octave - 2)) & 3 : (lag << (2 - octave)) & 3;
    const bucket = octave * PER_OCTAVE + quarter;
    this.#now[bucket] = (this.#now[bucket] as number) + 1;
  }

  /** Forgets what is older than the span. */
  turn(nowMs: number): void {
    if (nowMs - this.#turnedAt < this.#spanMs) return;
    this.#turnedAt = nowMs;
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#now.fill(0);
  }

  /** The lag in ms that this share of records stays under; null when there is none. */
  quantileMs(share: number): number | null {
    let total = 0;
    for (let i = 0; i < BUCKETS; i += 1) total += this.#count(i);
    if (total === 0) return null;
    let left = share * total;
    for (let i = 0; i < BUCKETS; i += 1) {
      left -= this.#count(i);
      if (left <= 0) return upperEdge(i) / 1000;
    }
    return upperEdge(BUCKETS - 1) / 1000;
  }

  #count(bucket: number): number {
    return (this.#now[bucket] as number) + (this.#before[bucket] as number);
  }
}

/** The µs that a bucket's records stay under. */
function upperEdge(bucket: number): number {
  return 2 ** Math.floor(bucket / PER_OCTAVE) * (1 + ((bucket % PER_OCTAVE) + 1) / PER_OCTAVE);
}
