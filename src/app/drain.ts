import type { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import type { Market } from '../market/market.ts';
import { RingConsumer } from '../ring/ring.ts';
import type { FeedHost } from './feed-host.ts';

/** The market's cursor in every ring. */
export const MARKET = 'market';

/**
 * How often the rings are emptied into the market. A timer instead of a wake-up per publication: at 100,000 messages a second the feed publishes thousands of times
 * a second, and each wake-up of the main thread costs more than the rows it announces. It adds 1 ms to a quote's way on average.
 */
const EVERY_MS = 2;
/** Rows taken in one go, about 2 ms of work, so that the page's readers are never kept waiting by a burst. */
const ROWS_AT_ONCE = 16_384;

/** Moves what the feed workers said into the market, on the main thread. */
export class Drain {
  readonly #market: Market;
  readonly #micros: () => number;
  readonly #quotes: readonly RingConsumer<typeof QUOTE_SCHEMA>[];
  readonly #trades: readonly RingConsumer<typeof TRADE_SCHEMA>[];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(hosts: readonly Pick<FeedHost, 'quotes' | 'trades'>[], market: Market, micros: () => number) {
    this.#market = market;
    this.#micros = micros;
    this.#quotes = hosts.map((host) => new RingConsumer(host.quotes, MARKET));
    this.#trades = hosts.map((host) => new RingConsumer(host.trades, MARKET));
  }

  start(): void {
    this.#timer = setInterval(() => this.run(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  /** Takes in what is there, up to a bound; the rest follows after whatever else waits on this thread. */
  run(): void {
    let full = false;
    for (const ring of this.#quotes) full = this.#takeQuotes(ring) || full;
    for (const ring of this.#trades) full = this.#takeTrades(ring) || full;
    if (!full || this.#immediate !== undefined) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.run();
    });
  }

  /** Takes in all that is there now, at most what the rings hold: what happens next counts after it. */
  runAll(): void {
    for (const ring of this.#quotes)
      for (let left = ring.available(); left > 0; left -= ROWS_AT_ONCE) this.#takeQuotes(ring, left);
    for (const ring of this.#trades)
      for (let left = ring.available(); left > 0; left -= ROWS_AT_ONCE) this.#takeTrades(ring, left);
  }

  #takeQuotes(ring: RingConsumer<typeof QUOTE_SCHEMA>, most = ROWS_AT_ONCE): boolean {
    const rows = Math.min(ring.available(), most, ROWS_AT_ONCE);
    if (rows === 0) return false;
    this.#market.applyQuotes(ring.columns, ring.slot(0), rows, ring.memory.capacity - 1, this.#micros());
    ring.release(rows);
    return rows === ROWS_AT_ONCE;
  }

  #takeTrades(ring: RingConsumer<typeof TRADE_SCHEMA>, most = ROWS_AT_ONCE): boolean {
    const rows = Math.min(ring.available(), most, ROWS_AT_ONCE);
    if (rows === 0) return false;
    this.#market.applyTrades(ring.columns, ring.slot(0), rows, ring.memory.capacity - 1);
    ring.release(rows);
    return rows === ROWS_AT_ONCE;
  }
}
