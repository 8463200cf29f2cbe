import { type BoundReading, boundOf } from '../core/bounds.ts';
import type { OpportunityFollower, OpportunityTable } from './opportunities.ts';
import type { PairPool } from './pairs.ts';
import { BID, BID_NET, LEG_STRIDE, PER_COST } from './quotes.ts';
import { CYCLE_END, CYCLES, FIELD, FIELDS, HIGH_PEAK } from './statistics-fields.ts';
import { type RouteFigures, readFigures } from './statistics-figures.ts';
import type { ThresholdTable } from './thresholds.ts';
import type { TickLegs } from './tick-legs.ts';

export interface StatisticsOptions {
  /** Percent of the upper band; the lower one is as far from the other end. */
  readonly bandPercent: number;
  /** How the past is kept; default that of all routes at once. */
  readonly shape?: StatisticsShape | undefined;
}

/** How statistics keep the past. */
export interface StatisticsShape {
  /** Time is cut into so many buckets of so many seconds; the oldest is forgotten as a whole. */
  readonly buckets: number;
  readonly bucketSeconds: number;
  /** Bands are taken over the last so many samples, one at each multiple of so many seconds. */
  readonly bandSamples: number;
  readonly bandSeconds: number;
  /** Whether figures are doubles; otherwise they are floats, and bands whole tenths of a basis point. */
  readonly exact: boolean;
}

/** The rolling hour of all routes: 45 to 60 minutes, and bands out of 100 samples. */
export const ROLLING: StatisticsShape = {
  ...{ buckets: 4, bucketSeconds: 900, bandSamples: 100, bandSeconds: 36, exact: false },
};
/** One range that is as long as it is. */
export function wholeRange(seconds: number): StatisticsShape {
  const bandSeconds = Math.max(1, Math.ceil(seconds / MOST_BAND_SAMPLES));
  const bandSamples = Math.max(1, Math.ceil((seconds + 1) / bandSeconds));
  return { buckets: 1, bucketSeconds: Number.MAX_SAFE_INTEGER, bandSamples, bandSeconds, exact: true };
}
const MOST_BAND_SAMPLES = 1_000_000;

/** A basis that is no further from the mean is on neither side: what is left of it is rounding. */
const ON_THE_MEAN = 1e-12;
const NO_SAMPLE = -32_768;
const MOST_BASIS = 1e15;
const NO_BANDS = new Float64Array(0);
const MOST_TENTHS = 32_767;
const TENTHS_PER_ONE = 100_000;

/** Bits of a pair's state: the side of the mean and of parity that it was on last, and the cycles that it is in. */
const OVER_MEAN = 1;
const UNDER_MEAN = 2;
const OVER_PARITY = 4;
const UNDER_PARITY = 8;
const IN_CYCLE = 16;
/** Per pair: basis, second, start of the cycle, mean, samples, bucket, band, state. */
const STATE_BYTES = 4 * 4 + 3 * 4 + 1 + 4;

/**
 * The statistics of every pair over the last hour, as ticks come: one sample a second of what the last valid quotes say, into a fixed place. docs/STATISTICS.md defines each figure. What is recorded is put through the same
 * code in doubles (`exact`); as floats, for all routes at once, figures are within a thousandth.
 */
export class RouteStatistics implements OpportunityFollower {
  readonly shape: StatisticsShape;
  readonly #legs: TickLegs;
  readonly #pairs: PairPool;
  /** Of the upper band. */
  readonly percent: number;
  /** Rows of `FIELDS` by pair and bucket. */
  readonly #figures: Float32Array | Float64Array;
  /** Net spreads by directed route and sample. */
  readonly #bands: Int16Array | Float64Array;
  readonly #basis: Float32Array | Float64Array;
  readonly #second: Float64Array;
  readonly #cycleSince: Float64Array;
  /** Of all buckets of a pair. */
  readonly #mean: Float32Array | Float64Array;
  readonly #samples: Int32Array;
  /** The number of the present bucket, and of the last sample of the bands. */
  readonly #bucket: Int32Array;
  readonly #band: Int32Array;
  readonly #state: Uint8Array;
  readonly #openNet: Float64Array;

  constructor(legs: TickLegs, pairs: PairPool, thresholds: ThresholdTable, options: StatisticsOptions) {
    const { shape = ROLLING, bandPercent } = options;
    const { buckets, bandSamples, exact } = shape;
    const Figures = exact ? Float64Array : Float32Array;
    const { capacity } = pairs;
    this.shape = shape;
    this.#legs = legs;
    this.#pairs = pairs;
    this.percent = bandPercent;
    this.#openNet = thresholds.openNet;
    this.#figures = new Figures(capacity * buckets * FIELDS);
    this.#bands = exact
      ? new Float64Array(capacity * 2 * bandSamples).fill(Number.NaN)
      : new Int16Array(capacity * 2 * bandSamples).fill(NO_SAMPLE);
    this.#basis = new Figures(capacity);
    this.#mean = new Figures(capacity);
    this.#second = new Float64Array(capacity).fill(Number.NaN);
    this.#cycleSince = new Float64Array(capacity);
    this.#samples = new Int32Array(capacity);
    this.#bucket = new Int32Array(capacity).fill(-1);
    this.#band = new Int32Array(capacity).fill(-1);
    this.#state = new Uint8Array(capacity);
  }

  /** Both legs of the pair are valid at this whole second since the epoch, and their quotes are those in the table of legs. */
  sample(pair: number, second: number): void {
    const row = this.#enter(pair, second);
    if (row < 0) return;
    const { legs } = this.#legs;
    const low = (this.#pairs.low[pair] as number) * LEG_STRIDE;
    const high = (this.#pairs.high[pair] as number) * LEG_STRIDE;
    const basis = (legs[high + BID] as number) / (legs[low + BID] as number) - 1;
    // What is no number, or whose square fits no float, would stay in every sum.
    if (!(Math.abs(basis) <= MOST_BASIS)) return;
    const figures = this.#figures;
    const n = (figures[row] as number) + 1;
    figures[row] = n;
    const mean = figures[row + FIELD.mean] as number;
    const shift = basis - mean;
    figures[row + FIELD.mean] = mean + shift / n;
    add(figures, row + FIELD.squares, shift * (basis - (figures[row + FIELD.mean] as number)));
    add(figures, row + FIELD.absolute, Math.abs(basis));
    if (n === 1 || basis > (figures[row + FIELD.max] as number)) figures[row + FIELD.max] = basis;
    if (n === 1 || basis < (figures[row + FIELD.min] as number)) figures[row + FIELD.min] = basis;
    if (this.#second[pair] === second - 1) this.#step(pair, row, basis);
    this.#cross(pair, row, basis);
    this.#cycle(pair, row, basis, second);
    this.#basis[pair] = basis;
    this.#second[pair] = second;
    const buyLow = (legs[high + BID_NET] as number) * (legs[low + PER_COST] as number) - 1;
    const buyHigh = (legs[low + BID_NET] as number) * (legs[high + PER_COST] as number) - 1;
    if (buyLow >= (this.#openNet[2 * pair] as number)) add(figures, row + FIELD.above, 1);
    if (buyHigh >= (this.#openNet[2 * pair + 1] as number)) add(figures, row + FIELD.above + 1, 1);
    if (second % this.shape.bandSeconds === 0) this.#keepBands(pair, second, buyLow, buyHigh);
  }

  closed(table: OpportunityTable, slot: number): void {
    const place = table.placeOf[slot] as number;
    const { start, end, peakNet } = table.columns;
    const bucket = this.#enter(place >> 1, Math.floor((end[slot] as number) / 1e6));
    if (bucket < 0) return;
    const row = bucket + (place & 1);
    const figures = this.#figures;
    const peak = peakNet[slot] as number;
    add(figures, row + FIELD.opportunities, 1);
    add(figures, row + FIELD.peakSum, peak);
    if (figures[row + FIELD.opportunities] === 1 || peak > (figures[row + FIELD.peakMax] as number))
      figures[row + FIELD.peakMax] = peak;
    if (peak > HIGH_PEAK) add(figures, row + FIELD.highPeaks, 1);
    add(figures, row + FIELD.openSeconds, ((end[slot] as number) - (start[slot] as number)) / 1e6);
  }

  /** The figures of a directed route as of this second; what is older than the window by then does not count. @param withBands sorting them is most of the work */
  read(place: number, second: number, withBands = true): RouteFigures {
    const { buckets, bucketSeconds, bandSamples } = this.shape;
    const pair = place >> 1;
    const rows: (Float32Array | Float64Array)[] = [];
    const now = Math.floor(second / bucketSeconds);
    const last = this.#bucket[pair] as number;
    for (let number = Math.max(0, now - buckets + 1); number <= Math.min(now, last); number++) {
      if (number <= last - buckets) continue;
      const at = (pair * buckets + (number % buckets)) * FIELDS;
      rows.push(this.#figures.subarray(at, at + FIELDS));
    }
    const from = place * bandSamples;
    return readFigures(
      rows,
      place & 1 ? 1 : 0,
      withBands ? this.#bandsOf(pair, from, second) : NO_BANDS,
      this.percent,
    );
  }

  /** Opportunities an hour as `read` tells them, alone: a ranking asks it of every route. NaN = not known. */
  perHour(place: number, second: number): number {
    const { buckets, bucketSeconds } = this.shape;
    const pair = place >> 1;
    const now = Math.floor(second / bucketSeconds);
    const last = this.#bucket[pair] as number;
    let [samples, opportunities] = [0, 0];
    const first = Math.max(0, now - buckets + 1, last - buckets + 1);
    for (let number = first; number <= Math.min(now, last); number++) {
      const at = (pair * buckets + (number % buckets)) * FIELDS;
      samples += this.#figures[at + FIELD.samples] as number;
      opportunities += this.#figures[at + FIELD.opportunities + (place & 1)] as number;
    }
    return opportunities / (samples / 3600);
  }

  bound(): BoundReading {
    const { buckets, bandSamples, exact } = this.shape;
    const { capacity, used } = this.#pairs;
    const bytes =
      buckets * FIELDS * (exact ? 8 : 4) + 2 * bandSamples * (exact ? 8 : 2) + STATE_BYTES + (exact ? 8 : 0);
    return boundOf(
      {
        ...{ name: 'market.statistics', policy: 'refuse', capacity },
        ...{ capacityBytes: capacity * bytes, cleanedBy: 'age, as samples are written' },
      },
      { used },
    );
  }

  /** The row of a second's bucket; what was in it before is forgotten. −1 when that bucket is forgotten itself. */
  #enter(pair: number, second: number): number {
    const { buckets, bucketSeconds } = this.shape;
    const number = Math.floor(second / bucketSeconds);
    const last = this.#bucket[pair] as number;
    if (number > last) {
      const first = Math.max(last + 1, number - buckets + 1);
      for (let n = first; n <= number; n++) {
        const at = (pair * buckets + (n % buckets)) * FIELDS;
        this.#figures.fill(0, at, at + FIELDS);
      }
      this.#bucket[pair] = number;
      this.#recount(pair);
    }
    return number <= last - buckets ? -1 : (pair * buckets + (number % buckets)) * FIELDS;
  }

  /** The mean over all buckets, after some were forgotten. */
  #recount(pair: number): void {
    const { buckets } = this.shape;
    let samples = 0;
    let mean = 0;
    for (let b = 0; b < buckets; b++) {
      const at = (pair * buckets + b) * FIELDS;
      const n = this.#figures[at] as number;
      if (n === 0) continue;
      samples += n;
      mean += (((this.#figures[at + FIELD.mean] as number) - mean) * n) / samples;
    }
    this.#samples[pair] = samples;
    this.#mean[pair] = mean;
  }

  #step(pair: number, row: number, basis: number): void {
    const figures = this.#figures;
    const before = this.#basis[pair] as number;
    const n = (figures[row + FIELD.steps] as number) + 1;
    figures[row + FIELD.steps] = n;
    const dx = before - (figures[row + FIELD.earlier] as number);
    add(figures, row + FIELD.earlier, dx / n);
    add(figures, row + FIELD.later, (basis - (figures[row + FIELD.later] as number)) / n);
    add(figures, row + FIELD.earlierSquares, dx * (before - (figures[row + FIELD.earlier] as number)));
    add(figures, row + FIELD.products, dx * (basis - (figures[row + FIELD.later] as number)));
  }

  /** Notes on which side of the mean so far, and of parity, the basis is. */
  #cross(pair: number, row: number, basis: number): void {
    let state = this.#state[pair] as number;
    const samples = this.#samples[pair] as number;
    const mean = this.#mean[pair] as number;
    if (samples > 0 && Math.abs(basis - mean) > ON_THE_MEAN) {
      const side = basis > mean ? OVER_MEAN : UNDER_MEAN;
      if ((state & (OVER_MEAN | UNDER_MEAN) & ~side) !== 0) add(this.#figures, row + FIELD.meanCrossings, 1);
      state = (state & ~(OVER_MEAN | UNDER_MEAN)) | side;
    }
    if (basis !== 0) {
      const side = basis > 0 ? OVER_PARITY : UNDER_PARITY;
      if ((state & (OVER_PARITY | UNDER_PARITY) & ~side) !== 0)
        add(this.#figures, row + FIELD.parityCrossings, 1);
      state = (state & ~(OVER_PARITY | UNDER_PARITY)) | side;
    }
    this.#state[pair] = state;
    this.#samples[pair] = samples + 1;
    this.#mean[pair] = mean + (basis - mean) / (samples + 1);
  }

  #cycle(pair: number, row: number, basis: number, second: number): void {
    const out = Math.abs(basis);
    let state = this.#state[pair] as number;
    if (out < (CYCLES[0] as number) && (state & (7 * IN_CYCLE)) === 0) return;
    for (let i = 0; i < CYCLES.length; i++) {
      const bit = IN_CYCLE << i;
      if ((state & bit) === 0) {
        if (out < (CYCLES[i] as number)) continue;
        state |= bit;
        if (i === 0) this.#cycleSince[pair] = second;
      } else if (out < CYCLE_END) {
        state &= ~bit;
        add(this.#figures, row + FIELD.cycles30 + i, 1);
        if (i === 0)
          add(this.#figures, row + FIELD.cycleSeconds, second - (this.#cycleSince[pair] as number));
      }
    }
    this.#state[pair] = state;
  }

  #keepBands(pair: number, second: number, buyLow: number, buyHigh: number): void {
    const { bandSamples, bandSeconds, exact } = this.shape;
    const number = second / bandSeconds;
    const low = 2 * pair * bandSamples;
    const high = low + bandSamples;
    const none = exact ? Number.NaN : NO_SAMPLE;
    // What was not valid at its time leaves a hole.
    for (let n = Math.max((this.#band[pair] as number) + 1, number - bandSamples + 1); n < number; n++) {
      this.#bands[low + (n % bandSamples)] = none;
      this.#bands[high + (n % bandSamples)] = none;
    }
    const place = number % bandSamples;
    this.#bands[low + place] = exact ? buyLow : tenths(buyLow);
    this.#bands[high + place] = exact ? buyHigh : tenths(buyHigh);
    this.#band[pair] = number;
  }

  /** The net spreads of a directed route that are within the window as of this second, fractions. */
  #bandsOf(pair: number, from: number, second: number): Float64Array {
    const { bandSamples, bandSeconds, exact } = this.shape;
    const now = Math.floor(second / bandSeconds);
    const last = this.#band[pair] as number;
    const values = new Float64Array(bandSamples);
    let count = 0;
    for (let n = Math.max(0, last - bandSamples + 1, now - bandSamples + 1); n <= last && n <= now; n++) {
      const value = this.#bands[from + (n % bandSamples)] as number;
      if (exact ? Number.isNaN(value) : value === NO_SAMPLE) continue;
      values[count] = exact ? value : value / TENTHS_PER_ONE;
      count++;
    }
    return values.subarray(0, count).sort();
  }
}

function tenths(net: number): number {
  return Math.max(-MOST_TENTHS, Math.min(MOST_TENTHS, Math.round(net * TENTHS_PER_ONE)));
}

function add(figures: Float32Array | Float64Array, at: number, more: number): void {
  figures[at] = (figures[at] as number) + more;
}
