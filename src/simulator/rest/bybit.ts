import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

export function bybitRest(exchange: Exchange, { path, query, nowMs }: RestRequest): unknown {
  const category = query.get('category') ?? 'spot';
  const reply = (list: unknown[]): unknown => ({
    retCode: 0,
    retMsg: 'OK',
    result: { category, list: category === 'spot' ? list : [] },
    retExtInfo: {},
    time: nowMs,
  });
  if (path === '/v5/market/instruments-info') return reply(instruments(exchange));
  if (path === '/v5/market/tickers') return reply(tickers(exchange));
  if (path === '/v5/market/time') {
    const result = { timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` };
    return { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: nowMs };
  }
  return undefined;
}

function instruments(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    symbol: each.nativeId,
    baseCoin: each.base,
    quoteCoin: each.quote,
    innovation: '0',
    symbolType: '',
    status: each.halted ? 'PreLaunch' : 'Trading',
    marginTrading: 'none',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: step(each.sizeDecimals),
      quotePrecision: '0.0000001',
      minOrderQty: step(each.sizeDecimals),
      minOrderAmt: '5',
    },
    priceFilter: { tickSize: step(each.priceDecimals) },
  }));
}

function tickers(exchange: Exchange): unknown[] {
  return dayRows(exchange).map((row) => ({
    symbol: row.instrument.nativeId,
    bid1Price: row.bid,
    bid1Size: row.bidSize,
    ask1Price: row.ask,
    ask1Size: row.askSize,
    lastPrice: row.last,
    prevPrice24h: row.last,
    price24hPcnt: '0.0000',
    highPrice24h: row.last,
    lowPrice24h: row.last,
    turnover24h: row.quoteVolume,
    volume24h: row.baseVolume,
    usdIndexPrice: '',
  }));
}
