import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import { skipSpace } from '../shared/json-check.ts';
import {
  badSymbol,
  endsWith,
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
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readReply } from './read-reply.ts';

const ENVELOPE = new KeySet(['code', 'data', 'dataType', 'ping']);
const V = ENVELOPE.index;
const PAYLOAD = new KeySet(['e', 's', 'b', 'B', 'a', 'A', 'E', 'T', 'p', 'q', 'm', 't']);
const P = PAYLOAD.index;

const QUOTE_SUFFIX = literal('@bookTicker');
const TRADE_SUFFIX = literal('@trade');
const ZERO = literal('0');
const DIGIT_ZERO = 0x30;

/** Reads messages with their keys in any order. */
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
    const data = keys[V.data] as number;
    const type = keys[V.dataType] as number;
    const pushed = isObject(bytes, data, end) || isArray(bytes, data, end);
    if (!pushed || !isString(bytes, type, end) || this.#isError(bytes, end)) {
      return readReply(bytes, start, end, this.#sink);
    }
    const quotes = endsWith(bytes, type, end, QUOTE_SUFFIX);
    if (!quotes && !endsWith(bytes, type, end, TRADE_SUFFIX)) return 'passed';
    const suffix = quotes ? QUOTE_SUFFIX : TRADE_SUFFIX;
    const name = skipString(bytes, type, end) - 1 - suffix.length;
    const named = this.#symbols.find(bytes, type + 1, name);
    if (isObject(bytes, data, end)) return this.#readItem(quotes, named, bytes, data, end);
    return this.#readItems(quotes, named, bytes, data, end);
  }

  #isError(bytes: Uint8Array, end: number): boolean {
    const code = this.#envelope[V.code] as number;
    return isPresent(bytes, code, end) && bytes[code] !== DIGIT_ZERO && !isText(bytes, code, end, ZERO);
  }

  /** One bad item is counted and does not cost the others. */
  #readItems(quotes: boolean, named: number, bytes: Uint8Array, data: number, end: number): Outcome {
    let bad: Outcome | undefined;
    let items = 0;
    for (let at = firstElement(bytes, data, end); at >= 0; at = nextElement(bytes, at, end)) {
      const outcome = this.#readItem(quotes, named, bytes, at, end);
      if (outcome !== 'delivered') bad = outcome;
      items += 1;
    }
    return bad ?? (items > 0 ? 'delivered' : 'passed');
  }

  /** `named`: the instrument of the topic, for items that do not name theirs. */
  #readItem(quotes: boolean, named: number, bytes: Uint8Array, at: number, end: number): Outcome {
    const keys = this.#payload;
    if (readMembers(bytes, at, end, PAYLOAD, keys) < 0) return 'bad-value';
    const symbol = keys[P.s] as number;
    const instrument = isPresent(bytes, symbol, end) ? readSymbol(this.#symbols, bytes, symbol, end) : named;
    return quotes ? this.#readQuote(instrument, bytes, end) : this.#readTrade(instrument, bytes, end);
  }

  #readQuote(instrument: number, bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#quote;
    const readable =
      readNumber(bytes, keys[P.b] as number, end, fields, QuoteField.bid, 1) &&
      readNumber(bytes, keys[P.B] as number, end, fields, QuoteField.bidSize, 1) &&
      readNumber(bytes, keys[P.a] as number, end, fields, QuoteField.ask, 1) &&
      readNumber(bytes, keys[P.A] as number, end, fields, QuoteField.askSize, 1) &&
      readNumber(bytes, keys[P.E] as number, end, fields, QuoteField.venueTime, 1000);
    const someSide = (keys[P.b] as number) >= 0 || (keys[P.a] as number) >= 0;
    if (!readable || !someSide || !settleSides(fields)) return 'bad-value';
    if (instrument < 0) return badSymbol(instrument);
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  #readTrade(instrument: number, bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#trade;
    const time = isPresent(bytes, keys[P.T] as number, end) ? keys[P.T] : keys[P.E];
    const readable =
      readNumber(bytes, keys[P.p] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[P.q] as number, end, fields, TradeField.size, 1) &&
      readNumber(bytes, time as number, end, fields, TradeField.venueTime, 1000);
    const buyerIsMaker = readBoolean(bytes, keys[P.m] as number, end);
    const id = keys[P.t] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !isSoundTrade(fields) || buyerIsMaker < 0 || length < 0) return 'bad-value';
    if (instrument < 0) return badSymbol(instrument);
    const side = buyerIsMaker === 1 ? TradeSide.sell : TradeSide.buy;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }
}
