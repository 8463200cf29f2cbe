import type { Connection } from '../connection.ts';
import { TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { bitgetRest } from '../rest/bitget.ts';
import { F } from '../template.ts';
import type { SimInstrument } from '../universe.ts';
import { cut, type JsonObject, objects, onlyPath, type Protocol, parseObject } from './protocol.ts';

const CHANNELS = new Set(['books1', 'ticker', 'trade']);
const MAX_ARGS_BYTES = 4_096;
const MAX_CHANNELS = 1_000;

export const bitget: Protocol = {
  venue: 'bitget',
  nativeId: (base, quote) => base + quote,
  tradeIdPrefix: '13',
  quoteTime: true,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/v2\/ws\/public$/, dialled),
  message: (exchange, connection, text, nowMs) => {
    if (connection.overRate(nowMs, 10, 1_000)) return cut(exchange, connection, '10 messages a second');
    if (text === 'ping') return connection.send('pong');
    const request = parseObject(text);
    const op = request?.op;
    if (request === undefined || (op !== 'subscribe' && op !== 'unsubscribe')) {
      return connection.sendJson({ event: 'error', code: 30003, msg: 'Invalid op', op: op ?? '' });
    }
    if (JSON.stringify(request.args ?? []).length > MAX_ARGS_BYTES) {
      exchange.violated('4096 bytes of args');
      return connection.sendJson({ event: 'error', code: 30016, msg: 'Param error', op });
    }
    for (const arg of objects(request.args)) change(exchange, connection, op, arg);
  },
  beat: (exchange, connection, nowMs) => {
    // Any client frame counts as the ping that is due: tardis-dev sends WebSocket pings only.
    if (nowMs - connection.lastClientMs > 120_000) cut(exchange, connection, 'no ping for 2 min');
  },
  rest: bitgetRest,
};

/** Does what one arg asks and acknowledges it; each arg has its own answer. */
function change(
  exchange: Exchange,
  connection: Connection,
  op: 'subscribe' | 'unsubscribe',
  arg: JsonObject,
): void {
  const channel = String(arg.channel);
  const instId = String(arg.instId);
  const instrument = exchange.find(instId);
  const known = arg.instType === 'SPOT' && CHANNELS.has(channel) && instrument !== undefined;
  if (!known || instrument === undefined) {
    const msg = `instType:${String(arg.instType)},channel:${channel},instId:${instId} doesn't exist`;
    connection.sendJson({ event: 'error', arg, code: 30001, msg, op });
    return;
  }
  if (op === 'subscribe' && connection.topics.size >= MAX_CHANNELS) {
    exchange.violated('1000 channels per connection');
    connection.sendJson({ event: 'error', arg, code: 30016, msg: 'too many channels', op });
    return;
  }
  connection.sendJson({ event: op, arg: { instType: 'SPOT', channel, instId } });
  const topic = `${channel}:${instId}`;
  if (op === 'unsubscribe') exchange.unsubscribe(connection, topic);
  else subscribe(exchange, connection, topic, channel, instrument);
}

function subscribe(
  exchange: Exchange,
  connection: Connection,
  topic: string,
  channel: string,
  instrument: SimInstrument,
): void {
  const kind = channel === 'trade' ? 'trade' : 'quote';
  if (kind === 'trade') connection.sendJson(firstTrades(instrument, Date.now()));
  const encoder = ENCODERS[channel as keyof typeof ENCODERS];
  exchange.subscribe(connection, topic, instrument, kind, encoder);
}

/** What comes before the first update. It is empty: trades nobody was subscribed to were never published. */
function firstTrades({ nativeId }: SimInstrument, ts: number): unknown {
  return { action: 'snapshot', arg: { instType: 'SPOT', channel: 'trade', instId: nativeId }, data: [], ts };
}

function push(action: string, channel: string, data: string): string {
  return `{"action":"${action}","arg":{"instType":"SPOT","channel":"${channel}","instId":"${F.nativeId}"},"data":[${data}],"ts":${F.pushMs}}`;
}

function books1(variant: Variant): string {
  const bids = (variant & 1) === 1 ? '' : `["${F.bid}","${F.bidSize}"]`;
  const asks = (variant & 2) === 2 ? '' : `["${F.ask}","${F.askSize}"]`;
  const data = `{"asks":[${asks}],"bids":[${bids}],"checksum":0,"seq":${F.sequence},"ts":"${F.eventMs}"}`;
  return push('snapshot', 'books1', data);
}

function ticker(variant: Variant): string {
  const [bid, bidSize] = (variant & 1) === 1 ? ['', ''] : [F.bid, F.bidSize];
  const [ask, askSize] = (variant & 2) === 2 ? ['', ''] : [F.ask, F.askSize];
  const p = F.last;
  const data = `{"instId":"${F.nativeId}","lastPr":"${p}","open24h":"${p}","high24h":"${p}","low24h":"${p}","change24h":"0","bidPr":"${bid}","askPr":"${ask}","bidSz":"${bidSize}","askSz":"${askSize}","baseVolume":"1000","quoteVolume":"1000","openUtc":"${p}","changeUtc24h":"0","ts":"${F.eventMs}"}`;
  return push('snapshot', 'ticker', data);
}

function trade(variant: Variant): string {
  const side = variant === 1 ? 'sell' : 'buy';
  const data = `{"ts":"${F.eventMs}","price":"${F.price}","size":"${F.size}","side":"${side}","tradeId":"${bitget.tradeIdPrefix}${F.tradeNumber}"}`;
  return push('update', 'trade', data);
}

const ENCODERS = {
  books1: new TemplateEncoder('quote', books1),
  ticker: new TemplateEncoder('quote', ticker),
  trade: new TemplateEncoder('trade', trade),
};
