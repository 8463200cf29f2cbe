import { type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { FeedStatus } from '../core/feed-status.ts';
import type { Instrument } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import type { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import { VENUE_COUNT, type VenueId, venueIndex } from '../core/venue-ids.ts';
import { ConflatingProducer } from '../ring/conflating-producer.ts';
import { type RingMemory, RingProducer } from '../ring/ring.ts';
import type { Channel, Endpoints, Venue } from '../venues/venue.ts';
import { ByteBudget } from './byte-budget.ts';
import type { FeedClock } from './clock.ts';
import type { FillableSymbolTable } from './connection-setup.ts';
import { type FeedStructure, feedFacts, RECENT_TRADES } from './feed-bounds.ts';
import { LagHistogram } from './lag-histogram.ts';
import { Ownership } from './ownership.ts';
import type { Outlets } from './quote-sink.ts';
import { openRawTransport } from './raw-transport.ts';
import { RecentTrades } from './recent-trades.ts';
import { type RestFetch, restFetch } from './rest.ts';
import type { OpenTransport, TransportKind } from './transport.ts';
import { DEFAULT_TUNING, type FeedTuning } from './tuning.ts';
import { VenueCounters } from './venue-counters.ts';
import { VenueFeed } from './venue-feed.ts';
import { openWsTransport } from './ws-transport.ts';

export interface FeedSetup {
  readonly venue: Venue;
  readonly endpoints: Endpoints;
}

export interface FeedOptions {
  readonly setups: readonly FeedSetup[];
  readonly channels: readonly Channel[];
  readonly transport: TransportKind;
  /** The feed is this ring's one producer. */
  readonly quoteRing: RingMemory<typeof QUOTE_SCHEMA>;
  /** The feed is this ring's one producer. */
  readonly tradeRing: RingMemory<typeof TRADE_SCHEMA>;
  /** Instrument numbers are below this. */
  readonly instrumentCapacity: number;
  /** A table that holds this many native ids: `(capacity) => new NativeIdTable(capacity)`. */
  readonly createSymbolTable: (capacity: number) => FillableSymbolTable;
  /** Bytes of such a table, for the ledger. */
  readonly symbolTableBytes?: (capacity: number) => number;
  /** The most instruments that one venue has at once; default `instrumentCapacity`. */
  readonly instrumentsPerVenue?: number;
  readonly clock: FeedClock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Epochs are above this one; other feeds of the process must not give the same. */
  readonly epochsBefore?: number;
  readonly rest?: RestFetch;
  readonly tuning?: Partial<FeedTuning>;
}

const TRANSPORTS: Readonly<Record<TransportKind, OpenTransport>> = {
  raw: openRawTransport,
  ws: openWsTransport,
};
const LAG_SPAN_MS = 5_000;
const ANCHOR_EVERY_MS = 5_000;
/** A tick this late means that the event loop was blocked. */
const LATE_MS = 150;

/** The connections of some venues, in one thread: quotes and trades into the rings, status on request. It dials once a venue has instruments. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #tuning: FeedTuning;
  readonly #outlets: Outlets;
  readonly #groupOf: Uint8Array;
  readonly #largeMessages: ByteBudget;
  readonly #venues = new Map<VenueId, VenueFeed>();
  readonly #facts: ReturnType<typeof feedFacts>;
  /** The most of each structure that was ever seen in use. */
  readonly #peaks = new Map<FeedStructure, number>();
  #timer: NodeJS.Timeout | undefined;
  #tickedAt: number;
  #anchoredAt: number;
  #epoch: number;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#tuning = { ...DEFAULT_TUNING, ...options.tuning };
    this.#groupOf = new Uint8Array(options.instrumentCapacity);
    this.#largeMessages = new ByteBudget(this.#tuning.largeMessageBytes);
    this.#epoch = options.epochsBefore ?? 0;
    this.#facts = feedFacts({
      name: options.quoteRing.name.replace(/\.quotes$/, ''),
      limits: options.setups.map(({ venue }) => venue.limits),
      channels: options.channels.length,
      instruments: options.instrumentCapacity,
      instrumentsPerVenue: options.instrumentsPerVenue ?? options.instrumentCapacity,
      largeMessageBytes: this.#tuning.largeMessageBytes,
      symbolTableBytes: options.symbolTableBytes ?? (() => 0),
    });
    const ring = new RingProducer(options.quoteRing);
    this.#outlets = {
      quotes: new ConflatingProducer(ring, options.instrumentCapacity, this.#groupOf, VENUE_COUNT),
      trades: new RingProducer(options.tradeRing),
      ownership: new Ownership(options.instrumentCapacity),
    };
    for (const setup of options.setups) this.#venues.set(setup.venue.id, this.#venueFeed(setup));
    this.#tickedAt = options.clock.ms();
    this.#anchoredAt = this.#tickedAt;
    this.#timer = setInterval(() => this.#tick(), this.#tuning.tickMs);
  }

  /** Makes these the venue's instruments; may be called again: new ones are subscribed, those that are gone end. Throws UNKNOWN_VENUE, INSTRUMENTS_FULL. */
  setInstruments(venue: VenueId, instruments: readonly Instrument[]): void {
    const feed = this.#venues.get(venue);
    if (feed === undefined) throw new SpreadscopeError('UNKNOWN_VENUE', `this feed does not run ${venue}`);
    if (this.#timer === undefined) return;
    for (const { instrument, units = 1 } of instruments) {
      if (instrument >= this.#groupOf.length) {
        throw new SpreadscopeError(
          'INSTRUMENTS_FULL',
          `instrument ${instrument} is over the ${this.#groupOf.length} that the feed was made for; raise limits.instruments`,
        );
      }
      this.#groupOf[instrument] = venueIndex(venue);
      this.#outlets.ownership.units[instrument] = units;
    }
    feed.setInstruments(instruments);
  }

  status(): FeedStatus[] {
    return [...this.#venues.values()].map((venue) => venue.status());
  }

  bounds(): BoundReading[] {
    const venues = [...this.#venues.values()];
    const uses = venues.map((venue) => venue.use());
    const connections = uses.reduce((sum, use) => sum + use.connections, 0);
    const instruments = uses.reduce((sum, use) => sum + use.instruments, 0);
    const topics = uses.reduce((sum, use) => sum + use.topics, 0);
    const trades = venues.map(({ setup }) => setup.books.recentTrades);
    const evicted = trades.reduce((sum, one) => sum + one.evicted, 0);
    const { channels } = this.#options;
    return [
      this.#outlets.quotes.read(),
      this.#largeMessages.read(this.#facts.largeMessages),
      this.#line(
        'recentTrades',
        trades.reduce((sum, one) => sum + one.used, 0),
        { evicted },
      ),
      this.#line('ownership', instruments),
      this.#line('connections', connections),
      this.#line('symbolTables', topics / channels.length),
      this.#line('subscriptions', topics),
      this.#line('lagHistograms', venues.length),
      this.#line('reads', connections === 0 ? 0 : 1),
    ];
  }

  #line(structure: FeedStructure, used: number, more: { readonly evicted?: number } = {}): BoundReading {
    const peak = Math.max(used, this.#peaks.get(structure) ?? 0);
    this.#peaks.set(structure, peak);
    return boundOf(this.#facts[structure], { used, peak, ...more });
  }

  /** Ends every connection, publishes what is left and resolves when the last socket is gone. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all([...this.#venues.values()].map((venue) => venue.stop()));
    this.#outlets.quotes.publish();
  }

  #tick(): void {
    const { clock, log } = this.#options;
    const now = clock.ms();
    const late = now - this.#tickedAt > this.#tuning.tickMs + LATE_MS;
    this.#tickedAt = now;
    if (now - this.#anchoredAt >= ANCHOR_EVERY_MS) {
      this.#anchoredAt = now;
      const step = clock.anchor();
      if (Math.abs(step) >= 1000) log.warn('the wall clock was set', { stepMs: Math.round(step) });
    }
    for (const venue of this.#venues.values()) venue.tick(now, late);
    // Quotes that wait because the ring was full move on even when nothing new arrives.
    this.#outlets.quotes.publish();
  }

  #venueFeed({ venue, endpoints }: FeedSetup): VenueFeed {
    const { channels, transport, createSymbolTable, clock, random, log, rest } = this.#options;
    return new VenueFeed({
      random,
      log,
      nextEpoch: () => {
        this.#epoch += 1;
        return this.#epoch;
      },
      setup: {
        venue,
        endpoints,
        channels,
        openTransport: TRANSPORTS[transport],
        createSymbolTable,
        rest: rest ?? restFetch,
        outlets: this.#outlets,
        books: {
          counters: new VenueCounters(),
          lag: new LagHistogram(LAG_SPAN_MS),
          recentTrades: new RecentTrades(RECENT_TRADES),
          numbers: new Float64Array(2),
        },
        largeMessages: this.#largeMessages,
        clock,
        tuning: this.#tuning,
      },
    });
  }
}
