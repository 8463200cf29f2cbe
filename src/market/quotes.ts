import { SpreadscopeError } from '../core/errors.ts';
import type { Instrument } from '../core/instruments.ts';
import { type QuoteColumns, QuoteKind } from '../core/records.ts';
import { VENUE_COUNT, venueIndex } from '../core/venue-ids.ts';

/**
 * A leg is the last quote of one symbol on one venue. Its cell is `symbol * VENUE_COUNT + venue`, and the doubles a route needs lie together in
 * one cache line, the legs of one symbol side by side: an update reads them in one sweep instead of from eight columns.
 */
export const LEG_STRIDE = 8;
export const BID = 0;
export const BID_SIZE = 1;
export const ASK = 2;
export const ASK_SIZE = 3;
/** What selling one unit brings after the fee: bid × (1 − fee). */
export const BID_NET = 4;
/** 1 ÷ what buying one unit costs with the fee: ask × (1 + fee). */
export const PER_COST = 5;
/** The last µs at which the leg may be used; −Infinity while it is invalid for another reason than age. */
export const VALID_UNTIL = 6;
/** µs; NaN = this epoch has said nothing yet. */
export const RECEIVE_TIME = 7;

/** What no route needs, beside each other too. */
export const FACT_STRIDE = 4;
export const VENUE_TIME = 0;
export const SEQUENCE = 1;
export const EPOCH = 2;
/** Taker fee, a fraction; NaN where nothing is listed. */
export const FEE = 3;

const UNLISTED = 0;
const OUTDATED = 1;
const APPLIED = 2;

/**
 * The last quote of every leg. A leg is valid when its connection's epoch is alive, both sides have a price and a size above zero, bid ≤ ask, and it is not
 * older than the limit. A one-sided book is no leg, not even on the side it has: it belongs to a market that is halted or empty, and one
 * rule of validity holds for quotes, routes and statistics alike.
 */
export class QuoteTable {
  readonly legs: Float64Array;
  readonly facts: Float64Array;
  /** The instrument of each leg, −1 = not listed. */
  readonly instrumentOf: Int32Array;
  /** The time that counts as now, µs: a cell and not an argument, since a double that is passed on is boxed. */
  readonly clock = new Float64Array(1);
  readonly #cellOf: Int32Array;
  readonly #maxAge: number;
  readonly #counts = new Float64Array(3);

  /** When the last quote of a cell came, µs; −Infinity = none has on its present connection. */
  receivedAt(cell: number): number {
    const time = this.legs[cell * LEG_STRIDE + RECEIVE_TIME] as number;
    return Number.isNaN(time) ? -Infinity : time;
  }

  get maxAgeMs(): number {
    return this.#maxAge / 1000;
  }

  /** @param maxAgeMs how old a quote may be and still be used, ms */
  constructor(instrumentCapacity: number, symbolCapacity: number, maxAgeMs: number) {
    const cells = symbolCapacity * VENUE_COUNT;
    this.legs = new Float64Array(cells * LEG_STRIDE).fill(Number.NaN);
    for (let cell = 0; cell < cells; cell++) this.legs[cell * LEG_STRIDE + VALID_UNTIL] = -Infinity;
    this.facts = new Float64Array(cells * FACT_STRIDE).fill(Number.NaN);
    this.instrumentOf = new Int32Array(cells).fill(-1);
    this.#cellOf = new Int32Array(instrumentCapacity).fill(-1);
    this.#maxAge = maxAgeMs * 1000;
  }

  /** Quotes that were taken in. */
  get applied(): number {
    return this.#counts[APPLIED] as number;
  }

  /** Rows passed over because their instrument is not listed here. */
  get unlisted(): number {
    return this.#counts[UNLISTED] as number;
  }

  /** Rows passed over because a later epoch had already spoken for their instrument. */
  get outdated(): number {
    return this.#counts[OUTDATED] as number;
  }

  get bytes(): number {
    return (
      this.legs.byteLength + this.facts.byteLength + this.instrumentOf.byteLength + this.#cellOf.byteLength
    );
  }

  /**
   * Gives an instrument its leg. The same instrument again only refreshes the fee; a new instrument of the same symbol and venue (a renamed one) takes
   * the leg over, empty. Answers the cell, or −1 when a later instrument holds it.
   */
  list(instrument: Instrument, symbol: number): number {
    if (instrument.instrument >= this.#cellOf.length) {
      throw new SpreadscopeError(
        'INSTRUMENTS_FULL',
        `more than ${this.#cellOf.length} instruments; raise limits.instruments or filter more (minUsdVolume, quotes)`,
      );
    }
    const cell = symbol * VENUE_COUNT + venueIndex(instrument.venue);
    const holder = this.instrumentOf[cell] as number;
    if (holder > instrument.instrument) return -1;
    if (holder >= 0 && holder < instrument.instrument) this.#vacate(holder, cell);
    this.#cellOf[instrument.instrument] = cell;
    this.instrumentOf[cell] = instrument.instrument;
    this.facts[cell * FACT_STRIDE + FEE] = instrument.takerFee;
    this.#price(cell);
    return cell;
  }

  /** The leg that `list` will take from another instrument for this one; −1 = none. */
  takenOver({ instrument, venue }: Instrument, symbol: number): number {
    const cell = symbol * VENUE_COUNT + venueIndex(venue);
    const holder = this.instrumentOf[cell] as number;
    return holder >= 0 && holder < instrument && instrument < this.#cellOf.length ? cell : -1;
  }

  /** The cell of row `slot`, which then has to be given to `apply`; −1 if the row is passed over. */
  admit(columns: QuoteColumns, slot: number): number {
    const instrument = columns.instrument[slot] as number;
    const cell = instrument < this.#cellOf.length ? (this.#cellOf[instrument] as number) : -1;
    if (cell < 0) return this.#pass(UNLISTED);
    const epoch = columns.epoch[slot] as number;
    const at = cell * FACT_STRIDE + EPOCH;
    if (epoch < (this.facts[at] as number)) return this.#pass(OUTDATED);
    this.facts[at] = epoch;
    return cell;
  }

  /** Takes row `slot` in, whose cell this is. */
  apply(columns: QuoteColumns, slot: number, cell: number): void {
    if ((columns.kind[slot] as number) !== QuoteKind.quote) this.#forget(cell);
    else this.#write(columns, slot, cell);
  }

  #write(columns: QuoteColumns, slot: number, cell: number): void {
    const legs = this.legs;
    const at = cell * LEG_STRIDE;
    const bid = columns.bid[slot] as number;
    const ask = columns.ask[slot] as number;
    const bidSize = columns.bidSize[slot] as number;
    const askSize = columns.askSize[slot] as number;
    const received = columns.receiveTime[slot] as number;
    legs[at + BID] = bid;
    legs[at + BID_SIZE] = bidSize;
    legs[at + ASK] = ask;
    legs[at + ASK_SIZE] = askSize;
    this.#price(cell);
    const sound = bid > 0 && ask >= bid && ask < Infinity && bidSize > 0 && askSize > 0;
    legs[at + VALID_UNTIL] = sound ? received + this.#maxAge : -Infinity;
    legs[at + RECEIVE_TIME] = received;
    this.facts[cell * FACT_STRIDE + VENUE_TIME] = columns.venueTime[slot] as number;
    this.facts[cell * FACT_STRIDE + SEQUENCE] = columns.sequence[slot] as number;
    this.#counts[APPLIED] = (this.#counts[APPLIED] as number) + 1;
  }

  #price(cell: number): void {
    const legs = this.legs;
    const at = cell * LEG_STRIDE;
    const fee = this.facts[cell * FACT_STRIDE + FEE] as number;
    const ask = legs[at + ASK] as number;
    legs[at + BID_NET] = (legs[at + BID] as number) * (1 - fee);
    legs[at + PER_COST] = 1 / (ask * (1 + fee));
  }

  /** Nothing is known about the leg any more. */
  #forget(cell: number): void {
    const at = cell * LEG_STRIDE;
    this.legs.fill(Number.NaN, at, at + LEG_STRIDE);
    this.legs[at + VALID_UNTIL] = -Infinity;
    this.facts[cell * FACT_STRIDE + VENUE_TIME] = Number.NaN;
    this.facts[cell * FACT_STRIDE + SEQUENCE] = Number.NaN;
  }

  #vacate(holder: number, cell: number): void {
    this.#cellOf[holder] = -1;
    this.facts[cell * FACT_STRIDE + EPOCH] = Number.NaN;
    this.#forget(cell);
  }

  #pass(count: number): number {
    this.#counts[count] = (this.#counts[count] as number) + 1;
    return -1;
  }
}
