import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

export function mexcRest(exchange: Exchange, { path, nowMs }: RestRequest): unknown {
  switch (path) {
    case '/api/v3/exchangeInfo': {
      const symbols = exchangeSymbols(exchange);
      return { timezone: 'CST', serverTime: nowMs, rateLimits: [], exchangeFilters: [], symbols };
    }
    case '/api/v3/ticker/24hr':
      return tickers(exchange, nowMs);
    case '/api/v3/defaultSymbols':
      return { code: 0, data: exchange.listed().map((each) => each.nativeId), msg: null };
    case '/api/v3/time':
      return { serverTime: nowMs };
    case '/api/v1/contract/detail':
      return { success: true, code: 0, data: [] };
    default:
      return undefined;
  }
}

function exchangeSymbols(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    symbol: each.nativeId,
    status: each.halted ? '2' : '1',
    baseAsset: each.base,
    baseAssetPrecision: each.sizeDecimals,
    quoteAsset: each.quote,
    quotePrecision: each.priceDecimals,
    quoteAssetPrecision: each.priceDecimals,
    orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    permissions: ['SPOT'],
    filters: [],
    baseSizePrecision: step(each.sizeDecimals),
    quoteAmountPrecision: '1',
    maxQuoteAmount: '4000000',
    makerCommission: '0',
    takerCommission: '0.0005',
    tradeSideType: 1,
    st: false,
  }));
}

function tickers(exchange: Exchange, nowMs: number): unknown[] {
  return dayRows(exchange).map((row) => ({
    symbol: row.instrument.nativeId,
    lastPrice: row.last,
    bidPrice: row.bid,
    bidQty: row.bidSize,
    askPrice: row.ask,
    askQty: row.askSize,
    volume: row.baseVolume,
    quoteVolume: row.quoteVolume,
    openTime: nowMs - 86_400_000,
    closeTime: nowMs,
    count: null,
  }));
}
