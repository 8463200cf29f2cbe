import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import {
  badSymbol,
  firstElement,
  isArray,
  isString,
  isText,
  KeySet,
  nextElement,
  readMembers,
  readNumber,
  readSymbol,
} from '../shared/json-read.ts';
import { readBestLevel } from '../shared/levels.ts';
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readEvent } from './read-event.ts';

/** `op` is in what a client asks, `table` in pushes of the protocol before v5. */
const MESSAGE = new KeySet(['arg', 'data', 'event', 'op', 'table']);
const M = MESSAGE.index;
const ARG = new KeySet(['channel', 'instId']);
const A = ARG.index;
const BOOK = new KeySet(['asks', 'bids', 'ts', 'seqId']);
const B = BOOK.index;
const TRADE = new KeySet(['instId', 'tradeId', 'px', 'sz', 'side', 'ts']);
const T = TRADE.index;

const BOOK_CHANNEL = literal('bbo-tbt');
const TRADES_CHANNEL = literal('trades');
const FILLS_CHANNEL = literal('trades-all');
const BUY = literal('buy');
const SELL = literal('sell');

/** Reads messages with their keys in any order. */
export class AnyOrderReader implements JsonMessageReader {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #message = new Int32Array(MESSAGE.count);
  readonly #arg = new Int32Array(ARG.count);
  readonly #book = new Int32Array(BOOK.count);
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
    if (isString(bytes, keys[M.event] as number, end)) return readEvent(bytes, start, end, this.#sink);
    if (readMembers(bytes, keys[M.arg] as number, end, ARG, this.#arg) >= 0) {
      const channel = this.#arg[A.channel] as number;
      if (isText(bytes, channel, end, BOOK_CHANNEL)) return this.#readEach(bytes, end, true);
      const trades =
        isText(bytes, channel, end, TRADES_CHANNEL) || isText(bytes, channel, end, FILLS_CHANNEL);
      if (trades) return this.#readEach(bytes, end, false);
      return isString(bytes, channel, end) ? 'passed' : 'foreign';
    }
    return (keys[M.op] as number) >= 0 || (keys[M.table] as number) >= 0 ? 'passed' : 'foreign';
  }

  /** Every element of `data` is a book or a trade of its own; one bad one does not spoil the others. */
  #readEach(bytes: Uint8Array, end: number, books: boolean): Outcome {
    const data = this.#message[M.data] as number;
    if (!isArray(bytes, data, end)) return 'bad-value';
    let outcome: Outcome = 'passed';
    for (let at = firstElement(bytes, data, end); at >= 0; at = nextElement(bytes, at, end)) {
      const one = books ? this.#readBook(bytes, at, end) : this.#readTrade(bytes, at, end);
      if (outcome === 'passed' || one !== 'delivered') outcome = one;
    }
    return outcome;
  }

  #readBook(bytes: Uint8Array, at: number, end: number): Outcome {
    const keys = this.#book;
    const fields = this.#quote;
    if (readMembers(bytes, at, end, BOOK, keys) < 0) return 'bad-value';
    const readable =
      readBestLevel(bytes, keys[B.bids] as number, end, fields, QuoteField.bid, QuoteField.bidSize) &&
      readBestLevel(bytes, keys[B.asks] as number, end, fields, QuoteField.ask, QuoteField.askSize) &&
      readNumber(bytes, keys[B.ts] as number, end, fields, QuoteField.venueTime, 1_000) &&
      readNumber(bytes, keys[B.seqId] as number, end, fields, QuoteField.sequence, 1);
    const someSide = (keys[B.bids] as number) >= 0 || (keys[B.asks] as number) >= 0;
    if (!readable || !someSide || !settleSides(fields)) return 'bad-value';
    const instrument = readSymbol(this.#symbols, bytes, this.#arg[A.instId] as number, end);
    if (instrument < 0) return badSymbol(instrument);
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  #readTrade(bytes: Uint8Array, at: number, end: number): Outcome {
    const keys = this.#tradeKeys;
    const fields = this.#trade;
    if (readMembers(bytes, at, end, TRADE, keys) < 0) return 'bad-value';
    const readable =
      readNumber(bytes, keys[T.px] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[T.sz] as number, end, fields, TradeField.size, 1) &&
      readNumber(bytes, keys[T.ts] as number, end, fields, TradeField.venueTime, 1_000);
    const bought = isText(bytes, keys[T.side] as number, end, BUY);
    const sided = bought || isText(bytes, keys[T.side] as number, end, SELL);
    const id = keys[T.tradeId] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !sided || length < 0 || !isSoundTrade(fields)) return 'bad-value';
    const own = keys[T.instId] as number;
    const symbol = isString(bytes, own, end) ? own : (this.#arg[A.instId] as number);
    const instrument = readSymbol(this.#symbols, bytes, symbol, end);
    if (instrument < 0) return badSymbol(instrument);
    const side = bought ? TradeSide.buy : TradeSide.sell;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }
}
