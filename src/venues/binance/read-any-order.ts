import { TradeSide } from '../../core/records.ts';
import type { JsonMessageReader, Outcome } from '../shared/general-decode.ts';
import { skipSpace } from '../shared/json-check.ts';
import {
  badSymbol,
  endsWith,
  firstElement,
  isPresent,
  isString,
  isText,
  KeySet,
  readBoolean,
  readMembers,
  readNumber,
  readSymbol,
} from '../shared/json-read.ts';
import { literal } from '../shared/scan.ts';
import { isSoundTrade, settleSides } from '../shared/soundness.ts';
import { idLength, idStart } from '../shared/trade-id.ts';
import { type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { readReply } from './read-reply.ts';

/** Times over this are µs (the server was asked for them), others ms. */
const MICROSECONDS_FROM = 1e15;

const ENVELOPE = new KeySet(['stream', 'data', 'result', 'id', 'error', 'code', 'method']);
const V = ENVELOPE.index;
const PAYLOAD = new KeySet(['e', 'E', 'u', 's', 'b', 'B', 'a', 'A', 't', 'p', 'q', 'T', 'm', 'lastUpdateId']);
const P = PAYLOAD.index;

const QUOTE_STREAM = literal('@bookTicker');
const TRADE_STREAM = literal('@trade');
const QUOTE_EVENT = literal('bookTicker');
const TRADE_EVENT = literal('trade');
const SHUTDOWN_EVENT = literal('serverShutdown');

/** The stream's position when a message is not in the combined envelope. */
const NO_STREAM = -1;

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
  }

  read(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#envelope;
    if (readMembers(bytes, start, end, ENVELOPE, keys) < 0) return this.#readList(bytes, start, end);
    const stream = keys[V.stream] as number;
    const data = keys[V.data] as number;
    if (isString(bytes, stream, end) && data >= 0) return this.#readPayload(bytes, data, end, stream);
    if ((keys[V.method] as number) >= 0) return 'passed';
    const reply = [V.result, V.error, V.code].some((key) => (keys[key] as number) >= 0);
    return reply ? readReply(bytes, start, end, this.#sink) : this.#readPayload(bytes, start, end, NO_STREAM);
  }

  /** A raw array is what `!ticker@arr` and its like push: events we do not use. */
  #readList(bytes: Uint8Array, start: number, end: number): Outcome {
    const keys = this.#payload;
    const first = firstElement(bytes, skipSpace(bytes, start, end), end);
    const events = readMembers(bytes, first, end, PAYLOAD, keys) >= 0 && (keys[P.e] as number) >= 0;
    return events ? 'passed' : 'foreign';
  }

  /** `stream` is where its name is in the envelope, or NO_STREAM. */
  #readPayload(bytes: Uint8Array, at: number, end: number, stream: number): Outcome {
    const keys = this.#payload;
    if (readMembers(bytes, at, end, PAYLOAD, keys) < 0) return stream === NO_STREAM ? 'foreign' : 'passed';
    const event = keys[P.e] as number;
    if (isText(bytes, event, end, QUOTE_EVENT)) return this.#readQuote(bytes, end);
    if (isText(bytes, event, end, TRADE_EVENT)) return this.#readTrade(bytes, end);
    if (isText(bytes, event, end, SHUTDOWN_EVENT)) return this.#sayGoodbye();
    if (isString(bytes, event, end)) return 'passed';
    if (endsWith(bytes, stream, end, QUOTE_STREAM)) return this.#readQuote(bytes, end);
    if (endsWith(bytes, stream, end, TRADE_STREAM)) return 'bad-value';
    if (stream !== NO_STREAM) return 'passed';
    if (this.#looksLikeQuote()) return this.#readQuote(bytes, end);
    // Partial books have no event name either.
    return (keys[P.lastUpdateId] as number) >= 0 ? 'passed' : 'foreign';
  }

  #sayGoodbye(): Outcome {
    this.#sink.control({ type: 'goodbye', reason: 'the server announced its shutdown' });
    return 'delivered';
  }

  /** A raw bookTicker has no name: it is known by its update id, symbol and a side. */
  #looksLikeQuote(): boolean {
    const keys = this.#payload;
    const side = [P.b, P.B, P.a, P.A].some((key) => (keys[key] as number) >= 0);
    return (keys[P.u] as number) >= 0 && (keys[P.s] as number) >= 0 && side;
  }

  #readQuote(bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#quote;
    const readable =
      readNumber(bytes, keys[P.b] as number, end, fields, QuoteField.bid, 1) &&
      readNumber(bytes, keys[P.B] as number, end, fields, QuoteField.bidSize, 1) &&
      readNumber(bytes, keys[P.a] as number, end, fields, QuoteField.ask, 1) &&
      readNumber(bytes, keys[P.A] as number, end, fields, QuoteField.askSize, 1) &&
      readNumber(bytes, keys[P.u] as number, end, fields, QuoteField.sequence, 1) &&
      readNumber(bytes, keys[P.E] as number, end, fields, QuoteField.venueTime, 1);
    const someSide = (keys[P.b] as number) >= 0 || (keys[P.a] as number) >= 0;
    if (!readable || !someSide || !settleSides(fields)) return 'bad-value';
    fields[QuoteField.venueTime] = microseconds(fields[QuoteField.venueTime] as number);
    const instrument = readSymbol(this.#symbols, bytes, keys[P.s] as number, end);
    if (instrument < 0) return badSymbol(instrument);
    this.#sink.quote(instrument, fields);
    return 'delivered';
  }

  #readTrade(bytes: Uint8Array, end: number): Outcome {
    const keys = this.#payload;
    const fields = this.#trade;
    const time = isPresent(bytes, keys[P.T] as number, end) ? keys[P.T] : keys[P.E];
    const readable =
      readNumber(bytes, keys[P.p] as number, end, fields, TradeField.price, 1) &&
      readNumber(bytes, keys[P.q] as number, end, fields, TradeField.size, 1) &&
      readNumber(bytes, time as number, end, fields, TradeField.venueTime, 1);
    const buyerIsMaker = readBoolean(bytes, keys[P.m] as number, end);
    const id = keys[P.t] as number;
    const length = idLength(bytes, id, end);
    if (!readable || !isSoundTrade(fields) || buyerIsMaker < 0 || length < 0) return 'bad-value';
    fields[TradeField.venueTime] = microseconds(fields[TradeField.venueTime] as number);
    const instrument = readSymbol(this.#symbols, bytes, keys[P.s] as number, end);
    if (instrument < 0) return badSymbol(instrument);
    const side = buyerIsMaker === 1 ? TradeSide.sell : TradeSide.buy;
    this.#sink.trade(instrument, fields, side, bytes, idStart(bytes, id, end), length);
    return 'delivered';
  }
}

/** A time of the venue's in µs. */
export function microseconds(time: number): number {
  return time > MICROSECONDS_FROM ? time : time * 1_000;
}
