import { isLeveragedToken } from '../shared/leveraged-token.ts';
import { listed, member, numberOf, present, rowsOf, textOf } from '../shared/reply.ts';
import type { Catalogue, ListedInstrument, Ticker } from '../venue.ts';

/** Taker fee of an ordinary user by the pair's fee class: A, B, C. */
const CLASS_FEES: ReadonlyMap<unknown, number> = new Map([
  [1, 0.001],
  [2, 0.002],
  [3, 0.003],
]);

/** Shorter names before UP are no coin of their own: JUP is not a leveraged J. */
const SHORTEST_UNDERLYING = 3;

/**
 * `GET /api/v2/symbols` → `{"code":"200000","data":[{"symbol":"BTC-USDT","name":"BTC-USDT","baseCurrency":"BTC","quoteCurrency":"USDT","enableTrading":true,
 * "feeCategory":1,"takerFeeCoefficient":"1.00",…}]}`
 * `GET /api/v1/market/allTickers` → `{"code":"200000","data":{"ticker":[{"symbol":"BTC-USDT","volValue":"124068431.06","last":"67193",…}]}}`
 */
export const catalogue: Catalogue = {
  instruments: { method: 'GET', path: '/api/v2/symbols' },
  tickers: { method: 'GET', path: '/api/v1/market/allTickers' },

  parseInstruments(reply: unknown): ListedInstrument[] {
    const rows = rowsOf('kucoin', member(reply, 'data'), 'a list of symbols');
    const bases = new Set(rows.map((row) => textOf(row.baseCurrency)));
    return present(
      rows.map((row) => {
        const base = currentBase(row.name, row.baseCurrency, row.quoteCurrency);
        return listed(row.symbol, base, row.quoteCurrency, {
          // A call auction has orders but no trading yet.
          tradable: row.enableTrading === true && row.callauctionIsEnabled !== true,
          leveraged: base !== undefined && isLeveraged(base, bases),
          takerFee: pairFee(row.feeCategory, row.takerFeeCoefficient),
        });
      }),
    );
  },

  parseTickers(reply: unknown): Ticker[] {
    const rows = rowsOf('kucoin', member(member(reply, 'data'), 'ticker'), 'a list of tickers');
    return present(
      rows.map((row) => {
        const nativeId = textOf(row.symbol);
        if (nativeId === undefined) return undefined;
        const last = numberOf(row.last);
        return { nativeId, last, quoteVolume: numberOf(row.volValue), usdVolume: Number.NaN };
      }),
    );
  },
};

/** The base by its present name: after a rename id and currency stay as they were (BCHSV-USDT) and only `name` changes (BSV-USDT). */
function currentBase(name: unknown, base: unknown, quote: unknown): string | undefined {
  const current = textOf(name);
  const suffix = `-${String(quote)}`;
  if (current?.endsWith(suffix) && current.length > suffix.length) return current.slice(0, -suffix.length);
  return textOf(base);
}

/** BTC3L and ETH3S by their form; BTCUP and BTCDOWN by their pair or underlying, because coins such as JUP and SYRUP end so too. */
function isLeveraged(base: string, bases: ReadonlySet<string | undefined>): boolean {
  if (isLeveragedToken(base)) return true;
  if (base.length > 4 && base.endsWith('DOWN')) return true;
  if (!base.endsWith('UP')) return false;
  const underlying = base.slice(0, -2);
  return (
    bases.has(`${underlying}DOWN`) || (underlying.length >= SHORTEST_UNDERLYING && bases.has(underlying))
  );
}

function pairFee(category: unknown, coefficient: unknown): number | undefined {
  const fee =
    (CLASS_FEES.get(category) ?? Number.NaN) * (coefficient === undefined ? 1 : numberOf(coefficient));
  return fee >= 0 ? fee : undefined;
}
