import type { TrueQuote } from '../src/simulator/index.ts';
import type { Subscribe } from './overload-protocol.ts';

/** Rows of the page's table. */
const ROWS = 100;
const SORTS = ['net', 'gross', 'notional'] as const;

/** Symbols that every venue lists, those with the most messages first. */
export function sharedSymbols(quotes: readonly TrueQuote[]): string[] {
  const venues = new Map<string, Set<string>>();
  for (const { symbol, venue } of quotes) {
    const known = venues.get(symbol);
    if (known === undefined) venues.set(symbol, new Set([venue]));
    else known.add(venue);
  }
  const most = Math.max(...[...venues.values()].map((each) => each.size));
  return [...venues].filter(([, each]) => each.size === most).map(([symbol]) => symbol);
}

/** What a browser with the page open listens to: the table, the venues, a route that is looked at; and the quotes of its symbol, which are compared with the truth in the end. */
export function pageTopics(symbols: readonly string[], client: number): Subscribe[] {
  const symbol = symbols[client % symbols.length] ?? 'BTC-USDT';
  return [
    { topic: 'routes', params: { sort: SORTS[client % SORTS.length] ?? 'net', limit: ROWS } },
    { topic: 'venues' },
    { topic: `route/${symbol}:binance:okx` },
    { topic: `quotes/${symbol}` },
  ];
}

/** A client of little traffic: kernel buffers hold minutes of it, so that its standing still is hard to see. */
export function smallTopics(symbols: readonly string[], client: number): Subscribe[] {
  return [{ topic: `route/${symbols[client % symbols.length]}:okx:binance` }];
}
