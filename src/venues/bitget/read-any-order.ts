import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import { skipSpace } from '../shared/json-check.ts';
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
import { readSequence } from '../shared/read-sequence.ts';
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type BadFrame, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readReply } from './read-reply.ts';

/** `op` without an `event` is in what a client asks. */
const ENVELOPE = new KeySet(['action', 'arg', 'data', 'event', 'op']);
const V = ENVELOPE.index;
/** The second name of a key is that of the v3 socket. */
const ARG = new KeySet(['instType', 'channel', 'topic', 'instId', 'symbol']);
const A = ARG.index;
const BOOK = new KeySet(['asks', 'a', 'bids', 'b', 'ts', 'seq']);
const B = BOOK.index;
const TRADE = new KeySet(['ts', 'T', 'price', 'p', 'size', 'v', 'side', 'S', 'tradeId', 'i']);
const T = TRADE.index;

const SPOT = literal('SPOT');
const SPOT_V3 = literal('spot');
const BOOKS1 = literal('books1');
const TRADES = literal('trade');
const TRADES_V3 = literal('publicTrade');
const SNAPSHOT = literal('snapshot');
const BUY = literal('buy');
const SELL = literal('sell');

/** Trades in one message; snapshots have 50. */
const MAX_TRADES = 1024;

/** Reads messages with their keys in any order, also those of the v3 socket. */
export class AnyOrderReader implements JsonMessageReader {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #envelope = new Int32Array(ENVELOPE.count);
  readonly #arg = new Int32Array(ARG.count);
  readonly #item = new Int32Array(TRADE.count);
  /** Where each trade of a message begins. */
  readonly #trades = new Int32Array(MAX_TRADES);
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);
  readonly #times = new Float64Array(2);

  constructor(symbols: SymbolTable, sink: DecodeSink) {
    this.#symbols = symbols;
    this.#sink = sink;
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#envelope;
    if (readMembers(bytes, skipSpace(bytes, start, end), end, ENVELOPE, keys) < 0) return 'foreign';
    if (isString(bytes, keys[V.event] as number, end)) return readReply(bytes, start, end, this.#sink);
    const arg = this.#arg;
    if (readMembers(bytes, keys[V.arg] as number, end, ARG, arg) < 0)
      return isString(bytes, keys[V.op] as number, end) ? 'passed' : 'foreign';
    const channel = either(arg, A.channel, A.topic);
    if (!isString(bytes, channel, end)) return 'foreign';
    if (!this.#isSpot(bytes, end)) return 'passed';
    const quotes = isText(bytes, channel, end, BOOKS1);
    const trades = isText(bytes, channel, end, TRADES) || isText(bytes, channel, end, TRADES_V3);
    if (!quotes && !trades) return 'passed';
    const data = keys[V.data] as number;
    if (!isArray(bytes, data, end)) return 'bad-value';
    const instrument = readSymbol(this.#symbols, bytes, either(arg, A.instId, A.symbol), end);
    if (instrument < 0) return badSymbol(instrument);
    return quotes
      ? this.#readQuotes(instrument, bytes, data, end)
      : this.#readTrades(instrument, bytes, data, end);
  }

  #isSpot(bytes: Uint8Array, end: number): boolean {
    const kind = this.#arg[A.instType] as number;
    return kind < 0 || isText(bytes, kind, end, SPOT) || isText(bytes, kind, end, SPOT_V3);
  }

  #readQuotes(instrument: number, bytes: Uint8Array, data: number, end: number): Outcome {
    const action = this.#envelope[V.action] as number;
    // Every push of one level is whole; a change to something else would not be a best bid and offer.
    if (isPresent(bytes, action, end) && !isText(bytes, action, end, SNAPSHOT)) return 'passed';
    let outcome: Outcome = 'bad-value';
    for (let at = firstElement(bytes, data, end); at >= 0; at = nextElement(bytes, at, end)) {
      outcome = this.#readQuote(instrument, bytes, at, end);
      if (outcome !== 'delivered') return outcome;
    }
    return outcome;
  }

  #readQuote(instrument: number, bytes: Uint8Array, at: number, end: number): Outcome {
    const keys = this.#item;
    const fields = this.#quote;
    if (readMembers(bytes, at, end, BOOK, keys) < 0) return 'bad-value';
    const asks = either(keys, B.asks, B.a);
    const bids = either(keys, B.bids, B.b);
    const readable =
      readBest(bytes, asks, end, fields, QuoteField.ask, QuoteField.askSize) &&
      readBest(bytes, bids, end, fields, QuoteField.bid, QuoteField.bidSize) &&
      readNumber(bytes, keys[B.ts] as number, end, fields, QuoteField.venueTime, 1000) &&
      readSequence(bytes, keys[B.seq] as number, end, fields, QuoteField.sequence);
    if (!readable || (asks < 0 && bids < 0) || !settleSides(fields)) return 'bad-value';
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  /** A snapshot brings the newest trade first; they are delivered as they happened. A bad one is counted and does not cost the others. */
  #readTrades(instrument: number, bytes: Uint8Array, data: number, end: number): Outcome {
    let count = 0;
    for (let at = firstElement(bytes, data, end); at >= 0; at = nextElement(bytes, at, end)) {
      if (count === MAX_TRADES) return 'oversized';
      this.#trades[count] = at;
      count += 1;
    }
    if (count === 0) return 'passed';
    const newestFirst = this.#isNewestFirst(bytes, count, end);
    let bad: BadFrame | undefined;
    for (let n = 0; n < count; n += 1) {
      const at = this.#trades[newestFirst ? count - 1 - n : n] as number;
      if (!this.#readTrade(instrument, bytes, at, end)) bad = 'bad-value';
    }
    return bad ?? 'delivered';
  }

  /** By the times of the first and last trade; where those are equal, by what the venue says of snapshots. */
  #isNewestFirst(bytes: Uint8Array, count: number, end: number): boolean {
    const times = this.#times;
    for (let i = 0; i < 2; i += 1) {
      times[i] = Number.NaN;
      const at = this.#trades[i === 0 ? 0 : count - 1] as number;
      if (readMembers(bytes, at, end, TRADE, this.#item) >= 0)
        readNumber(bytes, either(this.#item, T.ts, T.T), end, times, i, 1);
    }
    if ((times[0] as number) > (times[1] as number)) return true;
    if ((times[0] as number) < (times[1] as number)) return false;
    return isText(bytes, this.#envelope[V.action] as number, end, SNAPSHOT);
  }

  #readTrade(instrument: number, bytes: Uint8Array, at: number, end: number): boolean {
    const keys = this.#item;
    const fields = this.#trade;
    if (readMembers(bytes, at, end, TRADE, keys) < 0) return false;
    const side = either(keys, T.side, T.S);
    const bought = isText(bytes, side, end, BUY);
    const id = either(keys, T.tradeId, T.i);
    const length = idLength(bytes, id, end);
    const readable =
      (bought || isText(bytes, side, end, SELL)) &&
      length >= 0 &&
      readNumber(bytes, either(keys, T.price, T.p), end, fields, TradeField.price, 1) &&
      readNumber(bytes, either(keys, T.size, T.v), end, fields, TradeField.size, 1) &&
      readNumber(bytes, either(keys, T.ts, T.T), end, fields, TradeField.venueTime, 1000);
    if (!readable || !isSoundTrade(fields)) return false;
    const taker = bought ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, taker, bytes, idStart(bytes, id, end), length);
    return true;
  }
}

/** The position of the value under one name or, where that is absent, the other. */
function either(positions: Int32Array, name: number, other: number): number {
  const at = positions[name] as number;
  return at >= 0 ? at : (positions[other] as number);
}

/** The first of `[["72377.25","0.00408"],…]`; absent, null and [] are an empty side. */
function readBest(
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
  const level = firstElement(bytes, at, end);
  if (level < 0) return true;
  const first = firstElement(bytes, level, end);
  const second = first < 0 ? -1 : nextElement(bytes, first, end);
  return readNumber(bytes, first, end, into, price, 1) && readNumber(bytes, second, end, into, size, 1);
}
