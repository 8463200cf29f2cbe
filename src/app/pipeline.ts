import { type BoundReading, boundOf } from '../core/bounds.ts';
import { type Instrument, InstrumentIndex } from '../core/instruments.ts';
import type { RowCounts } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { systemClock } from '../feed/clock.ts';
import type { Market } from '../market/market.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import { columnBytes, layColumns, type RingConsumerSpec, readRing, ringProgress } from '../ring/ring.ts';
import type { Venue } from '../venues/venue.ts';
import { Catalogues } from './catalogues.ts';
import { type Config, endpointsOf, filterOf } from './config.ts';
import { type ConfiguredMarket, configuredMarket } from './configured-market.ts';
import { dealVenues, enabledVenues, workerName } from './deal-venues.ts';
import { Drain, MARKET } from './drain.ts';
import { FeedHost } from './feed-host.ts';
import { IdentitySource } from './identity-source.ts';
import { instrumentFacts } from './instrument-bound.ts';
import { checkMemoryBudget, type Share, sharesOf } from './memory-budget.ts';
import type { RingState } from './metrics-bounds.ts';
import { Multipliers } from './multipliers.ts';
import { OpportunitySource } from './opportunity-source.ts';
import { VenueBoard } from './venue-board.ts';

/** How often the feeds' reports are taken over and the clock is set right. */
const BOARD_EVERY_MS = 250;

export interface PipelineOptions {
  readonly log: Log;
  /** Further consumers of every ring, for recorders and tests; each must be read or the ring fills (policy `gate`). */
  readonly consumers?: readonly RingConsumerSpec[];
  /** Told of every opportunity. */
  readonly followers?: readonly OpportunityFollower[];
  /** Who is told of what the rings cannot tell. */
  readonly observer?: PipelineObserver | undefined;
  /** Called a few times a second, when all that is over has ended by the latest row's time. */
  readonly onSettled?: (() => void) | undefined;
  /** Bytes that are taken beside the pipeline's own. */
  readonly shares?: readonly Share[];
}

export interface PipelineObserver {
  /** Instruments of which rows may come from now on. */
  listed(instruments: readonly Instrument[]): void;
  /** A feed worker died; rows of epochs above `lastEpoch` are its successor's. */
  feedDied(venues: readonly VenueId[], lastEpoch: number): void;
}

/**
 * Everything between the venues and the readers: instrument lists, feed workers, rings and the market, with the market's state on this thread.
 */
export class Pipeline {
  readonly market: Market;
  readonly opportunities: OpportunitySource;
  readonly identity: IdentitySource;
  readonly index: InstrumentIndex;
  readonly hosts: readonly FeedHost[];
  readonly board: VenueBoard;
  readonly log: Log;
  /** µs since the epoch. */
  readonly micros: () => number;
  readonly #drain: Drain;
  readonly #catalogues: Catalogues;
  readonly #boardTimer: NodeJS.Timeout;
  readonly #observer: PipelineObserver | undefined;
  readonly #own: ConfiguredMarket;
  readonly #ringPeaks = new Map<string, number>();

  /** @throws MEMORY_BUDGET */
  constructor(config: Config, options: PipelineOptions) {
    const venues = enabledVenues(config);
    const clock = systemClock();
    this.log = options.log;
    this.#observer = options.observer;
    this.micros = clock.micros;
    this.index = new InstrumentIndex(config.limits.instruments);
    this.#own = configuredMarket(config, options.followers, clock.micros);
    const { market, recent, decisions } = this.#own;
    this.market = market;
    this.identity = new IdentitySource(market, decisions);
    this.opportunities = new OpportunitySource(market, recent, this.index);
    checkMemoryBudget(config, [
      ...sharesOf(config, this.#own.bounds(), 1 + (options.consumers ?? []).length),
      ...(options.shares ?? []),
    ]);
    this.board = new VenueBoard(
      venues.map(({ id, title, takerFee }) => ({
        id,
        title,
        takerFee: config.venues[id].takerFee ?? takerFee,
      })),
    );
    this.hosts = dealVenues(venues, config.feed.workers).map((own, i) =>
      this.#host(workerName(i), own, config, options),
    );
    this.#drain = new Drain(this.hosts, this.market, this.micros);
    this.#drain.start();
    this.#boardTimer = setInterval(() => {
      clock.anchor();
      this.#takeReports();
      this.market.settle();
      options.onSettled?.();
    }, BOARD_EVERY_MS);
    const multipliers = new Multipliers(config, this.log);
    this.#catalogues = new Catalogues({
      venues: venues.map((venue) => ({
        venue,
        endpoints: endpointsOf(config, venue),
        filter: filterOf(config, venue.id),
        takerFee: config.venues[venue.id].takerFee ?? undefined,
      })),
      log: this.log,
      onTrouble: (venue, trouble) => this.board.catalogue(venue, trouble),
      onListings: (venue, listings) => {
        this.#take(
          venue,
          multipliers.apply(venue, listings).map((listing) => this.index.add(listing)),
        );
      },
    });
  }

  bounds(): BoundReading[] {
    return this.hosts
      .flatMap((host) => [this.#readRing(host.quotes), this.#readRing(host.trades), ...host.bounds])
      .concat(this.#own.bounds(), boundOf(instrumentFacts(this.index.capacity), { used: this.index.size }));
  }

  /** The rings, and how far each consumer is behind. */
  rings(): RingState[] {
    return this.hosts.flatMap(({ quotes, trades }) =>
      [quotes, trades].map((ring) => ({ reading: this.#readRing(ring), lag: ringProgress(ring).lag })),
    );
  }

  /** How many rows of each venue ever left the feeds, as far as they have told. */
  rowTotals(): (RowCounts & { readonly venue: VenueId })[] {
    return this.hosts.flatMap((host) =>
      host.statuses.map(({ venue, totals, tradesLost }) => ({
        venue,
        quotes: totals.quotes,
        trades: totals.trades + tradesLost,
      })),
    );
  }

  /** Takes in all that is in the rings now. */
  drain(): void {
    this.#drain.runAll();
  }

  /** The feeds begin to take their leave at this time, µs: what is open ends with it, and what they still say is not judged any more. */
  leaving(time: number): void {
    this.#drain.runAll();
    this.market.leave(time);
  }

  async stop(): Promise<void> {
    await this.#catalogues.stop();
    await Promise.all(this.hosts.map((host) => host.stop()));
    clearInterval(this.#boardTimer);
    this.#takeReports();
    this.#drain.runAll();
    this.#drain.stop();
  }

  /** The producer notes a peak only when it looks for room; what readers saw counts as well. */
  #readRing(ring: FeedHost['quotes'] | FeedHost['trades']): BoundReading {
    const reading = readRing(ring);
    const peak = Math.max(reading.peak, this.#ringPeaks.get(ring.name) ?? 0);
    this.#ringPeaks.set(ring.name, peak);
    return { ...reading, peak };
  }

  #host(name: string, own: readonly Venue[], config: Config, options: PipelineOptions): FeedHost {
    return new FeedHost({
      name,
      venues: own.map((venue) => ({ venue: venue.id, endpoints: endpointsOf(config, venue) })),
      channels: config.feed.trades ? ['quote', 'trade'] : ['quote'],
      transport: config.feed.transport,
      instrumentCapacity: config.limits.instruments,
      instrumentsPerVenue: config.symbolsPerVenue,
      quoteRows: config.rings.quotes,
      tradeRows: config.rings.trades,
      consumers: [{ name: MARKET, policy: 'gate' }, ...(options.consumers ?? [])],
      log: this.log,
      onDeath: (dead, lastEpoch, reason) => {
        this.#drain.runAll();
        this.#observer?.feedDied(dead, lastEpoch);
        this.board.forget(dead, reason);
        this.#endQuotes(dead, lastEpoch);
      },
    });
  }

  #take(venue: VenueId, instruments: readonly Instrument[]): void {
    for (const instrument of instruments) this.market.list(instrument);
    this.#observer?.listed(instruments);
    for (const host of this.hosts) if (host.venues.includes(venue)) host.setInstruments(venue, instruments);
  }

  #takeReports(): void {
    const now = performance.now();
    for (const host of this.hosts) for (const status of host.statuses) this.board.take(status, now);
  }

  /** Makes every quote of these venues invalid, for when the feed that would have said so is dead. */
  #endQuotes(venues: readonly VenueId[], epoch: number): void {
    const ended = this.index.all().filter((instrument) => venues.includes(instrument.venue));
    const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1) + 8), 0);
    columns.kind[0] = QuoteKind.ended;
    for (const { instrument } of ended) {
      columns.instrument[0] = instrument;
      columns.epoch[0] = epoch;
      columns.receiveTime[0] = this.micros();
      this.market.applyQuotes(columns, 0, 1, 0, this.micros());
    }
  }
}
