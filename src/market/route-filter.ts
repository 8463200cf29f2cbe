import { isVenueId, VENUE_COUNT, venueIndex } from '../core/venue-ids.ts';
import type { RouteGate } from './ranking.ts';

const ROUTES_PER_SYMBOL = VENUE_COUNT * VENUE_COUNT;

/** Which routes a reader names: each text is a list with commas, and undefined asks for nothing. */
export interface RouteNames {
  /** Venues to buy on, and to sell on. */
  readonly buy?: string | undefined;
  readonly sell?: string | undefined;
  /** Symbols (all routes of each) and routes such as `BTC-USDT:okx:binance`: only these, and all but these. */
  readonly only?: string | undefined;
  readonly hide?: string | undefined;
}

/** A gate for what is named; undefined = all pass. `numberOf` tells a symbol's number, −1 = unknown: such a name means no route. */
export function namedRoutes(names: RouteNames, numberOf: (symbol: string) => number): RouteGate | undefined {
  const { buy, sell, only, hide } = names;
  if (buy === undefined && sell === undefined && only === undefined && hide === undefined) return undefined;
  const [buys, sells] = [venueMask(buy), venueMask(sell)];
  const wanted = only === undefined ? undefined : namedOf(only, numberOf);
  const hidden = namedOf(hide ?? '', numberOf);
  return {
    admits: (route) =>
      ((buys >> (Math.trunc(route / VENUE_COUNT) % VENUE_COUNT)) & 1) === 1 &&
      ((sells >> (route % VENUE_COUNT)) & 1) === 1 &&
      (wanted === undefined || isNamed(wanted, route)) &&
      !isNamed(hidden, route),
  };
}

interface Named {
  readonly symbols: ReadonlySet<number>;
  readonly routes: ReadonlySet<number>;
}

function isNamed({ symbols, routes }: Named, route: number): boolean {
  return routes.has(route) || (symbols.size > 0 && symbols.has(Math.trunc(route / ROUTES_PER_SYMBOL)));
}

function venueMask(list: string | undefined): number {
  if (list === undefined) return -1;
  let mask = 0;
  for (const id of list.split(',')) if (isVenueId(id)) mask |= 1 << venueIndex(id);
  return mask;
}

function namedOf(list: string, numberOf: (symbol: string) => number): Named {
  const symbols = new Set<number>();
  const routes = new Set<number>();
  for (const name of list.split(',')) {
    const [symbol = '', buy, sell] = name.split(':');
    const number = numberOf(symbol);
    if (number < 0) continue;
    if (buy === undefined || sell === undefined) symbols.add(number);
    else if (isVenueId(buy) && isVenueId(sell))
      routes.add(number * ROUTES_PER_SYMBOL + venueIndex(buy) * VENUE_COUNT + venueIndex(sell));
  }
  return { symbols, routes };
}
