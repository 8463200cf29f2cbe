import { ByteWriter } from './byte-writer.ts';
import type { MarketModel } from './market-model.ts';

const EVENT = 0;
const PUSH = 1;

/** What is being published now: a slot of the market and the two times. One object, changed in place. */
export class Tick {
  readonly market: MarketModel;
  slot = 0;
  /** The venue's event time and the time it was pushed, as 13 digits of ms. */
  readonly eventDigits = new Uint8Array(13);
  readonly pushDigits = new Uint8Array(13);
  /** Whether a trade is published with a size of 19 decimals. */
  longSize = false;
  readonly #times = new Float64Array(2);

  constructor(market: MarketModel) {
    this.market = market;
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
