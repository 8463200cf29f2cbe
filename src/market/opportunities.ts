import { type BoundReading, boundOf } from '../core/bounds.ts';
import {
  OPPORTUNITY_BYTES,
  type OpportunityColumns,
  opportunityColumns,
  SURVIVAL_MS,
  survivalColumns,
} from '../core/opportunity.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';
import { closeReason, SPREAD, STOPPED } from './close-reasons.ts';
import type { PairPool } from './pairs.ts';
import {
  ASK,
  ASK_SIZE,
  BID_NET,
  BID_SIZE,
  FACT_STRIDE,
  LEG_STRIDE,
  PER_COST,
  type QuoteTable,
  RECEIVE_TIME,
  VENUE_TIME,
} from './quotes.ts';
import type { ThresholdTable } from './thresholds.ts';
import { LegEnd, type TickLegs } from './tick-legs.ts';

export interface OpportunityOptions {
  /** How many may be open at once. */
  readonly openCapacity: number;
}

/** Who follows opportunities as they happen. The columns are the table's own: a closed one's place is used again after the call. */
export interface OpportunityFollower {
  opened?(table: OpportunityTable, slot: number): void;
  /** A tick of either leg while it is open. */
  ticked?(table: OpportunityTable, slot: number): void;
  closed(table: OpportunityTable, slot: number): void;
}

const MS = 1000;
/** Beside the columns: route, next free, next delay, and four sums. */
const SLOT_BYTES = OPPORTUNITY_BYTES + 4 + 4 + 1 + 4 * 8;
/** Of each directed route: its place, its thresholds, and whether it was refused. */
const ROUTE_BYTES = 4 + 2 * 8 + 1;

/**
 * The open opportunities: a state machine for each directed route, run on every tick of either leg. A route opens when its net spread reaches the opening threshold, and closes when it
 * falls below the closing one or a leg becomes invalid. What closes is told to the followers, and forgotten.
 */
export class OpportunityTable {
  /** The open ones, by slot. `end`, the means and the reason are written when one closes. */
  readonly columns: OpportunityColumns;
  /** The directed route of a slot, as the pool of pairs numbers it; −1 = the slot is free. */
  readonly placeOf: Int32Array;
  /** Net spread after the last tick of a slot, and that tick's time, µs. */
  readonly net: Float64Array;
  readonly time: Float64Array;
  readonly #quotes: QuoteTable;
  readonly #legs: TickLegs;
  readonly #pairs: PairPool;
  readonly #followers: readonly OpportunityFollower[];
  readonly #slotOf: Int32Array;
  readonly #openNet: Float64Array;
  readonly #closeNet: Float64Array;
  /** Routes that found no room when they opened: they are counted once, and passed over until they close. */
  readonly #refused: Uint8Array;
  /** Open opportunities of each leg, refused ones included. */
  readonly #ofLeg: Uint8Array;
  readonly #free: Int32Array;
  readonly #sum: Float64Array;
  readonly #integral: Float64Array;
  readonly #survival: readonly Float64Array[];
  readonly #nextDelay: Uint8Array;
  /** The net spread and the time at hand: arguments that are doubles would be boxed. */
  readonly #now = new Float64Array(2);
  #used = 0;
  #peak = 0;
  #opened = 0;
  #refusals = 0;
  #stopped = false;

  constructor(
    quotes: QuoteTable,
    legs: TickLegs,
    pairs: PairPool,
    thresholds: ThresholdTable,
    options: OpportunityOptions,
    followers: readonly OpportunityFollower[],
  ) {
    const { openCapacity } = options;
    this.#quotes = quotes;
    this.#legs = legs;
    this.#pairs = pairs;
    this.#followers = followers;
    this.columns = opportunityColumns(openCapacity);
    this.placeOf = new Int32Array(openCapacity).fill(-1);
    this.net = new Float64Array(openCapacity);
    this.time = new Float64Array(openCapacity);
    this.#sum = new Float64Array(openCapacity);
    this.#integral = new Float64Array(openCapacity);
    this.#nextDelay = new Uint8Array(openCapacity);
    this.#free = Int32Array.from({ length: openCapacity }, (_, i) => openCapacity - 1 - i);
    this.#survival = survivalColumns(this.columns);
    const routes = 2 * pairs.capacity;
    this.#slotOf = new Int32Array(routes).fill(-1);
    this.#openNet = thresholds.openNet;
    this.#closeNet = thresholds.closeNet;
    this.#refused = new Uint8Array(routes);
    this.#ofLeg = new Uint8Array(quotes.instrumentOf.length);
  }

  /** How many are open now. */
  get open(): number {
    return this.#used;
  }

  /** How many ever opened, those included that found no room. */
  get opened(): number {
    return this.#opened + this.#refusals;
  }

  get refused(): number {
    return this.#refusals;
  }

  /** The slot of a directed route's open opportunity; −1 = it has none. */
  slotOf(place: number): number {
    return this.#slotOf[place] as number;
  }

  /** The means of a slot up to its last tick. */
  meansOf(slot: number): { readonly meanNet: number; readonly timeMeanNet: number } {
    const meanNet = (this.#sum[slot] as number) / (this.columns.ticks[slot] as number);
    const duration = (this.time[slot] as number) - (this.columns.start[slot] as number);
    return { meanNet, timeMeanNet: duration > 0 ? (this.#integral[slot] as number) / duration : meanNet };
  }

  /** What can be traded on an open slot's route now, quote units. */
  notionalOf(slot: number): number {
    const { legs } = this.#legs;
    const place = this.placeOf[slot] as number;
    const buy = this.#cellOf(place, 0) * LEG_STRIDE;
    const sell = this.#cellOf(place, 1) * LEG_STRIDE;
    const size = Math.min(legs[buy + ASK_SIZE] as number, legs[sell + BID_SIZE] as number);
    return size * (legs[buy + ASK] as number);
  }

  /** A leg changed: every route that it is part of is judged anew. */
  changed(cell: number): void {
    if (this.#stopped) return;
    const { legs, until, clock } = this.#legs;
    const now = clock[0] as number;
    if (!((until[cell] as number) >= now)) {
      if (this.#ofLeg[cell] !== 0) this.#endLeg(cell, now, this.#legs.end[cell] as number);
      return;
    }
    const own = cell * LEG_STRIDE;
    const bidNet = legs[own + BID_NET] as number;
    const perCost = legs[own + PER_COST] as number;
    const venue = cell % VENUE_COUNT;
    const first = cell - venue;
    for (let v = 0; v < VENUE_COUNT; v++) {
      const other = first + v;
      if (v === venue || !((until[other] as number) >= now)) continue;
      const pair = this.#pairs.of(cell, v);
      if (pair < 0) continue;
      const at = other * LEG_STRIDE;
      const low = venue < v ? 0 : 1;
      this.#judge(2 * pair + low, (legs[at + BID_NET] as number) * perCost - 1, cell, other);
      this.#judge(2 * pair + 1 - low, bidNet * (legs[at + PER_COST] as number) - 1, other, cell);
    }
  }

  /** A leg's quote grew too old: `until` was the last µs at which it was valid. */
  aged(cell: number, until: number): void {
    if (this.#ofLeg[cell] !== 0 && !this.#stopped) this.#endLeg(cell, until, LegEnd.aged);
  }

  /** Nobody looks after this time: closes what is open, and takes nothing in any more. */
  closeAll(time: number): void {
    if (this.#stopped) return;
    this.#now[1] = time;
    for (let slot = 0; slot < this.placeOf.length; slot++) {
      if (this.placeOf[slot] !== -1) this.#close(slot, STOPPED);
    }
    this.#stopped = true;
  }

  bound(): BoundReading {
    const capacity = this.placeOf.length;
    const bytes = capacity * SLOT_BYTES + this.#slotOf.length * ROUTE_BYTES + this.#ofLeg.length;
    return boundOf(
      {
        ...{ name: 'market.open-opportunities', policy: 'refuse', capacity },
        ...{ capacityBytes: bytes, cleanedBy: 'the end of the opportunity' },
      },
      { used: this.#used, peak: this.#peak, refused: this.#refusals },
    );
  }

  #judge(place: number, net: number, buy: number, sell: number): void {
    const slot = this.#slotOf[place] as number;
    if (slot >= 0) {
      this.#now[0] = net;
      this.#now[1] = this.#legs.clock[0] as number;
      if (net < (this.#closeNet[place] as number)) this.#close(slot, SPREAD);
      else this.#tick(slot, buy, sell);
    } else if (this.#refused[place] === 1) {
      if (net < (this.#closeNet[place] as number)) this.#forgetRefused(place, buy, sell);
    } else if (net >= (this.#openNet[place] as number)) {
      this.#now[0] = net;
      this.#now[1] = this.#legs.clock[0] as number;
      this.#open(place, buy, sell);
    }
  }

  #open(place: number, buy: number, sell: number): void {
    this.#ofLeg[buy] = (this.#ofLeg[buy] as number) + 1;
    this.#ofLeg[sell] = (this.#ofLeg[sell] as number) + 1;
    if (this.#used === this.placeOf.length) {
      this.#refused[place] = 1;
      this.#refusals++;
      return;
    }
    this.#opened++;
    const slot = this.#free[this.placeOf.length - 1 - this.#used] as number;
    this.#used++;
    if (this.#used > this.#peak) this.#peak = this.#used;
    this.#slotOf[place] = slot;
    this.placeOf[slot] = place;
    this.#begin(slot, place, buy, sell);
    for (let i = 0; i < this.#followers.length; i++) this.#followers[i]?.opened?.(this, slot);
  }

  #begin(slot: number, place: number, buy: number, sell: number): void {
    const { columns } = this;
    const { legs, facts } = this.#legs;
    const net = this.#now[0] as number;
    const now = this.#now[1] as number;
    columns.buy[slot] = this.#quotes.instrumentOf[buy] as number;
    columns.sell[slot] = this.#quotes.instrumentOf[sell] as number;
    columns.ticks[slot] = 1;
    columns.start[slot] = now;
    columns.end[slot] = Number.NaN;
    columns.openNet[slot] = this.#openNet[place] as number;
    columns.startNet[slot] = net;
    this.#notePeak(slot, buy, sell);
    columns.size[slot] = columns.peakSize[slot] as number;
    columns.notional[slot] = columns.peakNotional[slot] as number;
    columns.buyAge[slot] = Math.max(0, now - (legs[buy * LEG_STRIDE + RECEIVE_TIME] as number));
    columns.sellAge[slot] = Math.max(0, now - (legs[sell * LEG_STRIDE + RECEIVE_TIME] as number));
    columns.buyVenueTime[slot] = facts[buy * FACT_STRIDE + VENUE_TIME] as number;
    columns.sellVenueTime[slot] = facts[sell * FACT_STRIDE + VENUE_TIME] as number;
    for (let i = 0; i < this.#survival.length; i++) (this.#survival[i] as Float64Array)[slot] = Number.NaN;
    this.#nextDelay[slot] = 0;
    this.#sum[slot] = net;
    this.#integral[slot] = 0;
    this.net[slot] = net;
    this.time[slot] = now;
  }

  #tick(slot: number, buy: number, sell: number): void {
    this.#pass(slot);
    const net = this.#now[0] as number;
    this.columns.ticks[slot] = (this.columns.ticks[slot] as number) + 1;
    this.#sum[slot] = (this.#sum[slot] as number) + net;
    this.net[slot] = net;
    if (net > (this.columns.peakNet[slot] as number)) this.#notePeak(slot, buy, sell);
    for (let i = 0; i < this.#followers.length; i++) this.#followers[i]?.ticked?.(this, slot);
  }

  /** Time has come to `#now` with what the last tick left. A clock that was set back stands still. */
  #pass(slot: number): void {
    const last = this.time[slot] as number;
    const now = Math.max(last, this.#now[1] as number);
    const net = this.net[slot] as number;
    const start = this.columns.start[slot] as number;
    let next = this.#nextDelay[slot] as number;
    while (next < SURVIVAL_MS.length && start + (SURVIVAL_MS[next] as number) * MS < now) {
      (this.#survival[next] as Float64Array)[slot] = net;
      next++;
    }
    this.#nextDelay[slot] = next;
    this.#integral[slot] = (this.#integral[slot] as number) + net * (now - last);
    this.time[slot] = now;
  }

  #notePeak(slot: number, buy: number, sell: number): void {
    const { legs } = this.#legs;
    const askSize = legs[buy * LEG_STRIDE + ASK_SIZE] as number;
    const bidSize = legs[sell * LEG_STRIDE + BID_SIZE] as number;
    const size = Math.min(askSize, bidSize);
    this.columns.peakNet[slot] = this.#now[0] as number;
    this.columns.peakTime[slot] = Math.max(this.#now[1] as number, this.columns.start[slot] as number);
    this.columns.peakSize[slot] = size;
    this.columns.peakNotional[slot] = size * (legs[buy * LEG_STRIDE + ASK] as number);
  }

  /** Closes a slot at `#now`. */
  #close(slot: number, reason: number): void {
    this.#pass(slot);
    const { columns } = this;
    const end = this.time[slot] as number;
    const duration = end - (columns.start[slot] as number);
    const mean = (this.#sum[slot] as number) / (columns.ticks[slot] as number);
    columns.end[slot] = end;
    columns.meanNet[slot] = mean;
    columns.timeMeanNet[slot] = duration > 0 ? (this.#integral[slot] as number) / duration : mean;
    columns.closedBy[slot] = reason;
    const place = this.placeOf[slot] as number;
    for (let i = 0; i < this.#followers.length; i++) this.#followers[i]?.closed(this, slot);
    this.#leave(this.#cellOf(place, 0));
    this.#leave(this.#cellOf(place, 1));
    this.#slotOf[place] = -1;
    this.placeOf[slot] = -1;
    this.#used--;
    this.#free[this.placeOf.length - 1 - this.#used] = slot;
  }

  /** A leg is invalid from `time` on: everything it is part of ends. */
  #endLeg(cell: number, time: number, end: number): void {
    const venue = cell % VENUE_COUNT;
    for (let v = 0; v < VENUE_COUNT; v++) {
      const pair = v === venue ? -1 : this.#pairs.of(cell, v);
      if (pair < 0) continue;
      for (let side = 0; side < 2; side++) {
        const place = 2 * pair + side;
        const buys = this.#cellOf(place, 0) === cell;
        const slot = this.#slotOf[place] as number;
        this.#now[1] = time;
        if (slot >= 0) this.#close(slot, closeReason(end, buys));
        else if (this.#refused[place] === 1)
          this.#forgetRefused(place, this.#cellOf(place, 0), this.#cellOf(place, 1));
      }
    }
  }

  #forgetRefused(place: number, buy: number, sell: number): void {
    this.#refused[place] = 0;
    this.#leave(buy);
    this.#leave(sell);
  }

  #leave(cell: number): void {
    this.#ofLeg[cell] = (this.#ofLeg[cell] as number) - 1;
  }

  /** The leg on which a directed route buys (0) or sells (1). */
  #cellOf(place: number, side: 0 | 1): number {
    const pair = place >> 1;
    return ((place & 1) === side ? this.#pairs.low[pair] : this.#pairs.high[pair]) as number;
  }
}
