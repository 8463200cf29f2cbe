import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

export function binanceRest(exchange: Exchange, { path, nowMs }: RestRequest): unknown {
  if (path === '/api/v3/exchangeInfo') {
    const symbols = exchange.listed().map((each) => ({
      symbol: each.nativeId,
      status: each.halted ? 'BREAK' : 'TRADING',
      baseAsset: each.base,
      baseAssetPrecision: 8,
      quoteAsset: each.quote,
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'MARKET'],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: [
        {
          filterType: 'PRICE_FILTER',
          minPrice: step(each.priceDecimals),
          maxPrice: '10000000.00000000',
          tickSize: step(each.priceDecimals),
        },
        {
          filterType: 'LOT_SIZE',
          minQty: step(each.sizeDecimals),
          maxQty: '9000000000.00000000',
          stepSize: step(each.sizeDecimals),
        },
      ],
      permissions: [],
      permissionSets: [['SPOT']],
    }));
    return { timezone: 'UTC', serverTime: nowMs, rateLimits: [], exchangeFilters: [], symbols };
  }
  if (path === '/api/v3/ticker/24hr') {
    return dayRows(exchange).map((row) => ({
      symbol: row.instrument.nativeId,
      lastPrice: row.last,
      bidPrice: row.bid || '0.00000000',
      bidQty: row.bidSize || '0.00000000',
      askPrice: row.ask || '0.00000000',
      askQty: row.askSize || '0.00000000',
      volume: row.baseVolume,
      quoteVolume: row.quoteVolume,
      openTime: nowMs - 86_400_000,
      closeTime: nowMs,
      count: 1_000,
    }));
  }
  return path === '/api/v3/time' ? { serverTime: nowMs } : undefined;
}
