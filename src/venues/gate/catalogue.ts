import { listed, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/**
 * `currency_pairs` → `[{"id":"ETH_USDT","base":"ETH","quote":"USDT","fee":"0.2","trade_status":"tradable","delisting_time":0,"type":"normal",…}]`;
 * `tickers` → `[{"currency_pair":"BTC_USDT","last":"2.46140352","quote_volume":"1602221.66",…}]`. A pair's `fee` is only a ceiling, so it is not taken.
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v4/spot/currency_pairs' },
  tickers: { method: 'GET', path: '/api/v4/spot/tickers' },

  parseInstruments(reply: unknown, nowMs: number): ListedInstrument[] {
    return present(
      rowsOf('gate', reply, 'a list of currency pairs').map((row) =>
        listed(row.id, row.base, row.quote, {
          tradable:
            row.trade_status === 'tradable' &&
            row.type !== 'premarket' &&
            !isPast(numberOf(row.delisting_time), nowMs),
          leveraged: typeof row.base === 'string' && /.[35][LS]$/.test(row.base),
          takerFee: undefined,
        }),
      ),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    return present(
      rowsOf('gate', reply, 'a list of tickers').map((row) => {
        const nativeId = textOf(row.currency_pair);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.last);
        return { nativeId, last, quoteVolume: numberOf(row.quote_volume), usdVolume: Number.NaN };
      }),
    );
  },
};

/** A time in seconds; 0 and absent stand for none. */
function isPast(seconds: number, nowMs: number): boolean {
  return seconds > 0 && seconds * 1_000 <= nowMs;
}
