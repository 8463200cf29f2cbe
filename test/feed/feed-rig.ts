import type { FeedStatus } from '../../src/core/feed-status.ts';
import type { Instrument } from '../../src/core/instruments.ts';
import { QUOTE_SCHEMA, QuoteKind, TRADE_ID_BYTES, TRADE_SCHEMA } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { systemClock } from '../../src/feed/clock.ts';
import { Feed, type FeedOptions } from '../../src/feed/feed.ts';
import { createRing, RingConsumer } from '../../src/ring/ring.ts';
import { NativeIdTable } from '../../src/venues/shared/symbol-table.ts';
import type { Venue } from '../../src/venues/venue.ts';

export interface SeenQuote {
  readonly instrument: number;
  readonly ended: boolean;
  readonly epoch: number;
  readonly bid: number;
  readonly size: number;
  readonly sequence: number;
  readonly receiveTime: number;
}

export interface SeenTrade {
  readonly instrument: number;
  readonly epoch: number;
  readonly price: number;
  readonly size: number;
  readonly id: string;
}

/** A feed on fake venues, and all that came out of its rings. */
export class FeedRig {
  readonly feed: Feed;
  readonly quotes: SeenQuote[] = [];
  readonly trades: SeenTrade[] = [];
  readonly logs: string[] = [];
  readonly #quoteEnd: RingConsumer<typeof QUOTE_SCHEMA>;
  readonly #tradeEnd: RingConsumer<typeof TRADE_SCHEMA>;

  constructor(setups: readonly { venue: Venue; url: string }[], options: Partial<FeedOptions> = {}) {
    const quoteRing = createRing('quotes', QUOTE_SCHEMA, 4096, [{ name: 'test', policy: 'gate' }]);
    const tradeRing = createRing('trades', TRADE_SCHEMA, 4096, [{ name: 'test', policy: 'gate' }]);
    this.#quoteEnd = new RingConsumer(quoteRing, 'test');
    this.#tradeEnd = new RingConsumer(tradeRing, 'test');
    const log = (message: string, fields?: object): void => {
      this.logs.push(`${message} ${JSON.stringify(fields ?? {})}`);
    };
    this.feed = new Feed({
      setups: setups.map(({ venue, url }) => ({
        venue,
        endpoints: { ws: url, rest: url.replace('ws:', 'http:') },
      })),
      channels: ['quote', 'trade'],
      transport: 'raw',
      quoteRing,
      tradeRing,
      instrumentCapacity: 256,
      createSymbolTable: (capacity) => new NativeIdTable(capacity),
      clock: systemClock(),
      random: Math.random,
      log: { info: log, warn: log, error: log },
      ...options,
      tuning: { tickMs: 5, dialSpacingMs: 1, backoffBaseMs: 20, backoffCapMs: 200, ...options.tuning },
    });
  }

  /** Reads what is in the rings. */
  drain(): void {
    const q = this.#quoteEnd;
    const rows = q.available();
    for (let i = 0; i < rows; i += 1) {
      const at = q.slot(i);
      this.quotes.push({
        instrument: q.columns.instrument[at] as number,
        ended: q.columns.kind[at] !== QuoteKind.quote,
        epoch: q.columns.epoch[at] as number,
        bid: q.columns.bid[at] as number,
        size: q.columns.bidSize[at] as number,
        sequence: q.columns.sequence[at] as number,
        receiveTime: q.columns.receiveTime[at] as number,
      });
    }
    q.release(rows);
    const t = this.#tradeEnd;
    const trades = t.available();
    for (let i = 0; i < trades; i += 1) {
      const at = t.slot(i);
      const idAt = at * TRADE_ID_BYTES;
      const id = Buffer.from(t.columns.id.slice(idAt, idAt + (t.columns.idLength[at] as number)));
      this.trades.push({
        instrument: t.columns.instrument[at] as number,
        epoch: t.columns.epoch[at] as number,
        price: t.columns.price[at] as number,
        size: t.columns.size[at] as number,
        id: id.toString(),
      });
    }
    t.release(trades);
  }

  /** The only venue's status, or that of the one named. */
  status(venue?: VenueId): FeedStatus {
    const all = this.feed.status();
    const one = venue === undefined ? all[0] : all.find((s) => s.venue === venue);
    if (one === undefined) throw new Error('no such venue in the rig');
    return one;
  }

  /** Drains until the condition holds; fails after 8 s. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await until(() => {
      this.drain();
      return condition();
    }, what);
  }
}

/** Waits until the condition holds; fails after 8 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 8000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function instruments(count: number, from = 0, venue: VenueId = 'okx'): Instrument[] {
  return Array.from({ length: count }, (_, i) => ({
    instrument: from + i,
    venue,
    nativeId: `C${from + i}-USDT`,
    symbol: `C${from + i}-USDT`,
    base: `C${from + i}`,
    quote: 'USDT',
    takerFee: 0.001,
  }));
}
