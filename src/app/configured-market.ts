import type { BoundReading } from '../core/bounds.ts';
import { Market } from '../market/market.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import { RecentOpportunities } from '../market/recent-opportunities.ts';
import type { WindowOptions } from '../market/window-arena.ts';
import { analysisOptions } from './analysis-options.ts';
import { type Config, windowBytes } from './config.ts';
import { IdentityDecisions } from './identity-decisions.ts';

/** Closed opportunities that stay in memory. */
const RECENT_OPPORTUNITIES = 2048;

/** The market as the configuration wants it, whether rows come from the feeds or from a recording, and the opportunities that closed last. */
export interface ConfiguredMarket {
  readonly market: Market;
  readonly recent: RecentOpportunities;
  readonly decisions: IdentityDecisions;
  bounds(): BoundReading[];
}

/**
 * @param followers who else is told of opportunities
 * @param clock µs since the epoch, for what people decide
 * @throws FILE_UNREADABLE, CONFIG_INVALID when what was decided of identities cannot be read
 */
export function configuredMarket(
  config: Config,
  followers: readonly OpportunityFollower[] = [],
  clock: () => number = () => Date.now() * 1000,
): ConfiguredMarket {
  const decisions = new IdentityDecisions(config.identity.file, clock);
  const recent = new RecentOpportunities(RECENT_OPPORTUNITIES);
  const market = new Market({
    instrumentCapacity: config.limits.instruments,
    // A route needs two venues, so symbols that are worth a row are at most half of the instruments.
    symbolCapacity: config.limits.instruments / 2,
    maxQuoteAgeMs: config.maxQuoteAgeMs,
    windows: windowOptions(config),
    analysis: analysisOptions(config, [recent, ...followers], decisions),
  });
  return {
    ...{ market, recent, decisions },
    bounds: () => [...market.bounds(), recent.bound(), decisions.bound()],
  };
}

/** What is kept of every instrument's last hour. */
export function windowOptions(config: Config): WindowOptions {
  return {
    spanMs: config.window.span * 1000,
    resolutionMs: config.window.resolution,
    bytes: windowBytes(config),
  };
}
