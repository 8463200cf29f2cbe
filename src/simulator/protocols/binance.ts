import type { Connection } from '../connection.ts';
import { type Encoder, TemplateEncoder, type Variant } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import { binanceRest } from '../rest/binance.ts';
import { F } from '../template.ts';
import { cut, onlyPath, type Protocol, parseObject, texts } from './protocol.ts';

const MAX_STREAMS = 1024;
const STREAM = /^([^@/]+)@(bookTicker|trade|miniTicker|depth(?:@100ms)?|aggTrade)$/;
const ZERO = '0.00000000';

export const binance: Protocol = {
  venue: 'binance',
  nativeId: (base, quote) => base + quote,
  tradeIdPrefix: '',
  quoteTime: false,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/(ws|stream)(\/|$)/, dialled),
  opened: (exchange, connection) => {
    const { path, query } = connection.dialled;
    const raw = path.startsWith('/ws/') ? path.slice(4).split('/') : [];
    const combined = (query.get('streams') ?? '').split('/');
    for (const name of [...raw, ...combined]) subscribe(exchange, connection, name);
  },
  message: (exchange, connection, text, nowMs) => {
    if (tooChatty(exchange, connection, nowMs)) return;
    const request = parseObject(text);
    if (request === undefined) {
      connection.sendJson({ error: { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' } });
      return;
    }
    answer(exchange, connection, request);
  },
  controlFrame: (exchange, connection, nowMs) => {
    tooChatty(exchange, connection, nowMs);
  },
  beat: (exchange, connection, nowMs) => {
    if (nowMs - connection.lastBeatMs >= 20_000) {
      connection.lastBeatMs = nowMs;
      connection.ws.ping(String(nowMs));
    }
    if (nowMs - connection.lastPongMs > 60_000) cut(exchange, connection, 'no pong for 60 s');
  },
  rest: binanceRest,
};

/** At most 5 messages a second, pings and pongs included. */
function tooChatty(exchange: Exchange, connection: Connection, nowMs: number): boolean {
  if (!connection.overRate(nowMs, 5, 1_000)) return false;
  exchange.violated('5 messages a second');
  connection.ws.close(1008, 'Too many requests');
  return true;
}

function answer(
  exchange: Exchange,
  connection: Connection,
  request: Readonly<Record<string, unknown>>,
): void {
  const id = request.id ?? null;
  const params = texts(request.params);
  const refuse = (msg: string): void => connection.sendJson({ error: { code: 2, msg }, id });
  switch (request.method) {
    case 'SUBSCRIBE': {
      if (!params.every((name) => STREAM.test(name))) {
        refuse('Invalid request: invalid stream');
        return;
      }
      const fresh = params.filter((name) => !connection.topics.has(name)).length;
      if (connection.topics.size + fresh > MAX_STREAMS) {
        exchange.violated('1024 streams per connection');
        refuse('Invalid request: too many streams');
        return;
      }
      connection.sendJson({ result: null, id });
      for (const name of params) subscribe(exchange, connection, name);
      return;
    }
    case 'UNSUBSCRIBE':
      for (const name of params) exchange.unsubscribe(connection, name);
      {
        connection.sendJson({ result: null, id });
        return;
      }
    case 'LIST_SUBSCRIPTIONS': {
      connection.sendJson({ result: [...connection.topics.keys()], id });
      return;
    }
    case 'GET_PROPERTY': {
      connection.sendJson({ result: isCombined(connection), id });
      return;
    }
    default: {
      refuse('Invalid request: unknown variant, expected one of SUBSCRIBE, UNSUBSCRIBE');
      return;
    }
  }
}

/** A stream of a symbol that does not exist is accepted and stays silent. */
function subscribe(exchange: Exchange, connection: Connection, name: string): void {
  const [, lower, channel] = STREAM.exec(name) ?? [];
  if (lower === undefined || channel === undefined) return;
  // Stream names are lower case; an upper-case one is a name that nothing is published under.
  const instrument = lower === lower.toLowerCase() ? exchange.find(lower.toUpperCase()) : undefined;
  if (instrument === undefined) return;
  const encoder = encoderOf(connection, channel);
  if (encoder === undefined) return;
  exchange.subscribe(connection, name, instrument, channel === 'trade' ? 'trade' : 'quote', encoder);
}

function encoderOf(connection: Connection, channel: string): Encoder | undefined {
  const form = isCombined(connection) ? 'combined' : 'raw';
  if (channel === 'bookTicker') return ENCODERS[form].bookTicker;
  if (channel === 'miniTicker') return ENCODERS[form].miniTicker;
  if (channel !== 'trade') return undefined;
  const micros = connection.dialled.query.get('timeUnit')?.toUpperCase() === 'MICROSECOND';
  return micros ? ENCODERS[form].tradeMicros : ENCODERS[form].trade;
}

/** Raw payloads under `/ws` and under any path that contains `/ws/`, else the combined envelope. */
function isCombined(connection: Connection): boolean {
  const { path } = connection.dialled;
  return !path.startsWith('/ws') && !path.includes('/ws/');
}

function bookTicker(variant: Variant): string {
  const [b, bSize] = (variant & 1) === 1 ? [ZERO, ZERO] : [F.bid8, F.bidSize8];
  const [a, aSize] = (variant & 2) === 2 ? [ZERO, ZERO] : [F.ask8, F.askSize8];
  return `{"u":${F.sequence},"s":"${F.nativeId}","b":"${b}","B":"${bSize}","a":"${a}","A":"${aSize}"}`;
}

function miniTicker(): string {
  const p = F.last;
  return `{"e":"24hrMiniTicker","E":${F.pushMs},"s":"${F.nativeId}","c":"${p}","o":"${p}","h":"${p}","l":"${p}","v":"1000.00000000","q":"1000.00000000"}`;
}

function trade(variant: Variant, zeros: string): string {
  return `{"e":"trade","E":${F.pushMs}${zeros},"s":"${F.nativeId}","t":${F.tradeNumber},"p":"${F.price8}","q":"${F.size8}","T":${F.eventMs}${zeros},"m":${variant === 1},"M":true}`;
}

function encodersOf(envelope: (channel: string, payload: string) => string) {
  const encoder = (
    kind: 'quote' | 'trade',
    channel: string,
    payload: (variant: Variant) => string,
  ): Encoder => new TemplateEncoder(kind, (variant) => envelope(channel, payload(variant)));
  return {
    bookTicker: encoder('quote', 'bookTicker', bookTicker),
    miniTicker: encoder('quote', 'miniTicker', miniTicker),
    trade: encoder('trade', 'trade', (variant) => trade(variant, '')),
    tradeMicros: encoder('trade', 'trade', (variant) => trade(variant, '000')),
  };
}

const ENCODERS = {
  raw: encodersOf((_channel, payload) => payload),
  combined: encodersOf((channel, payload) => `{"stream":"${F.lowerId}@${channel}","data":${payload}}`),
};
