import { type TradeColumns, TradeSide } from '../core/records.ts';

/** An instrument's last trade. */
export interface LastTrade {
  readonly price: number;
  readonly size: number;
  /** The taker's. */
  readonly side: 'buy' | 'sell';
  /** µs. */
  readonly receiveTime: number;
}

/** The last trade of every instrument, and how many there were of all. */
export class TradeTable {
  readonly #price: Float64Array;
  readonly #size: Float64Array;
  /** NaN until the instrument has traded. */
  readonly #receiveTime: Float64Array;
  readonly #side: Uint8Array;
  readonly #totals = new Float64Array(1);

  constructor(instrumentCapacity: number) {
    this.#price = new Float64Array(instrumentCapacity);
    this.#size = new Float64Array(instrumentCapacity);
    this.#receiveTime = new Float64Array(instrumentCapacity).fill(Number.NaN);
    this.#side = new Uint8Array(instrumentCapacity);
  }

  get total(): number {
    return this.#totals[0] as number;
  }

  get bytes(): number {
    return this.#price.byteLength * 3 + this.#side.byteLength;
  }

  apply(columns: TradeColumns, slot: number): void {
    const instrument = columns.instrument[slot] as number;
    if (instrument >= this.#side.length) return;
    this.#price[instrument] = columns.price[slot] as number;
    this.#size[instrument] = columns.size[slot] as number;
    this.#side[instrument] = columns.side[slot] as number;
    this.#receiveTime[instrument] = columns.receiveTime[slot] as number;
    this.#totals[0] = (this.#totals[0] as number) + 1;
  }

  /** Null until the instrument has traded. */
  last(instrument: number): LastTrade | null {
    const receiveTime = this.#receiveTime[instrument];
    if (receiveTime === undefined || Number.isNaN(receiveTime)) return null;
    return {
      price: this.#price[instrument] as number,
      size: this.#size[instrument] as number,
      side: this.#side[instrument] === TradeSide.buy ? 'buy' : 'sell',
      receiveTime,
    };
  }
}
