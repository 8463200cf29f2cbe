import { TradeSide } from '../../core/records.ts';
import { afterKey, frameKey } from '../shared/frame-key.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { afterInteger, closingQuote, findInString, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader, microseconds } from './read-any-order.ts';

const COMBINED = frameKey('{"stream":"');
const QUOTE_STREAM = frameKey('@bookTicker","data":{"u":');
const TRADE_STREAM = frameKey('@trade","data":{"e":"trade","E":');
const RAW_QUOTE = frameKey('{"u":');
const RAW_TRADE = frameKey('{"e":"trade","E":');
const SYMBOL = frameKey(',"s":"');
const BID = frameKey('","b":"');
const BID_SIZE = frameKey('","B":"');
const ASK = frameKey('","a":"');
const ASK_SIZE = frameKey('","A":"');
const QUOTE_END = frameKey('"}');
const ID = frameKey('","t":');
const PRICE = frameKey(',"p":"');
const SIZE = frameKey('","q":"');
const TIME = frameKey('","T":');
const BUYER_IS_TAKER = frameKey(',"m":false,"M":true}');
const BUYER_IS_MAKER = frameKey(',"m":true,"M":true}');

const AT_SIGN = 0x40;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads `bookTicker` and `trade`, raw or in the combined envelope `{"stream":…,"data":…}`. The order of keys that the venue writes now is tried first; whatever
 * differs from it in any byte goes the general way.
 */
export class BinanceDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #maxBytes: number;
  readonly #anyOrder: AnyOrderReader;
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);

  constructor(symbols: SymbolTable, sink: DecodeSink, maxBytes: number) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#anyOrder = new AnyOrderReader(symbols, sink);
    // A spot bookTicker has no time.
    this.#quote[QuoteField.venueTime] = Number.NaN;
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const name = afterKey(bytes, start, end, COMBINED);
    if (name < 0) {
      const quote = afterKey(bytes, start, end, RAW_QUOTE);
      if (quote >= 0) return this.#decodeQuote(bytes, quote, end);
      return this.#decodeTrade(bytes, afterKey(bytes, start, end, RAW_TRADE), end);
    }
    if (bytes[end - 1] !== CLOSE_OBJECT) return false;
    const at = findInString(bytes, name, end, AT_SIGN);
    const quote = afterKey(bytes, at, end, QUOTE_STREAM);
    if (quote >= 0) return this.#decodeQuote(bytes, quote, end - 1);
    return this.#decodeTrade(bytes, afterKey(bytes, at, end, TRADE_STREAM), end - 1);
  }

  /** From the value of `u` on: `400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}` */
  #decodeQuote(bytes: Uint8Array, from: number, end: number): boolean {
    const fields = this.#quote;
    const symbol = afterKey(bytes, scanNumber(bytes, from, end, fields, QuoteField.sequence, 1), end, SYMBOL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = afterKey(bytes, symbolEnd, end, BID);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = afterKey(bytes, at, end, BID_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = afterKey(bytes, at, end, ASK);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = afterKey(bytes, at, end, ASK_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    if (afterKey(bytes, at, end, QUOTE_END) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** From the value of `E` on: `1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}` */
  #decodeTrade(bytes: Uint8Array, from: number, end: number): boolean {
    const fields = this.#trade;
    const symbol = afterKey(bytes, afterInteger(bytes, from, end), end, SYMBOL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    const id = afterKey(bytes, symbolEnd, end, ID);
    const idEnd = afterInteger(bytes, id, end);
    let at = afterKey(bytes, idEnd, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = afterKey(bytes, at, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    at = afterKey(bytes, at, end, TIME);
    at = scanNumber(bytes, at, end, fields, TradeField.venueTime, 1);
    const sold = afterKey(bytes, at, end, BUYER_IS_MAKER) === end;
    if (!sold && afterKey(bytes, at, end, BUYER_IS_TAKER) !== end) return false;
    if (idEnd - id > MAX_ID_DIGITS || !((fields[TradeField.price] as number) > 0)) return false;
    fields[TradeField.venueTime] = microseconds(fields[TradeField.venueTime] as number);
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, sold ? TradeSide.sell : TradeSide.buy, bytes, id, idEnd - id);
    return true;
  }
}

/** A longer id is not what the known order is for. */
const MAX_ID_DIGITS = 20;
