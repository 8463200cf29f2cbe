import { gzipSync } from 'node:zlib';
import { ByteWriter } from '../byte-writer.ts';
import type { Connection } from '../connection.ts';
import { type Encoder, TemplateEncoder, type Variant } from '../encoder.ts';
import { writeGzip } from '../gzip.ts';
import type { Outbox } from '../outbox.ts';
import { bingxRest } from '../rest/bingx.ts';
import { F } from '../template.ts';
import type { Tick } from '../tick.ts';
import { cut, onlyPath, type Protocol, parseObject } from './protocol.ts';

const TOPIC = /^(.+)@(bookTicker|ticker|trade)$/;
const MAX_TOPICS = 200;
const BEAT_MS = 5_000;
const PONG_WITHIN_MS = 30_000;

export const bingx: Protocol = {
  venue: 'bingx',
  nativeId: (base, quote) => `${base}-${quote}`,
  tradeIdPrefix: '',
  quoteTime: true,
  quoteSequence: false,
  longSize: hasLongSize,
  admit: (_exchange, dialled) => onlyPath(/^\/market$/, dialled),
  message: (exchange, connection, text, nowMs) => {
    const request = parseObject(text);
    if (text === 'Pong' || request?.pong !== undefined) {
      connection.lastPongMs = nowMs;
      return;
    }
    const { id = '', dataType = '' } = request ?? {};
    const reply = (code: number, msg: string): void =>
      sendGzip(connection, { code, id, msg, timestamp: nowMs });
    const refuse = (code: number, msg: string): void =>
      sendGzip(connection, { id, code, msg, dataType: '', data: null });
    if (connection.overRate(nowMs, 10, 1_000)) {
      exchange.violated('10 messages a second');
      return refuse(100410, 'rate limited');
    }
    const [, nativeId, channel] = TOPIC.exec(String(dataType)) ?? [];
    const instrument = exchange.find(nativeId ?? '');
    if (instrument === undefined || channel === undefined) return refuse(80015, 'dataType not support');
    // ccxt leaves `reqType` out when it subscribes.
    if (request?.reqType === 'unsub') {
      exchange.unsubscribe(connection, String(dataType));
      return reply(0, 'SUCCESS');
    }
    if (connection.topics.size >= MAX_TOPICS && !connection.topics.has(String(dataType))) {
      exchange.violated('200 topics per connection');
      return refuse(80403, 'too many topics');
    }
    reply(0, 'SUCCESS');
    const kind = channel === 'trade' ? 'trade' : 'quote';
    exchange.subscribe(
      connection,
      String(dataType),
      instrument,
      kind,
      ENCODERS[channel as keyof typeof ENCODERS],
    );
  },
  beat: (exchange, connection, nowMs) => {
    if (nowMs - connection.lastPongMs > PONG_WITHIN_MS) return cut(exchange, connection, 'no pong for 30 s');
    if (nowMs - connection.lastBeatMs < BEAT_MS) return;
    connection.lastBeatMs = nowMs;
    const time = new Date(nowMs + 28_800_000).toISOString().replace('Z', '+0800');
    sendGzip(connection, { ping: nowMs.toString(16).padStart(32, '0'), time });
  },
  rest: bingxRest,
};

function sendGzip(connection: Connection, reply: unknown): void {
  connection.send(gzipSync(JSON.stringify(reply)));
}

const scratch = new ByteWriter(new Uint8Array(2_048));

/** A text message inside a gzip member. */
class GzipEncoder implements Encoder {
  readonly opcode = 2;
  readonly #text: TemplateEncoder;
  readonly #trades: boolean;

  constructor(text: TemplateEncoder, trades: boolean) {
    this.#text = text;
    this.#trades = trades;
  }

  write(out: Outbox, tick: Tick): void {
    scratch.at = 0;
    tick.longSize = this.#trades && hasLongSize(tick);
    this.#text.writeText(scratch, tick);
    tick.longSize = false;
    writeGzip(out.writer, scratch.bytes, scratch.at);
  }
}

/** Some BingX sizes have 19 decimals: here each eighth trade's. */
function hasLongSize(tick: Tick): boolean {
  return (tick.market.tradeNumber[tick.slot] as number) % 8 === 0;
}

function push(channel: string, data: string, tail: string): string {
  return `{"code":0,"data":${data},"dataType":"${F.nativeId}@${channel}","success":true${tail}}`;
}

function bookTicker(variant: Variant): string {
  const bid = (variant & 1) === 1 ? '' : `"B":"${F.bidSize}","b":"${F.bid}",`;
  const ask = (variant & 2) === 2 ? '' : `"A":"${F.askSize}","a":"${F.ask}",`;
  const data = `{${ask}${bid}"E":${F.eventMs},"e":"bookTicker","s":"${F.nativeId}"}`;
  return push('bookTicker', data, '');
}

/** Here the letters are the other way round: capitals are prices. */
function ticker(variant: Variant): string {
  const bid = (variant & 1) === 1 ? '' : `"B":${F.bid},"b":${F.bidSize},`;
  const ask = (variant & 2) === 2 ? '' : `"A":${F.ask},"a":${F.askSize},`;
  const p = F.last;
  const data = `{"e":"24hTicker","E":${F.eventMs},"s":"${F.nativeId}","p":0,"P":"0%","o":${p},"h":${p},"l":${p},"c":${p},"v":1000,"q":1000,"O":${F.eventMs},"C":${F.eventMs},${ask}${bid}"n":1}`;
  return push('ticker', data, `,"timestamp":${F.pushMs}`);
}

function trade(variant: Variant): string {
  const data = `{"E":${F.pushMs},"T":${F.eventMs},"e":"trade","m":${variant === 1},"p":"${F.price}","q":"${F.size}","s":"${F.nativeId}","t":"${F.tradeNumber}"}`;
  return push('trade', data, `,"timestamp":${F.pushMs}`);
}

const ENCODERS = {
  bookTicker: new GzipEncoder(new TemplateEncoder('quote', bookTicker), false),
  ticker: new GzipEncoder(new TemplateEncoder('quote', ticker), false),
  trade: new GzipEncoder(new TemplateEncoder('trade', trade), true),
};
