import { isLeveragedToken } from '../shared/leveraged-token.ts';
import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/**
 * `GET /api/v2/spot/public/symbols` → `{"code":"00000","data":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":"online","offTime":"",…}]}`
 * `GET /api/v2/spot/market/tickers` → `{"code":"00000","data":[{"symbol":"BTCUSDT","lastPr":"37583.69","quoteVolume":"519127705.303","usdtVolume":"519127705.302",…}]}`
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v2/spot/public/symbols' },
  tickers: { method: 'GET', path: '/api/v2/spot/market/tickers' },

  parseInstruments(reply: unknown, nowMs: number): ListedInstrument[] {
    return present(
      rowsOf('bitget', member(reply, 'data'), 'a list of symbols').map((row) =>
        listed(row.symbol, row.baseCoin, row.quoteCoin, {
          tradable: row.status === 'online' && !isPast(row.offTime, nowMs),
          leveraged: isLeveragedToken(String(row.baseCoin)),
          // The list states twice the published fee for every pair: not to be trusted.
          takerFee: undefined,
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('bitget', member(reply, 'data'), 'a list of tickers').map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.lastPr);
        return {
          nativeId,
          last,
          quoteVolume: numberOf(row.quoteVolume),
          usdVolume: numberOf(row.usdtVolume),
        };
      }),
    );
  },
};

/** Whether a delisting time (ms; "", 0 and -1 = none) has come. */
function isPast(offTime: unknown, nowMs: number): boolean {
  const time = numberOf(offTime);
  return time > 0 && time <= nowMs;
}
