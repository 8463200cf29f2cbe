import type { HistoryKind, HistoryReply } from '../../../src/wire/api.ts';
import type { HistoryColumns } from '../route-history.ts';

/** Columns of equal length: seconds since the epoch, basis points, quote units, ms. NaN = not known. The arrays are views, good until the next composition. */
export interface Series {
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  readonly ask: Float64Array;
  readonly bid: Float64Array;
  readonly buyAge: Float64Array;
  readonly sellAge: Float64Array;
}

const NAMES = ['time', 'value', 'upper', 'lower', 'ask', 'bid', 'buyAge', 'sellAge'] as const;
const FIRST_CAPACITY = 8_192;

/** Joins what was read of a route's past with what is heard live. Its arrays are used again: a chart that runs for hours makes no garbage. */
export class SeriesBuffer {
  #columns = columnsOf(FIRST_CAPACITY);
  #end = 0;

  /**
   * `liveFirst`: the past only before the first live point (which has prices and ages), else the past as far as it goes (which has bands), and the live points behind it.
   */
  compose(past: HistoryReply | null, live: HistoryColumns, kind: HistoryKind, liveFirst: boolean): Series {
    const [times] = live;
    const seam = past === null ? Number.NEGATIVE_INFINITY : past.to / 1e6;
    const until = liveFirst ? (times[0] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    this.#keep(past, times.length);
    this.#end = 0;
    if (past !== null)
      while (this.#end < past.time.length && (past.time[this.#end] as number) / 1e6 < until) this.#end++;
    const start = liveFirst ? 0 : firstAfter(times, seam);
    this.#append(live, start, kind);
    const { time, value, upper, lower, ask, bid, buyAge, sellAge } = this.#columns;
    const view = (values: Float64Array) => values.subarray(0, this.#end);
    return {
      ...{ time: view(time), value: view(value), upper: view(upper), lower: view(lower) },
      ...{ ask: view(ask), bid: view(bid), buyAge: view(buyAge), sellAge: view(sellAge) },
    };
  }

  #keep(past: HistoryReply | null, livePoints: number): void {
    const needed = (past?.time.length ?? 0) + livePoints;
    if (needed > this.#columns.time.length) this.#columns = columnsOf(2 ** Math.ceil(Math.log2(needed)));
    // What is live is written over the end of the past that it hides, so all of it is written again.
    if (past === null) return;
    const { time, value, upper, lower } = this.#columns;
    for (let i = 0; i < past.time.length; i++) {
      time[i] = (past.time[i] as number) / 1e6;
      value[i] = past.value[i] ?? Number.NaN;
      upper[i] = past.upper[i] ?? Number.NaN;
      lower[i] = past.lower[i] ?? Number.NaN;
    }
    for (const name of ['ask', 'bid', 'buyAge', 'sellAge'] as const) {
      this.#columns[name].fill(Number.NaN, 0, past.time.length);
    }
  }

  #append(live: HistoryColumns, start: number, kind: HistoryKind): void {
    const [times, net, ask, bid, buyBid, buyAge, sellAge] = live;
    const to = this.#columns;
    for (let i = start; i < times.length; i++) {
      const at = this.#end++;
      to.time[at] = times[i] as number;
      to.value[at] = spreadOf(
        kind,
        net[i] as number,
        ask[i] as number,
        bid[i] as number,
        buyBid[i] as number,
      );
      to.upper[at] = Number.NaN;
      to.lower[at] = Number.NaN;
      to.ask[at] = ask[i] as number;
      to.bid[at] = bid[i] as number;
      to.buyAge[at] = buyAge[i] as number;
      to.sellAge[at] = sellAge[i] as number;
    }
  }
}

function spreadOf(kind: HistoryKind, net: number, ask: number, bid: number, buyBid: number): number {
  if (kind === 'net') return net;
  return (bid / (kind === 'gross' ? ask : buyBid) - 1) * 1e4;
}

function firstAfter(times: Float64Array, seconds: number): number {
  let at = times.length;
  while (at > 0 && (times[at - 1] as number) > seconds) at--;
  return at;
}

function columnsOf(capacity: number): Record<(typeof NAMES)[number], Float64Array> {
  const column = () => new Float64Array(capacity);
  return {
    ...{ time: column(), value: column(), upper: column(), lower: column() },
    ...{ ask: column(), bid: column(), buyAge: column(), sellAge: column() },
  };
}
