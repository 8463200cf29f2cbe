import { signal } from '@preact/signals';
import type { RoutePast, RouteUpdate } from '../../src/wire/stream.ts';

/** Five minutes at ten points a second. */
export const HISTORY_POINTS = 3_000;

/** A hole of more than this between two pasts is drawn as one. */
const BLIND_US = 3_000_000;

const EMPTY = new Float64Array(0);
/** Columns of equal length for the chart: seconds since the epoch, basis points, quote units. NaN = an invalid leg. */
export type HistoryColumns = [Float64Array, Float64Array, Float64Array, Float64Array];

const NOTHING: HistoryColumns = [EMPTY, EMPTY, EMPTY, EMPTY];

/**
 * The last HISTORY_POINTS points of one route, oldest dropped. The columns are twice as long as what they keep, so that the kept part is always one
 * run and moves only once in HISTORY_POINTS points.
 */
export class RouteHistory {
  /** Grows with every change; the chart watches it. */
  readonly version = signal(0);
  readonly #columns: HistoryColumns = [column(), column(), column(), column()];
  /** Opportunities of the route, s: from when to when. */
  marks: readonly (readonly [from: number, to: number])[] = [];
  /** What was recorded before: net spreads alone, so the prices are NaN. */
  #past: HistoryColumns = NOTHING;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  clear(): void {
    this.#past = NOTHING;
    this.marks = [];
    this.#start = 0;
    this.#end = 0;
    this.#changed();
  }

  /** Takes a message of the route's topic: the past of a snapshot replaces what overlaps it, then the message itself is a point. */
  take(update: RouteUpdate): void {
    if (update.past !== undefined) this.#load(update.past);
    const { valid, netBps, ask, bid } = update.route;
    if (valid) this.#append(update.time, netBps, ask, bid);
    else this.#append(update.time, null, null, null);
    this.#changed();
  }

  /** Marks that nothing is known from the last point on. */
  breakLine(): void {
    if (this.length === 0 || Number.isNaN(this.#columns[1][this.#end - 1])) return;
    this.#append((this.#lastTime() + 0.001) * 1e6, null, null, null);
    this.#changed();
  }

  /** µs; `to` null = it is open still. */
  mark(spells: readonly { readonly start: number; readonly end: number | null }[]): void {
    this.marks = spells.map(({ start, end }) => [start / 1e6, (end ?? Number.POSITIVE_INFINITY) / 1e6]);
    this.#changed();
  }

  /** What the recording tells of the time before; it replaces what was told before. µs, and basis points with nulls where nothing is known. */
  recorded(time: readonly number[], netBps: readonly (number | null)[]): void {
    const nothing = new Float64Array(time.length).fill(Number.NaN);
    this.#past = [
      Float64Array.from(time, (micros) => micros / 1e6),
      Float64Array.from(netBps, (net) => net ?? Number.NaN),
      nothing,
      nothing,
    ];
    this.#changed();
  }

  /** All points, the recorded ones first; the arrays may be views, good until the next change. */
  columns(): HistoryColumns {
    const [time, net, ask, bid] = this.#columns;
    const kept = (values: Float64Array) => values.subarray(this.#start, this.#end);
    const live: HistoryColumns = [kept(time), kept(net), kept(ask), kept(bid)];
    const until = live[0][0] ?? Number.POSITIVE_INFINITY;
    let count = this.#past[0].length;
    while (count > 0 && (this.#past[0][count - 1] as number) >= until) count--;
    if (count === 0) return live;
    const joined = (of: 0 | 1 | 2 | 3): Float64Array => {
      const all = new Float64Array(count + live[of].length);
      all.set(this.#past[of].subarray(0, count));
      all.set(live[of], count);
      return all;
    };
    return [joined(0), joined(1), joined(2), joined(3)];
  }

  #load(past: RoutePast): void {
    const first = past.time[0];
    if (first === undefined) return;
    while (this.length > 0 && this.#lastTime() * 1e6 >= first) this.#end--;
    if (this.length > 0 && first - this.#lastTime() * 1e6 > BLIND_US) {
      this.#append((this.#lastTime() + 0.001) * 1e6, null, null, null);
    }
    for (let i = Math.max(0, past.time.length - HISTORY_POINTS); i < past.time.length; i++) {
      const time = past.time[i];
      if (time !== undefined) {
        this.#append(time, past.netBps[i] ?? null, past.ask[i] ?? null, past.bid[i] ?? null);
      }
    }
  }

  #append(micros: number, net: number | null, ask: number | null, bid: number | null): void {
    const seconds = micros / 1e6;
    // A chart's time only grows: a clock set back is held, not drawn as a knot.
    const last = this.#lastTime();
    if (this.#end === 2 * HISTORY_POINTS) this.#moveToFront();
    if (this.length === HISTORY_POINTS) this.#start++;
    const at = this.#end++;
    this.#columns[0][at] = Math.max(seconds, last);
    this.#columns[1][at] = net ?? Number.NaN;
    this.#columns[2][at] = ask ?? Number.NaN;
    this.#columns[3][at] = bid ?? Number.NaN;
  }

  /** Seconds; −∞ when there is no point. */
  #lastTime(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : (this.#columns[0][this.#end - 1] as number);
  }

  #moveToFront(): void {
    for (const values of this.#columns) values.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }

  #changed(): void {
    this.version.value = this.version.peek() + 1;
  }
}

function column(): Float64Array {
  return new Float64Array(2 * HISTORY_POINTS);
}
