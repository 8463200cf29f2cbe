import { signal } from '@preact/signals';
import type { RoutePast, RouteUpdate } from '../../src/wire/stream.ts';

/** Five minutes at ten points a second. */
export const HISTORY_POINTS = 3_000;

/** A hole of more than this between two pasts is drawn as one. */
const BLIND_US = 3_000_000;

/** Columns of equal length for the chart: seconds since the epoch, basis points, quote units. NaN = an invalid leg. */
export type HistoryColumns = [Float64Array, Float64Array, Float64Array, Float64Array];

/**
 * The last HISTORY_POINTS points of one route, oldest dropped. The columns are twice as long as what they keep, so that the kept part is always one
 * run and moves only once in HISTORY_POINTS points.
 */
export class RouteHistory {
  /** Grows with every change; the chart watches it. */
  readonly version = signal(0);
  readonly #columns: HistoryColumns = [column(), column(), column(), column()];
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  clear(): void {
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

  /** The kept points; the arrays are views, good until the next change. */
  columns(): HistoryColumns {
    const [time, net, ask, bid] = this.#columns;
    const kept = (values: Float64Array) => values.subarray(this.#start, this.#end);
    return [kept(time), kept(net), kept(ask), kept(bid)];
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
