import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { after, afterCopy, afterDigits, closingQuote, literal, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { BookState } from './book-state.ts';
import { AnyOrderReader } from './read-any-order.ts';

const BOOK = literal('{"topic":"orderbook.1.');
const TRADES = literal('{"topic":"publicTrade.');
const PUSH_TIME = literal('","ts":');
const SNAPSHOT_OF = literal(',"type":"snapshot","data":{"s":"');
const BIDS = literal('","b":[["');
const LEVEL_SIZE = literal('","');
const ASKS = literal('"]],"a":[["');
const UPDATE = literal('"]],"u":');
const SEQUENCE = literal(',"seq":');
const BOOK_END = literal('}}');
const MATCH_TIME = literal('},"cts":');
const OBJECT_END = literal('}');
const TRADE_ID = literal(',"type":"snapshot","data":[{"i":"');
const TRADE_TIME = literal('","T":');
const PRICE = literal(',"p":"');
const SIZE = literal('","v":"');
const BUY = literal('","S":"Buy","seq":');
const SELL = literal('","S":"Sell","seq":');
const SYMBOL = literal(',"s":"');
const BLOCK_TRADE = literal('","BT":');
const IMPROVED = literal(',"RPI":');
const TRUE = literal('true');
const FALSE = literal('false');
const TRADE_END = literal('}]}');

/** Reads `orderbook.1` and `publicTrade`; the order of keys that the venue writes now is tried first. */
export class BybitDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;
  readonly #maxBytes: number;
  readonly #books = new BookState();
  readonly #anyOrder: AnyOrderReader;
  readonly #quote = new Float64Array(6);
  readonly #trade = new Float64Array(3);

  constructor(symbols: SymbolTable, sink: DecodeSink, maxBytes: number) {
    this.#symbols = symbols;
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#anyOrder = new AnyOrderReader(symbols, sink, this.#books);
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const book = after(bytes, start, end, BOOK);
    if (book >= 0) return this.#decodeSnapshot(bytes, book, end);
    return this.#decodeTrade(bytes, after(bytes, start, end, TRADES), end);
  }

  /** From the symbol in the topic on: `BTCUSDT","ts":…,"type":"snapshot","data":{"s":"BTCUSDT","b":[["28165.07","0.175231"]],"a":[[…]],"u":20404754,"seq":…},"cts":…}` */
  #decodeSnapshot(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, PUSH_TIME);
    at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
    at = after(bytes, at, end, SNAPSHOT_OF);
    at = after(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = after(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = after(bytes, at, end, ASKS);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = after(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = after(bytes, at, end, UPDATE);
    at = scanNumber(bytes, at, end, fields, QuoteField.sequence, 1);
    at = afterDigits(bytes, after(bytes, at, end, SEQUENCE), end);
    if (at < 0 || !hasBothSides(fields)) return false;
    if (after(bytes, at, end, BOOK_END) !== end) {
      at = after(bytes, at, end, MATCH_TIME);
      at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
      if (after(bytes, at, end, OBJECT_END) !== end) return false;
    }
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#deliver(instrument, fields);
    return true;
  }

  #deliver(instrument: number, fields: Float64Array): void {
    const book = this.#books.locate(instrument);
    if (!this.#books.isInOrder(book, fields)) {
      this.#sink.passed();
      return;
    }
    this.#books.keep(book, fields);
    this.#sink.quote(instrument, fields);
  }

  /** A frame with one trade; several are for the general way. */
  #decodeTrade(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#trade;
    const symbolEnd = closingQuote(bytes, symbol, end);
    const id = after(bytes, afterDigits(bytes, after(bytes, symbolEnd, end, PUSH_TIME), end), end, TRADE_ID);
    const idEnd = closingQuote(bytes, id, end);
    let at = after(bytes, idEnd, end, TRADE_TIME);
    at = scanNumber(bytes, at, end, fields, TradeField.venueTime, 1_000);
    at = after(bytes, at, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = after(bytes, at, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    const bought = after(bytes, at, end, BUY);
    at = bought >= 0 ? bought : after(bytes, at, end, SELL);
    at = after(bytes, afterDigits(bytes, at, end), end, SYMBOL);
    at = after(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, BLOCK_TRADE);
    at = after(bytes, afterBoolean(bytes, at, end), end, IMPROVED);
    if (after(bytes, afterBoolean(bytes, at, end), end, TRADE_END) !== end) return false;
    if (idEnd - id > TRADE_ID_BYTES || !((fields[TradeField.price] as number) > 0)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    const side = bought >= 0 ? TradeSide.buy : TradeSide.sell;
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, side, bytes, id, idEnd - id);
    return true;
  }
}

function afterBoolean(bytes: Uint8Array, at: number, end: number): number {
  const behind = after(bytes, at, end, FALSE);
  return behind >= 0 ? behind : after(bytes, at, end, TRUE);
}
