import { ByteWriter } from '../byte-writer.ts';
import type { Connection } from '../connection.ts';
import type { Encoder } from '../encoder.ts';
import type { Exchange } from '../exchange.ts';
import type { Outbox } from '../outbox.ts';
import { mexcRest } from '../rest/mexc.ts';
import type { Tick } from '../tick.ts';
import type { SimInstrument } from '../universe.ts';
import { cut, onlyPath, type Protocol, parseObject, texts } from './protocol.ts';

const TOPIC = /^spot@public\.aggre\.(bookTicker|deals)\.v3\.api\.pb@(?:10|100)ms@(.+)$/;
const MAX_TOPICS = 30;

export const mexc: Protocol = {
  venue: 'mexc',
  nativeId: (base, quote) => base + quote,
  tradeIdPrefix: '',
  quoteTime: true,
  quoteSequence: true,
  admit: (_exchange, dialled) => onlyPath(/^\/ws$/, dialled),
  message: (exchange, connection, text, nowMs) => {
    if (connection.overRate(nowMs, 100, 1_000)) return cut(exchange, connection, '100 messages a second');
    const request = parseObject(text);
    const id = typeof request?.id === 'number' ? request.id : 0;
    const reply = (msg: string): void => connection.sendJson({ id, code: 0, msg });
    const params = texts(request?.params);
    // ccxt writes the method in lower case.
    switch (String(request?.method).toUpperCase()) {
      case 'PING':
        return reply('PONG');
      case 'SUBSCRIPTION':
        return subscribeAll(exchange, connection, params, reply);
      case 'UNSUBSCRIPTION':
        for (const topic of params) exchange.unsubscribe(connection, topic);
        return reply(params.join(','));
      default:
        return reply(`msg format invalid: ${text.slice(0, 100)}`);
    }
  },
  beat: (exchange, connection, nowMs) => {
    if (connection.topics.size === 0) {
      if (nowMs - connection.openedMs > 30_000) cut(exchange, connection, '30 s without subscription');
    } else if (nowMs - Math.max(connection.lastDataMs, connection.lastClientMs) > 60_000) {
      cut(exchange, connection, '60 s without data or ping');
    }
  },
  rest: mexcRest,
};

/** A refusal has code 0 as well; only its text tells. */
function subscribeAll(
  exchange: Exchange,
  connection: Connection,
  params: readonly string[],
  reply: (msg: string) => void,
): void {
  const accepted: string[] = [];
  const refused: string[] = [];
  for (const topic of params) {
    const [, channel, nativeId] = TOPIC.exec(topic) ?? [];
    const instrument = exchange.find(nativeId ?? '');
    const room = connection.topics.size < MAX_TOPICS || connection.topics.has(topic);
    if (!room) exchange.violated('30 topics per connection');
    if (instrument === undefined || !room) {
      refused.push(topic);
      continue;
    }
    accepted.push(topic);
    const kind = channel === 'deals' ? 'trade' : 'quote';
    const encoder =
      kind === 'trade' ? new DealsEncoder(topic, instrument) : new BookTickerEncoder(topic, instrument);
    exchange.subscribe(connection, topic, instrument, kind, encoder);
  }
  if (accepted.length > 0) reply(accepted.join(','));
  if (refused.length > 0) reply(`Not Subscribed successfully! [${refused.join(',')}].  Reason： Blocked! `);
}

const SCRATCH = {
  body: new ByteWriter(new Uint8Array(512)),
  text: new ByteWriter(new Uint8Array(32)),
  deal: new ByteWriter(new Uint8Array(256)),
};

/** `PushDataV3ApiWrapper`, written field by field. */
abstract class ProtobufEncoder implements Encoder {
  readonly opcode = 2;
  // One for all: what is written is copied at once, and an encoder for each topic should fit the processor's cache.
  protected readonly body = SCRATCH.body;
  protected readonly text = SCRATCH.text;
  readonly #head: Uint8Array;
  readonly #bodyTag: Uint8Array;

  constructor(topic: string, instrument: SimInstrument, bodyTag: readonly number[]) {
    this.#head = Uint8Array.from([...stringField(0x0a, topic), ...stringField(0x1a, instrument.nativeId)]);
    this.#bodyTag = Uint8Array.from(bodyTag);
  }

  write(out: Outbox, tick: Tick): void {
    this.body.at = 0;
    this.writeBody(tick);
    const { writer } = out;
    writer.copy(this.#head);
    writeTagged(writer, 0x30, tick.eventMs);
    writer.copy(this.#bodyTag);
    writeVarint(writer, this.body.at);
    copyWritten(writer, this.body);
  }

  protected abstract writeBody(tick: Tick): void;

  /** A string field that is a number of the market. */
  protected decimal(into: ByteWriter, tag: number, value: number, decimals: number): void {
    this.text.at = 0;
    this.text.decimal(value, decimals, 0);
    this.#string(into, tag);
  }

  protected whole(into: ByteWriter, tag: number, value: number): void {
    this.text.at = 0;
    this.text.integer(value);
    this.#string(into, tag);
  }

  #string(into: ByteWriter, tag: number): void {
    into.bytes[into.at] = tag;
    into.bytes[into.at + 1] = this.text.at;
    into.at += 2;
    copyWritten(into, this.text);
  }
}

/** Field 315, PublicAggreBookTickerV3Api. A missing side is left out. */
class BookTickerEncoder extends ProtobufEncoder {
  constructor(topic: string, instrument: SimInstrument) {
    super(topic, instrument, [0xda, 0x13]);
  }

  protected writeBody(tick: Tick): void {
    const { body } = this;
    const { market, slot } = tick;
    const price = market.priceDecimals[slot] as number;
    const size = market.sizeDecimals[slot] as number;
    if (market.bid[slot] !== 0) {
      this.decimal(body, 0x0a, market.bid[slot] as number, price);
      this.decimal(body, 0x12, market.bidSize[slot] as number, size);
    }
    if (market.ask[slot] !== 0) {
      this.decimal(body, 0x1a, market.ask[slot] as number, price);
      this.decimal(body, 0x22, market.askSize[slot] as number, size);
    }
    this.whole(body, 0x2a, market.sequence[slot] as number);
    writeTagged(body, 0x30, tick.eventMs);
  }
}

/** Field 314, PublicAggreDealsV3Api with one deal. */
class DealsEncoder extends ProtobufEncoder {
  readonly #eventType: Uint8Array;
  readonly #deal = SCRATCH.deal;

  constructor(topic: string, instrument: SimInstrument) {
    super(topic, instrument, [0xd2, 0x13]);
    this.#eventType = stringField(0x12, topic.slice(0, topic.lastIndexOf('@')));
  }

  protected writeBody(tick: Tick): void {
    const { body } = this;
    const deal = this.#deal;
    const { market, slot } = tick;
    deal.at = 0;
    this.decimal(deal, 0x0a, market.tradePrice[slot] as number, market.priceDecimals[slot] as number);
    this.decimal(deal, 0x12, market.tradeSize[slot] as number, market.sizeDecimals[slot] as number);
    writeTagged(deal, 0x18, market.tradeSell[slot] === 1 ? 2 : 1);
    writeTagged(deal, 0x20, tick.eventMs);
    this.whole(deal, 0x2a, market.tradeNumber[slot] as number);
    writeTagged(body, 0x0a, deal.at);
    copyWritten(body, deal);
    body.copy(this.#eventType);
  }
}

function copyWritten(into: ByteWriter, from: ByteWriter): void {
  for (let i = 0; i < from.at; i += 1) into.bytes[into.at + i] = from.bytes[i] as number;
  into.at += from.at;
}

function writeTagged(out: ByteWriter, tag: number, value: number): void {
  out.bytes[out.at] = tag;
  out.at += 1;
  writeVarint(out, value);
}

/** @param value a whole number below 2^53 */
function writeVarint(out: ByteWriter, value: number): void {
  let rest = value;
  while (rest >= 128) {
    const next = Math.floor(rest / 128);
    out.bytes[out.at] = 0x80 | (rest - next * 128);
    out.at += 1;
    rest = next;
  }
  out.bytes[out.at] = rest;
  out.at += 1;
}

function stringField(tag: number, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Uint8Array.from([tag, bytes.length, ...bytes]);
}
