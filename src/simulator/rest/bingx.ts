import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

export function bingxRest(exchange: Exchange, { path, nowMs }: RestRequest): unknown {
  switch (path) {
    case '/openApi/spot/v1/common/symbols':
      return { code: 0, msg: '', debugMsg: '', data: { symbols: symbols(exchange) } };
    case '/openApi/spot/v1/ticker/24hr':
      return { code: 0, timestamp: nowMs, data: tickers(exchange, nowMs) };
    case '/openApi/spot/v1/server/time':
      return { code: 0, msg: '', data: { serverTime: nowMs } };
    case '/openApi/swap/v2/quote/contracts':
    case '/openApi/cswap/v1/market/contracts':
      return { code: 0, msg: '', data: [] };
    default:
      return undefined;
  }
}

/** No base and quote fields, and numbers that are JSON numbers. */
function symbols(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    symbol: each.nativeId,
    minQty: Number(step(each.sizeDecimals)),
    maxQty: 1_000_000,
    minNotional: 5,
    maxNotional: 500_000,
    status: each.halted ? 0 : 1,
    tickSize: Number(step(each.priceDecimals)),
    stepSize: Number(step(each.sizeDecimals)),
    apiStateSell: !each.halted,
    apiStateBuy: !each.halted,
    timeOnline: 0,
    offTime: 0,
    maintainTime: 0,
  }));
}

function tickers(exchange: Exchange, nowMs: number): unknown[] {
  return dayRows(exchange).map((row) => ({
    symbol: row.instrument.nativeId,
    openPrice: Number(row.last),
    highPrice: Number(row.last),
    lowPrice: Number(row.last),
    lastPrice: Number(row.last),
    volume: Number(row.baseVolume),
    quoteVolume: Number(row.quoteVolume),
    openTime: nowMs - 86_400_000,
    closeTime: nowMs,
    bidPrice: Number(row.bid),
    bidQty: Number(row.bidSize),
    askPrice: Number(row.ask),
    askQty: Number(row.askSize),
    priceChangePercent: '0.00%',
  }));
}
