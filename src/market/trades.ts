import type { TradeColumns } from '../core/records.ts';

/** An instrument's last trade. */
export interface LastTrade {
  readonly price: number;
  readonly size: number;
  /** A `TradeSide`, the taker's. */
  readonly side: number;
  /** µs; NaN = the venue sent none. */
  readonly venueTime: number;
  readonly receiveTime: number;
  /** Trades of the instrument since the start. */
  readonly count: number;
}

/** The last trade and the number of trades of every instrument. */
export class TradeTable {
  readonly #price: Float64Array;
  readonly #size: Float64Array;
  readonly #venueTime: Float64Array;
  readonly #receiveTime: Float64Array;
  readonly #count: Float64Array;
  readonly #side: Uint8Array;
  readonly #totals = new Float64Array(1);

  constructor(instrumentCapacity: number) {
    this.#price = new Float64Array(instrumentCapacity);
    this.#size = new Float64Array(instrumentCapacity);
    this.#venueTime = new Float64Array(instrumentCapacity);
    this.#receiveTime = new Float64Array(instrumentCapacity);
    this.#count = new Float64Array(instrumentCapacity);
    this.#side = new Uint8Array(instrumentCapacity);
  }

  get total(): number {
    return this.#totals[0] as number;
  }

  get bytes(): number {
    return this.#price.byteLength * 5 + this.#side.byteLength;
  }

  apply(columns: TradeColumns, slot: number): void {
    const instrument = columns.instrument[slot] as number;
    if (instrument >= this.#side.length) return;
    this.#price[instrument] = columns.price[slot] as number;
    this.#size[instrument] = columns.size[slot] as number;
    this.#side[instrument] = columns.side[slot] as number;
    this.#venueTime[instrument] = columns.venueTime[slot] as number;
    this.#receiveTime[instrument] = columns.receiveTime[slot] as number;
    this.#count[instrument] = (this.#count[instrument] as number) + 1;
    this.#totals[0] = (this.#totals[0] as number) + 1;
  }

  /** Undefined until the instrument has traded. */
  last(instrument: number): LastTrade | undefined {
    const count = this.#count[instrument];
    if (count === undefined || count === 0) return undefined;
    return {
      price: this.#price[instrument] as number,
      size: this.#size[instrument] as number,
      side: this.#side[instrument] as number,
      venueTime: this.#venueTime[instrument] as number,
      receiveTime: this.#receiveTime[instrument] as number,
      count,
    };
  }
}
