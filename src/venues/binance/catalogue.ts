import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/**
 * `GET /api/v3/exchangeInfo` → `{"symbols":[{"symbol":"ETHBTC","status":"TRADING","baseAsset":"ETH","quoteAsset":"BTC","isSpotTradingAllowed":true,…}]}`
 * `GET /api/v3/ticker/24hr` → `[{"symbol":"BNBBTC","lastPrice":"4.00000200","quoteVolume":"15.3",…}]`
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v3/exchangeInfo' },
  tickers: { method: 'GET', path: '/api/v3/ticker/24hr' },

  parseInstruments(reply: unknown): ListedInstrument[] {
    const rows = rowsOf('binance', member(reply, 'symbols'), 'a list of symbols');
    return present(
      rows.map((row) =>
        listed(row.symbol, row.baseAsset, row.quoteAsset, {
          tradable: row.status === 'TRADING' && row.isSpotTradingAllowed === true,
          leveraged: isLeveraged(row.baseAsset, row.permissions, row.permissionSets),
          takerFee: undefined,
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('binance', reply, 'a list of tickers').map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.lastPrice);
        return { nativeId, last, quoteVolume: numberOf(row.quoteVolume), usdVolume: Number.NaN };
      }),
    );
  },
};

/** Old leveraged tokens end in UP or DOWN, as do honest coins (JUP, SYRUP): what tells them apart is the permission LEVERAGED. */
function isLeveraged(base: unknown, permissions: unknown, permissionSets: unknown): boolean {
  const sets: unknown[] = [permissions, ...(Array.isArray(permissionSets) ? permissionSets : [])];
  const leveraged = sets.some((set) => Array.isArray(set) && set.includes('LEVERAGED'));
  return leveraged || (typeof base === 'string' && /^.+DOWN$/.test(base));
}
