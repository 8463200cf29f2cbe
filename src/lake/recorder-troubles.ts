import type { LakeTrouble, LakeTroubleCode } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import { JournalFullError } from './journal-writer.ts';
import { troubleCode } from './keeper-troubles.ts';

/** A step of the disk that takes longer is a stall. */
const STALL_MS = 1000;
/** How long what has happened stays an alarm. */
const REMEMBERED_MS = 60_000;
/** Losses within this time after the disk worked again are its doing. */
const AFTERMATH_MS = 15_000;

const ADVICE: Partial<Record<LakeTroubleCode, string>> = {
  LAKE_DISK_FULL: 'the disk is full: free space, or keep less (lake.keepDays, lake.maxBytes)',
  LAKE_NO_PERMISSION: 'the journal may not be written: give its folder back to this user',
  LAKE_TOO_MANY_FILES: 'the system has no open files left: raise the limit (ulimit -n)',
  LAKE_DISK_ERROR: 'the disk reports an error: look at the system log',
};

interface Clocks {
  /** µs since the epoch. */
  readonly clock: () => number;
  /** Monotonic, ms. */
  readonly ms: () => number;
  readonly log: Log;
}

/** What is wrong with recording now, and for a minute what was. */
export class RecorderTroubles {
  readonly #clocks: Clocks;
  /** What keeps the journal from being written. */
  #failure: LakeTrouble | undefined;
  #stall: LakeTrouble | undefined;
  #loss: LakeTrouble | undefined;
  #step: LakeTrouble | undefined;
  #lostRows = 0;
  #lostAt = Number.NEGATIVE_INFINITY;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #diskAt = Number.NEGATIVE_INFINITY;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  get working(): boolean {
    return this.#failure === undefined && this.#stall === undefined;
  }

  /** Whether the disk is the reason why rows are lost at this time. */
  get isOfDisk(): boolean {
    return !this.working || this.#clocks.ms() - this.#diskAt < AFTERMATH_MS;
  }

  failed(error: unknown, what: 'write' | 'sync'): void {
    const code = error instanceof JournalFullError ? 'LAKE_BACKLOG' : troubleCode(error);
    const said = error instanceof Error ? error.message : String(error);
    const advice = ADVICE[code] ?? 'it is tried again';
    const since = this.#failure?.since ?? this.#clocks.clock();
    this.#diskAt = this.#clocks.ms();
    this.#failure = {
      code,
      message: `recording stands still, ${advice}; a ${what} of the journal failed: ${said.slice(0, 200)}`,
      since,
    };
    this.#clocks.log.warn('the journal cannot be written', { code, what, reason: said.slice(0, 200) });
  }

  worked(): void {
    if (this.#failure !== undefined) {
      this.#diskAt = this.#clocks.ms();
      this.#clocks.log.info('the journal is written again', { after: this.#failure.code });
    }
    this.#failure = undefined;
  }

  /** @param waitingMs how long the disk has not answered */
  watch(waitingMs: number): void {
    const now = this.#clocks.ms();
    if (waitingMs >= STALL_MS) {
      this.#diskAt = now;
      this.#stall = {
        code: 'LAKE_DISK_STALLED',
        message: `the lake's disk has not answered for ${Math.round(waitingMs / 1000)} s; rows wait in memory, and will be lost if it takes much longer`,
        since: this.#stall?.since ?? this.#clocks.clock() - waitingMs * 1000,
      };
    } else this.#stall = undefined;
    if (now - this.#lostAt > REMEMBERED_MS) this.#loss = undefined;
    if (now - this.#steppedAt > REMEMBERED_MS) this.#step = undefined;
    if (this.#loss === undefined) this.#lostRows = 0;
  }

  lost(rows: number): void {
    if (rows === 0) return;
    this.#lostAt = this.#clocks.ms();
    this.#lostRows += rows;
    this.#loss = {
      code: 'LAKE_ROWS_LOST',
      message: `${this.#lostRows} rows could not be recorded in time; the lake's gaps say which venues and when`,
      since: this.#loss?.since ?? this.#clocks.clock(),
    };
    this.#clocks.log.warn('rows could not be recorded', { rows });
  }

  /** @param micros by how much the clock was set */
  clockStepped(micros: number): void {
    this.#steppedAt = this.#clocks.ms();
    this.#step = {
      code: 'LAKE_CLOCK_STEPPED',
      message: `the machine's clock was set by ${(micros / 1e6).toFixed(3)} s; the lake's gaps say when`,
      since: this.#clocks.clock(),
    };
    this.#clocks.log.warn('the clock was set', { seconds: micros / 1e6 });
  }

  list(): LakeTrouble[] {
    return [this.#failure, this.#stall, this.#loss, this.#step].filter((trouble) => trouble !== undefined);
  }
}
