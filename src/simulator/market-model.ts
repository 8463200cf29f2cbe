import { Random } from './random.ts';
import type { SimInstrument, Universe } from './universe.ts';

/** Moves per √second of virtual time, as fractions. */
const MARKET_STEP = 0.6e-4;
const COIN_STEP = 1.2e-4;
const VENUE_STEP = 0.7e-4;
/** Virtual seconds after which a venue's own deviation has lost 63 % of itself. */
const VENUE_REVERSION = 8;
const DISLOCATION_REVERSION = 5;
/** Mean virtual seconds between two dislocations anywhere. */
const DISLOCATION_EVERY = 1;
const LONGEST_STEP = 5;
/** In ticks; the walk has room above it. */
const LARGEST_PRICE = 2 ** 29;
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/**
 * Correlated random walks. One factor moves all coins, each coin has its own walk, each venue's price of it strays a little and returns,
 * and now and then one venue's price is dislocated far enough to cross another's after fees. Time is virtual: it is what the caller says it
 * is, so that equal seeds and equal calls give equal prices. Prices are whole ticks and sizes whole lots, both below 2^31.
 */
export class MarketModel {
  /** Per slot, in ticks and lots; 0 = that side is missing. */
  readonly bid: Int32Array;
  readonly bidSize: Int32Array;
  readonly ask: Int32Array;
  readonly askSize: Int32Array;
  readonly sequence: Float64Array;
  readonly tradePrice: Int32Array;
  readonly tradeSize: Int32Array;
  /** 1 = the taker sold. */
  readonly tradeSell: Uint8Array;
  readonly tradeNumber: Float64Array;
  readonly priceDecimals: Uint8Array;
  readonly sizeDecimals: Uint8Array;
  /** Set per slot to show a crossed book (bid above ask). */
  readonly crossed: Uint8Array;
  /** What the price of a slot is multiplied with: 1, or another where the ticker means another coin. */
  readonly #scale: Float64Array;

  readonly #random: Random;
  readonly #assetPrice: Float64Array;
  readonly #assetTime: Float64Array;
  readonly #assetFactor: Float64Array;
  readonly #stray: Float64Array;
  readonly #skipped: Float64Array;
  readonly #dislocation: Float64Array;
  readonly #slotTime: Float64Array;
  readonly #tick: Float64Array;
  readonly #lotsPerNotional: Float64Array;
  readonly #halfSpread: Float64Array;
  readonly #baseAsset: Int32Array;
  readonly #quoteAsset: Int32Array;
  readonly #missing: Uint8Array;
  // factor, virtual time, time of the next dislocation
  readonly #shared = new Float64Array(3);

  constructor(universe: Universe, seed: number) {
    const slots = universe.instruments.length;
    this.#random = new Random(seed);
    this.bid = new Int32Array(slots);
    this.bidSize = new Int32Array(slots);
    this.ask = new Int32Array(slots);
    this.askSize = new Int32Array(slots);
    this.sequence = new Float64Array(slots);
    this.tradePrice = new Int32Array(slots);
    this.tradeSize = new Int32Array(slots);
    this.tradeSell = new Uint8Array(slots);
    this.tradeNumber = new Float64Array(slots);
    this.priceDecimals = new Uint8Array(slots);
    this.sizeDecimals = new Uint8Array(slots);
    this.crossed = new Uint8Array(slots);
    this.#scale = new Float64Array(slots).fill(1);
    this.#assetPrice = Float64Array.from(universe.assets, (asset) => asset.startPrice);
    this.#assetTime = new Float64Array(universe.assets.length);
    this.#assetFactor = new Float64Array(universe.assets.length);
    this.#stray = new Float64Array(slots);
    this.#skipped = new Float64Array(slots);
    this.#dislocation = new Float64Array(slots);
    this.#slotTime = new Float64Array(slots);
    this.#tick = new Float64Array(slots);
    this.#lotsPerNotional = new Float64Array(slots);
    this.#halfSpread = new Float64Array(slots);
    this.#baseAsset = new Int32Array(slots);
    this.#quoteAsset = new Int32Array(slots);
    this.#missing = new Uint8Array(slots);
    for (const instrument of universe.instruments) this.#place(instrument);
  }

  /** Moves virtual time on; the caller's unit of progress. */
  advance(seconds: number): void {
    const shared = this.#shared;
    shared[0] = (shared[0] as number) + MARKET_STEP * Math.sqrt(seconds) * this.#random.bell();
    shared[1] = (shared[1] as number) + seconds;
    while ((shared[1] as number) >= (shared[2] as number)) {
      shared[2] = (shared[2] as number) - Math.log(1 - this.#random.unit()) * DISLOCATION_EVERY;
      const slot = this.#random.below(this.bid.length);
      const away = 20e-4 + 14e-4 * this.#random.unit();
      this.#dislocation[slot] = this.#random.bits() < 0 ? away : -away;
    }
  }

  /** A dislocation at one slot now, as a fraction of the price. */
  dislocate(slot: number, fraction: number): void {
    this.#dislocation[slot] = fraction;
  }

  /** Prices of the slot are so many times those of the coin elsewhere; by the inverse where they would not fit. 1 ends it. */
  reprice(slot: number, factor: number): void {
    this.#scale[slot] = 1;
    if (factor === 1) return;
    this.#scale[slot] = this.#mid(slot) * factor > LARGEST_PRICE ? 1 / factor : factor;
  }

  /** Makes the next quote of a slot. */
  quote(slot: number): void {
    const mid = this.#mid(slot);
    const half = mid * (this.#halfSpread[slot] as number) * (0.6 + 0.8 * this.#random.unit());
    let bid = Math.max(1, Math.floor(mid - half));
    let ask = Math.max(bid + 1, Math.ceil(mid + half));
    if (this.crossed[slot] === 1) [bid, ask] = [ask + 1, bid];
    const missing = this.#missing[slot] as number;
    this.bid[slot] = missing === 1 ? 0 : bid;
    this.ask[slot] = missing === 2 ? 0 : ask;
    this.bidSize[slot] = missing === 1 ? 0 : this.#size(slot, mid);
    this.askSize[slot] = missing === 2 ? 0 : this.#size(slot, mid);
    this.sequence[slot] =
      (this.sequence[slot] as number) + (this.#skipped[slot] as number) + 1 + (this.#random.bits() & 3);
    this.#skipped[slot] = 0;
  }

  /** Makes the next trade of a slot, at the touch of its last quote. */
  trade(slot: number): void {
    if (this.sequence[slot] === 0 || (this.bid[slot] === 0 && this.ask[slot] === 0)) this.quote(slot);
    const sell = this.ask[slot] === 0 || (this.bid[slot] !== 0 && this.#random.bits() < 0);
    this.tradeSell[slot] = sell ? 1 : 0;
    this.tradePrice[slot] = (sell ? this.bid[slot] : this.ask[slot]) as number;
    this.tradeSize[slot] = Math.max(1, Math.floor(this.#size(slot, this.tradePrice[slot] as number) / 3));
    this.tradeNumber[slot] = (this.tradeNumber[slot] as number) + 1;
  }

  /** Loses `count` updates of a slot: the sequence of its next quote jumps. */
  leap(slot: number, count: number): void {
    this.#skipped[slot] = count;
  }

  /** The slot's price in ticks, not rounded. */
  #mid(slot: number): number {
    const now = this.#shared[1] as number;
    const since = Math.min(LONGEST_STEP, now - (this.#slotTime[slot] as number));
    this.#slotTime[slot] = now;
    const stray =
      (this.#stray[slot] as number) * (1 - Math.min(1, since / VENUE_REVERSION)) +
      VENUE_STEP * Math.sqrt(since) * this.#random.bell();
    this.#stray[slot] = stray;
    let away = this.#dislocation[slot] as number;
    if (away !== 0) {
      away *= 1 - Math.min(1, since / DISLOCATION_REVERSION);
      this.#dislocation[slot] = Math.abs(away) < 1e-5 ? 0 : away;
    }
    const quoteAsset = this.#quoteAsset[slot] as number;
    const base = this.#walk(this.#baseAsset[slot] as number);
    const price = quoteAsset < 0 ? base : base / this.#walk(quoteAsset);
    return (price * (this.#scale[slot] as number) * (1 + stray + away)) / (this.#tick[slot] as number);
  }

  /** The coin's price in USD now. */
  #walk(asset: number): number {
    const now = this.#shared[1] as number;
    const factor = this.#shared[0] as number;
    const since = Math.min(LONGEST_STEP, now - (this.#assetTime[asset] as number));
    let price = this.#assetPrice[asset] as number;
    if (since > 0) {
      const common = Math.max(-0.01, Math.min(0.01, factor - (this.#assetFactor[asset] as number)));
      price *= 1 + common + COIN_STEP * Math.sqrt(since) * this.#random.bell();
      this.#assetTime[asset] = now;
      this.#assetFactor[asset] = factor;
      this.#assetPrice[asset] = price;
    }
    return price;
  }

  /** Lots worth 50 to some 10,000 USD, small orders more often than large ones. */
  #size(slot: number, midTicks: number): number {
    const u = this.#random.unit();
    const notional = 50 + 10_000 * u * u * u;
    return Math.max(1, Math.floor((notional * (this.#lotsPerNotional[slot] as number)) / midTicks));
  }

  #place(instrument: SimInstrument): void {
    const { slot, baseAsset, quoteAsset } = instrument;
    const tick = 1 / (POWERS[instrument.priceDecimals] as number);
    const quotePrice = quoteAsset < 0 ? 1 : (this.#assetPrice[quoteAsset] as number);
    this.#tick[slot] = tick;
    this.#lotsPerNotional[slot] = (POWERS[instrument.sizeDecimals] as number) / (tick * quotePrice);
    this.#halfSpread[slot] = instrument.halfSpread;
    this.#baseAsset[slot] = baseAsset;
    this.#quoteAsset[slot] = quoteAsset;
    this.#missing[slot] = instrument.missing === 'bid' ? 1 : instrument.missing === 'ask' ? 2 : 0;
    this.priceDecimals[slot] = instrument.priceDecimals;
    this.sizeDecimals[slot] = instrument.sizeDecimals;
    this.sequence[slot] = 4e9 + this.#random.below(1e9);
    this.tradeNumber[slot] = 1e9 + this.#random.below(1e9);
    this.quote(slot);
  }
}
