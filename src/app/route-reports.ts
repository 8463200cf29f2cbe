import { VENUE_COUNT, type VenueId, venueAt } from '../core/venue-ids.ts';
import { type StatisticsView, viewStatistics } from '../market/route-analysis.ts';
import type { RouteFigures } from '../market/statistics-figures.ts';
import { type Verdict, verdictOf } from '../market/verdict.ts';
import type { Replayed } from './replay.ts';

/** What a recording says of one directed route. */
export interface RouteReport {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly figures: RouteFigures;
  readonly statistics: StatisticsView;
  readonly bands: { readonly lowBps: number | null; readonly highBps: number | null };
  readonly verdict: Verdict;
}

const BPS = 10_000;

/** Every directed route of a replayed market that was ever valid, by symbol, then venues; of pairs alone the direction that buys on the venue of the lower index. */
export function* routeReports({ market }: Replayed, which: 'routes' | 'pairs'): Generator<RouteReport> {
  const { analysis } = market;
  if (analysis === undefined) return;
  const second = Math.floor(analysis.latest / 1e6);
  const { pairs, statistics, verdictRules } = analysis;
  const order = Array.from({ length: pairs.used }, (_, pair) => pair)
    .map((pair) => ({ pair, symbol: market.symbolAt(pairs.low[pair] as number) }))
    .sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : compare(a.pair, b.pair)));
  function compare(a: number, b: number): number {
    return (
      (pairs.low[a] as number) - (pairs.low[b] as number) ||
      (pairs.high[a] as number) - (pairs.high[b] as number)
    );
  }
  for (const { pair, symbol } of order) {
    for (const direction of which === 'pairs' ? [0] : [0, 1]) {
      const figures = statistics.read(2 * pair + direction, second);
      if (figures.samples === 0) continue;
      const low = venueAt((pairs.low[pair] as number) % VENUE_COUNT);
      const high = venueAt((pairs.high[pair] as number) % VENUE_COUNT);
      yield {
        symbol,
        ...(direction === 0 ? { buy: low, sell: high } : { buy: high, sell: low }),
        figures,
        statistics: viewStatistics(figures),
        bands: { lowBps: orNull(figures.bandLow * BPS), highBps: orNull(figures.bandHigh * BPS) },
        verdict: verdictOf(figures, verdictRules),
      };
    }
  }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
