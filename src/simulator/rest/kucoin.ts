import { randomBytes } from 'node:crypto';
import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

/** Tokens kept that nobody has dialled with yet; the oldest go first. */
const MAX_TOKENS = 10_000;

export function kucoinRest(exchange: Exchange, { method, path, nowMs }: RestRequest): unknown {
  const reply = (data: unknown): unknown => ({ code: '200000', data });
  switch (path) {
    case '/api/v2/symbols':
      return reply(symbols(exchange));
    case '/api/v1/market/allTickers':
      return reply({ time: nowMs, ticker: tickers(exchange) });
    case '/api/v3/currencies':
      return reply([]);
    case '/api/v1/timestamp':
      return reply(nowMs);
    case '/api/v1/bullet-public':
      return method === 'POST'
        ? reply(bullet(exchange, nowMs))
        : { msg: 'Method Not Allowed', code: '405000' };
    default:
      return undefined;
  }
}

function bullet(exchange: Exchange, nowMs: number): unknown {
  const token = randomBytes(48).toString('base64url');
  exchange.tokens.set(token, nowMs);
  for (const oldest of exchange.tokens.keys()) {
    if (exchange.tokens.size <= MAX_TOKENS) break;
    exchange.tokens.delete(oldest);
  }
  const endpoint = `${exchange.settings.wsUrl()}/kucoin/`;
  const server = {
    endpoint,
    encrypt: false,
    protocol: 'websocket',
    pingInterval: 18_000,
    pingTimeout: 10_000,
  };
  return { token, instanceServers: [server] };
}

function symbols(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    symbol: each.nativeId,
    name: each.symbol,
    baseCurrency: each.base,
    quoteCurrency: each.quote,
    feeCurrency: each.quote,
    market: 'USDS',
    baseMinSize: step(each.sizeDecimals),
    quoteMinSize: '0.1',
    baseIncrement: step(each.sizeDecimals),
    quoteIncrement: '0.000001',
    priceIncrement: step(each.priceDecimals),
    minFunds: '0.1',
    isMarginEnabled: false,
    enableTrading: !each.halted,
    feeCategory: classOf(each.base),
    makerFeeCoefficient: '1.00',
    takerFeeCoefficient: '1.00',
    st: false,
  }));
}

/** As there, some coins are of a class whose fee is twice the usual. */
function classOf(base: string): number {
  return (base.codePointAt(0) ?? 0) % 4 === 0 ? 2 : 1;
}

function tickers(exchange: Exchange): unknown[] {
  return dayRows(exchange).map((row) => ({
    symbol: row.instrument.nativeId,
    symbolName: row.instrument.symbol,
    buy: row.bid || null,
    bestBidSize: row.bidSize || null,
    sell: row.ask || null,
    bestAskSize: row.askSize || null,
    changeRate: '0',
    high: row.last,
    low: row.last,
    vol: row.baseVolume,
    volValue: row.quoteVolume,
    last: row.last,
    takerFeeRate: '0.001',
    makerFeeRate: '0.001',
    takerCoefficient: '1',
    makerCoefficient: '1',
  }));
}
