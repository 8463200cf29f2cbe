import { TradeSide } from '../../core/records.ts';
import { afterKey, frameKey } from '../shared/frame-key.ts';
import { decodeGenerally } from '../shared/general-decode.ts';
import { afterInteger, closingQuote, scanNumber } from '../shared/scan.ts';
import { hasBothSides } from '../shared/soundness.ts';
import { type Decoder, type DecodeSink, QuoteField, type SymbolTable, TradeField } from '../venue.ts';
import { AnyOrderReader } from './read-any-order.ts';
import { scanMillis } from './trade-time.ts';

const TIME = frameKey('{"time":');
const TIME_MS = frameKey(',"time_ms":');
const QUOTE = frameKey(',"channel":"spot.book_ticker","event":"update","result":{"t":');
const TRADE = frameKey(',"channel":"spot.trades","event":"update","result":{"id":');
const UPDATE = frameKey(',"u":');
const SYMBOL = frameKey(',"s":"');
const BID = frameKey('","b":"');
const BID_SIZE = frameKey('","B":"');
const ASK = frameKey('","a":"');
const ASK_SIZE = frameKey('","A":"');
const QUOTE_END = frameKey('"}}');
const MARKET_ID = frameKey(',"id_market":');
const TRADE_SECONDS = frameKey(',"create_time":');
const TRADE_TIME = frameKey(',"create_time_ms":"');
const BUY = frameKey('","side":"buy","currency_pair":"');
const SELL = frameKey('","side":"sell","currency_pair":"');
const SIZE = frameKey('","amount":"');
const PRICE = frameKey('","price":"');
const RANGE = frameKey('","range":"');

/** A longer id is not what the known order is for. */
const MAX_ID_DIGITS = 20;

/** Reads `spot.book_ticker` and `spot.trades`; the order of keys that the venue writes now is tried first. */
export class GateDecoder implements Decoder {
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
    decodeGenerally(this.#anyOrder, bytes, start, end, this.#maxBytes, this.#sink);
  }

  /** False = not what it expects; nothing was delivered. */
  #decodeKnownOrder(bytes: Uint8Array, start: number, end: number): boolean {
    let at = afterInteger(bytes, afterKey(bytes, start, end, TIME), end);
    // Captures of 2021 have the seconds only.
    const millis = afterKey(bytes, at, end, TIME_MS);
    if (millis >= 0) at = afterInteger(bytes, millis, end);
    const quote = afterKey(bytes, at, end, QUOTE);
    if (quote >= 0) return this.#decodeQuote(bytes, quote, end);
    return this.#decodeTrade(bytes, afterKey(bytes, at, end, TRADE), end);
  }

  /** From the value of `t` on: `1606293275123,"u":48733182,"s":"BTC_USDT","b":"19177.79","B":"0.0003341504","a":"19179.38","A":"0.09"}}` */
  #decodeQuote(bytes: Uint8Array, from: number, end: number): boolean {
    const fields = this.#quote;
    let at = scanNumber(bytes, from, end, fields, QuoteField.venueTime, 1_000);
    at = afterKey(bytes, at, end, UPDATE);
    at = scanNumber(bytes, at, end, fields, QuoteField.sequence, 1);
    const symbol = afterKey(bytes, at, end, SYMBOL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    at = afterKey(bytes, symbolEnd, end, BID);
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

  /** From the value of `id` on; `id_market` and `range` came after 2021. */
  #decodeTrade(bytes: Uint8Array, id: number, end: number): boolean {
    const fields = this.#trade;
    const idEnd = afterInteger(bytes, id, end);
    const marketId = afterKey(bytes, idEnd, end, MARKET_ID);
    let at = marketId >= 0 ? afterInteger(bytes, marketId, end) : idEnd;
    at = afterInteger(bytes, afterKey(bytes, at, end, TRADE_SECONDS), end);
    at = afterKey(bytes, at, end, TRADE_TIME);
    at = scanMillis(bytes, at, end, fields, TradeField.venueTime);
    const bought = afterKey(bytes, at, end, BUY);
    const symbol = bought >= 0 ? bought : afterKey(bytes, at, end, SELL);
    const symbolEnd = closingQuote(bytes, symbol, end);
    at = afterKey(bytes, symbolEnd, end, SIZE);
    at = scanNumber(bytes, at, end, fields, TradeField.size, 1);
    at = afterKey(bytes, at, end, PRICE);
    at = scanNumber(bytes, at, end, fields, TradeField.price, 1);
    const range = afterKey(bytes, at, end, RANGE);
    if (afterKey(bytes, range >= 0 ? closingQuote(bytes, range, end) : at, end, QUOTE_END) !== end)
      return false;
    if (idEnd - id > MAX_ID_DIGITS || !((fields[TradeField.price] as number) > 0)) return false;
    const instrument = this.#symbols.find(bytes, symbol, symbolEnd);
    const side = bought >= 0 ? TradeSide.buy : TradeSide.sell;
    if (instrument < 0) this.#sink.bad('unknown-symbol');
    else this.#sink.trade(instrument, fields, side, bytes, id, idEnd - id);
    return true;
  }
}
