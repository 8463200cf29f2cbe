import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import {
  badSymbol,
  firstElement,
  isArray,
  isPresent,
  isString,
  isText,
  KeySet,
  nextElement,
  readMembers,
  readNumber,
  readSymbol,
  skipString,
  startsWith,
} from '../shared/json-read.ts';
import { readBestLevel, readLevel } from '../shared/levels.ts';
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import type { BookState } from './book-state.ts';
import { readReply } from './read-reply.ts';

/** A bare `pong` is that of the protocol before v5. */
const MESSAGE = new KeySet(['topic', 'type', 'ts', 'cts', 'data', 'op', 'success', 'pong']);
const M = MESSAGE.index;
const BOOK = new KeySet(['s', 'b', 'a', 'u']);
const B = BOOK.index;
const TRADE = new KeySet(['i', 'T', 'p', 'v', 'S', 's']);
const T = TRADE.index;

const BOOK_TOPIC = literal('orderbook.1.');
const TRADES_TOPIC = literal('publicTrade.');
const SNAPSHOT = literal('snapshot');
const DELTA = literal('delta');
const BUY = literal('Buy');
const SELL = literal('Sell');

/** Reads messages with their keys in any order. */
export class AnyOrderReader implements JsonMessageReader {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #books: BookState;
  readonly #message = new Int32Array(MESSAGE.count);
  readonly #book = new Int32Array(BOOK.count);
  readonly #tradeKeys = new Int32Array(TRADE.count);
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);
  readonly #level = new Float64Array(2);

  constructor(symbols: SymbolTable, sink: DecodeSink, books: BookState) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#books = books;
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#message;
    if (readMembers(bytes, start, end, MESSAGE, keys) < 0) return 'foreign';
    const topic = keys[M.topic] as number;
    if (startsWith(bytes, topic, end, BOOK_TOPIC)) return this.#readBook(bytes, end);
    if (startsWith(bytes, topic, end, TRADES_TOPIC)) return this.#readTrades(bytes, end);
    if (isString(bytes, topic, end)) return 'passed';
    const reply = [M.op, M.success, M.pong].some((key) => (keys[key] as number) >= 0);
    return reply ? readReply(bytes, start, end, this.#sink) : 'foreign';
  }

  #readBook(bytes: Uint8Array, end: number): Outcome {
    const message = this.#message;
    const fields = this.#quote;
    const data = message[M.data] as number;
    if (readMembers(bytes, data, end, BOOK, this.#book) < 0) return 'bad-value';
    const time = isPresent(bytes, message[M.cts] as number, end) ? message[M.cts] : message[M.ts];
    const readable =
      readNumber(bytes, time as number, end, fields, QuoteField.venueTime, 1_000) &&
      readNumber(bytes, this.#book[B.u] as number, end, fields, QuoteField.sequence, 1);
    if (!readable) return 'bad-value';
    const instrument = this.#instrumentOf(bytes, this.#book[B.s] as number, BOOK_TOPIC.length, end);
    if (instrument < 0) return badSymbol(instrument);
    const type = message[M.type] as number;
    if (isText(bytes, type, end, SNAPSHOT)) return this.#readSnapshot(bytes, end, instrument);
    return isText(bytes, type, end, DELTA) ? this.#readDelta(bytes, end, instrument) : 'bad-value';
  }

  /** A snapshot replaces both sides; a side that is missing has no orders. */
  #readSnapshot(bytes: Uint8Array, end: number, instrument: number): Outcome {
    const fields = this.#quote;
    const keys = this.#book;
    const readable =
      readBestLevel(bytes, keys[B.b] as number, end, fields, QuoteField.bid, QuoteField.bidSize) &&
      readBestLevel(bytes, keys[B.a] as number, end, fields, QuoteField.ask, QuoteField.askSize);
    const someSide = (keys[B.b] as number) >= 0 || (keys[B.a] as number) >= 0;
    if (!readable || !someSide || !settleSides(fields)) return 'bad-value';
    return this.#deliver(instrument, this.#books.locate(instrument));
  }

  /** A delta changes what a snapshot said; without one it says nothing whole. */
  #readDelta(bytes: Uint8Array, end: number, instrument: number): Outcome {
    const fields = this.#quote;
    const book = this.#books.locate(instrument);
    if (!this.#books.isKnown(book)) return 'passed';
    this.#books.recall(book, fields);
    const readable =
      this.#changeSide(bytes, this.#book[B.b] as number, end, QuoteField.bid, QuoteField.bidSize) &&
      this.#changeSide(bytes, this.#book[B.a] as number, end, QuoteField.ask, QuoteField.askSize);
    return readable ? this.#deliver(instrument, book) : 'bad-value';
  }

  /**
   * 1. An empty array leaves the side as it is. 2. A level with size 0 removes its price: the side is empty if that was the best. 3. A level with a size becomes
   * the best, whether it stands before or behind the removal of the old one.
   */
  #changeSide(bytes: Uint8Array, side: number, end: number, price: number, size: number): boolean {
    if (!isPresent(bytes, side, end)) return true;
    if (!isArray(bytes, side, end)) return false;
    const fields = this.#quote;
    const level = this.#level;
    const before = fields[price] as number;
    let replaced = false;
    for (let at = firstElement(bytes, side, end); at >= 0; at = nextElement(bytes, at, end)) {
      if (!readLevel(bytes, at, end, level, 0, 1)) return false;
      if (!((level[0] as number) > 0) || !((level[1] as number) >= 0)) return false;
      if ((level[1] as number) > 0) {
        fields[price] = level[0] as number;
        fields[size] = level[1] as number;
        replaced = true;
      } else if (!replaced && level[0] === before) {
        fields[price] = Number.NaN;
        fields[size] = Number.NaN;
      }
    }
    return true;
  }

  #deliver(instrument: number, book: number): Outcome {
    if (!this.#books.isInOrder(book, this.#quote)) return 'passed';
    this.#books.keep(book, this.#quote);
    this.#sink.quote(instrument, this.#quote);
    return 'delivered';
  }

  #readTrades(bytes: Uint8Array, end: number): Outcome {
    const data = this.#message[M.data] as number;
    if (!isArray(bytes, data, end)) return 'bad-value';
    let outcome: Outcome = 'passed';
    for (let at = firstElement(bytes, data, end); at >= 0; at = nextElement(bytes, at, end)) {
      const one = this.#readTrade(bytes, at, end);
      if (outcome === 'passed' || one !== 'delivered') outcome = one;
    }
    return outcome;
  }

  #readTrade(bytes: Uint8Array, at: number, end: number): Outcome {
    const keys = this.#tradeKeys;
    const fields = this.#trade;
    if (readMembers(bytes, at, end, TRADE, keys) < 0) return 'bad-value';
    const readable =
      readNumber(bytes, keys[T.T] as number, end, fields, TradeField.venueTime, 1_000) &&
      readNumber(bytes, keys[T.p] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[T.v] as number, end, fields, TradeField.size, 1);
    const bought = isText(bytes, keys[T.S] as number, end, BUY);
    const sided = bought || isText(bytes, keys[T.S] as number, end, SELL);
    const id = keys[T.i] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !sided || length < 0 || !isSoundTrade(fields)) return 'bad-value';
    const instrument = this.#instrumentOf(bytes, keys[T.s] as number, TRADES_TOPIC.length, end);
    if (instrument < 0) return badSymbol(instrument);
    const side = bought ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }

  /** By the symbol in the data, or the one that ends the topic. */
  #instrumentOf(bytes: Uint8Array, symbol: number, topicHead: number, end: number): number {
    if (isString(bytes, symbol, end)) return readSymbol(this.#symbols, bytes, symbol, end);
    const topic = this.#message[M.topic] as number;
    return this.#symbols.find(bytes, topic + 1 + topicHead, skipString(bytes, topic, end) - 1);
  }
}
