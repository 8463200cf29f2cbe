import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { afterKey, frameKey } from '../shared/frame-key.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { afterCopy, afterInteger, closingQuote, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { BookState } from './book-state.ts';
import { AnyOrderReader } from './read-any-order.ts';

const BOOK = frameKey('{"topic":"orderbook.1.');
const TRADES = frameKey('{"topic":"publicTrade.');
const PUSH_TIME = frameKey('","ts":');
const SNAPSHOT_OF = frameKey(',"type":"snapshot","data":{"s":"');
const BIDS = frameKey('","b":[["');
const LEVEL_SIZE = frameKey('","');
const ASKS = frameKey('"]],"a":[["');
const UPDATE = frameKey('"]],"u":');
const SEQUENCE = frameKey(',"seq":');
const BOOK_END = frameKey('}}');
const MATCH_TIME = frameKey('},"cts":');
const OBJECT_END = frameKey('}');
const TRADE_ID = frameKey(',"type":"snapshot","data":[{"i":"');
const TRADE_TIME = frameKey('","T":');
const PRICE = frameKey(',"p":"');
const SIZE = frameKey('","v":"');
const BUY = frameKey('","S":"Buy","seq":');
const SELL = frameKey('","S":"Sell","seq":');
const SYMBOL = frameKey(',"s":"');
const BLOCK_TRADE = frameKey('","BT":');
const IMPROVED = frameKey(',"RPI":');
const TRUE = frameKey('true');
const FALSE = frameKey('false');
const TRADE_END = frameKey('}]}');

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
    const book = afterKey(bytes, start, end, BOOK);
    if (book >= 0) return this.#decodeSnapshot(bytes, book, end);
    return this.#decodeTrade(bytes, afterKey(bytes, start, end, TRADES), end);
  }

  /** From the symbol in the topic on: `BTCUSDT","ts":…,"type":"snapshot","data":{"s":"BTCUSDT","b":[["28165.07","0.175231"]],"a":[[…]],"u":20404754,"seq":…},"cts":…}` */
  #decodeSnapshot(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = afterKey(bytes, symbolEnd, end, PUSH_TIME);
    at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
    at = afterKey(bytes, at, end, SNAPSHOT_OF);
    at = afterKey(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = afterKey(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = afterKey(bytes, at, end, ASKS);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = afterKey(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = afterKey(bytes, at, end, UPDATE);
    at = scanNumber(bytes, at, end, fields, QuoteField.sequence, 1);
    at = afterInteger(bytes, afterKey(bytes, at, end, SEQUENCE), end);
    if (at < 0 || !hasBothSides(fields)) return false;
    if (afterKey(bytes, at, end, BOOK_END) !== end) {
      at = afterKey(bytes, at, end, MATCH_TIME);
      at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
      if (afterKey(bytes, at, end, OBJECT_END) !== end) return false;
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
    const id = afterKey(
      bytes,
      afterInteger(bytes, afterKey(bytes, symbolEnd, end, PUSH_TIME), end),
      end,
      TRADE_ID,
    );
    const idEnd = closingQuote(bytes, id, end);
    let at = afterKey(bytes, idEnd, end, TRADE_TIME);
    at = scanNumber(bytes, at, end, fields, TradeField.venueTime, 1_000);
    at = afterKey(bytes, at, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = afterKey(bytes, at, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    const bought = afterKey(bytes, at, end, BUY);
    at = bought >= 0 ? bought : afterKey(bytes, at, end, SELL);
    at = afterKey(bytes, afterInteger(bytes, at, end), end, SYMBOL);
    at = afterKey(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, BLOCK_TRADE);
    at = afterKey(bytes, afterBoolean(bytes, at, end), end, IMPROVED);
    if (afterKey(bytes, afterBoolean(bytes, at, end), end, TRADE_END) !== end) return false;
    if (idEnd - id > TRADE_ID_BYTES || !((fields[TradeField.price] as number) > 0)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    const side = bought >= 0 ? TradeSide.buy : TradeSide.sell;
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, side, bytes, id, idEnd - id);
    return true;
  }
}

function afterBoolean(bytes: Uint8Array, at: number, end: number): number {
  const behind = afterKey(bytes, at, end, FALSE);
  return behind >= 0 ? behind : afterKey(bytes, at, end, TRUE);
}
