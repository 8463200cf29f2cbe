import { ByteWriter, type NameTable, nameTable } from './byte-writer.ts';
import type { MarketModel } from './market-model.ts';

const EVENT = 0;
const PUSH = 1;

/** What is being published now: a slot of the market and the two times. One object, changed in place. */
export class Tick {
  readonly market: MarketModel;
  slot = 0;
  /** bid, bidSize, ask, askSize, tradePrice and tradeSize of all slots, and the decimals of each. */
  readonly columns: readonly Int32Array[];
  readonly decimals: readonly Uint8Array[];
  /** The venue's event time and the time it was pushed, as 13 digits of ms. */
  readonly eventDigits = new Uint8Array(13);
  readonly pushDigits = new Uint8Array(13);
  /** Whether a trade is published with a size of 19 decimals. */
  longSize = false;
  readonly #times = new Float64Array(2);

  /** The venue's own id of each slot, and the same in lower case. */
  readonly nativeIds: NameTable;
  readonly lowerIds: NameTable;

  constructor(market: MarketModel, nativeIds: readonly string[]) {
    this.nativeIds = nameTable(nativeIds);
    this.lowerIds = nameTable(nativeIds.map((id) => id.toLowerCase()));
    this.market = market;
    const { bid, bidSize, ask, askSize, tradePrice, tradeSize } = market;
    const { priceDecimals: price, sizeDecimals: size } = market;
    this.columns = [bid, bidSize, ask, askSize, tradePrice, tradeSize];
    this.decimals = [price, size, price, size, price, size];
  }

  get eventMs(): number {
    return this.#times[EVENT] as number;
  }

  get pushMs(): number {
    return this.#times[PUSH] as number;
  }

  /** @param nowMs when frames are pushed; the event is a millisecond older, so that a decoder that takes the wrong clock is found out */
  setTime(nowMs: number): void {
    if (nowMs === this.#times[PUSH]) return;
    this.#times[EVENT] = nowMs - 1;
    this.#times[PUSH] = nowMs;
    new ByteWriter(this.eventDigits).integer(nowMs - 1);
    new ByteWriter(this.pushDigits).integer(nowMs);
  }
}
