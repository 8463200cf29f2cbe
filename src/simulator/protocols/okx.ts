import type { Connection } from '../connection.ts';
import { TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { okxRest } from '../rest/okx.ts';
import { F } from '../template.ts';
import type { SimInstrument } from '../universe.ts';
import { isObject, type JsonObject, objects, onlyPath, type Protocol, parseObject } from './protocol.ts';

const CHANNELS = new Set(['bbo-tbt', 'tickers', 'trades', 'trades-all']);
const IDLE_MS = 30_000;
const MAX_REQUESTS_PER_HOUR = 480;

export const okx: Protocol = {
  venue: 'okx',
  nativeId: (base, quote) => `${base}-${quote}`,
  tradeIdPrefix: '',
  quoteTime: true,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/ws\/v5\/(public|business)$/, dialled),
  message: (exchange, connection, text, nowMs) => {
    if (text === 'ping') return connection.send('pong');
    const request = parseObject(text);
    const op = request?.op;
    if (request === undefined || (op !== 'subscribe' && op !== 'unsubscribe')) {
      return illegal(connection, text);
    }
    const args = objects(request.args);
    if (args.length === 0 || JSON.stringify(request.args).length > 65_536) return illegal(connection, text);
    if (connection.overRate(nowMs, MAX_REQUESTS_PER_HOUR, 3_600_000)) {
      exchange.violated('480 requests an hour');
      const msg = 'Requests too frequent.';
      return connection.sendJson({ event: 'error', code: '60014', msg, connId: connection.id });
    }
    for (const arg of args) change(exchange, connection, op, arg, request.id);
  },
  beat: (exchange, connection, nowMs) => {
    const busy = connection.topics.size > 0 ? connection.lastDataMs : connection.openedMs;
    const quietSince = Math.max(busy, connection.topics.size > 0 ? connection.lastClientMs : 0);
    if (nowMs - quietSince <= IDLE_MS) return;
    exchange.violated('30 s without subscription or traffic');
    connection.ws.close(4004, 'No data received in 30s.');
  },
  rest: okxRest,
};

function illegal(connection: Connection, text: string): void {
  const msg = `Illegal request: ${text}`;
  connection.sendJson({ event: 'error', code: '60012', msg, connId: connection.id });
}

/** Does what one arg asks and acknowledges it; each arg has its own answer. */
function change(
  exchange: Exchange,
  connection: Connection,
  op: 'subscribe' | 'unsubscribe',
  arg: JsonObject,
  id: unknown,
): void {
  const channel = String(arg.channel);
  const instId = String(arg.instId);
  const instrument = exchange.find(instId);
  if (!isObject(arg) || !CHANNELS.has(channel) || instrument === undefined) {
    const msg = `Wrong URL or channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
    connection.sendJson({ ...idField(id), event: 'error', code: '60018', msg, connId: connection.id });
    return;
  }
  connection.sendJson({ ...idField(id), event: op, arg: { channel, instId }, connId: connection.id });
  const topic = `${channel}:${instId}`;
  if (op === 'unsubscribe') exchange.unsubscribe(connection, topic);
  else subscribe(exchange, connection, topic, channel, instrument);
}

function idField(id: unknown): { id?: unknown } {
  return id === undefined ? {} : { id };
}

function subscribe(
  exchange: Exchange,
  connection: Connection,
  topic: string,
  channel: string,
  instrument: SimInstrument,
): void {
  const kind = channel.startsWith('trades') ? 'trade' : 'quote';
  const encoder = ENCODERS[channel as keyof typeof ENCODERS];
  exchange.subscribe(connection, topic, instrument, kind, encoder);
}

function bbo(variant: Variant): string {
  const bids = (variant & 1) === 1 ? '' : `["${F.bid}","${F.bidSize}","0","1"]`;
  const asks = (variant & 2) === 2 ? '' : `["${F.ask}","${F.askSize}","0","3"]`;
  return `{"arg":{"channel":"bbo-tbt","instId":"${F.nativeId}"},"data":[{"asks":[${asks}],"bids":[${bids}],"ts":"${F.eventMs}","seqId":${F.sequence}}]}`;
}

function tickers(variant: Variant): string {
  const [bid, bidSize] = (variant & 1) === 1 ? ['', ''] : [F.bid, F.bidSize];
  const [ask, askSize] = (variant & 2) === 2 ? ['', ''] : [F.ask, F.askSize];
  const p = F.last;
  return `{"arg":{"channel":"tickers","instId":"${F.nativeId}"},"data":[{"instType":"SPOT","instId":"${F.nativeId}","last":"${p}","lastSz":"1","askPx":"${ask}","askSz":"${askSize}","bidPx":"${bid}","bidSz":"${bidSize}","open24h":"${p}","high24h":"${p}","low24h":"${p}","sodUtc0":"${p}","sodUtc8":"${p}","volCcy24h":"1000","vol24h":"1000","ts":"${F.eventMs}"}]}`;
}

function trades(variant: Variant, channel: string): string {
  const side = variant === 1 ? 'sell' : 'buy';
  const count = channel === 'trades' ? ',"count":"1"' : '';
  return `{"arg":{"channel":"${channel}","instId":"${F.nativeId}"},"data":[{"instId":"${F.nativeId}","tradeId":"${F.tradeNumber}","px":"${F.price}","sz":"${F.size}","side":"${side}","ts":"${F.eventMs}"${count},"source":"0","seqId":${F.sequence}}]}`;
}

const ENCODERS = {
  'bbo-tbt': new TemplateEncoder('quote', bbo),
  tickers: new TemplateEncoder('quote', tickers),
  trades: new TemplateEncoder('trade', (variant) => trades(variant, 'trades')),
  'trades-all': new TemplateEncoder('trade', (variant) => trades(variant, 'trades-all')),
};
