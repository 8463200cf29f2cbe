import type { Connection } from '../connection.ts';
import { TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { gateRest } from '../rest/gate.ts';
import { F } from '../template.ts';
import { cut, type JsonObject, onlyPath, type Protocol, parseObject, texts } from './protocol.ts';

const CHANNELS = new Set(['spot.book_ticker', 'spot.tickers', 'spot.trades']);

export const gate: Protocol = {
  venue: 'gate',
  nativeId: (base, quote) => `${base}_${quote}`,
  tradeIdPrefix: '',
  quoteTime: true,
  tradeMicros: true,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/ws\/v4\/$/, dialled),
  message: (exchange, connection, text, nowMs) => {
    const request = parseObject(text);
    if (request === undefined) return; // text that is not JSON gets no reply
    if (request.channel === 'spot.ping') {
      const time = Math.floor(nowMs / 1_000);
      const pong = { channel: 'spot.pong', event: '', error: null, result: null };
      return connection.sendJson({ time, time_ms: nowMs, conn_id: connection.id, ...pong });
    }
    answer(exchange, connection, request, nowMs);
  },
  beat: (exchange, connection, nowMs) => {
    const quietMs = nowMs - Math.max(connection.lastClientMs, connection.lastDataMs);
    if (connection.topics.size === 0 && quietMs > 30_000) cut(exchange, connection, '30 s unsubscribed');
    else if (quietMs > 60_000) cut(exchange, connection, '60 s silent');
  },
  rest: gateRest,
};

function answer(exchange: Exchange, connection: Connection, request: JsonObject, nowMs: number): void {
  const payload = texts(request.payload);
  const channel = String(request.channel);
  const reply = (error: { code: number; message: string } | null): void =>
    connection.sendJson({
      time: Math.floor(nowMs / 1_000),
      time_ms: nowMs,
      ...(request.id === undefined ? {} : { id: request.id }),
      conn_id: connection.id,
      channel,
      event: request.event,
      payload,
      error,
      result: { status: error === null ? 'success' : 'fail' },
    });
  if (!CHANNELS.has(channel)) {
    reply({ code: 2, message: `Unknown channel ${channel}` });
    return;
  }
  const unknown = payload.find((nativeId) => exchange.find(nativeId) === undefined);
  if (unknown !== undefined) {
    reply({ code: 2, message: `unknown currency pair: ${unknown}` });
    return;
  }
  if (request.event !== 'subscribe' && request.event !== 'unsubscribe') {
    reply({ code: 1, message: 'unknown event' });
    return;
  }
  reply(null);
  for (const nativeId of payload) {
    if (request.event === 'unsubscribe') exchange.unsubscribe(connection, `${channel}:${nativeId}`);
    else subscribe(exchange, connection, channel, nativeId);
  }
}

function subscribe(exchange: Exchange, connection: Connection, channel: string, nativeId: string): void {
  const instrument = exchange.find(nativeId);
  if (instrument === undefined) return;
  const kind = channel === 'spot.trades' ? 'trade' : 'quote';
  const encoder = ENCODERS[channel as keyof typeof ENCODERS];
  exchange.subscribe(connection, `${channel}:${nativeId}`, instrument, kind, encoder);
}

function update(channel: string, result: string): string {
  return `{"time":${F.pushSeconds},"time_ms":${F.pushMs},"channel":"${channel}","event":"update","result":${result}}`;
}

function bookTicker(variant: Variant): string {
  const [b, bSize] = (variant & 1) === 1 ? ['', '0'] : [F.bid, F.bidSize];
  const [a, aSize] = (variant & 2) === 2 ? ['', '0'] : [F.ask, F.askSize];
  const result = `{"t":${F.eventMs},"u":${F.sequence},"s":"${F.nativeId}","b":"${b}","B":"${bSize}","a":"${a}","A":"${aSize}"}`;
  return update('spot.book_ticker', result);
}

function tickers(): string {
  const result = `{"currency_pair":"${F.nativeId}","last":"${F.last}","lowest_ask":"${F.ask}","highest_bid":"${F.bid}","change_percentage":"0","base_volume":"1000","quote_volume":"1000","high_24h":"${F.last}","low_24h":"${F.last}"}`;
  return update('spot.tickers', result);
}

function trades(variant: Variant): string {
  const side = variant === 1 ? 'sell' : 'buy';
  const seconds = F.pushSeconds;
  const result = `{"id":${F.tradeNumber},"id_market":${F.tradeNumber},"create_time":${seconds},"create_time_ms":"${F.eventMs}.${F.tradeMicros}0","side":"${side}","currency_pair":"${F.nativeId}","amount":"${F.size}","price":"${F.price}","range":"${F.tradeNumber}-${F.tradeNumber}"}`;
  return update('spot.trades', result);
}

const ENCODERS = {
  'spot.book_ticker': new TemplateEncoder('quote', bookTicker),
  'spot.tickers': new TemplateEncoder('quote', tickers),
  'spot.trades': new TemplateEncoder('trade', trades),
};
