import type { HistoryQuery } from '../gateway/sources.ts';
import { seriesOf } from '../lake/history.ts';
import { RouteMerge } from '../lake/history-merge.ts';
import { type HistoryPoints, priceOf } from '../lake/history-request.ts';
import type { InstrumentWindow } from '../market/window-arena.ts';
import { rowsOf } from './recent-legs.ts';

/** How a route's series is computed. */
export interface SeriesRule {
  /** Taker fees, fractions. */
  readonly fees: { readonly buy: number; readonly sell: number };
  /** How old a quote may be and still count, µs. */
  readonly maxAge: number;
}

/** A window's samples tell their own ends. */
const NO_EDGES = { from: new Float64Array(0), to: new Float64Array(0) };

/**
 * A route's series out of two windows alone, as `readHistory` would tell it of the same quotes, in batches; undefined legs have said nothing. All of it is computed at once: an hour
 * takes a few milliseconds (`npm run bench -- market`).
 */
export function windowSeries(
  legs: { readonly buy: InstrumentWindow | undefined; readonly sell: InstrumentWindow | undefined },
  query: HistoryQuery,
  { fees, maxAge }: SeriesRule,
): HistoryPoints[] {
  const { kind, from, to, now } = query;
  const last = Math.min(to, now);
  const merge = new RouteMerge({
    ...{ kind, fees, maxAge, from, to: last },
    ...{ buyGaps: NO_EDGES, sellGaps: NO_EDGES },
  });
  for (const side of ['buy', 'sell'] as const) {
    const leg = legs[side];
    merge.feed(side, leg && rowsOf(leg, priceOf(kind, side), from - maxAge, last));
  }
  const series = seriesOf({ ...query, fees });
  const batches: HistoryPoints[] = [];
  for (;;) {
    merge.run();
    series.take(merge.time, merge.value, merge.points);
    if (merge.done) series.end();
    const points = series.ready(1);
    if (points !== undefined) batches.push(points);
    if (merge.done) return batches;
    for (let side = merge.wants; side !== undefined; side = merge.wants) merge.feed(side, undefined);
  }
}
