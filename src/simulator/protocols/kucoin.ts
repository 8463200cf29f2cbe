import type { Connection } from '../connection.ts';
import { TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { kucoinRest } from '../rest/kucoin.ts';
import { F } from '../template.ts';
import { type JsonObject, onlyPath, type Protocol, parseObject, type Refusal } from './protocol.ts';

const TOPIC = /^(\/spotMarket\/level1|\/market\/ticker|\/market\/snapshot|\/market\/match):(.+)$/;
const TOKEN_LIFE_MS = 86_400_000;
const PING_TIMEOUT_MS = 60_000;

export const kucoin: Protocol = {
  venue: 'kucoin',
  nativeId: (base, quote) => `${base}-${quote}`,
  tradeIdPrefix: '2419308',
  quoteTime: true,
  tradeMicros: true,
  quoteSequence: false,
  admit: (exchange, dialled, nowMs): Refusal | undefined => {
    const token = dialled.query.get('token') ?? '';
    const given = exchange.tokens.get(token);
    // A token is good for one dial.
    exchange.tokens.delete(token);
    if (given === undefined || nowMs - given > TOKEN_LIFE_MS) {
      exchange.violated('fresh token for each dial');
      return { status: 401, body: '{"id":"","type":"error","code":401,"data":"token is invalid"}' };
    }
    return onlyPath(/^\/$/, dialled);
  },
  opened: (_exchange, connection) => {
    connection.sendJson({ id: connection.dialled.query.get('connectId') ?? connection.id, type: 'welcome' });
  },
  message: (exchange, connection, text, nowMs) => {
    const request = parseObject(text);
    const fail = (code: number, data: string): void =>
      connection.sendJson({ id: String(request?.id ?? ''), type: 'error', code, data });
    if (connection.overRate(nowMs, 100, 10_000)) {
      exchange.violated('100 messages in 10 s');
      return fail(509, 'exceed max permits per second');
    }
    if (request === undefined) return fail(400, 'bad request');
    answer(exchange, connection, request, nowMs, fail);
  },
  beat: (exchange, connection, nowMs) => {
    if (nowMs - connection.lastClientMs <= PING_TIMEOUT_MS) return;
    connection.sendJson({ id: '', type: 'error', code: 400, data: 'ping timeout' });
    exchange.violated('no client message for 60 s');
    connection.ws.close(1000, 'ping timeout');
  },
  rest: kucoinRest,
};

function answer(
  exchange: Exchange,
  connection: Connection,
  request: JsonObject,
  nowMs: number,
  fail: (code: number, data: string) => void,
): void {
  if (request.type === 'ping') {
    connection.sendJson({ id: request.id, type: 'pong', timestamp: nowMs * 1_000 });
    return;
  }
  if (request.type !== 'subscribe' && request.type !== 'unsubscribe') {
    fail(415, 'type is not supported');
    return;
  }
  if (typeof request.topic !== 'string') {
    fail(406, 'topic is required');
    return;
  }
  const [, channel, list] = TOPIC.exec(request.topic) ?? [];
  if (channel === undefined || list === undefined) {
    fail(404, `topic ${request.topic} is not found`);
    return;
  }
  const nativeIds = list.split(',');
  if (request.type === 'subscribe') {
    if (nativeIds.length > 100) {
      exchange.violated('100 symbols per message');
      fail(509, 'exceed max subscription count limitation of 100 per time');
      return;
    }
    const fresh = nativeIds.filter((id) => !connection.topics.has(`${channel}:${id}`)).length;
    if (connection.topics.size + fresh > 400) {
      exchange.violated('400 topics per connection');
      fail(509, 'exceed max subscription count limitation of 400 per session');
      return;
    }
  }
  if (request.response === true) connection.sendJson({ id: request.id, type: 'ack' });
  for (const nativeId of nativeIds) {
    if (request.type === 'unsubscribe') exchange.unsubscribe(connection, `${channel}:${nativeId}`);
    else subscribe(exchange, connection, channel, nativeId);
  }
}

/** An unknown symbol of a known channel is accepted and stays silent. */
function subscribe(exchange: Exchange, connection: Connection, channel: string, nativeId: string): void {
  const instrument = exchange.find(nativeId);
  if (instrument === undefined) return;
  const kind = channel === '/market/match' ? 'trade' : 'quote';
  const encoder = ENCODERS[channel as keyof typeof ENCODERS];
  exchange.subscribe(connection, `${channel}:${nativeId}`, instrument, kind, encoder);
}

function message(channel: string, subject: string, data: string): string {
  return `{"topic":"${channel}:${F.nativeId}","type":"message","subject":"${subject}","data":${data}}`;
}

function level1(variant: Variant): string {
  const bids = (variant & 1) === 1 ? '' : `"${F.bid}","${F.bidSize}"`;
  const asks = (variant & 2) === 2 ? '' : `"${F.ask}","${F.askSize}"`;
  const data = `{"asks":[${asks}],"bids":[${bids}],"timestamp":${F.eventMs}}`;
  return message('/spotMarket/level1', 'level1', data);
}

function ticker(variant: Variant): string {
  const [bid, bidSize] = (variant & 1) === 1 ? ['', ''] : [F.bid, F.bidSize];
  const [ask, askSize] = (variant & 2) === 2 ? ['', ''] : [F.ask, F.askSize];
  const data = `{"sequence":"${F.sequence}","price":"${F.last}","size":"1","bestAsk":"${ask}","bestAskSize":"${askSize}","bestBid":"${bid}","bestBidSize":"${bidSize}","time":${F.eventMs}}`;
  return message('/market/ticker', 'trade.ticker', data);
}

function snapshot(): string {
  const p = F.last;
  const data = `{"sequence":"${F.sequence}","data":{"symbol":"${F.nativeId}","buy":${F.bid},"sell":${F.ask},"lastTradedPrice":${p},"datetime":${F.eventMs},"vol":1000,"volValue":1000,"high":${p},"low":${p},"open":${p},"changePrice":0,"changeRate":0}}`;
  return message('/market/snapshot', 'trade.snapshot', data);
}

function match(variant: Variant): string {
  const side = variant === 1 ? 'sell' : 'buy';
  const id = `${kucoin.tradeIdPrefix}${F.tradeNumber}`;
  const data = `{"makerOrderId":"6a97d481ab7e1c0007dc369b","price":"${F.price}","sequence":"${id}","side":"${side}","size":"${F.size}","symbol":"${F.nativeId}","takerOrderId":"484534653953355776","time":"${F.eventMs}${F.tradeMicros}000","tradeId":"${id}","type":"match"}`;
  return message('/market/match', 'trade.l3match', data);
}

const ENCODERS = {
  '/spotMarket/level1': new TemplateEncoder('quote', level1),
  '/market/ticker': new TemplateEncoder('quote', ticker),
  '/market/snapshot': new TemplateEncoder('quote', snapshot),
  '/market/match': new TemplateEncoder('trade', match),
};
