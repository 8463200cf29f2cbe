import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest } from './rest.ts';

export function gateRest(exchange: Exchange, { path, nowMs }: RestRequest): unknown {
  switch (path) {
    case '/api/v4/spot/currency_pairs':
      return pairs(exchange);
    case '/api/v4/spot/tickers':
      return tickers(exchange);
    case '/api/v4/spot/time':
      return { server_time: nowMs };
    case '/api/v4/spot/currencies':
    case '/api/v4/margin/currency_pairs':
      return [];
    default:
      return undefined;
  }
}

function pairs(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    id: each.nativeId,
    base: each.base,
    base_name: each.base,
    quote: each.quote,
    quote_name: each.quote,
    fee: '0.2',
    min_base_amount: '0.001',
    min_quote_amount: '1.0',
    amount_precision: each.sizeDecimals,
    precision: each.priceDecimals,
    trade_status: each.halted ? 'untradable' : 'tradable',
    sell_start: 1516378650,
    buy_start: 1516378650,
    delisting_time: 0,
    type: 'normal',
    st_tag: false,
  }));
}

function tickers(exchange: Exchange): unknown[] {
  return dayRows(exchange).map((row) => ({
    currency_pair: row.instrument.nativeId,
    last: row.last,
    lowest_ask: row.ask,
    highest_bid: row.bid,
    change_percentage: '0',
    base_volume: row.baseVolume,
    quote_volume: row.quoteVolume,
    high_24h: row.last,
    low_24h: row.last,
    ...(row.instrument.leveraged ? { etf_net_value: row.last, etf_leverage: '3.0' } : {}),
  }));
}
