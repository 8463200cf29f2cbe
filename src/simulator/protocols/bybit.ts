import type { Connection } from '../connection.ts';
import { TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { bybitRest } from '../rest/bybit.ts';
import { F } from '../template.ts';
import { cut, onlyPath, type Protocol, parseObject, texts } from './protocol.ts';

const TOPIC = /^(orderbook\.1|publicTrade|tickers)\.(.+)$/;
const MAX_ARGS = 10;
const MAX_TOPIC_BYTES = 21_000;

export const bybit: Protocol = {
  venue: 'bybit',
  nativeId: (base, quote) => base + quote,
  tradeIdPrefix: '229000000',
  quoteTime: true,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/v5\/public\/spot$/, dialled),
  message: (exchange, connection, text) => {
    const request = parseObject(text);
    const reqId = request?.req_id;
    const reply = (success: boolean, ret_msg: string, op: unknown): void =>
      connection.sendJson({
        success,
        ret_msg,
        conn_id: connection.id,
        ...(reqId === undefined ? {} : { req_id: reqId }),
        op,
      });
    if (request === undefined) return reply(false, 'error:invalid json', '');
    const args = texts(request.args);
    switch (request.op) {
      case 'ping':
        return reply(true, 'pong', 'ping');
      case 'subscribe': {
        const refusal = refusalOf(exchange, connection, args, reqId);
        if (refusal !== undefined) return reply(false, refusal, 'subscribe');
        reply(true, 'subscribe', 'subscribe');
        for (const topic of args) subscribe(exchange, connection, topic);
        return;
      }
      case 'unsubscribe':
        for (const topic of args) exchange.unsubscribe(connection, topic);
        return reply(true, 'unsubscribe', 'unsubscribe');
      default:
        return reply(false, 'error:unknown op', request.op);
    }
  },
  beat: (exchange, connection, nowMs) => {
    if (nowMs - Math.max(connection.lastClientMs, connection.lastDataMs) > 600_000) {
      cut(exchange, connection, 'idle for 10 min');
    }
  },
  rest: bybitRest,
};

/** Why the whole request is refused; undefined = it is not. */
function refusalOf(
  exchange: Exchange,
  connection: Connection,
  args: readonly string[],
  reqId: unknown,
): string | undefined {
  // ccxt does not split its requests and numbers them with integers: it is let through, as our only means to serve it.
  const lenient = !exchange.settings.strict || typeof reqId === 'number';
  if (args.length > MAX_ARGS && !lenient) {
    exchange.violated('10 args per subscribe');
    return 'args size >10';
  }
  const bytes = args.reduce((sum, topic) => sum + (connection.topics.has(topic) ? 0 : topic.length), 0);
  if (connection.topicBytes + bytes > MAX_TOPIC_BYTES) {
    exchange.violated('21,000 characters of args per connection');
    return 'args length >21000';
  }
  for (const topic of args) {
    const [, , nativeId] = TOPIC.exec(topic) ?? [];
    if (nativeId === undefined) return `error:handler not found,topic:${topic}`;
    if (exchange.find(nativeId) === undefined) return `Invalid symbol :[${topic}]`;
  }
  return undefined;
}

function subscribe(exchange: Exchange, connection: Connection, topic: string): void {
  const [, channel, nativeId] = TOPIC.exec(topic) ?? [];
  const instrument = exchange.find(nativeId ?? '');
  if (instrument === undefined) return;
  const kind = channel === 'publicTrade' ? 'trade' : 'quote';
  const encoder = ENCODERS[channel as keyof typeof ENCODERS];
  exchange.subscribe(connection, topic, instrument, kind, encoder);
}

function orderbook(variant: Variant): string {
  const bids = (variant & 1) === 1 ? '' : `["${F.bid}","${F.bidSize}"]`;
  const asks = (variant & 2) === 2 ? '' : `["${F.ask}","${F.askSize}"]`;
  return `{"topic":"orderbook.1.${F.nativeId}","ts":${F.pushMs},"type":"snapshot","data":{"s":"${F.nativeId}","b":[${bids}],"a":[${asks}],"u":${F.sequence},"seq":1${F.sequence}},"cts":${F.eventMs}}`;
}

function tickers(): string {
  const p = F.last;
  return `{"topic":"tickers.${F.nativeId}","ts":${F.pushMs},"type":"snapshot","cs":${F.sequence},"data":{"symbol":"${F.nativeId}","lastPrice":"${p}","highPrice24h":"${p}","lowPrice24h":"${p}","prevPrice24h":"${p}","volume24h":"1000","turnover24h":"1000","price24hPcnt":"0","usdIndexPrice":"${p}"}}`;
}

function publicTrade(variant: Variant): string {
  const side = variant === 1 ? 'Sell' : 'Buy';
  return `{"topic":"publicTrade.${F.nativeId}","ts":${F.pushMs},"type":"snapshot","data":[{"i":"${bybit.tradeIdPrefix}${F.tradeNumber}","T":${F.eventMs},"p":"${F.price}","v":"${F.size}","S":"${side}","seq":1${F.sequence},"s":"${F.nativeId}","BT":false,"RPI":false}]}`;
}

const ENCODERS = {
  'orderbook.1': new TemplateEncoder('quote', orderbook),
  tickers: new TemplateEncoder('quote', tickers),
  publicTrade: new TemplateEncoder('trade', publicTrade),
};
