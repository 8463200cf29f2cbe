import type { AnalysisOptions } from '../market/analysis.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import type { Config } from './config-schema.ts';
import { RouteThresholds } from './opportunity-thresholds.ts';

/** What the market makes of spreads under this configuration, whether they come from the feeds or from a recording. */
export function analysisOptions(config: Config, followers: readonly OpportunityFollower[]): AnalysisOptions {
  const thresholds = new RouteThresholds(config);
  return {
    pairs: config.limits.pairs,
    thresholds: thresholds.common,
    opportunities: { openCapacity: config.limits.openOpportunities },
    thresholdsOf: (symbol, buy, sell) => thresholds.of(symbol, buy, sell),
    followers,
    statistics: { bandPercent: 97 },
    identity: { factor: 1.5, sustainedSeconds: 10, awayBasis: 0.02, awaySeconds: 1800 },
  };
}
