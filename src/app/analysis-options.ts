import type { AnalysisOptions } from '../market/analysis.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import type { Config } from './config-schema.ts';
import type { IdentityDecisions } from './identity-decisions.ts';
import { RouteThresholds } from './opportunity-thresholds.ts';

/** What the market makes of spreads under this configuration, whether they come from the feeds or from a recording. */
export function analysisOptions(
  config: Config,
  followers: readonly OpportunityFollower[],
  decisions?: Pick<IdentityDecisions, 'of'>,
): AnalysisOptions {
  const thresholds = new RouteThresholds(config);
  return {
    pairs: config.limits.pairs,
    thresholds: thresholds.common,
    opportunities: { openCapacity: config.limits.openOpportunities },
    thresholdsOf: (symbol, buy, sell) => thresholds.of(symbol, buy, sell),
    decisionOf: (symbol, low, high) => decisions?.of(symbol, low, high)?.decision,
    followers,
    statistics: { bandPercent: config.statistics.bandPercent },
    identity: {
      factor: config.identity.factor,
      sustainedSeconds: config.identity.sustainedSeconds,
      awayBasis: config.identity.awayBasis,
      awaySeconds: config.identity.awayMinutes * 60,
    },
    verdict: config.verdict,
  };
}
