import type { HistoryQuery } from '../gateway/sources.ts';
import { priceOf, type RecentLegs } from '../lake/history-request.ts';
import type { LegRows } from '../lake/history-rows.ts';
import type { Market } from '../market/market.ts';
import type { InstrumentWindow } from '../market/window-arena.ts';

/** The lake may not have written what is younger, so a seam must be older. */
const WRITTEN_US = 2_000_000;

/**
 * The end of a range as the windows of both legs tell it; undefined if the lake must tell all of it: every tick is asked for, or points that are closer to each other than samples, or
 * the windows hold nothing of it.
 *
 * The seam is where both windows begin to be whole: before it no sample is used and after it no row of the lake, so no quote counts twice or is missing.
 * @param resolution of the windows, µs
 * @param maxAge how old a quote may be and still count, µs
 */
export function recentLegs(
  market: Market,
  query: HistoryQuery,
  resolution: number,
  maxAge: number,
): RecentLegs | undefined {
  const { symbol, kind, from, to, now, points } = query;
  if (points === undefined || (to - from) / points < resolution) return undefined;
  const [buy, sell] = [market.window(symbol, query.buy), market.window(symbol, query.sell)];
  if (buy === undefined || sell === undefined) return undefined;
  const seam = Math.max(buy.coveredFrom, sell.coveredFrom);
  if (seam > to || seam > now - WRITTEN_US) return undefined;
  // Older quotes do not count any more where the range begins.
  const first = Math.max(seam, from - maxAge);
  return {
    from: seam,
    buy: rowsOf(buy, priceOf(kind, 'buy'), first, to),
    sell: rowsOf(sell, priceOf(kind, 'sell'), first, to),
  };
}

/** One side of a window's samples from `first` to `last`, in memory of its own. */
export function rowsOf(window: InstrumentWindow, price: 'bid' | 'ask', first: number, last: number): LegRows {
  const { time } = window;
  let [from, end] = [0, time.length];
  while (from < end && (time[from] as number) < first) from += 1;
  while (end > from && (time[end - 1] as number) > last) end -= 1;
  return { time: time.slice(from, end), price: window[price].slice(from, end) };
}
