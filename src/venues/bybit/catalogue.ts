import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/**
 * `instruments-info` → `{"retCode":0,"result":{"list":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":"Trading",…}]}}`, without pages for spot;
 * `tickers` → `{"result":{"list":[{"symbol":"BTCUSDT","lastPrice":"20533.13","turnover24h":"243765620.65",…}]}}`
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/v5/market/instruments-info?category=spot' },
  tickers: { method: 'GET', path: '/v5/market/tickers?category=spot' },

  parseInstruments(reply: unknown): ListedInstrument[] {
    const rows = rowsOf('bybit', member(member(reply, 'result'), 'list'), 'a list of symbols');
    return present(
      rows.map((row) =>
        listed(row.symbol, row.baseCoin, row.quoteCoin, {
          tradable: row.status === 'Trading',
          leveraged: typeof row.baseCoin === 'string' && /.[23][LS]$/.test(row.baseCoin),
          takerFee: undefined,
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('bybit', member(member(reply, 'result'), 'list'), 'a list of tickers').map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.lastPrice);
        return { nativeId, last, quoteVolume: numberOf(row.turnover24h), usdVolume: Number.NaN };
      }),
    );
  },
};
