import { type BoundReading, boundOf } from '../core/bounds.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';

/**
 * The pairs of venues that list the same symbol, by a dense number given once: what is kept of routes beyond their present spread lies in arrays with one place per
 * pair, since most places of the table of routes are no route. A pair has two directed routes, `2 × pair` buys on the venue of the lower index, `2 × pair + 1` on the
 * other.
 */
export class PairPool {
  readonly capacity: number;
  /** Of each route's index in the table of routes: its pair, −1 = none. */
  readonly #pairOf: Int32Array;
  /** The cell of the lower venue, and of the higher one. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Venues that list a symbol, as bits of their index. */
  readonly #venues: Uint8Array;
  #used = 0;
  #refused = 0;

  constructor(capacity: number, symbolCapacity: number) {
    this.capacity = capacity;
    this.#pairOf = new Int32Array(symbolCapacity * VENUE_COUNT * VENUE_COUNT).fill(-1);
    this.low = new Int32Array(capacity).fill(-1);
    this.high = new Int32Array(capacity).fill(-1);
    this.#venues = new Uint8Array(symbolCapacity);
  }

  get used(): number {
    return this.#used;
  }

  /** A leg is listed: it makes a pair with every other of its symbol. Those beyond the capacity are refused, and counted. */
  list(cell: number): void {
    const venue = cell % VENUE_COUNT;
    const symbol = (cell - venue) / VENUE_COUNT;
    const others = this.#venues[symbol] as number;
    if ((others & (1 << venue)) !== 0) return;
    this.#venues[symbol] = others | (1 << venue);
    for (let other = 0; other < VENUE_COUNT; other++) {
      if ((others & (1 << other)) === 0) continue;
      if (this.#used === this.capacity) {
        this.#refused++;
        continue;
      }
      const pair = this.#used++;
      const first = symbol * VENUE_COUNT;
      this.low[pair] = first + Math.min(venue, other);
      this.high[pair] = first + Math.max(venue, other);
      this.#pairOf[cell * VENUE_COUNT + other] = pair;
      this.#pairOf[(first + other) * VENUE_COUNT + venue] = pair;
    }
  }

  /** The pair of a leg's cell and a venue of the same symbol; −1 = none. Also that of a route's index, which is `of(buyCell, sellVenue)`. */
  of(cell: number, venue: number): number {
    return this.#pairOf[cell * VENUE_COUNT + venue] as number;
  }

  /** The place of a directed route by its index in the table of routes; −1 = none. */
  placeOf(route: number): number {
    const pair = this.#pairOf[route] as number;
    if (pair < 0) return -1;
    return 2 * pair + (this.low[pair] === Math.trunc(route / VENUE_COUNT) ? 0 : 1);
  }

  get bytes(): number {
    return this.#pairOf.byteLength + this.low.byteLength + this.high.byteLength + this.#venues.byteLength;
  }

  /** @param more bytes of what is kept beside the pairs, by leg and symbol */
  bound(more: number): BoundReading {
    const facts = { name: 'market.pairs', policy: 'refuse', cleanedBy: 'nobody: fixed size' } as const;
    return boundOf(
      { ...facts, capacity: this.capacity, capacityBytes: this.bytes + more },
      { used: this.#used, refused: this.#refused },
    );
  }
}
