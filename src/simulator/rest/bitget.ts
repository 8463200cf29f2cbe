import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest } from './rest.ts';

export function bitgetRest(exchange: Exchange, { path, nowMs }: RestRequest): unknown {
  const reply = (data: unknown): unknown => ({ code: '00000', msg: 'success', requestTime: nowMs, data });
  switch (path) {
    case '/api/v2/spot/public/symbols':
      return reply(symbols(exchange));
    case '/api/v2/spot/market/tickers':
      return reply(tickers(exchange, nowMs));
    case '/api/v2/public/time':
      return reply({ serverTime: String(nowMs) });
    case '/api/v2/spot/public/coins':
    case '/api/v2/margin/currencies':
      return reply([]);
    default:
      return undefined;
  }
}

function symbols(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    symbol: each.nativeId,
    baseCoin: each.base,
    quoteCoin: each.quote,
    minTradeAmount: '0',
    maxTradeAmount: '900000000',
    takerFeeRate: '0.002',
    makerFeeRate: '0.002',
    pricePrecision: String(each.priceDecimals),
    quantityPrecision: String(each.sizeDecimals),
    quotePrecision: '8',
    status: each.halted ? 'halt' : 'online',
    minTradeUSDT: '1',
    areaSymbol: 'no',
    offTime: '',
    openTime: '1532454360000',
  }));
}

function tickers(exchange: Exchange, nowMs: number): unknown[] {
  return dayRows(exchange).map((row) => ({
    symbol: row.instrument.nativeId,
    open: row.last,
    high24h: row.last,
    low24h: row.last,
    lastPr: row.last,
    quoteVolume: row.quoteVolume,
    baseVolume: row.baseVolume,
    usdtVolume: row.usdVolume,
    bidPr: row.bid,
    askPr: row.ask,
    bidSz: row.bidSize,
    askSz: row.askSize,
    openUtc: row.last,
    changeUtc24h: '0',
    change24h: '0',
    ts: String(nowMs),
  }));
}
