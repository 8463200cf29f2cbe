import { type BoundReading, boundOf } from '../core/bounds.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';

/** A rule that a directed route fulfilled. Venues and symbols are numbers. */
export interface Fulfilment {
  readonly rule: number;
  readonly place: number;
  /** µs of the rows. */
  readonly time: number;
  /** A fraction. */
  readonly net: number;
  readonly notional: number;
  readonly symbol: number;
  readonly buy: number;
  readonly sell: number;
}

export interface AlertBookOptions {
  /** Of each rule, µs. */
  readonly cooldowns: readonly number[];
  /** So many coins of one venue at once are about the venue. */
  readonly venueCoins: number;
  /** µs between two alerts of one venue. */
  readonly venueCooldown: number;
  readonly told: (one: Fulfilment) => void;
  /** `symbols` as numbers, in the order of their fulfilment. */
  readonly toldVenue: (venue: number, time: number, symbols: readonly number[], widest: Fulfilment) => void;
}

/** What is fulfilled within so many µs is looked at together. */
export const TOGETHER = 500_000;
const MOST_WAITING = 1024;
const MOST_COOLDOWNS = 4096;
const WAITING_BYTES = 128;
const COOLDOWN_BYTES = 64;

/**
 * Which fulfilled rules are told: at most one of a rule and route within the rule's cooldown, and where several coins of one venue stand apart at once, one about the venue instead of one each. All by the time
 * of the rows, so that a recording gives the alerts that the live run gave.
 */
export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #waiting: Fulfilment[] = [];
  /** The last time of a rule and route, oldest first. */
  readonly #last = new Map<number, number>();
  readonly #venueLast = new Float64Array(VENUE_COUNT).fill(-Infinity);
  /** Not told: within a cooldown, told as a venue's, or there was no room. */
  readonly counts = { cooled: 0, grouped: 0, dropped: 0 };
  #peak = 0;

  constructor(options: AlertBookOptions) {
    this.#options = options;
  }

  add(one: Fulfilment): void {
    if (this.#waiting.length === MOST_WAITING) {
      this.counts.dropped++;
      return;
    }
    this.#waiting.push(one);
    this.#peak = Math.max(this.#peak, this.#waiting.length);
  }

  /** Everything that was fulfilled before `now`, µs, has been added: tells what belongs together and is over. */
  settle(now: number): void {
    if (this.#waiting.length === 0) return;
    this.#waiting.sort((a, b) => a.time - b.time || a.rule - b.rule || a.place - b.place);
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const end = (Math.floor(first.time / TOGETHER) + 1) * TOGETHER;
      if (now < end) return;
      const count = this.#waiting.findIndex(({ time }) => time >= end);
      this.#tell(this.#waiting.splice(0, count < 0 ? this.#waiting.length : count));
    }
  }

  bounds(): BoundReading[] {
    return [
      boundOf(
        {
          ...{ name: 'alerts.waiting', policy: 'refuse', capacity: MOST_WAITING },
          ...{ capacityBytes: MOST_WAITING * WAITING_BYTES, cleanedBy: 'half a second' },
        },
        { used: this.#waiting.length, peak: this.#peak, refused: this.counts.dropped },
      ),
      boundOf(
        {
          ...{ name: 'alerts.cooldowns', policy: 'drop-oldest', capacity: MOST_COOLDOWNS },
          ...{ capacityBytes: MOST_COOLDOWNS * COOLDOWN_BYTES, cleanedBy: 'newer ones' },
        },
        { used: this.#last.size },
      ),
    ];
  }

  #tell(batch: readonly Fulfilment[]): void {
    let rest = batch;
    for (;;) {
      const venue = this.#apart(rest);
      if (venue < 0) break;
      const own = rest.filter(({ buy, sell }) => buy === venue || sell === venue);
      rest = rest.filter((one) => !own.includes(one));
      this.#tellVenue(venue, own);
    }
    for (const one of rest) this.#tellRoute(one);
  }

  /** Of the venues with coins enough the one with the most routes, for it is that one which stands apart from the others; −1 = none. */
  #apart(batch: readonly Fulfilment[]): number {
    let [best, most] = [-1, 0];
    for (let venue = 0; venue < VENUE_COUNT; venue++) {
      const own = batch.filter(({ buy, sell }) => buy === venue || sell === venue);
      const coins = new Set(own.map(({ symbol }) => symbol)).size;
      if (coins >= this.#options.venueCoins && own.length > most) [best, most] = [venue, own.length];
    }
    return best;
  }

  #tellVenue(venue: number, own: readonly Fulfilment[]): void {
    const [first] = own;
    if (first === undefined) return;
    const again = first.time - (this.#venueLast[venue] as number) < this.#options.venueCooldown;
    this.counts.grouped += own.length;
    if (again) return;
    this.#venueLast[venue] = first.time;
    const widest = own.reduce((best, one) => (one.net > best.net ? one : best), first);
    this.#options.toldVenue(venue, first.time, [...new Set(own.map(({ symbol }) => symbol))], widest);
  }

  #tellRoute(one: Fulfilment): void {
    const { venueCooldown, cooldowns, told } = this.#options;
    // More of a venue that was told of a moment ago.
    for (const venue of [one.buy, one.sell]) {
      if (one.time - (this.#venueLast[venue] as number) >= venueCooldown) continue;
      this.counts.grouped++;
      return;
    }
    const key = one.place * cooldowns.length + one.rule;
    const last = this.#last.get(key);
    if (last !== undefined && one.time - last < (cooldowns[one.rule] as number)) {
      this.counts.cooled++;
      return;
    }
    this.#last.delete(key);
    this.#last.set(key, one.time);
    if (this.#last.size > MOST_COOLDOWNS) {
      const [oldest] = this.#last.keys();
      if (oldest !== undefined) this.#last.delete(oldest);
    }
    told(one);
  }
}
