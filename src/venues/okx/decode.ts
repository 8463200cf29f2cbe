import { TRADE_ID_BYTES, TradeSide } from '../../core/records.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { after, afterCopy, afterDigits, closingQuote, literal, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';

const BOOK = literal('{"arg":{"channel":"bbo-tbt","instId":"');
const TRADES = literal('{"arg":{"channel":"trades","instId":"');
const ASKS = literal('"},"data":[{"asks":[["');
const LEVEL_SIZE = literal('","');
const LEVEL_ORDERS = literal('","0","');
const BIDS = literal('"]],"bids":[["');
const BOOK_TIME = literal('"]],"ts":"');
const SEQUENCE = literal('","seqId":');
const END = literal('}]}');
const TRADE_SYMBOL = literal('"},"data":[{"instId":"');
const TRADE_ID = literal('","tradeId":"');
const PRICE = literal('","px":"');
const SIZE = literal('","sz":"');
const BUY = literal('","side":"buy","ts":"');
const SELL = literal('","side":"sell","ts":"');
const TRADE_END = literal('"}]}');
const COUNT = literal('","count":"');
const SOURCE = literal('","source":"');

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
    if (isPong(bytes, start, end)) this.#sink.control({ type: 'pong' });
    else decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    const book = after(bytes, start, end, BOOK);
    if (book >= 0) return this.#decodeBook(bytes, book, end);
    return this.#decodeTrade(bytes, after(bytes, start, end, TRADES), end);
  }

  /** From the symbol on: `SOL-USDC"},"data":[{"asks":[["117.36","62.36109","0","3"]],"bids":[["117.31","4.41916","0","1"]],"ts":"1790071390505","seqId":4153112115}]}` */
  #decodeBook(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#quote;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, ASKS);
    at = scanNumber(bytes, at, end, fields, QuoteField.ask, 1);
    at = after(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.askSize, 1);
    at = afterDigits(bytes, after(bytes, at, end, LEVEL_ORDERS), end);
    at = after(bytes, at, end, BIDS);
    at = scanNumber(bytes, at, end, fields, QuoteField.bid, 1);
    at = after(bytes, at, end, LEVEL_SIZE);
    at = scanNumber(bytes, at, end, fields, QuoteField.bidSize, 1);
    at = afterDigits(bytes, after(bytes, at, end, LEVEL_ORDERS), end);
    at = after(bytes, at, end, BOOK_TIME);
    at = scanNumber(bytes, at, end, fields, QuoteField.venueTime, 1_000);
    at = after(bytes, at, end, SEQUENCE);
    at = scanNumber(bytes, at, end, fields, QuoteField.sequence, 1);
    if (after(bytes, at, end, END) !== end || !hasBothSides(fields)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.quote(instrument, fields);
    return true;
  }

  /** A frame with one trade, with or without what was added after 2022; several are for the general way. */
  #decodeTrade(bytes: Uint8Array, symbol: number, end: number): boolean {
    const fields = this.#trade;
    const symbolEnd = closingQuote(bytes, symbol, end);
    let at = after(bytes, symbolEnd, end, TRADE_SYMBOL);
    const id = after(bytes, afterCopy(bytes, at, end, symbol, symbolEnd), end, TRADE_ID);
    const idEnd = closingQuote(bytes, id, end);
    at = after(bytes, idEnd, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    at = after(bytes, at, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    const bought = after(bytes, at, end, BUY);
    at = bought >= 0 ? bought : after(bytes, at, end, SELL);
    at = scanNumber(bytes, at, end, fields, TradeField.venueTime, 1_000);
    if (after(bytes, at, end, TRADE_END) !== end && afterNewerKeys(bytes, at, end) !== end) return false;
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
  let at = afterDigits(bytes, after(bytes, from, end, COUNT), end);
  at = afterDigits(bytes, after(bytes, at, end, SOURCE), end);
  at = afterDigits(bytes, after(bytes, at, end, SEQUENCE), end);
  return after(bytes, at, end, END);
}

const PONG = literal('pong');

/** The one message that is not JSON. */
function isPong(bytes: Uint8Array, start: number, end: number): boolean {
  return after(bytes, start, end, PONG) === end;
}
