import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { after, closingQuote, literal, scanNumber } from '../shared/scan.ts';
import { scanInteger } from '../shared/scan-integer.ts';
import { hasBothSides, isSoundTrade } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';

const QUOTE_SYMBOL = literal('{"action":"snapshot","arg":{"instType":"SPOT","channel":"books1","instId":"');
const ASKS = literal('"},"data":[{"asks":[["');
const NEXT = literal('","');
const BIDS = literal('"]],"bids":[["');
const SIDES_END = literal('"]],');
const CHECKSUM = literal('"checksum":0,');
const SEQUENCE = literal('"seq":');
const PREVIOUS = literal(',"pseq":');
const COMMA = literal(',');
const TIME = literal('"ts":"');
const DATA_END = literal('"}],"ts":');

const TRADE_SYMBOL = literal('{"action":"update","arg":{"instType":"SPOT","channel":"trade","instId":"');
const TRADE_TIME = literal('"},"data":[{"ts":"');
const PRICE = literal('","price":"');
const SIZE = literal('","size":"');
const BUY_ID = literal('","side":"buy","tradeId":"');
const SELL_ID = literal('","side":"sell","tradeId":"');

const CLOSE_OBJECT = 0x7d;
const PONG = literal('pong');
/** What a client sends. */
const PING = literal('ping');

/**
 * Reads `books1` and `trade`. The order of keys that the venue writes now is tried first; whatever differs from it in any byte goes the general way.
 */
export class BitgetDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #maxBytes: number;
  readonly #anyOrder: AnyOrderReader;
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);
  /** For numbers that are read only to get behind them. */
  readonly #unused = new Float64Array(1);

  constructor(symbols: SymbolTable, sink: DecodeSink, maxBytes: number) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#anyOrder = new AnyOrderReader(symbols, sink);
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    if (after(bytes, start, end, PONG) === end) this.#sink.control({ type: 'pong' });
    else if (after(bytes, start, end, PING) === end) this.#sink.passed();
    else decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const quote = after(bytes, start, end, QUOTE_SYMBOL);
    if (quote >= 0) return this.#decodeQuote(bytes, quote, end);
    const trade = after(bytes, start, end, TRADE_SYMBOL);
    return trade >= 0 && this.#decodeTrade(bytes, trade, end);
  }

  /** From the symbol on: `BTCUSDC"},"data":[{"asks":[["72377.25","0.004"]],"bids":[["72354.67","1.16"]],"checksum":0,"seq":7,"ts":"1730332859984"}],"ts":1730332859985}` */
  #decodeQuote(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, ASKS);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = after(bytes, at, end, NEXT);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = after(bytes, at, end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = after(bytes, at, end, NEXT);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = this.#decodeSequence(bytes, after(bytes, at, end, SIDES_END), end);
    at = after(bytes, at, end, TIME);
    at = scanInteger(bytes, at, end, fields, QuoteField.venueTime, 1000);
    if (this.#closed(bytes, at, end) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** Behind `"checksum":0,"seq":7,"pseq":6,`, each of which may be missing: frames have gained and lost them over the years. */
  #decodeSequence(bytes: Uint8Array, at: number, end: number): number {
    const fields = this.#quote;
    fields[QuoteField.sequence] = Number.NaN;
    const checksum = after(bytes, at, end, CHECKSUM);
    const first = checksum < 0 ? at : checksum;
    const value = after(bytes, first, end, SEQUENCE);
    if (value < 0) return first;
    const behind = scanInteger(bytes, value, end, fields, QuoteField.sequence, 1);
    const previous = after(bytes, behind, end, PREVIOUS);
    if (previous < 0) return after(bytes, behind, end, COMMA);
    return after(bytes, scanInteger(bytes, previous, end, this.#unused, 0, 1), end, COMMA);
  }

  /** From the symbol on: `BTCUSDT"},"data":[{"ts":"1695709835822","price":"26293.4","size":"0.0013","side":"buy","tradeId":"1000000000"}],"ts":1695711090682}` */
  #decodeTrade(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#trade;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, TRADE_TIME);
    at = scanInteger(bytes, at, end, fields, TradeField.venueTime, 1000);
    at = scanNumber(bytes, after(bytes, at, end, PRICE), end, fields, TradeField.price, 1);
    at = scanNumber(bytes, after(bytes, at, end, SIZE), end, fields, TradeField.size, 1);
    let id = after(bytes, at, end, BUY_ID);
    const bought = id >= 0;
    if (!bought) id = after(bytes, at, end, SELL_ID);
    const idEnd = closingQuote(bytes, id, end);
    if (this.#closed(bytes, idEnd, end) !== end || idEnd - id > TRADE_ID_BYTES || !isSoundTrade(fields))
      return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, bought ? TradeSide.buy : TradeSide.sell, bytes, id, idEnd - id);
    return true;
  }

  /** The position behind `"}],"ts":1695711090682}` at `at`, or −1. */
  #closed(bytes: Uint8Array, at: number, end: number): number {
    const behind = scanInteger(bytes, after(bytes, at, end, DATA_END), end, this.#unused, 0, 1);
    return behind >= 0 && behind < end && bytes[behind] === CLOSE_OBJECT ? behind + 1 : -1;
  }
}
