import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/**
 * `instruments` → `{"code":"0","data":[{"instType":"SPOT","instId":"BTC-USDT","baseCcy":"BTC","quoteCcy":"USDT","state":"live",…}]}`;
 * `tickers` → `{"data":[{"instId":"BTC-USDT","last":"9999.99","volCcy24h":"2222","vol24h":"2222",…}]}`, where spot's `volCcy24h` is the quote volume.
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v5/public/instruments?instType=SPOT' },
  tickers: { method: 'GET', path: '/api/v5/market/tickers?instType=SPOT' },

  parseInstruments(reply: unknown): ListedInstrument[] {
    const rows = rowsOf('okx', member(reply, 'data'), 'a list of instruments');
    return present(
      rows.map((row) =>
        listed(row.instId, row.baseCcy, row.quoteCcy, {
          tradable: row.state === 'live',
          leveraged: typeof row.baseCcy === 'string' && /.3[LS]$/.test(row.baseCcy),
          takerFee: undefined,
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('okx', member(reply, 'data'), 'a list of tickers').map((row) => {
        const nativeId = textOf(row.instId);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.last);
        return { nativeId, last, quoteVolume: numberOf(row.volCcy24h), usdVolume: Number.NaN };
      }),
    );
  },
};
