import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { Instrument } from '../core/instruments.ts';
import type { GapRow, RecorderStatus, RowCounts } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import { VENUE_COUNT, VENUE_IDS, type VenueId, venueIndex } from '../core/venue-ids.ts';
import { FramePool, type WaitingFrame } from './frame-pool.ts';
import { GapTracker, gapBytes, splitByHour } from './gap-tracker.ts';
import type { JournalFiles } from './journal-files.ts';
import { FrameKind } from './journal-format.ts';
import { type JournalLimits, JournalWriter } from './journal-writer.ts';
import { LossCounter, Stream } from './loss-counter.ts';
import type { ClosedOpportunity } from './opportunity-rows.ts';
import { RecorderTroubles } from './recorder-troubles.ts';
import { intakeTotalBytes, type RecorderRings, RowIntake } from './row-intake.ts';
import type { OpenGap } from './segment.ts';

export interface RecorderOptions {
  readonly rings: readonly RecorderRings[];
  readonly venues: readonly VenueId[];
  /** Instrument numbers are below this. */
  readonly instrumentCapacity: number;
  readonly files: JournalFiles;
  readonly nextSegment: number;
  /** One life of the program. */
  readonly run: string;
  /** What is to be told first: the time before this life. */
  readonly firstGaps: readonly GapRow[];
  /** When this life began, µs. */
  readonly began: number;
  /** What was wrong before there was a recorder, and goes on from there. */
  readonly troubles?: RecorderTroubles;
  /** Whether the rings are read from their first row on; else a recorder has been at them before. */
  readonly fromStart: boolean;
  /** µs since the epoch. */
  readonly clock: () => number;
  /** Monotonic, ms. */
  readonly ms: () => number;
  readonly log: Log;
  readonly limits?: Partial<RecorderLimits>;
}

export interface RecorderLimits extends JournalLimits {
  /** Bytes of frames that wait for the disk. */
  readonly poolBytes: number;
  /** How often rows become a frame. */
  readonly frameMs: number;
}

export const RECORDER_LIMITS: RecorderLimits = {
  poolBytes: 32 * 1024 ** 2,
  frameMs: 25,
  syncMs: 250,
  segmentMs: 15_000,
  // Fewer rows of one venue than the conversion pool holds, whatever they are.
  segmentBytes: 24 * 1024 ** 2,
  journalBytes: 8 * 1024 ** 3,
  journalSegments: 4096,
};

/** When no row came for so long, that is told: nothing happened, and we were looking. */
const HEARTBEAT_MS = 250;
const GAP_ROWS = 1000;
/** Opportunities that wait for the journal, and of one frame. */
const MOST_OPPORTUNITIES = 1024;
const OPPORTUNITY_ROWS = 128;
const OPPORTUNITY_BYTES = 1200;
/** Gaps that wait to be told, of which a segment begins with so many. */
const MOST_UNTOLD = 4096;
const MANY_FRAMES = 2048;
const MANY_FACTOR = 16;
/** Rows that left a feed just before a moment may be stamped before it and come after it. */
const IN_FLIGHT_US = 10_000;
const POLL_MS = 5;

function asOpen({ venue, symbol, stream, from, reason }: GapRow): OpenGap {
  return { instrument: null, venue, symbol, stream, from, reason };
}

/** Who an instrument is, with its venue, in both threads that know it for the lake. */
const INSTRUMENT_BYTES = 256;

function opportunityFacts(): BoundFacts {
  return {
    ...{ name: 'lake.opportunities', policy: 'drop-oldest', capacity: MOST_OPPORTUNITIES },
    ...{ capacityBytes: MOST_OPPORTUNITIES * OPPORTUNITY_BYTES, cleanedBy: 'the journal' },
  };
}

/** What the recorder's structures may take, by their names in the ledger. */
export function recorderShares(
  poolBytes: number,
  rings: number,
  instruments: number,
): readonly { readonly name: string; readonly bytes: number }[] {
  return [
    { name: 'lake.row-batches', bytes: intakeTotalBytes(rings) },
    { name: 'lake.journal-frames', bytes: poolBytes },
    { name: 'lake.gaps', bytes: gapBytes(instruments) },
    { name: 'lake.opportunities', bytes: opportunityFacts().capacityBytes },
    { name: 'lake.instruments', bytes: instruments * INSTRUMENT_BYTES },
  ];
}

/**
 * Takes every row of the rings to the journal: out of the ring into its venue's batch, out of that into a frame, and the frame to the disk. When the disk does not keep up, frames wait in their pool,
 * then rows in the ring; what the ring overwrites is counted, and told in the lake. It never waits for anything itself.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #limits: RecorderLimits;
  readonly #pool: FramePool;
  readonly #writer: JournalWriter;
  readonly #intake: RowIntake;
  readonly #gaps: GapTracker;
  readonly #losses: LossCounter;
  readonly #troubles: RecorderTroubles;
  readonly #instruments = new Map<number, { readonly venue: VenueId; readonly symbol: string }>();
  readonly #recorded = new Float64Array(VENUE_COUNT * 2);
  /** Instruments that no frame has named yet. */
  #unnamed: Instrument[] = [];
  /** Until when all that came is in frames, µs: what a frame is written with. A crash is taken to have begun at the last one that reached the disk. */
  #complete: number;
  #framedAt = Number.NEGATIVE_INFINITY;
  #saidAt = Number.NEGATIVE_INFINITY;
  #syncedTime: number | null = null;
  #clockSteps = 0;
  /** Closed ones that no frame holds yet. */
  #opportunities: ClosedOpportunity[] = [];
  #opportunityPeak = 0;
  #opportunitiesLost = 0;
  #opportunitiesRecorded = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#limits = { ...RECORDER_LIMITS, ...options.limits };
    this.#pool = new FramePool(this.#limits.poolBytes);
    this.#gaps = new GapTracker(options.instrumentCapacity, (one) => this.#instruments.get(one));
    this.#losses = new LossCounter(VENUE_COUNT, options.fromStart);
    this.#complete = options.began;
    this.#intake = new RowIntake({
      rings: options.rings,
      instruments: options.instrumentCapacity,
      pool: this.#pool,
      gaps: this.#gaps,
      losses: this.#losses,
      words: () => this.#frameWords(),
    });
    this.#troubles = options.troubles ?? new RecorderTroubles(options);
    for (const gap of options.firstGaps) this.#tell(gap);
    for (const venue of options.venues) {
      this.#intake.outOfSight(venue);
      this.#gaps.openVenue(venue, 'connection', options.began);
    }
    this.#writer = this.#makeWriter();
  }

  /** Says who instruments are; before any row of them can come. */
  announce(instruments: readonly Instrument[]): void {
    for (const one of instruments) {
      const { instrument, venue, symbol } = one;
      if (instrument >= this.#options.instrumentCapacity || this.#instruments.has(instrument)) continue;
      this.#instruments.set(instrument, { venue, symbol });
      this.#intake.announce(instrument, venue);
      this.#unnamed.push(one);
    }
  }

  /** The feed of these venues died; rows of epochs above `lastEpoch` are its successor's. */
  feedDied(venues: readonly VenueId[], lastEpoch: number): void {
    const now = this.#options.clock();
    for (const venue of venues) {
      this.#intake.outOfSight(venue, lastEpoch);
      this.#gaps.openVenue(venue, 'connection', now);
    }
  }

  /** Opportunities that have ended. When more wait for the disk than may, the oldest are lost, and counted. */
  opportunities(rows: readonly ClosedOpportunity[]): void {
    for (let i = 0; i < rows.length; i += OPPORTUNITY_ROWS) {
      // All that are open may close at once: many go into frames before the next turn of the clock.
      if (this.#opportunities.length + OPPORTUNITY_ROWS > MOST_OPPORTUNITIES) this.#frameOpportunities();
      this.#opportunities.push(...rows.slice(i, i + OPPORTUNITY_ROWS));
      const over = Math.max(0, this.#opportunities.length - MOST_OPPORTUNITIES);
      this.#opportunities.splice(0, over);
      this.#opportunitiesLost += over;
      this.#opportunityPeak = Math.max(this.#opportunityPeak, this.#opportunities.length);
    }
  }

  /** Messages of a venue could not be read; times in µs. */
  malformed(venue: VenueId, from: number, to: number, messages: number): void {
    this.#tell({
      venue,
      symbol: null,
      stream: null,
      from: Math.floor(from),
      to: Math.ceil(to),
      reason: 'malformed',
      rowsLost: messages,
    });
  }

  /** The machine's clock was set: `before` and `after` are one moment, µs. */
  clockStepped(before: number, after: number): void {
    this.#clockSteps += 1;
    this.#troubles.clockStepped(after - before);
    const to = Math.floor(after);
    const from = Math.min(Math.floor(before), to);
    for (const venue of this.#options.venues)
      this.#tell({ venue, symbol: null, stream: null, from, to, reason: 'clock', rowsLost: null });
  }

  /** Takes what is in the rings, and hands what is due to the disk. Never waits. */
  tick(): void {
    const knownUntil = this.#knownUntil();
    const ms = this.#options.ms();
    const taken = this.#intake.take(ms, knownUntil, this.#complete);
    if (ms - this.#framedAt >= this.#frameMs) {
      this.#framedAt = ms;
      this.#tellLosses(ms, false);
      this.#gaps.split(knownUntil);
      // Only when everything that came is in a frame is anything said of the time until now.
      if (this.#frame() && taken) this.#complete = Math.max(this.#complete, knownUntil);
      this.#heartbeat(ms);
    }
    this.#troubles.watch(this.#writer.waitingMs());
    this.#writer.kick();
  }

  /** Ends the open segment as soon as it can. */
  rotate(): void {
    this.#writer.rotate();
  }

  /**
   * The feeds have ended: takes all that is left to the disk. Answers whether everything is there, and until when the venues were watched (µs).
   * @param totals how many rows of each venue ever left its feed
   * @param goodbye when the feeds began to take their leave, µs
   */
  async stop(
    totals: readonly (RowCounts & { readonly venue: VenueId })[],
    goodbye: number,
    patienceMs: number,
  ): Promise<{ safe: boolean; last: number }> {
    const { ms, clock } = this.#options;
    const end = ms() + patienceMs;
    const patient = (): boolean => ms() < end;
    const taken = await this.#until(
      () => this.#intake.take(ms(), this.#knownUntil(), this.#complete),
      patient,
    );
    const last = Math.floor(clock());
    for (const { venue, quotes, trades } of totals) {
      this.#losses.knownUpTo(venueIndex(venue), Stream.quotes, quotes, last, ms());
      this.#losses.knownUpTo(venueIndex(venue), Stream.trades, trades, last, ms());
    }
    this.#tellLosses(ms(), true);
    this.#gaps.split(last);
    this.#gaps.closeAll(goodbye, last);
    if (taken) this.#complete = last;
    const framed = await this.#until(() => this.#frame(), patient);
    const safe = await this.#writer.finish(Math.max(0, end - ms()));
    return { safe: taken && framed && safe, last };
  }

  status(): RecorderStatus {
    return {
      recording: this.#troubles.working,
      venues: this.#options.venues.map((venue) => {
        const cell = venueIndex(venue);
        const recorded = (stream: Stream) => this.#recorded[cell * 2 + stream] as number;
        const lost = (stream: Stream) => this.#losses.lost(cell, stream);
        return {
          venue,
          recorded: { quotes: recorded(Stream.quotes), trades: recorded(Stream.trades) },
          lost: { quotes: lost(Stream.quotes), trades: lost(Stream.trades) },
          gaps: this.#gaps.told[cell] as number,
        };
      }),
      opportunities: { recorded: this.#opportunitiesRecorded, lost: this.#opportunitiesLost },
      gaps: this.#gaps.told.reduce((sum, of) => sum + of, 0),
      syncedTime: this.#syncedTime,
      journal: this.#writer.size,
      writeErrors: this.#writer.writeErrors,
      syncErrors: this.#writer.syncErrors,
      clockSteps: this.#clockSteps,
      troubles: this.#troubles.list(),
    };
  }

  bounds(): BoundReading[] {
    return [
      this.#intake.read('lake.row-batches'),
      this.#pool.read('lake.journal-frames'),
      this.#gaps.read('lake.gaps'),
      boundOf(opportunityFacts(), {
        used: this.#opportunities.length,
        peak: this.#opportunityPeak,
        lost: this.#opportunitiesLost,
      }),
      boundOf(
        {
          name: 'lake.instruments',
          policy: 'refuse',
          capacity: this.#options.instrumentCapacity,
          capacityBytes: this.#options.instrumentCapacity * INSTRUMENT_BYTES,
          cleanedBy: 'nobody: fixed size',
        },
        { used: this.#instruments.size },
      ),
    ];
  }

  #makeWriter(): JournalWriter {
    const { files, nextSegment, run, clock, ms, venues } = this.#options;
    return new JournalWriter({
      files,
      pool: this.#pool,
      nextSegment,
      run,
      clock: () => Math.floor(clock()),
      ms,
      limits: this.#limits,
      knowledge: (untold) => ({
        venues,
        instruments: [...this.#instruments].map(([one, { venue, symbol }]) => [one, venue, symbol]),
        // Those that have ended too, as long as no file tells of them.
        openGaps: [...this.#gaps.open(), ...[...untold, ...this.#gaps.first(MOST_UNTOLD)].map(asOpen)],
      }),
      onSafe: (frames) => this.#safe(frames),
      onTrouble: (error, what) => this.#troubles.failed(error, what),
      onWorking: () => this.#troubles.worked(),
    });
  }

  /** Everything that was said until this moment has come by now, µs. */
  #knownUntil(): number {
    return Math.floor(this.#options.clock()) - IN_FLIGHT_US;
  }

  #tell(gap: GapRow): void {
    for (const row of splitByHour(gap)) this.#gaps.tell(row);
  }

  /** While much waits for the disk, frames are few and long: what the pool holds is to be rows. */
  get #frameMs(): number {
    return this.#limits.frameMs * (this.#pool.length >= MANY_FRAMES ? MANY_FACTOR : 1);
  }

  /** Puts what there is into frames; false = the pool has no room for all. */
  #frame(): boolean {
    const before = this.#pool.length;
    const done = this.#frameWords() && this.#intake.flush(this.#complete);
    if (this.#pool.length > before) this.#saidAt = this.#options.ms();
    return done;
  }

  /** What must be on the disk before the rows that it speaks of: who instruments are, and gaps that these rows ended. */
  #frameWords(): boolean {
    if (this.#unnamed.length > 0) {
      const named = this.#unnamed.map(({ instrument, venue, symbol }) => [instrument, venue, symbol]);
      if (!this.#pool.addJson(FrameKind.instruments, 0, this.#complete, named)) return false;
      this.#unnamed = [];
    }
    while (this.#gaps.waiting > 0) {
      const rows = this.#gaps.first(GAP_ROWS);
      if (!this.#pool.addJson(FrameKind.gaps, rows.length, this.#complete, rows, rows)) return false;
      this.#gaps.take(rows.length);
    }
    return this.#frameOpportunities();
  }

  #frameOpportunities(): boolean {
    while (this.#opportunities.length > 0) {
      const rows = this.#opportunities.slice(0, OPPORTUNITY_ROWS);
      if (!this.#pool.addJson(FrameKind.opportunities, rows.length, this.#complete, rows)) return false;
      this.#opportunities.splice(0, rows.length);
    }
    return true;
  }

  #heartbeat(ms: number): void {
    if (ms - this.#saidAt < HEARTBEAT_MS) return;
    if (this.#pool.addJson(FrameKind.heartbeat, 0, this.#complete)) this.#saidAt = ms;
  }

  #tellLosses(ms: number, all: boolean): void {
    for (const { venue, stream, rows, from, to } of this.#losses.settled(ms, all)) {
      this.#troubles.lost(rows);
      this.#tell({
        venue: VENUE_IDS[venue] as VenueId,
        symbol: null,
        stream: stream === Stream.quotes ? 'quotes' : 'trades',
        from: Math.floor(Number.isNaN(from) ? this.#options.clock() : from),
        to: Math.floor(Number.isNaN(to) ? this.#options.clock() : to),
        reason: this.#troubles.isOfDisk ? 'disk' : 'overflow',
        rowsLost: rows,
      });
    }
  }

  /** Calls `step` until it answers true; the disk works meanwhile. */
  async #until(step: () => boolean, patient: () => boolean): Promise<boolean> {
    while (!step()) {
      if (!patient()) return false;
      this.#writer.kick();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return true;
  }

  #safe(frames: readonly WaitingFrame[]): void {
    for (const { kind, venue, rows, records, writtenAt } of frames) {
      this.#syncedTime = writtenAt;
      if (kind === FrameKind.opportunities) this.#opportunitiesRecorded += rows;
      if (venue === undefined) continue;
      const cell = venueIndex(venue) * 2 + (kind === FrameKind.quotes ? Stream.quotes : Stream.trades);
      this.#recorded[cell] = (this.#recorded[cell] as number) + records;
    }
  }
}
