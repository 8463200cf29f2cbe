import { signal } from '@preact/signals';
import type { RoutePast, RouteUpdate } from '../../src/wire/stream.ts';

/** Five minutes at ten points a second. */
export const HISTORY_POINTS = 3_000;

/** A hole of more than this between two pasts is drawn as one. */
const BLIND_US = 3_000_000;

/**
 * Columns of equal length for the chart: seconds since the epoch, net basis points, ask and bid of the route, bid of the leg that is bought, ages of both quotes
 * in ms. NaN = not known.
 */
export type HistoryColumns = [
  ...[Float64Array, Float64Array, Float64Array, Float64Array],
  ...[Float64Array, Float64Array, Float64Array],
];
type Figures = readonly [
  net: number,
  ask: number,
  bid: number,
  buyBid: number,
  buyAge: number,
  sellAge: number,
];

const NOTHING: Figures = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];

/**
 * The last HISTORY_POINTS points of one route, oldest dropped. The columns are twice as long as what they keep, so that the kept part is always one
 * run and moves only once in HISTORY_POINTS points.
 */
export class RouteHistory {
  /** Grows with every change; the chart watches it. */
  readonly version = signal(0);
  readonly #columns: HistoryColumns = [
    ...([column(), column(), column(), column()] as const),
    ...([column(), column(), column()] as const),
  ];
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
    const { valid, netBps, ask, bid, legs, buyAgeMs, sellAgeMs } = update.route;
    const prices = [orNaN(netBps), orNaN(ask), orNaN(bid), orNaN(legs.buy.bid)] as const;
    this.#append(update.time, valid ? [...prices, orNaN(buyAgeMs), orNaN(sellAgeMs)] : NOTHING);
    this.#changed();
  }

  /** Marks that nothing is known from the last point on. */
  breakLine(): void {
    if (this.length === 0 || Number.isNaN(this.#columns[1][this.#end - 1])) return;
    this.#append((this.#lastTime() + 0.001) * 1e6, NOTHING);
    this.#changed();
  }

  /** The kept points; the arrays are views, good until the next change. */
  columns(): HistoryColumns {
    return this.#columns.map((values) => values.subarray(this.#start, this.#end)) as HistoryColumns;
  }

  #load(past: RoutePast): void {
    const first = past.time[0];
    if (first === undefined) return;
    while (this.length > 0 && this.#lastTime() * 1e6 >= first) this.#end--;
    if (this.length > 0 && first - this.#lastTime() * 1e6 > BLIND_US) {
      this.#append((this.#lastTime() + 0.001) * 1e6, NOTHING);
    }
    for (let i = Math.max(0, past.time.length - HISTORY_POINTS); i < past.time.length; i++) {
      const time = past.time[i];
      if (time !== undefined) {
        const [net, ask, bid] = [past.netBps[i], past.ask[i], past.bid[i]];
        const unknown = Number.NaN;
        this.#append(time, [orNaN(net), orNaN(ask), orNaN(bid), unknown, unknown, unknown]);
      }
    }
  }

  #append(micros: number, figures: Figures): void {
    const seconds = micros / 1e6;
    // A chart's time only grows: a clock set back is held, not drawn as a knot.
    const last = this.#lastTime();
    if (this.#end === 2 * HISTORY_POINTS) this.#moveToFront();
    if (this.length === HISTORY_POINTS) this.#start++;
    const at = this.#end++;
    this.#columns[0][at] = Math.max(seconds, last);
    for (let i = 0; i < figures.length; i++)
      (this.#columns[i + 1] as Float64Array)[at] = figures[i] as number;
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

function orNaN(value: number | null | undefined): number {
  return value ?? Number.NaN;
}

function column(): Float64Array {
  return new Float64Array(2 * HISTORY_POINTS);
}
