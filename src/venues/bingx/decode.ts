import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { Gunzip, GunzipFailure } from '../shared/gunzip.ts';
import { sameBytes } from '../shared/same-bytes.ts';
import { after, afterInteger, closingQuote, literal, scanNumber } from '../shared/scan.ts';
import { scanInteger } from '../shared/scan-integer.ts';
import { scanLongDecimal } from '../shared/scan-long-decimal.ts';
import { hasBothSides, isSoundTrade } from '../shared/soundness.ts';
import {
  type BadFrame,
  type Decoder,
  type DecodeSink,
  QuoteField,
  type SymbolTable,
  TradeField,
} from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';

const QUOTE_ASK_SIZE = literal('{"code":0,"data":{"A":"');
const BID_SIZE = literal('","B":"');
const EVENT_TIME = literal('","E":');
const ASK = literal(',"a":"');
const BID = literal('","b":"');
const QUOTE_SYMBOL = literal('","e":"bookTicker","s":"');
const TOPIC = literal('"},"dataType":"');
const QUOTE_END = literal('@bookTicker","success":true}');

const TRADE_EVENT_TIME = literal('{"code":0,"data":{"E":');
const TIME = literal(',"T":');
const BUYER_IS_TAKER = literal(',"e":"trade","m":false,"p":"');
const BUYER_IS_MAKER = literal(',"e":"trade","m":true,"p":"');
const SIZE = literal('","q":"');
const SYMBOL = literal('","s":"');
const ID = literal('","t":"');
const TRADE_END = literal('@trade","success":true');
const TIMESTAMP = literal(',"timestamp":');
const CLOSE = literal('}');

const PING = literal('Ping');
/** What a client answers. */
const PONG = literal('Pong');
/** A bare `Ping`. */
const CAPITAL_P = 0x50;
const GZIP_FIRST = 0x1f;
const AT_SIGN = 0x40;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

/**
 * Reads `@bookTicker` and `@trade`, in gzip members or as plain text. The order of keys that the venue writes now is tried first; whatever differs from it in
 * any byte goes the general way.
 */
export class BingxDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #maxBytes: number;
  readonly #anyOrder: AnyOrderReader;
  readonly #gunzip: Gunzip;
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);

  constructor(symbols: SymbolTable, sink: DecodeSink, maxBytes: number) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#anyOrder = new AnyOrderReader(symbols, sink);
    this.#gunzip = new Gunzip(maxBytes);
    // A bookTicker has no update id.
    this.#quote[QuoteField.sequence] = Number.NaN;
  }

  decode(bytes: Uint8Array, start: number, end: number, binary: boolean): void {
    const first = start < end ? (bytes[start] as number) : 0;
    if (first === GZIP_FIRST) {
      const length = this.#gunzip.inflate(bytes, start, end);
      if (length < 0) this.#sink.bad(failureOf(length));
      else this.#decodeText(this.#gunzip.output, 0, length);
    } else if (
      binary &&
      start < end &&
      first !== OPEN_OBJECT &&
      first !== OPEN_ARRAY &&
      first !== CAPITAL_P
    ) {
      this.#sink.bad('inflate');
    } else this.#decodeText(bytes, start, end);
  }

  #decodeText(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    if (after(bytes, start, end, PING) === end) this.#sink.control({ type: 'ping', reply: 'Pong' });
    else if (after(bytes, start, end, PONG) === end) this.#sink.passed();
    else decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const quote = after(bytes, start, end, QUOTE_ASK_SIZE);
    if (quote >= 0) return this.#decodeQuote(bytes, quote, end);
    const trade = after(bytes, start, end, TRADE_EVENT_TIME);
    return trade >= 0 && this.#decodeTrade(bytes, trade, end);
  }

  /** From the value of `A` on, with the keys of `data` in alphabetical order. */
  #decodeQuote(bytes: Uint8Array, from: number, end: number): boolean {
    const fields = this.#quote;
    let at = scanNumber(bytes, from, end, fields, QuoteField.askSize, 1);
    at = after(bytes, at, end, BID_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = after(bytes, at, end, EVENT_TIME);
    at = scanInteger(bytes, at, end, fields, QuoteField.venueTime, 1000);
    at = after(bytes, at, end, ASK);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = after(bytes, at, end, BID);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    const symbol = after(bytes, at, end, QUOTE_SYMBOL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    const topicEnd = behindTopic(bytes, symbolEnd, symbol, symbolEnd, end);
    if (after(bytes, topicEnd, end, QUOTE_END) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** From the value of `E` on, with the keys of `data` in alphabetical order. */
  #decodeTrade(bytes: Uint8Array, from: number, end: number): boolean {
    const fields = this.#trade;
    let at = after(bytes, afterInteger(bytes, from, end), end, TIME);
    const timeEnd = scanInteger(bytes, at, end, fields, TradeField.venueTime, 1000);
    at = after(bytes, timeEnd, end, BUYER_IS_TAKER);
    const bought = at >= 0;
    if (!bought) at = after(bytes, timeEnd, end, BUYER_IS_MAKER);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = after(bytes, at, end, SIZE);
    at = scanLongDecimal(bytes, at, end, fields, TradeField.size);
    const symbol = after(bytes, at, end, SYMBOL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    const id = after(bytes, symbolEnd, end, ID);
    const idEnd = closingQuote(bytes, id, end);
    at = behindTopic(bytes, idEnd, symbol, symbolEnd, end);
    at = after(bytes, at, end, TRADE_END);
    const stamp = after(bytes, at, end, TIMESTAMP);
    if (stamp >= 0) at = afterInteger(bytes, stamp, end);
    if (after(bytes, at, end, CLOSE) !== end || idEnd - id > TRADE_ID_BYTES || !isSoundTrade(fields))
      return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, bought ? TradeSide.buy : TradeSide.sell, bytes, id, idEnd - id);
    return true;
  }
}

/** The position behind `"},"dataType":"BTC-USDT` at `at`, which must name the same symbol; −1 when it does not. */
function behindTopic(bytes: Uint8Array, at: number, symbol: number, symbolEnd: number, end: number): number {
  const name = after(bytes, at, end, TOPIC);
  const nameEnd = name + (symbolEnd - symbol);
  if (name < 0 || nameEnd >= end || bytes[nameEnd] !== AT_SIGN) return -1;
  return sameBytes(bytes, symbol, symbolEnd, name, nameEnd) ? nameEnd : -1;
}

function failureOf(status: number): BadFrame {
  if (status === GunzipFailure.truncated) return 'truncated';
  return status === GunzipFailure.oversized ? 'oversized' : 'inflate';
}
