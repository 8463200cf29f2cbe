import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import { skipSpace } from '../shared/json-check.ts';
import {
  badSymbol,
  firstElement,
  isArray,
  isObject,
  isPresent,
  isString,
  isText,
  KeySet,
  nextElement,
  readBoolean,
  readMembers,
  readNumber,
  readSymbol,
  skipString,
} from '../shared/json-read.ts';
import { after, find, literal } from '../shared/scan.ts';
import { scanTime } from '../shared/scan-integer.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { utf8Bytes, utf8Text } from '../shared/symbol-table.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readReply } from './read-reply.ts';

/** `T` is the channel of a push, `sessionId` in the greeting and `result` in a reply of the newer socket, which we do not use. */
const ENVELOPE = new KeySet(['topic', 'type', 'data', 'T', 'sessionId', 'result']);
const V = ENVELOPE.index;
const PAYLOAD = new KeySet([
  'asks',
  'bids',
  'timestamp',
  'price',
  'size',
  'side',
  'symbol',
  'time',
  'tradeId',
]);
const P = PAYLOAD.index;

const MESSAGE = literal('message');
const QUOTE_TOPIC = literal('/spotMarket/level1');
const TRADE_TOPIC = literal('/market/match');
const BUY = literal('buy');
const SELL = literal('sell');

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SLASH = 0x2f;

/** Reads messages with their keys in any order: those of 2021 have another one, with 24 hex digits as trade ids. */
export class AnyOrderReader implements JsonMessageReader {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #envelope = new Int32Array(ENVELOPE.count);
  readonly #payload = new Int32Array(PAYLOAD.count);
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);

  constructor(symbols: SymbolTable, sink: DecodeSink) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#quote[QuoteField.sequence] = Number.NaN;
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#envelope;
    if (readMembers(bytes, skipSpace(bytes, start, end), end, ENVELOPE, keys) < 0) return 'foreign';
    const topic = keys[V.topic] as number;
    const type = keys[V.type] as number;
    const ofTopic = isString(bytes, topic, end) && (type < 0 || isText(bytes, type, end, MESSAGE));
    if (ofTopic) return this.#readTopic(bytes, topic, end);
    if (isString(bytes, type, end)) return readReply(bytes, start, end, this.#sink);
    const newer =
      isString(bytes, keys[V.T] as number, end) ||
      isString(bytes, keys[V.sessionId] as number, end) ||
      readBoolean(bytes, keys[V.result] as number, end) >= 0;
    return newer ? 'passed' : 'foreign';
  }

  #readTopic(bytes: Uint8Array, topic: number, end: number): Outcome {
    const close = skipString(bytes, topic, end) - 1;
    const backslash = find(bytes, topic, close, BACKSLASH);
    if (backslash < 0) return this.#readPush(bytes, topic + 1, close, bytes, end);
    // Some recorders escape the slashes.
    const text = utf8Bytes(String(JSON.parse(utf8Text(bytes, topic, close + 1))));
    return this.#readPush(text, 0, text.length, bytes, end);
  }

  /** The topic is `name[start, close)`, everything else in `bytes`. */
  #readPush(name: Uint8Array, start: number, close: number, bytes: Uint8Array, end: number): Outcome {
    if (name[start] !== SLASH) return 'foreign';
    const colon = find(name, start, close, COLON);
    const quote = colon >= 0 && after(name, start, colon, QUOTE_TOPIC) === colon;
    if (!quote && (colon < 0 || after(name, start, colon, TRADE_TOPIC) !== colon)) return 'passed';
    const data = this.#envelope[V.data] as number;
    if (!isObject(bytes, data, end)) return 'bad-value';
    readMembers(bytes, data, end, PAYLOAD, this.#payload);
    const instrument = this.#symbols.find(name, colon + 1, close);
    return quote ? this.#readQuote(instrument, bytes, end) : this.#readTrade(instrument, bytes, end);
  }

  #readQuote(instrument: number, bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#quote;
    const asks = keys[P.asks] as number;
    const bids = keys[P.bids] as number;
    const readable =
      readLevel(bytes, asks, end, fields, QuoteField.ask, QuoteField.askSize) &&
      readLevel(bytes, bids, end, fields, QuoteField.bid, QuoteField.bidSize) &&
      readNumber(bytes, keys[P.timestamp] as number, end, fields, QuoteField.venueTime, 1000);
    if (!readable || (asks < 0 && bids < 0) || !settleSides(fields)) return 'bad-value';
    if (instrument < 0) return 'unknown-symbol';
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  /** `named`: the instrument of the topic; the message's own symbol is more exact. */
  #readTrade(named: number, bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#trade;
    const bought = isText(bytes, keys[P.side] as number, end, BUY);
    const readable =
      (bought || isText(bytes, keys[P.side] as number, end, SELL)) &&
      readNumber(bytes, keys[P.price] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[P.size] as number, end, fields, TradeField.size, 1) &&
      readTime(bytes, keys[P.time] as number, end, fields);
    const id = keys[P.tradeId] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !isSoundTrade(fields) || length < 0) return 'bad-value';
    const symbol = keys[P.symbol] as number;
    const instrument = isPresent(bytes, symbol, end) ? readSymbol(this.#symbols, bytes, symbol, end) : named;
    if (instrument < 0) return badSymbol(instrument);
    const side = bought ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }
}

/** `["68145.8","0.51987471"]`, also as the first of several levels; absent, null and [] are an empty side. */
function readLevel(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  price: number,
  size: number,
): boolean {
  into[price] = Number.NaN;
  into[size] = Number.NaN;
  if (!isPresent(bytes, at, end)) return true;
  if (!isArray(bytes, at, end)) return false;
  const first = firstElement(bytes, at, end);
  if (first < 0) return true;
  if (isArray(bytes, first, end)) return readLevel(bytes, first, end, into, price, size);
  const second = nextElement(bytes, first, end);
  return readNumber(bytes, first, end, into, price, 1) && readNumber(bytes, second, end, into, size, 1);
}

/** A Unix time in a string or bare, of any resolution down to ns; absent is NaN. */
function readTime(bytes: Uint8Array, at: number, end: number, into: Float64Array): boolean {
  into[TradeField.venueTime] = Number.NaN;
  if (!isPresent(bytes, at, end)) return true;
  const first = isString(bytes, at, end) ? at + 1 : at;
  return scanTime(bytes, first, end, into, TradeField.venueTime) >= 0;
}
