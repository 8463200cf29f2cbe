import type { Alert } from '../core/alert.ts';
import type { VenueId } from '../core/venue-ids.ts';

const SHOWN_SYMBOLS = 10;
const NONE = {
  ...{ symbol: null, buy: null, sell: null, venue: null, netBps: null, notional: null },
  ...{ lastedMs: null, verdict: null, symbols: [], coins: null },
} as const;

export type RouteFacts = Pick<Alert, 'rule' | 'time' | 'notional' | 'verdict'> & {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly netBps: number;
  readonly lastedMs: number;
};

export function routeAlert(id: number, facts: RouteFacts): Alert {
  const { rule, symbol, buy, sell, netBps, notional, lastedMs, verdict } = facts;
  const quote = symbol.split('-').at(-1) ?? '';
  const amount = notional === null ? '' : ` for ${notional.toPrecision(4)} ${quote}`;
  const lasting = lastedMs > 0 ? `, for ${lastedMs} ms` : '';
  const message = `${rule}: ${symbol}, buy on ${buy}, sell on ${sell}: ${netBps.toFixed(1)} bps net${amount}${lasting}${verdict === null || verdict === 'not-enough-data' ? '' : ` (${verdict})`}`;
  return { ...NONE, ...facts, id, kind: 'route', message };
}

/** Several coins of one venue stand apart at once. */
export function apartAlert(
  id: number,
  rule: string,
  time: number,
  venue: VenueId,
  symbols: readonly string[],
  netBps: number,
): Alert {
  const shown = symbols.slice(0, SHOWN_SYMBOLS);
  const more = symbols.length > shown.length ? ` and ${symbols.length - shown.length} more` : '';
  const message = `${rule}: ${venue} stands apart with ${symbols.length} coins at once, by ${netBps.toFixed(1)} bps net at most: ${shown.join(', ')}${more}`;
  return {
    ...{ ...NONE, id, kind: 'venue-dislocated', rule, time, venue, netBps },
    ...{ symbols: shown, coins: symbols.length, message },
  };
}

export function venueAlert(
  id: number,
  kind: 'venue-down' | 'venue-lagging',
  rule: string,
  time: number,
  venue: VenueId,
  lastedMs: number,
  why: string,
): Alert {
  const what = kind === 'venue-down' ? 'is down' : 'lags';
  const message = `${rule}: ${venue} ${what} for ${Math.round(lastedMs / 1000)} s${why === '' ? '' : `: ${why}`}`;
  return { ...NONE, id, kind, rule, time, venue, lastedMs, message };
}

export function testAlert(time: number): Alert {
  const message = 'spreadscope: this is a test of the alerts, nothing has happened';
  return { ...NONE, id: 0, kind: 'test', rule: 'test', time, message };
}
