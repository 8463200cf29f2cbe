import { VENUE_COUNT } from '../core/venue-ids.ts';
import type { RouteTable } from './routes.ts';

export type RouteSort = 'net' | 'gross' | 'notional' | 'size' | 'age' | 'opportunities' | 'symbol';

/** What routes are ranked by, and whether the greatest stands first. */
export interface RouteOrder {
  readonly sort: RouteSort;
  readonly descending: boolean;
}

/** Figures of routes that the table does not have. */
export interface RouteFigureSource {
  /** Opportunities an hour; NaN = not known. */
  perHour(route: number): number;
}

/** Who says which routes may be ranked at all. */
export interface RouteGate {
  admits(route: number): boolean;
}

const ROUTES_PER_SYMBOL = VENUE_COUNT * VENUE_COUNT;

/**
 * The best k of all routes, found at read time: one pass over the table with a heap of k, so that ticks pay nothing for ranking. 64,000 slots (1,000 symbols)
 * take about 0.2 ms for the best 50; keeping a sorted order instead would cost several heap moves on each of 14 routes per quote (bench/market).
 */
export class Ranking {
  /** Routes that passed the filters in the last ranking, before the limit. */
  total = 0;
  readonly #routes: RouteTable;
  readonly #more: RouteFigureSource | undefined;
  readonly #keys: Float64Array;
  readonly #order: Int32Array;
  #size = 0;

  /** @param more without it routes have no opportunities */
  constructor(routes: RouteTable, capacity: number, more?: RouteFigureSource) {
    this.#routes = routes;
    this.#more = more;
    this.#keys = new Float64Array(capacity);
    this.#order = new Int32Array(capacity);
  }

  get capacity(): number {
    return this.#keys.length;
  }

  /**
   * Ranks the routes of the symbols that `wanted` marks with 1. `symbol` goes by `alphabet`, each symbol's place in it. What is not known comes last; equal
   * ones keep the table's order. Answers route indices, best first, in an array that the next call overwrites: `limit` of them behind the first `offset`.
   */
  rank(
    order: RouteOrder,
    limit: number,
    wanted: Uint8Array,
    alphabet: Int32Array,
    minNet: number,
    minNotional: number,
    gate: RouteGate | undefined,
    offset = 0,
  ): Int32Array {
    this.total = 0;
    this.#size = 0;
    const k = Math.min(offset + limit, this.capacity);
    for (let symbol = 0; symbol < wanted.length; symbol++) {
      if (wanted[symbol] !== 1) continue;
      const end = (symbol + 1) * ROUTES_PER_SYMBOL;
      for (let route = symbol * ROUTES_PER_SYMBOL; route < end; route++) {
        if (!this.#passes(route, minNet, minNotional, gate)) continue;
        this.total++;
        this.#offer(this.#key(order, route, alphabet), route, k);
      }
    }
    return this.#drain(offset);
  }

  /** A route's place in the ranking of the same arguments, 1 = first; undefined = it does not pass. `total` is set too. */
  placeOf(route: number, ...of: Parameters<Ranking['rank']>): number | undefined {
    const [order, , wanted, alphabet, minNet, minNotional, gate] = of;
    const key = this.#key(order, route, alphabet);
    let [better, passes] = [0, false];
    this.total = 0;
    for (let other = 0; other < wanted.length * ROUTES_PER_SYMBOL; other++) {
      if (wanted[Math.trunc(other / ROUTES_PER_SYMBOL)] !== 1) continue;
      if (!this.#passes(other, minNet, minNotional, gate)) continue;
      this.total++;
      if (other === route) passes = true;
      const its = this.#key(order, other, alphabet);
      if (its > key || (its === key && other < route)) better++;
    }
    return passes ? better + 1 : undefined;
  }

  #passes(route: number, minNet: number, minNotional: number, gate: RouteGate | undefined): boolean {
    if (!((this.#routes.net[route] as number) >= minNet)) return false;
    if (gate !== undefined && !gate.admits(route)) return false;
    return !(minNotional > 0 && this.#routes.notional(route) < minNotional);
  }

  #key({ sort, descending }: RouteOrder, route: number, alphabet: Int32Array): number {
    const figure = this.#figure(sort, route, alphabet);
    if (!Number.isFinite(figure)) return -Infinity;
    return descending ? figure : -figure;
  }

  #figure(sort: RouteSort, route: number, alphabet: Int32Array): number {
    if (sort === 'net') return this.#routes.net[route] as number;
    if (sort === 'gross') return this.#routes.gross(route);
    if (sort === 'size') return this.#routes.size(route);
    if (sort === 'notional') return this.#routes.notional(route);
    if (sort === 'age') return this.#routes.age(route);
    if (sort === 'opportunities') return this.#more?.perHour(route) ?? Number.NaN;
    return alphabet[Math.trunc(route / ROUTES_PER_SYMBOL)] as number;
  }

  /** Routes come in table order, so one that only equals the worst kept is behind it. */
  #offer(key: number, route: number, k: number): void {
    if (this.#size < k) {
      this.#up(this.#size++, key, route);
    } else if (k > 0 && key > (this.#keys[0] as number)) {
      this.#down(0, key, route, k);
    }
  }

  /** The heap's root is the worst kept; taking it off again and again gives the order from the back, as far to the front as is asked for. */
  #drain(offset: number): Int32Array {
    const count = this.#size;
    for (let last = count - 1; last > 0 && last >= offset; last--) {
      const worst = this.#order[0] as number;
      this.#down(0, this.#keys[last] as number, this.#order[last] as number, last);
      this.#order[last] = worst;
    }
    return this.#order.subarray(Math.min(offset, count), count);
  }

  #up(from: number, key: number, route: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(key, route, parent)) break;
      this.#keys[at] = this.#keys[parent] as number;
      this.#order[at] = this.#order[parent] as number;
      at = parent;
    }
    this.#keys[at] = key;
    this.#order[at] = route;
  }

  #down(from: number, key: number, route: number, size: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (
        child + 1 < size &&
        this.#worse(this.#keys[child + 1] as number, this.#order[child + 1] as number, child)
      ) {
        child++;
      }
      if (this.#worse(key, route, child)) break;
      this.#keys[at] = this.#keys[child] as number;
      this.#order[at] = this.#order[child] as number;
      at = child;
    }
    this.#keys[at] = key;
    this.#order[at] = route;
  }

  #worse(key: number, route: number, than: number): boolean {
    const other = this.#keys[than] as number;
    return key < other || (key === other && route > (this.#order[than] as number));
  }
}
