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
} from '../shared/json-read.ts';
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readReply } from './read-reply.ts';
import { scanMillis } from './trade-time.ts';

/** `method` is in requests and pushes of the protocol before v4. */
const MESSAGE = new KeySet(['channel', 'event', 'result', 'error', 'method']);
const M = MESSAGE.index;
const QUOTE = new KeySet(['t', 'u', 's', 'b', 'B', 'a', 'A']);
const Q = QUOTE.index;
const TRADE = new KeySet(['id', 'create_time', 'create_time_ms', 'side', 'currency_pair', 'amount', 'price']);
const T = TRADE.index;

const UPDATE = literal('update');
const QUOTE_CHANNEL = literal('spot.book_ticker');
const TRADES_CHANNEL = literal('spot.trades');
const BUY = literal('buy');
const SELL = literal('sell');

/** Reads messages with their keys in any order. */
export class AnyOrderReader implements JsonMessageReader {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #message = new Int32Array(MESSAGE.count);
  readonly #quoteKeys = new Int32Array(QUOTE.count);
  readonly #tradeKeys = new Int32Array(TRADE.count);
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);

  constructor(symbols: SymbolTable, sink: DecodeSink) {
    this.#symbols = symbols;
    this.#sink = sink;
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#message;
    if (readMembers(bytes, start, end, MESSAGE, keys) < 0) return 'foreign';
    const channel = keys[M.channel] as number;
    if (!isString(bytes, channel, end)) {
      return isString(bytes, keys[M.method] as number, end) ? 'passed' : 'foreign';
    }
    const update = isText(bytes, keys[M.event] as number, end, UPDATE);
    if (!update || isPresent(bytes, keys[M.error] as number, end)) {
      return readReply(bytes, start, end, this.#sink);
    }
    const result = keys[M.result] as number;
    if (isText(bytes, channel, end, QUOTE_CHANNEL)) return this.#readQuote(bytes, result, end);
    return isText(bytes, channel, end, TRADES_CHANNEL) ? this.#readTrades(bytes, result, end) : 'passed';
  }

  #readQuote(bytes: Uint8Array, result: number, end: number): Outcome {
    const keys = this.#quoteKeys;
    const fields = this.#quote;
    if (readMembers(bytes, result, end, QUOTE, keys) < 0) return 'bad-value';
    const readable =
      readNumber(bytes, keys[Q.b] as number, end, fields, QuoteField.bid, 1) &&
      readNumber(bytes, keys[Q.B] as number, end, fields, QuoteField.bidSize, 1) &&
      readNumber(bytes, keys[Q.a] as number, end, fields, QuoteField.ask, 1) &&
      readNumber(bytes, keys[Q.A] as number, end, fields, QuoteField.askSize, 1) &&
      readNumber(bytes, keys[Q.t] as number, end, fields, QuoteField.venueTime, 1_000) &&
      readNumber(bytes, keys[Q.u] as number, end, fields, QuoteField.sequence, 1);
    const someSide = (keys[Q.b] as number) >= 0 || (keys[Q.a] as number) >= 0;
    if (!readable || !someSide || !settleSides(fields)) return 'bad-value';
    const instrument = readSymbol(this.#symbols, bytes, keys[Q.s] as number, end);
    if (instrument < 0) return badSymbol(instrument);
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  /** `result` is one trade, or an array of them. */
  #readTrades(bytes: Uint8Array, result: number, end: number): Outcome {
    if (!isArray(bytes, result, end)) return this.#readTrade(bytes, result, end);
    let outcome: Outcome = 'passed';
    for (let at = firstElement(bytes, result, end); at >= 0; at = nextElement(bytes, at, end)) {
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
      readNumber(bytes, keys[T.price] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[T.amount] as number, end, fields, TradeField.size, 1) &&
      this.#readTime(bytes, end);
    const bought = isText(bytes, keys[T.side] as number, end, BUY);
    const sided = bought || isText(bytes, keys[T.side] as number, end, SELL);
    const id = keys[T.id] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !sided || length < 0 || !isSoundTrade(fields)) return 'bad-value';
    const instrument = readSymbol(this.#symbols, bytes, keys[T.currency_pair] as number, end);
    if (instrument < 0) return badSymbol(instrument);
    const side = bought ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }

  /** `create_time_ms`, or the seconds where there is none. */
  #readTime(bytes: Uint8Array, end: number): boolean {
    const keys = this.#tradeKeys;
    const millis = keys[T.create_time_ms] as number;
    if (!isPresent(bytes, millis, end)) {
      const seconds = keys[T.create_time] as number;
      return readNumber(bytes, seconds, end, this.#trade, TradeField.venueTime, 1_000_000);
    }
    const digits = isString(bytes, millis, end) ? millis + 1 : millis;
    return scanMillis(bytes, digits, end, this.#trade, TradeField.venueTime) >= 0;
  }
}
