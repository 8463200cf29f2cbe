import { isLeveragedToken } from '../shared/leveraged-token.ts';
import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/** `status` of a pair that trades; others are offline, pre-open and suspended. */
const ONLINE = 1;

/**
 * `GET /openApi/spot/v1/common/symbols` → `{"code":0,"data":{"symbols":[{"symbol":"BTC-USDT","status":1,"apiStateSell":true,"apiStateBuy":true,"offTime":0,…}]}}`
 * `GET /openApi/spot/v1/ticker/24hr` → `{"code":0,"data":[{"symbol":"BTC-USDT","lastPrice":34711.13,"quoteVolume":73959829.9,…}]}`
 *
 * The list has no base and quote of its own: they are the symbol's parts before and behind its last hyphen.
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/openApi/spot/v1/common/symbols', timeParameter: 'timestamp' },
  tickers: { method: 'GET', path: '/openApi/spot/v1/ticker/24hr', timeParameter: 'timestamp' },

  parseInstruments(reply: unknown, nowMs: number): ListedInstrument[] {
    return present(
      rowsOf('bingx', member(member(reply, 'data'), 'symbols'), 'a list of symbols').map((row) => {
        const symbol = textOf(row.symbol) ?? '';
        const hyphen = symbol.lastIndexOf('-');
        if (hyphen < 0) return undefined;
        const base = symbol.slice(0, hyphen);
        return listed(symbol, base, symbol.slice(hyphen + 1), {
          tradable:
            row.status === ONLINE &&
            row.apiStateBuy === true &&
            row.apiStateSell === true &&
            !isPast(row.offTime, nowMs),
          leveraged: isLeveragedToken(base),
          takerFee: undefined,
        });
      }),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('bingx', member(reply, 'data'), 'a list of tickers').map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.lastPrice);
        return { nativeId, last, quoteVolume: numberOf(row.quoteVolume), usdVolume: Number.NaN };
      }),
    );
  },
};

/** Whether a delisting time (ms, 0 = none) has come. */
function isPast(offTime: unknown, nowMs: number): boolean {
  const time = numberOf(offTime);
  return time > 0 && time <= nowMs;
}
