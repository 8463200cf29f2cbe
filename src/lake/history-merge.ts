import type { GapEdges } from './history-gaps.ts';
import type { HistoryKind } from './history-request.ts';
import type { LegRows } from './history-rows.ts';

/** Points that one run gives at most. */
export const BLOCK_POINTS = 4096;

const NOTHING = new Float64Array(0);

/** One side of the route: its quotes, and until when each counts. */
class Leg {
  readonly #gaps: GapEdges;
  readonly #maxAge: number;
  #nextFrom = 0;
  #nextTo = 0;
  #until = new Float64Array(1024);
  time: Float64Array = NOTHING;
  price: Float64Array = NOTHING;
  /** The first µs at which a quote does not count any more unless another comes before; −Infinity = it never does. */
  until: Float64Array = NOTHING;
  at = 0;
  /** Whether no more rows will come. */
  ended = false;

  constructor(gaps: GapEdges, maxAge: number) {
    this.#gaps = gaps;
    this.#maxAge = maxAge;
  }

  get isEmpty(): boolean {
    return !this.ended && this.at >= this.time.length;
  }

  /** Takes the rows that follow those before; undefined = there are none. */
  take(rows: LegRows | undefined): void {
    this.ended = rows === undefined;
    this.time = rows?.time ?? NOTHING;
    this.price = rows?.price ?? NOTHING;
    this.at = 0;
    this.#fillUntil();
  }

  /** What was said at a time ends where a gap begins at it or after it, where one ends after it, or when it is too old. Times never go back. */
  #fillUntil(): void {
    const [{ from, to }, { time, price }] = [this.#gaps, this];
    if (this.#until.length < time.length) this.#until = new Float64Array(2 * time.length);
    const until = this.#until.subarray(0, time.length);
    let [nextFrom, nextTo] = [this.#nextFrom, this.#nextTo];
    for (let row = 0; row < time.length; row += 1) {
      const said = time[row] as number;
      while (nextFrom < from.length && (from[nextFrom] as number) < said) nextFrom += 1;
      while (nextTo < to.length && (to[nextTo] as number) <= said) nextTo += 1;
      // At that age it still counts.
      let end = said + this.#maxAge + 1;
      if (nextFrom < from.length && (from[nextFrom] as number) < end) end = from[nextFrom] as number;
      if (nextTo < to.length && (to[nextTo] as number) < end) end = to[nextTo] as number;
      until[row] = Number.isNaN(price[row] as number) ? Number.NEGATIVE_INFINITY : end;
    }
    this.#nextFrom = nextFrom;
    this.#nextTo = nextTo;
    this.until = until;
  }
}

/** The last quotes, between runs. */
const BUY_PRICE = 0;
const BUY_UNTIL = 1;
const SELL_PRICE = 2;
const SELL_UNTIL = 3;
const NOW = 4;

export interface MergeOptions {
  readonly kind: HistoryKind;
  /** Taker fees, fractions. */
  readonly fees: { readonly buy: number; readonly sell: number };
  /** µs. */
  readonly maxAge: number;
  readonly buyGaps: GapEdges;
  readonly sellGaps: GapEdges;
  /** Points before it are not told, µs; after `to` there are none. */
  readonly from: number;
  readonly to: number;
}

/**
 * Merges the quotes of two legs, each in the order of time, into the route's series: one point for each quote at which both legs are valid. At equal times the buy leg's quotes come
 * first, each with a point of its own. Where the route stops being valid there is one point with NaN, at the first µs at which it is not; not if another quote of that very µs makes
 * it valid again.
 */
export class RouteMerge {
  /** What the last run gave. */
  readonly time = new Float64Array(BLOCK_POINTS);
  readonly value = new Float64Array(BLOCK_POINTS);
  points = 0;
  /** Quotes taken so far. */
  quotes = 0;
  readonly #options: MergeOptions;
  readonly #buy: Leg;
  readonly #sell: Leg;
  /** The value is `sell.price × factor ÷ buy.price − 1`. */
  readonly #factor: number;
  readonly #state = Float64Array.of(Number.NaN, -Infinity, Number.NaN, -Infinity, -Infinity);
  #valid = false;
  #done = false;

  constructor(options: MergeOptions) {
    const { kind, fees, maxAge } = options;
    this.#options = options;
    this.#buy = new Leg(options.buyGaps, maxAge);
    this.#sell = new Leg(options.sellGaps, maxAge);
    this.#factor = kind === 'net' ? (1 - fees.sell) / (1 + fees.buy) : 1;
  }

  /** The leg that needs rows before the merge can go on; undefined = none does. */
  get wants(): 'buy' | 'sell' | undefined {
    return this.#buy.isEmpty ? 'buy' : this.#sell.isEmpty ? 'sell' : undefined;
  }

  /** Whether everything was told. */
  get done(): boolean {
    return this.#done;
  }

  /** Gives a leg that wants them its next rows, undefined after the last. They are read until the leg wants more. */
  feed(side: 'buy' | 'sell', rows: LegRows | undefined): void {
    (side === 'buy' ? this.#buy : this.#sell).take(rows);
  }

  /**
   * Goes on until a leg wants rows, the block is full or all is done; the points are then in `time` and `value`.
   *
   * One loop over local variables: with a method and fields of doubles for each leg it takes four times as long and leaves garbage (`npm run bench -- history`).
   */
  run(): void {
    const buy = this.#buy;
    const sell = this.#sell;
    const state = this.#state;
    const { time: buyTimes, price: buyPrices, until: buyUntils } = buy;
    const { time: sellTimes, price: sellPrices, until: sellUntils } = sell;
    const { from, to } = this.#options;
    const factor = this.#factor;
    const outTime = this.time;
    const outValue = this.value;
    let buyAt = buy.at;
    let sellAt = sell.at;
    let points = 0;
    let valid = this.#valid;
    let done = false;
    let buyPrice = state[BUY_PRICE] as number;
    let buyUntil = state[BUY_UNTIL] as number;
    let sellPrice = state[SELL_PRICE] as number;
    let sellUntil = state[SELL_UNTIL] as number;
    let now = state[NOW] as number;
    // A quote may make two points: the end of what was, and its own.
    while (points < BLOCK_POINTS - 1) {
      const buyTime = buyAt < buyTimes.length ? (buyTimes[buyAt] as number) : Number.POSITIVE_INFINITY;
      const sellTime = sellAt < sellTimes.length ? (sellTimes[sellAt] as number) : Number.POSITIVE_INFINITY;
      if ((buyAt >= buyTimes.length && !buy.ended) || (sellAt >= sellTimes.length && !sell.ended)) break;
      const isBuy = buyTime <= sellTime;
      const time = isBuy ? buyTime : sellTime;
      const until = Math.min(buyUntil, sellUntil);
      // Not before all quotes of that moment were heard.
      const end = Math.max(until, now);
      if (valid && end < time && end <= to) {
        valid = false;
        if (end >= from) {
          outTime[points] = end;
          outValue[points] = Number.NaN;
          points += 1;
        }
      }
      if (time > to) {
        done = true;
        break;
      }
      now = time;
      if (isBuy) {
        buyPrice = buyPrices[buyAt] as number;
        buyUntil = buyUntils[buyAt] as number;
        buyAt += 1;
      } else {
        sellPrice = sellPrices[sellAt] as number;
        sellUntil = sellUntils[sellAt] as number;
        sellAt += 1;
      }
      if (time >= buyUntil || time >= sellUntil) continue;
      valid = true;
      if (time < from) continue;
      outTime[points] = time;
      outValue[points] = (sellPrice * factor) / buyPrice - 1;
      points += 1;
    }
    this.quotes += buyAt - buy.at + sellAt - sell.at;
    buy.at = buyAt;
    sell.at = sellAt;
    state[BUY_PRICE] = buyPrice;
    state[BUY_UNTIL] = buyUntil;
    state[SELL_PRICE] = sellPrice;
    state[SELL_UNTIL] = sellUntil;
    state[NOW] = now;
    this.points = points;
    this.#valid = valid;
    this.#done = done;
  }
}
