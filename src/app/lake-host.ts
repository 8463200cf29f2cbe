import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BoundReading } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { FeedStatus } from '../core/feed-status.ts';
import type { Instrument } from '../core/instruments.ts';
import type {
  KeeperStatus,
  LakeTrouble,
  OpportunityCounts,
  RecorderStatus,
  RowCounts,
} from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { areSameFees, type FeesSince, venueFeesOf } from '../lake/fees.ts';
import { errnoOf } from '../lake/file-steps.ts';
import { troubleCode } from '../lake/keeper-troubles.ts';
import { type LakeLock, lockLake } from '../lake/lock.ts';
import { RECORDER } from '../lake/ring-intake.ts';
import type { RecorderRings } from '../lake/row-intake.ts';
import type { RingConsumerSpec } from '../ring/ring.ts';
import { type Config, lakeBufferBytes, lakeLimitBytes } from './config.ts';
import type {
  FromKeeper,
  FromRecorder,
  KeeperWorkerData,
  RecorderWorkerData,
  ToKeeper,
  ToRecorder,
} from './lake-protocol.ts';
import { MalformedRuns } from './malformed-runs.ts';
import { OpportunityLosses } from './opportunity-losses.ts';
import { OpportunityOutbox } from './opportunity-outbox.ts';
import { YOUNG_GENERATION } from './young-generation.ts';

const RECORDER_THREAD = 'recorder';
const KEEPER_THREAD = 'keeper';
/** MiB that the conversion engine may take beside its pool. */
export const ENGINE_MB = 64;
/** A thread that died is started again after this. */
const RESTART_MS = 1000;
const WATCH_MS = 500;
const OPPORTUNITY_MS = 250;
/** Rarely: it is done on this thread, and the disk is in trouble. */
const RETRY_LOCK_MS = 5000;
/** A segment is closed at this age at the latest. */
const SEGMENT_MS = 15_000;
/** How long the last rows may take on their way to Parquet when the program ends; they are safe before. */
const FINISH_MS = 15_000;
/** Errors of a disk that may go away by themselves; any other keeps the program from starting. */
const PASSING: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']);

export interface LakeHostOptions {
  readonly config: Config;
  readonly log: Log;
  /** µs since the epoch. */
  readonly clock: () => number;
}

/** What the recorder and the keeper have said last. */
export interface LakeReport {
  readonly folder: string;
  readonly recorder: RecorderStatus | undefined;
  readonly keeper: KeeperStatus | undefined;
  readonly opportunities: OpportunityCounts;
  readonly troubles: readonly LakeTrouble[];
}

/** The lake as the main thread sees it: its lock, its recorder's and its keeper's threads, and what they say. */
export class LakeHost {
  /** To be among the consumers of every ring. It laps: no ring waits for a disk. */
  readonly consumer: RingConsumerSpec = { name: RECORDER, policy: 'lap' };
  readonly folder: string;
  readonly #options: LakeHostOptions;
  /** Takes what the market closes. */
  readonly opportunities: OpportunityOutbox;
  readonly #losses: OpportunityLosses;
  readonly #malformed = new MalformedRuns();
  readonly #instruments = new Map<number, Instrument>();
  #lock: LakeLock | undefined;
  #lockTrouble: LakeTrouble | undefined;
  #rings: readonly RecorderRings[] = [];
  #statuses: () => readonly FeedStatus[] = () => [];
  #recorder: Worker | undefined;
  #keeper: Worker | undefined;
  #recorderStatus: RecorderStatus | undefined;
  #keeperStatus: KeeperStatus | undefined;
  #recorderBounds: readonly BoundReading[] = [];
  #keeperBounds: readonly BoundReading[] = [];
  #timers: NodeJS.Timeout[] = [];
  /** Whether a recorder has been at the rings. */
  #begun = false;
  /** Whether there is one now. */
  #recorderIsUp = false;
  readonly #deaths = new Map<VenueId, number>();
  /** What the venues ask for themselves. */
  readonly #fees = new Map<VenueId, FeesSince>();
  /** What earlier lives of the recorder's thread counted. */
  #before: RecorderStatus['venues'] = [];
  /** A thread that died and is not back. */
  readonly #dead = new Map<string, LakeTrouble>();
  #goodbye = Number.NaN;
  #stopping = false;
  #mergePaused = false;

  /** Takes the lake for this process. @throws LAKE_LOCKED, FILE_UNWRITABLE */
  constructor(options: LakeHostOptions) {
    this.#options = options;
    this.opportunities = new OpportunityOutbox(options.config.limits.openOpportunities);
    this.#losses = new OpportunityLosses(options.log);
    this.folder = resolve(options.config.lake.folder);
    this.#takeLock();
  }

  /**
   * Begins to record what comes through these rings.
   * @param statuses the feeds' last words
   */
  begin(rings: readonly RecorderRings[], statuses: () => readonly FeedStatus[]): void {
    this.#rings = rings;
    this.#statuses = statuses;
    this.#timers.push(
      setInterval(() => this.#watch(), WATCH_MS),
      setInterval(() => {
        // Until there is a recorder they wait where they are.
        if (this.#recorderIsUp) this.#sendOpportunities();
      }, OPPORTUNITY_MS),
    );
    if (this.#lock === undefined) this.#retryLock();
    else this.#spawnRecorder();
  }

  /** New instruments; before any row of them can come. */
  listed(instruments: readonly Instrument[]): void {
    const news = instruments.filter(({ instrument }) => !this.#instruments.has(instrument));
    for (const one of news) this.#instruments.set(one.instrument, one);
    if (news.length > 0) this.#tellRecorder({ type: 'instruments', instruments: news });
    for (const venue of new Set(instruments.map((one) => one.venue))) this.#listedFees(venue, instruments);
  }

  #listedFees(venue: VenueId, instruments: readonly Instrument[]): void {
    // A fee that was configured says nothing of the venue's; whoever replays says his own.
    if (this.#options.config.venues[venue].takerFee !== null) return;
    const fees = venueFeesOf(instruments.filter((one) => one.venue === venue));
    const last = this.#fees.get(venue);
    if (last !== undefined && areSameFees(last, fees)) return;
    this.#fees.set(venue, { since: Math.floor(this.#options.clock()), ...fees });
    this.#tellKeeper({ type: 'fees', fees: this.#fees });
  }

  feedDied(venues: readonly VenueId[], lastEpoch: number): void {
    for (const venue of venues) this.#deaths.set(venue, lastEpoch);
    this.#tellRecorder({ type: 'feedDied', venues, lastEpoch });
  }

  report(): LakeReport {
    const troubles = [
      ...(this.#lockTrouble === undefined ? [] : [this.#lockTrouble]),
      ...this.#dead.values(),
      ...(this.#losses.trouble === undefined ? [] : [this.#losses.trouble]),
      ...(this.#recorderStatus?.troubles ?? []),
      ...(this.#keeperStatus?.troubles ?? []),
    ];
    return {
      folder: this.folder,
      recorder: this.#recorderNow(),
      keeper: this.#keeperStatus,
      opportunities: this.opportunities.counts,
      troubles,
    };
  }

  /** What the recorder said last, and what those before it had counted. */
  #recorderNow(): RecorderStatus | undefined {
    const status = this.#recorderStatus;
    if (status === undefined) return undefined;
    const down = this.#dead.has(RECORDER_THREAD) || this.#lock === undefined;
    return {
      ...status,
      recording: status.recording && !down,
      venues: addVenues(this.#before, status.venues),
      opportunities: this.opportunities.counts,
    };
  }

  bounds(): BoundReading[] {
    return [...this.#recorderBounds, ...this.#keeperBounds, this.opportunities.bound()];
  }

  /** Whether finished hours may be merged: the first work that is left when memory is short. */
  pauseMerging(paused: boolean): void {
    if (paused === this.#mergePaused) return;
    this.#mergePaused = paused;
    this.#tellKeeper({ type: paused ? 'pause' : 'resume' });
  }

  /** The feeds begin to take their leave: what is closed is converted meanwhile. */
  leaving(): void {
    this.#stopping = true;
    this.#goodbye = Math.floor(this.#options.clock());
    this.#tellRecorder({ type: 'leaving' });
    this.#tellKeeper({ type: 'hurry' });
  }

  /** When the feeds began to take their leave, µs. */
  get goodbye(): number {
    return this.#goodbye;
  }

  /**
   * The feeds have ended. Resolves when every row that left them is in Parquet, or for want of time in the journal.
   * @param totals how many rows ever left the feeds of each venue
   */
  async stop(totals: readonly (RowCounts & { readonly venue: VenueId })[]): Promise<void> {
    if (Number.isNaN(this.#goodbye)) this.leaving();
    for (const timer of this.#timers) clearInterval(timer);
    this.#watch();
    // A recorder that is only about to begin takes them as well.
    while (this.#hasRecorder() && this.#sendOpportunities());
    for (const run of this.#malformed.rest()) this.#tellRecorder({ type: 'malformed', run });
    try {
      await this.#stopRecorder(totals);
    } finally {
      this.opportunities.end();
      this.#losses.watch(this.opportunities.counts.lost, this.#options.clock());
      await this.#stopKeeper();
      this.#releaseLock();
    }
  }

  async #stopRecorder(totals: readonly (RowCounts & { readonly venue: VenueId })[]): Promise<void> {
    const worker = this.#recorder;
    // A thread that has died and is not back yet has nothing more to say.
    if (worker === undefined || !this.#hasRecorder()) return;
    const ended = endOf(worker);
    this.#tellRecorder({ type: 'stop', totals, goodbye: this.#goodbye });
    await ended;
  }

  async #stopKeeper(): Promise<void> {
    const worker = this.#keeper;
    if (worker === undefined || worker.threadId < 0) return;
    const ended = endOf(worker);
    this.#tellKeeper({ type: 'finish' });
    const patience = setTimeout(() => this.#tellKeeper({ type: 'enough' }), FINISH_MS);
    await ended;
    clearTimeout(patience);
  }

  #takeLock(): void {
    const { clock, log } = this.#options;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o750 });
      this.#lock = lockLake(this.folder, { command: 'spreadscope start', clock });
      this.#lockTrouble = undefined;
    } catch (error) {
      if (error instanceof SpreadscopeError) throw error;
      const code = troubleCode(error);
      const said = error instanceof Error ? error.message : String(error);
      if (!PASSING.has(errnoOf(error)))
        throw new SpreadscopeError(
          'FILE_UNWRITABLE',
          `the lake ${this.folder} cannot be written (${said}); name another folder with --lake, or record nothing with --no-record`,
          { cause: error },
        );
      const message = `recording has not begun, it is tried again: ${said}`;
      this.#lockTrouble = { code, message, since: this.#lockTrouble?.since ?? Math.floor(clock()) };
      log.warn('the lake cannot be taken yet', { code, reason: said });
    }
  }

  /** The disk was in no state to take a lock; the live side has begun without it. */
  #retryLock(): void {
    const timer = setInterval(() => {
      try {
        this.#takeLock();
      } catch (error) {
        const taken = error instanceof SpreadscopeError && error.code === 'LAKE_LOCKED';
        const message = error instanceof Error ? error.message : String(error);
        const code = taken ? 'LAKE_LOCKED' : 'LAKE_NO_PERMISSION';
        this.#lockTrouble = { code, message, since: this.#options.clock() };
        this.#options.log.error('nothing is recorded', { reason: message });
        if (taken) clearInterval(timer);
      }
      if (this.#lock === undefined) return;
      clearInterval(timer);
      this.#spawnRecorder();
    }, RETRY_LOCK_MS);
    this.#timers.push(timer);
  }

  #releaseLock(): void {
    try {
      this.#lock?.release();
    } catch (error) {
      // It names this process, and is found free once that has ended.
      this.#options.log.warn('the lock of the lake could not be released', { reason: String(error) });
    }
  }

  #spawnRecorder(): void {
    const { config, log } = this.#options;
    const workerData: RecorderWorkerData = {
      lake: this.folder,
      rings: this.#rings,
      venues: this.#rings.flatMap(({ venues }) => venues),
      instrumentCapacity: config.limits.instruments,
      instruments: [...this.#instruments.values()],
      deaths: [...this.#deaths].map(([venue, lastEpoch]) => ({ venue, lastEpoch })),
      fromStart: !this.#begun,
      bufferBytes: lakeBufferBytes(config),
      syncMs: config.lake.syncMs,
      segmentMs: Math.min(SEGMENT_MS, config.lake.partSeconds * 1000),
    };
    this.#recorder = this.#spawn('./recorder-worker.js', RECORDER_THREAD, workerData, {
      hear: (message: FromRecorder) => {
        if (message.type === 'log') log[message.level](message.message, message.fields);
        else if (message.type === 'status') {
          this.#recorderStatus = message.status;
          this.opportunities.heard(message.status.opportunities);
          this.#recorderBounds = message.bounds;
        } else if (message.type === 'begun') {
          this.#begun = true;
          this.#recorderIsUp = true;
          if (this.#keeper === undefined) this.#spawnKeeper();
        } else if (!message.safe) log.error('the last rows could not be made durable');
      },
      again: () => this.#spawnRecorder(),
    });
  }

  #spawnKeeper(): void {
    const { config, log } = this.#options;
    if (this.#lock === undefined) return;
    const workerData: KeeperWorkerData = {
      lake: this.folder,
      lock: this.#lock.number,
      retention: { days: config.lake.keepDays, maxBytes: lakeLimitBytes(config) },
      memoryMb: ENGINE_MB,
      partMs: config.lake.partSeconds * 1000,
      fees: this.#fees,
    };
    this.#keeper = this.#spawn('./keeper-worker.js', KEEPER_THREAD, workerData, {
      hear: (message: FromKeeper) => {
        if (message.type === 'log') log[message.level](message.message, message.fields);
        else if (message.type === 'status') {
          this.#keeperStatus = message.status;
          this.#keeperBounds = message.bounds;
        } else if (message.type === 'dispossessed') this.#dispossessed();
        else if (message.left > 0)
          log.info('rows stay in the journal; the next start puts them into Parquet', {
            segments: message.left,
          });
      },
      again: () => this.#spawnKeeper(),
    });
    if (this.#stopping) this.#tellKeeper({ type: 'hurry' });
    if (this.#mergePaused) this.#tellKeeper({ type: 'pause' });
  }

  /** A thread that is started again when it dies, unless all ends. */
  #spawn<M>(
    entry: string,
    name: string,
    workerData: object,
    { hear, again }: { hear: (message: M) => void; again: () => void },
  ): Worker {
    const worker = new Worker(new URL(entry, import.meta.url), {
      workerData,
      name,
      resourceLimits: YOUNG_GENERATION,
    });
    let reason = 'it ended without a word';
    worker.on('message', (message: M) => {
      this.#dead.delete(name);
      hear(message);
    });
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => {
      if (this.#stopping || this.#lock === undefined) return;
      this.#died(name, reason);
      setTimeout(() => {
        if (!this.#stopping && this.#lock !== undefined) again();
      }, RESTART_MS).unref();
    });
    return worker;
  }

  #died(thread: string, reason: string): void {
    const message = `the lake's ${thread} died (${reason.slice(0, 200)}) and is started again`;
    const code = thread === RECORDER_THREAD ? 'LAKE_ROWS_LOST' : 'LAKE_BACKLOG';
    this.#dead.set(thread, { code, message, since: this.#options.clock() });
    this.#options.log.error('a thread of the lake died and is started again', { thread, reason });
    if (thread !== RECORDER_THREAD) return;
    this.#recorderIsUp = false;
    this.opportunities.threadEnded();
    if (this.#recorderStatus === undefined) return;
    this.#before = addVenues(this.#before, this.#recorderStatus.venues);
    this.#recorderStatus = { ...this.#recorderStatus, venues: [] };
  }

  /** Another process believed us dead and has taken the lake: we must write no more. */
  #dispossessed(): void {
    const message = `another process has taken the lake ${this.folder}; nothing is recorded any more: start again`;
    this.#lockTrouble = { code: 'LAKE_LOCKED', message, since: Math.floor(this.#options.clock()) };
    this.#lock = undefined;
    this.#options.log.error(message);
    const ended = [this.#recorder, this.#keeper].map((worker) => worker?.terminate());
    this.#recorder = undefined;
    this.#recorderIsUp = false;
    this.opportunities.threadEnded();
    this.#keeper = undefined;
    Promise.all(ended).catch((error: unknown) => {
      this.#options.log.error('a thread of the lake did not end', { reason: String(error) });
    });
  }

  #watch(): void {
    const now = this.#options.clock();
    for (const run of this.#malformed.update(this.#statuses(), now))
      this.#tellRecorder({ type: 'malformed', run });
    this.#losses.watch(this.opportunities.counts.lost, now);
  }

  #hasRecorder(): boolean {
    return this.#recorder !== undefined && this.#recorder.threadId >= 0;
  }

  /** Answers whether there were any. */
  #sendOpportunities(): boolean {
    const rows = this.opportunities.take((instrument) => this.#instruments.get(instrument));
    if (rows.length > 0) this.#tellRecorder({ type: 'opportunities', rows });
    return rows.length > 0;
  }

  #tellRecorder(message: ToRecorder): void {
    this.#recorder?.postMessage(message);
  }

  #tellKeeper(message: ToKeeper): void {
    this.#keeper?.postMessage(message);
  }
}

/** Resolves when the thread has ended, however. */
function endOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
  });
}

function addVenues(
  before: RecorderStatus['venues'],
  now: RecorderStatus['venues'],
): RecorderStatus['venues'] {
  if (before.length === 0) return now;
  const add = (a: RowCounts, b: RowCounts): RowCounts => ({
    quotes: a.quotes + b.quotes,
    trades: a.trades + b.trades,
  });
  return before.map((old) => {
    const more = now.find(({ venue }) => venue === old.venue);
    if (more === undefined) return old;
    const [recorded, lost] = [add(old.recorded, more.recorded), add(old.lost, more.lost)];
    return { venue: old.venue, recorded, lost, gaps: old.gaps + more.gaps };
  });
}
