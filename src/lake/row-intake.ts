import type { BoundReading } from '../core/bounds.ts';
import { QUOTE_SCHEMA, QuoteKind, TRADE_SCHEMA } from '../core/records.ts';
import { VENUE_COUNT, VENUE_IDS, type VenueId, venueIndex } from '../core/venue-ids.ts';
import type { RingMemory } from '../ring/ring.ts';
import type { FramePool } from './frame-pool.ts';
import type { GapTracker } from './gap-tracker.ts';
import { type LossCounter, Stream } from './loss-counter.ts';
import { INTAKE_ROWS, intakeBytes, RingIntake } from './ring-intake.ts';
import { QuoteBatch, TradeBatch } from './row-batch.ts';

/** The rings of one feed worker. */
export interface RecorderRings {
  readonly quotes: RingMemory<typeof QUOTE_SCHEMA>;
  readonly trades: RingMemory<typeof TRADE_SCHEMA>;
  readonly venues: readonly VenueId[];
}

/** Two chunks: a batch that has no room for one more is put into a frame first. */
const BATCH_ROWS = 2 * INTAKE_ROWS;
/** Chunks that are taken of one ring at once. */
const CHUNKS_AT_ONCE = 32;
const UNKNOWN_VENUE = 255;

interface Source {
  readonly quotes: RingIntake<typeof QUOTE_SCHEMA>;
  readonly trades: RingIntake<typeof TRADE_SCHEMA>;
  readonly venues: readonly number[];
  readonly missed: Float64Array;
  /** When each ring was last known to be empty, µs. */
  readonly emptyAt: Float64Array;
}

/** Bytes of the batches and of what stands before them. */
export function intakeTotalBytes(rings: number): number {
  const batches = new QuoteBatch(0, 1).bytes + new TradeBatch(0, 1).bytes;
  return VENUE_COUNT * BATCH_ROWS * batches + rings * (intakeBytes(QUOTE_SCHEMA) + intakeBytes(TRADE_SCHEMA));
}

export interface RowIntakeParts {
  readonly rings: readonly RecorderRings[];
  /** Instrument numbers are below this. */
  readonly instruments: number;
  readonly pool: FramePool;
  readonly gaps: GapTracker;
  readonly losses: LossCounter;
  /** Puts what must come before rows into the pool; false = there is no room. */
  readonly words: () => boolean;
}

/** Takes rows out of the rings into a batch per venue and stream, and sees by the way what was lost and what was not looked at. */
export class RowIntake {
  readonly #sources: readonly Source[];
  readonly #quotes: readonly QuoteBatch[];
  readonly #trades: readonly TradeBatch[];
  readonly #pool: FramePool;
  readonly #gaps: GapTracker;
  readonly #losses: LossCounter;
  readonly #words: () => boolean;
  readonly #venueOf: Uint8Array;
  /** Rows of an epoch above this one are of the venue's next feed; by venue and stream, for the two rings are not read in step. */
  readonly #lastEpoch = new Float64Array(2 * VENUE_COUNT).fill(Number.POSITIVE_INFINITY);
  /** 1 = nothing came of the venue's stream since it was last said to be out of sight. */
  readonly #unseen = new Uint8Array(2 * VENUE_COUNT);
  #peak = 0;
  /** Rows of instruments that nobody announced: a fault of ours. */
  strangers = 0;

  constructor({ rings, instruments, pool, gaps, losses, words }: RowIntakeParts) {
    this.#pool = pool;
    this.#gaps = gaps;
    this.#losses = losses;
    this.#words = words;
    this.#quotes = VENUE_IDS.map((_, venue) => new QuoteBatch(venue, BATCH_ROWS));
    this.#trades = VENUE_IDS.map((_, venue) => new TradeBatch(venue, BATCH_ROWS));
    this.#venueOf = new Uint8Array(instruments).fill(UNKNOWN_VENUE);
    this.#sources = rings.map(({ quotes, trades, venues }) => {
      const [quoteRing, tradeRing] = [new RingIntake(quotes), new RingIntake(trades)];
      return {
        quotes: quoteRing,
        trades: tradeRing,
        venues: venues.map(venueIndex),
        // A recorder before this one may have missed some.
        missed: Float64Array.of(quoteRing.missed, tradeRing.missed),
        emptyAt: new Float64Array(2).fill(Number.NaN),
      };
    });
  }

  announce(instrument: number, venue: VenueId): void {
    if (instrument < this.#venueOf.length) this.#venueOf[instrument] = venueIndex(venue);
  }

  /** The venue is not seen until a row of it comes, of an epoch above `lastEpoch` if that is given. */
  outOfSight(venue: VenueId, lastEpoch = Number.POSITIVE_INFINITY): void {
    const cell = 2 * venueIndex(venue);
    this.#unseen.fill(1, cell, cell + 2);
    this.#lastEpoch.fill(lastEpoch, cell, cell + 2);
  }

  /** Takes what is there, up to a bound. Answers whether the rings are empty; they are not while there is no room in the pool.
   * @param ms monotonic
   * @param now everything that left the feeds until then has come, µs
   * @param writtenAt for frames that must be made, µs
   */
  take(ms: number, now: number, writtenAt: number): boolean {
    let empty = true;
    for (const source of this.#sources) {
      for (let chunk = 0; chunk < CHUNKS_AT_ONCE; chunk += 1) {
        if (!this.#makeRoom(source, writtenAt)) return false;
        const quotes = this.#takeQuotes(source, ms);
        const trades = this.#takeTrades(source, ms);
        if (quotes < INTAKE_ROWS) source.emptyAt[Stream.quotes] = now;
        if (trades < INTAKE_ROWS) source.emptyAt[Stream.trades] = now;
        if (quotes + trades === 0) break;
        if (chunk === CHUNKS_AT_ONCE - 1) empty = false;
      }
    }
    return empty;
  }

  /** Puts what the batches hold into frames; false = the pool has no room for all. */
  flush(writtenAt: number): boolean {
    this.#peak = Math.max(this.#peak, this.#rows());
    for (const batch of this.#quotes) if (!batch.flush(this.#pool, writtenAt)) return false;
    for (const batch of this.#trades) if (!batch.flush(this.#pool, writtenAt)) return false;
    return true;
  }

  read(name: string): BoundReading {
    const capacity = 2 * VENUE_COUNT * BATCH_ROWS;
    const capacityBytes = intakeTotalBytes(this.#sources.length);
    const used = this.#rows();
    return {
      name,
      policy: 'wait',
      capacity,
      capacityBytes,
      cleanedBy: 'the journal',
      used,
      usedBytes: Math.round((capacityBytes * used) / capacity),
      peak: Math.max(this.#peak, used),
      refused: this.strangers,
      replaced: 0,
      evicted: 0,
      lost: 0,
    };
  }

  #rows(): number {
    let rows = 0;
    for (const batch of this.#quotes) rows += batch.rows;
    for (const batch of this.#trades) rows += batch.rows;
    return rows;
  }

  /** Whether each batch of the source's venues has room for a chunk. */
  #makeRoom({ venues }: Source, writtenAt: number): boolean {
    for (const venue of venues) {
      const [quotes, trades] = [this.#quotes[venue] as QuoteBatch, this.#trades[venue] as TradeBatch];
      const full = quotes.rows + INTAKE_ROWS > BATCH_ROWS || trades.rows + INTAKE_ROWS > BATCH_ROWS;
      if (!full) continue;
      if (!this.#words() || !quotes.flush(this.#pool, writtenAt) || !trades.flush(this.#pool, writtenAt))
        return false;
    }
    return true;
  }

  #takeQuotes(source: Source, ms: number): number {
    const from = source.quotes.take();
    const { rows: columns, end, missed } = source.quotes;
    if (missed !== source.missed[Stream.quotes])
      this.#lapped(source, Stream.quotes, missed, columns.receiveTime, from, ms);
    for (let row = from; row < end; row += 1) {
      const instrument = columns.instrument[row] as number;
      const venue = instrument < this.#venueOf.length ? (this.#venueOf[instrument] as number) : UNKNOWN_VENUE;
      if (venue === UNKNOWN_VENUE) {
        this.strangers += 1;
        continue;
      }
      const kind = columns.kind[row] as number;
      if (kind === QuoteKind.quote) {
        if (this.#unseen[2 * venue + Stream.quotes] !== 0)
          this.#see(venue, Stream.quotes, columns.epoch[row] as number, columns.receiveTime, row);
        this.#losses.came(venue, Stream.quotes, columns.number, columns.receiveTime, row, ms);
        this.#gaps.heard(instrument, columns.receiveTime, row);
      } else this.#gaps.ended(instrument, kind, Math.floor(columns.receiveTime[row] as number));
      (this.#quotes[venue] as QuoteBatch).add(columns, row);
    }
    return end;
  }

  #takeTrades(source: Source, ms: number): number {
    const from = source.trades.take();
    const { rows: columns, end, missed } = source.trades;
    if (missed !== source.missed[Stream.trades])
      this.#lapped(source, Stream.trades, missed, columns.receiveTime, from, ms);
    for (let row = from; row < end; row += 1) {
      const instrument = columns.instrument[row] as number;
      const venue = instrument < this.#venueOf.length ? (this.#venueOf[instrument] as number) : UNKNOWN_VENUE;
      if (venue === UNKNOWN_VENUE) {
        this.strangers += 1;
        continue;
      }
      if (this.#unseen[2 * venue + Stream.trades] !== 0)
        this.#see(venue, Stream.trades, columns.epoch[row] as number, columns.receiveTime, row);
      this.#losses.came(venue, Stream.trades, columns.number, columns.receiveTime, row, ms);
      (this.#trades[venue] as TradeBatch).add(columns, row);
    }
    return end;
  }

  /** The first row of a venue that was out of sight, or one that its dead feed had left in the ring. */
  #see(venue: number, stream: Stream, epoch: number, times: Float64Array, row: number): void {
    const cell = 2 * venue + stream;
    const last = this.#lastEpoch[cell] as number;
    if (last !== Number.POSITIVE_INFINITY) {
      if (epoch <= last) return;
      this.#losses.restart(venue, stream);
      this.#lastEpoch[cell] = Number.POSITIVE_INFINITY;
    }
    this.#unseen[cell] = 0;
    this.#gaps.closeVenue(VENUE_IDS[venue] as VenueId, Math.floor(times[row] as number));
  }

  /** @param row the first row after the hole; it is there only if it is below `end` */
  #lapped(
    source: Source,
    stream: Stream,
    missed: number,
    times: Float64Array,
    row: number,
    ms: number,
  ): void {
    source.missed[stream] = missed;
    const { end } = stream === Stream.quotes ? source.quotes : source.trades;
    const time = row < end ? (times[row] as number) : Number.NaN;
    const emptyAt = source.emptyAt[stream] as number;
    for (const venue of source.venues) this.#losses.lapped(venue, stream, emptyAt, time, ms);
  }
}
