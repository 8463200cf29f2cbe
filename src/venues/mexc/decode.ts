import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { ProtobufEnd, ProtobufReader, readVarint, WireType } from '../shared/protobuf.ts';
import { after, literal } from '../shared/scan.ts';
import { readDecimal } from '../shared/scan-decimal.ts';
import { scanInteger } from '../shared/scan-integer.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import {
  type BadFrame,
  type Decoder,
  type DecodeSink,
  QuoteField,
  type SymbolTable,
  TradeField,
} from '../venue.ts';
import { ReplyReader } from './read-reply.ts';

/** Fields of `PushDataV3ApiWrapper`; 301 to 315 are the bodies, of which one comes. */
const Wrapper = { channel: 1, symbol: 3, sendTime: 6, firstBody: 301, deals: 314, bookTicker: 315 } as const;
/** Fields of `PublicAggreBookTickerV3Api`. */
const Ticker = { bidPrice: 1, bidQuantity: 2, askPrice: 3, askQuantity: 4, version: 5 } as const;
/** Fields of `PublicAggreDealsV3Api` and `PublicAggreDealsV3ApiItem`. */
const Deals = { items: 1 } as const;
const Deal = { price: 1, quantity: 2, tradeType: 3, time: 4, tradeId: 5 } as const;

const OPEN_OBJECT = 0x7b;
const AT_SIGN = 0x40;
const CHANNEL_PREFIX = literal('spot@');

/** `tradeType` of a deal. */
const TAKER_BOUGHT = 1;
const TAKER_SOLD = 2;

/** Reads aggregated book tickers and deals from protobuf, and text messages, which are all control. */
export class MexcDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #maxBytes: number;
  readonly #replies: ReplyReader;
  readonly #wrapper = new ProtobufReader();
  readonly #body = new ProtobufReader();
  readonly #item = new ProtobufReader();
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);
  /** `sendTime`, µs, and the `tradeType` of a deal. */
  readonly #numbers = new Float64Array(2);
  /** What the wrapper of the current message said. */
  #symbolStart = -1;
  #symbolEnd = -1;
  #bodyField = 0;
  #bodyStart = 0;
  #bodyEnd = 0;

  constructor(symbols: SymbolTable, sink: DecodeSink, maxBytes: number) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#replies = new ReplyReader(sink);
  }

  decode(bytes: Uint8Array, start: number, end: number, binary: boolean): void {
    // No protobuf message starts with an opening brace: its wire type is not one.
    const text = !binary || (start < end && bytes[start] === OPEN_OBJECT);
    if (text) decodeGenerally(this.#replies, bytes, start, end, this.#maxBytes, this.#sink);
    else if (end - start > this.#maxBytes) this.#sink.bad('oversized');
    else if (start === end) this.#sink.bad('truncated');
    else this.#decodePush(bytes, start, end);
  }

  #decodePush(bytes: Uint8Array, start: number, end: number): void {
    const failure = this.#readWrapper(bytes, start, end);
    if (failure !== undefined) this.#sink.bad(failure);
    else if (this.#bodyField === 0) this.#sink.passed();
    else {
      const instrument = this.#symbols.find(bytes, this.#symbolStart, this.#symbolEnd);
      if (instrument < 0) this.#sink.bad('unknown-symbol');
      else if (this.#bodyField === Wrapper.bookTicker) this.#decodeQuote(instrument, bytes);
      else this.#decodeTrades(instrument, bytes);
    }
  }

  /** Finds symbol, time and body, which may come in any order. The body's field is 0 when it is none of ours. */
  #readWrapper(bytes: Uint8Array, start: number, end: number): BadFrame | undefined {
    const wrapper = this.#wrapper;
    wrapper.open(bytes, start, end);
    this.#numbers[0] = Number.NaN;
    this.#symbolStart = -1;
    this.#symbolEnd = -1;
    let channelStart = -1;
    let channelEnd = -1;
    let body = 0;
    let field = wrapper.next();
    for (; field > 0; field = wrapper.next()) {
      if (wrapper.wireType !== WireType.bytes) {
        if (field === Wrapper.sendTime && wrapper.wireType === WireType.varint)
          readVarint(bytes, wrapper.start, wrapper.end, this.#numbers, 0, 1000);
      } else if (field === Wrapper.channel) {
        channelStart = wrapper.start;
        channelEnd = wrapper.end;
      } else if (field === Wrapper.symbol) {
        this.#symbolStart = wrapper.start;
        this.#symbolEnd = wrapper.end;
      } else if (field >= Wrapper.firstBody && field <= Wrapper.bookTicker) {
        body = field;
        this.#bodyStart = wrapper.start;
        this.#bodyEnd = wrapper.end;
      }
    }
    if (field !== ProtobufEnd.whole) return field === ProtobufEnd.truncated ? 'truncated' : 'malformed';
    // Frames without a body occur; they name their channel all the same.
    if (body === 0 && after(bytes, channelStart, channelEnd, CHANNEL_PREFIX) < 0) return 'foreign';
    this.#bodyField = body === Wrapper.bookTicker || body === Wrapper.deals ? body : 0;
    if (this.#bodyField === 0 || this.#symbolEnd > this.#symbolStart) return undefined;
    this.#symbolStart = behindLastAt(bytes, channelStart, channelEnd);
    this.#symbolEnd = channelEnd;
    return this.#symbolStart < 0 ? 'bad-value' : undefined;
  }

  #decodeQuote(instrument: number, bytes: Uint8Array): void {
    const fields = this.#quote;
    for (let i = 0; i < fields.length; i += 1) fields[i] = Number.NaN;
    fields[QuoteField.venueTime] = this.#numbers[0] as number;
    const body = this.#body;
    body.open(bytes, this.#bodyStart, this.#bodyEnd);
    let readable = true;
    let field = body.next();
    for (; field > 0; field = body.next()) {
      const into = quoteIndex(field);
      if (into < 0) continue;
      if (body.wireType !== WireType.bytes || !readText(bytes, body.start, body.end, fields, into))
        readable = false;
    }
    if (field !== ProtobufEnd.whole) this.#sink.bad('malformed');
    else if (!readable || !settleSides(fields)) this.#sink.bad('bad-value');
    else this.#sink.quote(instrument, fields);
  }

  /** A bad deal is counted and does not cost the others. */
  #decodeTrades(instrument: number, bytes: Uint8Array): void {
    const body = this.#body;
    body.open(bytes, this.#bodyStart, this.#bodyEnd);
    let deals = 0;
    let bad: BadFrame | undefined;
    let field = body.next();
    for (; field > 0; field = body.next()) {
      if (field !== Deals.items || body.wireType !== WireType.bytes) continue;
      deals += 1;
      if (!this.#decodeTrade(instrument, bytes, body.start, body.end)) bad = 'bad-value';
    }
    if (field !== ProtobufEnd.whole) bad = 'malformed';
    if (bad !== undefined) this.#sink.bad(bad);
    else if (deals === 0) this.#sink.passed();
  }

  #decodeTrade(instrument: number, bytes: Uint8Array, start: number, end: number): boolean {
    const fields = this.#trade;
    const numbers = this.#numbers;
    for (let i = 0; i < fields.length; i += 1) fields[i] = Number.NaN;
    numbers[1] = 0;
    const item = this.#item;
    item.open(bytes, start, end);
    let idStart = start;
    let idLength = 0;
    let readable = true;
    let field = item.next();
    for (; field > 0; field = item.next()) {
      if (item.wireType === WireType.bytes) {
        if (field === Deal.price)
          readable = readDecimal(bytes, item.start, item.end, fields, TradeField.price) && readable;
        else if (field === Deal.quantity)
          readable = readDecimal(bytes, item.start, item.end, fields, TradeField.size) && readable;
        else if (field === Deal.tradeId) {
          idStart = item.start;
          idLength = item.end - item.start;
        }
      } else if (item.wireType === WireType.varint) {
        if (field === Deal.time) readVarint(bytes, item.start, item.end, fields, TradeField.venueTime, 1000);
        else if (field === Deal.tradeType) readVarint(bytes, item.start, item.end, numbers, 1, 1);
      }
    }
    const type = numbers[1];
    if (field !== ProtobufEnd.whole || !readable || idLength > TRADE_ID_BYTES || !isSoundTrade(fields))
      return false;
    if (type !== TAKER_BOUGHT && type !== TAKER_SOLD) return false;
    const side = type === TAKER_BOUGHT ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, side, bytes, idStart, idLength);
    return true;
  }
}

/** A price or size, or the version, which is an integer of any 64 bits. */
function readText(bytes: Uint8Array, start: number, end: number, into: Float64Array, index: number): boolean {
  if (index !== QuoteField.sequence || start === end) return readDecimal(bytes, start, end, into, index);
  return scanInteger(bytes, start, end, into, index, 1) === end;
}

/** Where a field of the ticker goes in a quote, or −1. */
function quoteIndex(field: number): number {
  switch (field) {
    case Ticker.bidPrice:
      return QuoteField.bid;
    case Ticker.bidQuantity:
      return QuoteField.bidSize;
    case Ticker.askPrice:
      return QuoteField.ask;
    case Ticker.askQuantity:
      return QuoteField.askSize;
    case Ticker.version:
      return QuoteField.sequence;
    default:
      return -1;
  }
}

/** The position behind the last `@` of a channel: `spot@public.aggre.deals.v3.api.pb@10ms@BTCUSDT`. −1 when there is none. */
function behindLastAt(bytes: Uint8Array, start: number, end: number): number {
  for (let i = end - 1; i >= start && i >= 0; i -= 1) if (bytes[i] === AT_SIGN) return i + 1;
  return -1;
}
