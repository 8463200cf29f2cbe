import type { BoundReading } from '../core/bounds.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';
import { ASK, BID, LEG_STRIDE, type QuoteTable } from './quotes.ts';
import { buyCellOf, type RouteTable, sellCellOf } from './routes.ts';

export const WATCHED_ROUTES = 128;
export const WATCHED_SAMPLES = 1200;
const SPACING = 50_000;
/** A route looked at within this time is not evicted for another: many watchers would only take the arena from each other. */
const KEPT = 2_000_000;
const COLUMNS = 4;
const REFUSED_KNOWN = 1024;
const ROUTES_PER_SYMBOL = VENUE_COUNT * VENUE_COUNT;

/** A tail as columns, oldest first; NaN in the figures marks an invalid leg. Times are µs, `net` a fraction. */
export interface Tail {
  readonly time: Float64Array;
  readonly net: Float64Array;
  readonly ask: Float64Array;
  readonly bid: Float64Array;
}

/**
 * The recent past of the routes that somebody looks at, in an arena of fixed size. A sample is taken when a quote of a leg arrives, at most one per 50 ms: a
 * newer quote within that time replaces the sample's figures. When every place is taken, the least recently watched route gives way.
 */
export class WatchedRoutes {
  readonly #quotes: QuoteTable;
  readonly #routes: RouteTable;
  readonly #arena = new Float64Array(WATCHED_ROUTES * WATCHED_SAMPLES * COLUMNS);
  readonly #route = new Int32Array(WATCHED_ROUTES).fill(-1);
  readonly #symbol = new Int32Array(WATCHED_ROUTES).fill(-1);
  /** Samples ever written to a place since its route took it. */
  readonly #written = new Int32Array(WATCHED_ROUTES);
  readonly #lastSample = new Float64Array(WATCHED_ROUTES);
  readonly #lastWatched = new Float64Array(WATCHED_ROUTES);
  /** Watched routes per symbol, so that a quote of any other symbol costs one look. */
  readonly #perSymbol: Uint8Array;
  /** The routes that were refused last: whoever asks again ten times a second is refused once. */
  readonly #lastRefused = new Int32Array(REFUSED_KNOWN).fill(-1);
  #used = 0;
  #refused = 0;
  #evicted = 0;

  constructor(quotes: QuoteTable, routes: RouteTable, symbolCapacity: number) {
    this.#quotes = quotes;
    this.#routes = routes;
    this.#perSymbol = new Uint8Array(symbolCapacity);
  }

  /** Says that somebody looks at a route, at `quotes.clock`. False when every place is taken by routes that are looked at right now. */
  watch(route: number): boolean {
    const now = this.#quotes.clock[0] as number;
    let place = this.#route.indexOf(route);
    if (place < 0) {
      place = this.#takePlace(now);
      if (place < 0) {
        const at = route % REFUSED_KNOWN;
        if (this.#lastRefused[at] !== route) this.#refused++;
        this.#lastRefused[at] = route;
        return false;
      }
      this.#settle(place, route);
    }
    this.#lastWatched[place] = now;
    return true;
  }

  /** Samples the watched routes of a leg that just changed. */
  sample(cell: number): void {
    const symbol = Math.trunc(cell / VENUE_COUNT);
    if (this.#perSymbol[symbol] === 0) return;
    for (let place = 0; place < this.#used; place++) {
      if (this.#symbol[place] !== symbol) continue;
      const route = this.#route[place] as number;
      if (buyCellOf(route) === cell || sellCellOf(route) === cell) this.#write(place, route);
    }
  }

  /** The past of a route, copied out; undefined if nobody watches it. */
  tail(route: number): Tail | undefined {
    const place = this.#route.indexOf(route);
    if (place < 0) return undefined;
    const written = this.#written[place] as number;
    const count = Math.min(written, WATCHED_SAMPLES);
    const column = (number: number): Float64Array => {
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        values[i] = this.#arena[this.#at(place, written - count + i) + number] as number;
      }
      return values;
    };
    return { time: column(0), net: column(1), ask: column(2), bid: column(3) };
  }

  read(): BoundReading {
    return {
      name: 'market.watched-routes',
      policy: 'drop-oldest',
      capacity: WATCHED_ROUTES,
      capacityBytes: this.#arena.byteLength + this.#lastRefused.byteLength,
      cleanedBy: 'age, as samples are written',
      used: this.#used,
      usedBytes: this.#used * WATCHED_SAMPLES * COLUMNS * 8,
      peak: this.#used,
      refused: this.#refused,
      replaced: 0,
      evicted: this.#evicted,
      lost: 0,
    };
  }

  #takePlace(now: number): number {
    if (this.#used < WATCHED_ROUTES) return this.#used++;
    let oldest = 0;
    for (let place = 1; place < WATCHED_ROUTES; place++) {
      if ((this.#lastWatched[place] as number) < (this.#lastWatched[oldest] as number)) oldest = place;
    }
    if (now - (this.#lastWatched[oldest] as number) < KEPT) return -1;
    this.#evicted++;
    const symbol = this.#symbol[oldest] as number;
    this.#perSymbol[symbol] = (this.#perSymbol[symbol] as number) - 1;
    return oldest;
  }

  #settle(place: number, route: number): void {
    const symbol = Math.trunc(route / ROUTES_PER_SYMBOL);
    this.#route[place] = route;
    this.#symbol[place] = symbol;
    this.#written[place] = 0;
    if (this.#lastRefused[route % REFUSED_KNOWN] === route) this.#lastRefused[route % REFUSED_KNOWN] = -1;
    this.#lastSample[place] = -Infinity;
    this.#perSymbol[symbol] = (this.#perSymbol[symbol] as number) + 1;
    this.#write(place, route);
  }

  #write(place: number, route: number): void {
    const now = this.#quotes.clock[0] as number;
    const last = this.#lastSample[place] as number;
    // A clock that was set back starts the tail anew, since its times must rise.
    if (now < last) this.#written[place] = 0;
    const written = this.#written[place] as number;
    const again = written > 0 && now - last < SPACING;
    const at = this.#at(place, again ? written - 1 : written);
    if (!again) {
      this.#arena[at] = now;
      this.#lastSample[place] = now;
      this.#written[place] = written + 1;
    }
    const net = this.#routes.net[route] as number;
    const { legs } = this.#quotes;
    const valid = !Number.isNaN(net);
    this.#arena[at + 1] = net;
    this.#arena[at + 2] = valid ? (legs[buyCellOf(route) * LEG_STRIDE + ASK] as number) : Number.NaN;
    this.#arena[at + 3] = valid ? (legs[sellCellOf(route) * LEG_STRIDE + BID] as number) : Number.NaN;
  }

  #at(place: number, sample: number): number {
    return (place * WATCHED_SAMPLES + (sample % WATCHED_SAMPLES)) * COLUMNS;
  }
}
