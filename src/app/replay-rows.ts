import { QUOTE_SCHEMA, type QuoteColumns, TRADE_SCHEMA, type TradeColumns } from '../core/records.ts';
import { TRADE_ROW } from '../lake/recording-slice.ts';
import type { Market } from '../market/market.ts';
import { columnBytes, layColumns } from '../ring/ring.ts';

/** Rows of a batch at most: what the engine hands over at once. */
const BATCH_ROWS = 2048;

/** Rows of a recording on their way into a market: quotes and ends of sight, and among them trades. */
export class ReplayRows {
  readonly columns: QuoteColumns;
  /** One trade. */
  readonly #trade: TradeColumns;

  constructor() {
    this.columns = layColumns(
      QUOTE_SCHEMA,
      BATCH_ROWS,
      new ArrayBuffer(columnBytes(QUOTE_SCHEMA, BATCH_ROWS)),
      0,
    );
    this.#trade = layColumns(TRADE_SCHEMA, 1, new ArrayBuffer(columnBytes(TRADE_SCHEMA, 1)), 0);
  }

  /** Applies the rows from `first` up to `end`, as of the last one's time; answers how many were no trades. */
  apply(market: Market, first: number, end: number): number {
    const { kind, receiveTime } = this.columns;
    let trades = 0;
    for (let from = first; from < end; ) {
      let next = from;
      while (next < end && kind[next] !== TRADE_ROW) next++;
      if (next > from)
        market.applyQuotes(this.columns, from, next - from, BATCH_ROWS - 1, receiveTime[next - 1] as number);
      for (; next < end && kind[next] === TRADE_ROW; next++) {
        this.#applyTrade(market, next);
        trades++;
      }
      from = next;
    }
    return end - first - trades;
  }

  #applyTrade(market: Market, row: number): void {
    const [from, to] = [this.columns, this.#trade];
    to.instrument[0] = from.instrument[row] as number;
    to.receiveTime[0] = from.receiveTime[row] as number;
    to.venueTime[0] = from.venueTime[row] as number;
    to.price[0] = from.bid[row] as number;
    to.size[0] = from.bidSize[row] as number;
    to.side[0] = from.ask[row] as number;
    market.applyTrades(to, 0, 1, 0);
  }
}
