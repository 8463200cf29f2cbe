import { isLeveragedToken } from '../shared/leveraged-token.ts';
import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/** `status` of a pair that trades, and `tradeSideType` of one that can be bought and sold. */
const ONLINE = '1';
const BOTH_SIDES = 1;

/**
 * `GET /api/v3/exchangeInfo` → `{"symbols":[{"symbol":"BTCUSDT","status":"1","baseAsset":"BTC","quoteAsset":"USDT","isSpotTradingAllowed":true,
 * "takerCommission":"0.0005","tradeSideType":1,…}]}`
 * `GET /api/v3/ticker/24hr` → `[{"symbol":"BTCUSDT","lastPrice":"46697.13","quoteVolume":"96738871.4",…}]`
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v3/exchangeInfo' },
  tickers: { method: 'GET', path: '/api/v3/ticker/24hr' },

  parseInstruments(reply: unknown): ListedInstrument[] {
    return present(
      rowsOf('mexc', member(reply, 'symbols'), 'a list of symbols').map((row) =>
        listed(row.symbol, row.baseAsset, row.quoteAsset, {
          tradable:
            String(row.status) === ONLINE &&
            row.isSpotTradingAllowed === true &&
            (row.tradeSideType ?? BOTH_SIDES) === BOTH_SIDES,
          leveraged: isLeveragedToken(String(row.baseAsset)),
          takerFee: pairFee(row.takerCommission),
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('mexc', reply, 'a list of tickers').map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.lastPrice);
        return { nativeId, last, quoteVolume: numberOf(row.quoteVolume), usdVolume: Number.NaN };
      }),
    );
  },
};

/** Pairs differ, and some cost nothing. */
function pairFee(commission: unknown): number | undefined {
  const fee = numberOf(commission);
  return fee >= 0 && fee < 0.1 ? fee : undefined;
}
