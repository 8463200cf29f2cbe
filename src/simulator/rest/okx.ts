import type { Exchange } from '../exchange.ts';
import { dayRows, type RestRequest, step } from './rest.ts';

export function okxRest(exchange: Exchange, { path, query, nowMs }: RestRequest): unknown {
  const spot = (query.get('instType') ?? 'SPOT') === 'SPOT';
  const reply = (data: () => unknown[]): unknown => ({ code: '0', msg: '', data: spot ? data() : [] });
  if (path === '/api/v5/public/instruments') return reply(() => instruments(exchange));
  if (path === '/api/v5/market/tickers') return reply(() => tickers(exchange, nowMs));
  return path === '/api/v5/public/time' ? { code: '0', msg: '', data: [{ ts: String(nowMs) }] } : undefined;
}

function instruments(exchange: Exchange): unknown[] {
  return exchange.listed().map((each) => ({
    instType: 'SPOT',
    instId: each.nativeId,
    baseCcy: each.base,
    quoteCcy: each.quote,
    tickSz: step(each.priceDecimals),
    lotSz: step(each.sizeDecimals),
    minSz: step(each.sizeDecimals),
    state: each.halted ? 'suspend' : 'live',
    listTime: '1548133413000',
  }));
}

function tickers(exchange: Exchange, nowMs: number): unknown[] {
  return dayRows(exchange).map((row) => ({
    instType: 'SPOT',
    instId: row.instrument.nativeId,
    last: row.last,
    lastSz: '1',
    askPx: row.ask,
    askSz: row.askSize,
    bidPx: row.bid,
    bidSz: row.bidSize,
    open24h: row.last,
    high24h: row.last,
    low24h: row.last,
    volCcy24h: row.quoteVolume,
    vol24h: row.baseVolume,
    ts: String(nowMs),
  }));
}
