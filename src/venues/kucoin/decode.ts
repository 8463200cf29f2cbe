import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { sameBytes } from '../shared/same-bytes.ts';
import { after, closingQuote, literal, scanNumber } from '../shared/scan.ts';
import { scanInteger, scanTime } from '../shared/scan-integer.ts';
import { hasBothSides, isSoundTrade } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';

const QUOTE_TOPIC = literal('{"topic":"/spotMarket/level1:');
const QUOTE_DATA = literal('","type":"message","subject":"level1","data":{"asks":["');
const NEXT = literal('","');
const BIDS = literal('"],"bids":["');
const TIMESTAMP = literal('"],"timestamp":');
const END = literal('}}');

const TRADE_TOPIC = literal('{"topic":"/market/match:');
const TRADE_DATA = literal('","type":"message","subject":"trade.l3match","data":{"makerOrderId":"');
const PRICE = literal('","price":"');
const SEQUENCE = literal('","sequence":"');
const BUY_SIZE = literal('","side":"buy","size":"');
const SELL_SIZE = literal('","side":"sell","size":"');
const SYMBOL = literal('","symbol":"');
const TAKER_ORDER = literal('","takerOrderId":"');
const TIME = literal('","time":"');
const TRADE_ID = literal('","tradeId":"');
const TRADE_END = literal('","type":"match"}}');

/**
 * Reads `/spotMarket/level1` and `/market/match`. The order of keys that the venue writes now is tried first; whatever differs from it in any byte goes the
 * general way.
 */
export class KucoinDecoder implements Decoder {
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
    // level1 has no sequence.
    this.#quote[QuoteField.sequence] = Number.NaN;
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const quote = after(bytes, start, end, QUOTE_TOPIC);
    if (quote >= 0) return this.#decodeQuote(bytes, quote, end);
    const trade = after(bytes, start, end, TRADE_TOPIC);
    return trade >= 0 && this.#decodeTrade(bytes, trade, end);
  }

  /** From the symbol on: `BTC-USDT","type":"message","subject":"level1","data":{"asks":["68145.8","0.51"],"bids":["68145.7","1.29"],"timestamp":1729816058766}}` */
  #decodeQuote(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, QUOTE_DATA);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = after(bytes, at, end, NEXT);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = after(bytes, at, end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = after(bytes, at, end, NEXT);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = after(bytes, at, end, TIMESTAMP);
    at = scanInteger(bytes, at, end, fields, QuoteField.venueTime, 1000);
    if (after(bytes, at, end, END) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** From the symbol on, with the keys of `data` in alphabetical order. */
  #decodeTrade(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#trade;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = closingQuote(bytes, after(bytes, symbolEnd, end, TRADE_DATA), end);
    at = scanNumber(bytes, after(bytes, at, end, PRICE), end, fields, TradeField.price, 1);
    const sequenceEnd = closingQuote(bytes, after(bytes, at, end, SEQUENCE), end);
    at = after(bytes, sequenceEnd, end, BUY_SIZE);
    const bought = at >= 0;
    if (!bought) at = after(bytes, sequenceEnd, end, SELL_SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    const again = after(bytes, at, end, SYMBOL);
    const againEnd = closingQuote(bytes, again, end);
    at = closingQuote(bytes, after(bytes, againEnd, end, TAKER_ORDER), end);
    at = scanTime(bytes, after(bytes, at, end, TIME), end, fields, TradeField.venueTime);
    const id = after(bytes, at, end, TRADE_ID);
    const idEnd = closingQuote(bytes, id, end);
    if (after(bytes, idEnd, end, TRADE_END) !== end || idEnd - id > TRADE_ID_BYTES) return false;
    if (!isSoundTrade(fields) || !sameBytes(bytes, symbol, symbolEnd, again, againEnd)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, bought ? TradeSide.buy : TradeSide.sell, bytes, id, idEnd - id);
    return true;
  }
}
