import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { afterKey, frameKey } from '../shared/frame-key.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { afterCopy, afterInteger, closingQuote, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';

const BOOK = frameKey('{"arg":{"channel":"bbo-tbt","instId":"');
const TRADES = frameKey('{"arg":{"channel":"trades","instId":"');
const ASKS = frameKey('"},"data":[{"asks":[["');
const LEVEL_SIZE = frameKey('","');
const LEVEL_ORDERS = frameKey('","0","');
const BIDS = frameKey('"]],"bids":[["');
const BOOK_TIME = frameKey('"]],"ts":"');
const SEQUENCE = frameKey('","seqId":');
const END = frameKey('}]}');
const TRADE_SYMBOL = frameKey('"},"data":[{"instId":"');
const TRADE_ID = frameKey('","tradeId":"');
const PRICE = frameKey('","px":"');
const SIZE = frameKey('","sz":"');
const BUY = frameKey('","side":"buy","ts":"');
const SELL = frameKey('","side":"sell","ts":"');
const TRADE_END = frameKey('"}]}');
const COUNT = frameKey('","count":"');
const SOURCE = frameKey('","source":"');
/** The one message that is not JSON, and what a client sends for it. */
const PONG = frameKey('pong');
const PING = frameKey('ping');

/** Reads `bbo-tbt` and `trades`; the order of keys that the venue writes now is tried first. */
export class OkxDecoder implements Decoder {
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
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#maxBytes && this.#decodeKnownOrder(bytes, start, end)) return;
    if (afterKey(bytes, start, end, PONG) === end) this.#sink.control({ type: 'pong' });
    else if (afterKey(bytes, start, end, PING) === end) this.#sink.passed();
    else decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const book = afterKey(bytes, start, end, BOOK);
    if (book >= 0) return this.#decodeBook(bytes, book, end);
    return this.#decodeTrade(bytes, afterKey(bytes, start, end, TRADES), end);
  }

  /** From the symbol on: `SOL-USDC"},"data":[{"asks":[["117.36","62.36109","0","3"]],"bids":[["117.31","4.41916","0","1"]],"ts":"1790071390505","seqId":4153112115}]}` */
  #decodeBook(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = afterKey(bytes, symbolEnd, end, ASKS);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = afterKey(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = afterInteger(bytes, afterKey(bytes, at, end, LEVEL_ORDERS), end);
    at = afterKey(bytes, at, end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = afterKey(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = afterInteger(bytes, afterKey(bytes, at, end, LEVEL_ORDERS), end);
    at = afterKey(bytes, at, end, BOOK_TIME);
    at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
    at = afterKey(bytes, at, end, SEQUENCE);
    at = scanNumber(bytes, at, end, fields, QuoteField.sequence, 1);
    if (afterKey(bytes, at, end, END) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** A frame with one trade, with or without what was added after 2022; several are for the general way. */
  #decodeTrade(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#trade;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = afterKey(bytes, symbolEnd, end, TRADE_SYMBOL);
    const id = afterKey(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, TRADE_ID);
    const idEnd = closingQuote(bytes, id, end);
    at = afterKey(bytes, idEnd, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = afterKey(bytes, at, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    const bought = afterKey(bytes, at, end, BUY);
    at = bought >= 0 ? bought : afterKey(bytes, at, end, SELL);
    at = scanNumber(bytes, at, end, fields, TradeField.venueTime, 1_000);
    if (afterKey(bytes, at, end, TRADE_END) !== end && afterNewerKeys(bytes, at, end) !== end) return false;
    if (idEnd - id > TRADE_ID_BYTES || !((fields[TradeField.price] as number) > 0)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    const side = bought >= 0 ? TradeSide.buy : TradeSide.sell;
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, side, bytes, id, idEnd - id);
    return true;
  }
}

/** Behind `","count":"3","source":"0","seqId":1234}]}`. */
function afterNewerKeys(bytes: Uint8Array, from: number, end: number): number {
  let at = afterInteger(bytes, afterKey(bytes, from, end, COUNT), end);
  at = afterInteger(bytes, afterKey(bytes, at, end, SOURCE), end);
  at = afterInteger(bytes, afterKey(bytes, at, end, SEQUENCE), end);
  return afterKey(bytes, at, end, END);
}
