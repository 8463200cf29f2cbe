import type { AlertSink } from '../core/alert.ts';
import type { VerdictName } from '../core/route-notes.ts';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type { Config } from './config-schema.ts';

/** A rule of the configuration with its defaults. */
export interface RouteRule {
  readonly name: string;
  readonly symbols: ReadonlySet<string> | undefined;
  readonly venues: ReadonlySet<VenueId>;
  readonly verdicts: ReadonlySet<VerdictName> | undefined;
  readonly minNetBps: number;
  readonly minNotional: number;
  readonly lastingMs: number;
  /** Seconds. */
  readonly cooldown: number;
  readonly sinks: ReadonlySet<AlertSink> | undefined;
}

export interface VenueRule {
  readonly name: string;
  readonly on: 'venue-down' | 'venue-lagging';
  readonly venues: ReadonlySet<VenueId>;
  readonly lagMs: number;
  readonly lastingMs: number;
  readonly cooldown: number;
  readonly sinks: ReadonlySet<AlertSink> | undefined;
}

const ROUTE_COOLDOWN = 60;
const VENUE_COOLDOWN = 300;
const VENUE_LASTING_MS = 10_000;
const LAG_MS = 1000;

export function routeRules({ alerts }: Config): RouteRule[] {
  return alerts.rules
    .filter(({ on = 'route' }) => on === 'route')
    .map((rule) => ({
      name: rule.name,
      symbols: setOf(rule.symbols),
      venues: new Set(rule.venues ?? VENUE_IDS),
      verdicts: setOf(rule.verdicts),
      minNetBps: rule.minNetBps ?? -Infinity,
      minNotional: rule.minNotional ?? 0,
      lastingMs: rule.lastingMs ?? 0,
      cooldown: rule.cooldown ?? ROUTE_COOLDOWN,
      sinks: setOf(rule.sinks),
    }));
}

export function venueRules({ alerts }: Config): VenueRule[] {
  return alerts.rules.flatMap((rule) =>
    rule.on === undefined || rule.on === 'route'
      ? []
      : [
          {
            ...{ name: rule.name, on: rule.on, venues: new Set(rule.venues ?? VENUE_IDS) },
            ...{ lagMs: rule.lagMs ?? LAG_MS, lastingMs: rule.lastingMs ?? VENUE_LASTING_MS },
            ...{ cooldown: rule.cooldown ?? VENUE_COOLDOWN, sinks: setOf(rule.sinks) },
          },
        ],
  );
}

/** Whether a route's rule names its symbol, as such or by its coin, and both venues. */
export function isAbout(rule: RouteRule, symbol: string, buy: VenueId, sell: VenueId): boolean {
  if (!rule.venues.has(buy) || !rule.venues.has(sell)) return false;
  if (rule.symbols === undefined) return true;
  return rule.symbols.has(symbol) || rule.symbols.has(symbol.split(/-(?=[^-]*$)/)[0] ?? '');
}

function setOf<T>(list: readonly T[] | undefined): ReadonlySet<T> | undefined {
  return list === undefined ? undefined : new Set(list);
}
