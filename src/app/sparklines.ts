import { setImmediate as turn } from 'node:timers/promises';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { SparkRoute } from '../gateway/sources.ts';
import type { Market } from '../market/market.ts';
import type { InstrumentWindow } from '../market/window-arena.ts';
import type { SparklinesReply } from '../wire/api.ts';
import { Turns } from './turns.ts';

const MINUTE = 60_000_000;
const POINTS = 60;
const BPS = 10_000;
/** Lines that are kept for whoever asks next: what readers have in sight, most of which is the same for all. */
const CACHED = 512;
/** A line of doubles with its key and its place in the map. */
const CACHED_BYTES = 1024;
/** One route takes a third of a millisecond (bench/market); between two of these the loop turns. */
const AT_A_TIME = 4;
const WAITING = 32;

interface Cached {
  /** The last minute of it, µs. */
  readonly to: number;
  /** NaN = not known. */
  readonly netBps: Float64Array;
}

/** The kept lines' line in the ledger. */
export function sparklineFacts(): BoundFacts {
  return {
    ...{ name: 'app.sparklines', policy: 'drop-oldest', capacity: CACHED },
    ...{ capacityBytes: CACHED * CACHED_BYTES, cleanedBy: 'newer lines' },
  };
}

/** The last hour of routes, a net spread for the end of each minute, out of the windows in memory. A line is made once a minute, whoever asks. */
export class Sparklines {
  readonly #market: Pick<Market, 'window' | 'takerFee'>;
  readonly #maxAge: number;
  readonly #cache = new Map<string, Cached>();
  readonly #turns = new Turns(1, WAITING);
  #evicted = 0;

  constructor(market: Pick<Market, 'window' | 'takerFee'>, maxQuoteAgeMs: number) {
    this.#market = market;
    this.#maxAge = maxQuoteAgeMs * 1000;
  }

  /** Routes of which nothing is known have only nulls. @throws HISTORY_BUSY; the signal's reason */
  async read(routes: readonly SparkRoute[], now: number, signal: AbortSignal): Promise<SparklinesReply> {
    const release = await this.#turns.take(signal);
    try {
      const to = Math.floor(now / MINUTE) * MINUTE;
      const lines: SparklinesReply['routes'][number][] = [];
      let made = 0;
      for (const route of routes) {
        const id = `${route.symbol}:${route.buy}:${route.sell}`;
        let known = this.#cache.get(id);
        if (known?.to !== to) {
          if (++made % AT_A_TIME === 0) {
            await turn();
            signal.throwIfAborted();
          }
          known = { to, netBps: this.#line(route, to) };
          this.#keep(id, known);
        }
        lines.push({ id, netBps: Array.from(known.netBps, (net) => (Number.isNaN(net) ? null : net)) });
      }
      return {
        time: Array.from({ length: POINTS }, (_, i) => to - (POINTS - 1 - i) * MINUTE),
        routes: lines,
      };
    } finally {
      release();
    }
  }

  bound(): BoundReading {
    return boundOf(sparklineFacts(), { used: this.#cache.size, evicted: this.#evicted });
  }

  #keep(id: string, line: Cached): void {
    // Behind all others: what was made longest ago goes first.
    this.#cache.delete(id);
    if (this.#cache.size === CACHED) {
      const [oldest = ''] = this.#cache.keys();
      this.#cache.delete(oldest);
      this.#evicted += 1;
    }
    this.#cache.set(id, line);
  }

  #line({ symbol, buy, sell }: SparkRoute, to: number): Float64Array {
    const market = this.#market;
    const [buyFee, sellFee] = [market.takerFee(symbol, buy) ?? 0, market.takerFee(symbol, sell) ?? 0];
    const [bought, sold] = [market.window(symbol, buy), market.window(symbol, sell)];
    if (bought === undefined || sold === undefined) return new Float64Array(POINTS).fill(Number.NaN);
    const share = (1 - sellFee) / (1 + buyFee);
    const ask = new LastPrice(bought, 'ask', this.#maxAge);
    const bid = new LastPrice(sold, 'bid', this.#maxAge);
    return Float64Array.from({ length: POINTS }, (_, i) => {
      const at = to - (POINTS - 1 - i) * MINUTE;
      const net = (bid.at(at) / ask.at(at)) * share - 1;
      // A hundredth of a basis point is more than a line can show.
      return Math.round(net * BPS * 100) / 100;
    });
  }
}

/** Walks along a window; it is asked of rising times. */
class LastPrice {
  readonly #window: InstrumentWindow;
  readonly #price: Float64Array;
  readonly #maxAge: number;
  #next = 0;

  constructor(window: InstrumentWindow, price: 'bid' | 'ask', maxAge: number) {
    this.#window = window;
    this.#price = window[price];
    this.#maxAge = maxAge;
  }

  /** NaN = it was not valid, or not known. */
  at(time: number): number {
    const times = this.#window.time;
    while (this.#next < times.length && (times[this.#next] as number) <= time) this.#next += 1;
    const last = this.#next - 1;
    if (last < 0 || time - (times[last] as number) > this.#maxAge) return Number.NaN;
    return this.#price[last] as number;
  }
}
