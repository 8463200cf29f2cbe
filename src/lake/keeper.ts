import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { KeeperStatus } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { compactFolder, isScattered, openHour } from './compactor.ts';
import { Converter } from './converter.ts';
import { openDuck } from './duck.ts';
import { type FeesSince, noteFees } from './fees.ts';
import { type FileSteps, realSteps } from './file-steps.ts';
import { KeeperTroubles, type Work } from './keeper-troubles.ts';
import { HOUR_US } from './layout.ts';
import { ParquetWriter } from './parquet-writer.ts';
import { allPartitions, bytesUnder, namesIn, type Partition } from './partitions.ts';
import { allHours, fullness, mustGo, type Retention, removeHour } from './retention.ts';
import { POOL_ROWS, poolBytes, RowPool } from './row-pool.ts';
import { listSegments, type SegmentFile } from './segment.ts';
import { type GroupLimits, groupSize, isDue } from './segment-group.ts';
import { outlineOf, type SegmentOutline } from './segment-scan.ts';
import { settleFolder } from './settle.ts';
import { LAKE_TABLES } from './tables.ts';

export interface KeeperOptions {
  readonly lake: string;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly log: Log;
  readonly retention: Retention;
  /** MiB that the engine may take, beside the pool. */
  readonly memoryMb: number;
  /** Whether somebody appends to the journal's last segment. */
  readonly isRecording?: () => boolean;
  /** How long rows may wait in a closed segment, µs. */
  readonly dueUs?: number;
  /** Whether everything that is closed is due. */
  readonly isHurried?: () => boolean;
  /** Whether `finish` is to end before it has done all. */
  readonly isEnough?: () => boolean;
  readonly steps?: FileSteps;
  /** Rows of quotes in the pool. */
  readonly poolRows?: number;
  /** Rows that are sorted at once when hours are merged. */
  readonly pieceRows?: number | undefined;
  /** Rows of a merged file at most. */
  readonly fileRows?: number | undefined;
  /** Parts that are merged at once, at least 2. */
  readonly fanIn?: number | undefined;
  /** Whether finished hours may be merged now; the rows are safe without. */
  readonly mayMerge?: () => boolean;
  /** How often a merge that has to wait asks whether it may go on, ms. */
  readonly pauseMs?: number;
}

const MIN_BACKOFF_US = 100_000;
const MAX_BACKOFF_US = 2_000_000;
const RETENTION_US = 10_000_000;
/** The lake's size is counted along; now and then it is measured, for others may change it. */
const MEASURE_US = 24 * HOUR_US;
/** Folders that one search for work looks into. */
const FOLDERS_AT_ONCE = 256;
const BACKLOG_BYTES = 1024 ** 3;
const BACKLOG_AGE_US = 600_000_000;
/** Segments that are looked into at once, oldest first; the others wait unread. */
const MOST_OUTLINES = 1024;
const OUTLINE_BYTES = 512;
const TEMP_FOLDER = '_temp';
const PAUSE_MS = 100;
/** How often it asks before it is given up: retention waits for it. */
const MOST_PAUSES = 600;

/** What the keeper's structures may take: its pool, its engine, and what it knows of segments that wait. */
export function keeperFacts(
  poolRows: number = POOL_ROWS,
  engineMb = 0,
): readonly [BoundFacts, BoundFacts, BoundFacts] {
  return [
    {
      ...{ name: 'lake.conversion-pool', policy: 'wait', capacity: poolRows },
      ...{ capacityBytes: poolBytes(poolRows), cleanedBy: 'conversion' },
    },
    {
      ...{ name: 'lake.conversion-engine', policy: 'wait', capacity: 1 },
      ...{ capacityBytes: engineMb * 1024 ** 2, cleanedBy: 'the end of a conversion' },
    },
    {
      ...{ name: 'lake.segments-known', policy: 'wait', capacity: MOST_OUTLINES },
      ...{ capacityBytes: MOST_OUTLINES * OUTLINE_BYTES, cleanedBy: 'conversion' },
    },
  ];
}

/** Keeps a lake: converts what the recorder has closed, merges finished hours, removes what is too old. One piece of work a `tick`; nothing of it ever touches the live side. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #steps: FileSteps;
  readonly #pool: RowPool;
  readonly #converter: Converter;
  readonly #troubles = new KeeperTroubles();
  /** Of the segments that wait. */
  readonly #outlines = new Map<number, SegmentOutline>();
  #writer: ParquetWriter | undefined;
  #doing: KeeperStatus['doing'] = 'idle';
  /** That are not noted yet. */
  #fees: ReadonlyMap<VenueId, FeesSince> | undefined;
  #search: Generator<Partition> | undefined;
  /** Of which only some parts are merged yet. */
  #merging: Partition | undefined;
  #searchedHour = Number.NEGATIVE_INFINITY;
  #backoff = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #retainedAt = Number.NEGATIVE_INFINITY;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #tableBytes = 0;
  #backlog = { segments: 0, bytes: 0 };
  #poolPeak = 0;
  #enginePeak = 0;
  #outlinesPeak = 0;
  #converted = { rows: 0, files: 0, segments: 0, refused: 0 };
  #compacted = { rows: 0, filesBefore: 0, filesAfter: 0 };
  #removed = { files: 0, bytes: 0 };
  #disk = { freeBytes: 0, totalBytes: 0, lakeBytes: 0 };
  #errors = 0;
  #finishing = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#steps = options.steps ?? realSteps;
    this.#pool = new RowPool(options.poolRows ?? POOL_ROWS);
    this.#converter = new Converter(options.lake, this.#steps, this.#pool);
  }

  /** Puts every folder in order after whatever ended the last life; before the first `tick`. Throws what the disk throws. */
  async recover(): Promise<void> {
    this.#doing = 'recovering';
    let seen = 0;
    for (const { folder } of allPartitions(this.#options.lake)) {
      settleFolder(this.#steps, this.#options.lake, folder);
      seen += 1;
      if (seen % FOLDERS_AT_ONCE === 0) await breathe();
    }
    this.#dropSpilled();
    this.#measure();
    this.#doing = 'idle';
  }

  /** Has the taker fees noted that are in force. */
  tellFees(fees: ReadonlyMap<VenueId, FeesSince>): void {
    this.#fees = fees;
  }

  /** Does the most urgent piece of work that is due; answers whether there may be more at once. Never throws: what fails is in the status and is tried again. */
  async tick(): Promise<boolean> {
    const now = this.#options.clock();
    if (this.#retryAt - now > MAX_BACKOFF_US) this.#retryAt = now;
    if (now < this.#retryAt) return false;
    if (await this.#attempt('conversion', () => this.#convertNext(false))) return true;
    await this.#attempt('fees', async () => this.#noteFees());
    if (await this.#attempt('retention', async () => this.#retain())) return true;
    // Merging can wait for as long as conversion fails.
    if (now < this.#retryAt || this.#options.mayMerge?.() === false) return false;
    return await this.#attempt('compaction', () => this.#compactNext());
  }

  /**
   * Converts all that the journal holds; the recorder has ended. Throws what keeps it from that, and what `progress` throws.
   * @param progress before each piece of work: how many segments wait
   */
  async finish(progress: (segments: number) => void = () => {}): Promise<void> {
    this.#finishing = true;
    do progress(listSegments(this.#options.lake).length);
    while (this.#options.isEnough?.() !== true && (await this.#convertNext(true)));
    this.#noteFees();
  }

  /** Merges every folder that can be: of finished hours, or of all hours. Nothing else may be at work on the lake. Throws what fails. */
  async compactAll(all: boolean, progress: (partition: Partition) => void): Promise<void> {
    const before = all ? Number.POSITIVE_INFINITY : openHour(this.#options.clock(), Number.POSITIVE_INFINITY);
    for (const partition of allPartitions(this.#options.lake)) {
      if (partition.hour >= before) continue;
      progress(partition);
      while (isScattered(this.#options.lake, partition.folder) && (await this.#compact(partition)));
    }
  }

  /** Lets go of the engine; not while a `tick` runs. */
  async close(): Promise<void> {
    this.#finishing = true;
    this.#writer?.duck.close();
    this.#writer = undefined;
    await breathe();
  }

  status(): KeeperStatus {
    return {
      doing: this.#doing,
      backlog: this.#backlog,
      converted: this.#converted,
      compacted: this.#compacted,
      removed: this.#removed,
      disk: this.#disk,
      errors: this.#errors,
      troubles: this.#troubles.list(),
    };
  }

  bounds(): BoundReading[] {
    const [pool, engine, outlines] = keeperFacts(this.#pool.quoteRows, this.#options.memoryMb);
    return [
      boundOf(pool, { used: this.#pool.rows, peak: Math.max(this.#poolPeak, this.#pool.rows) }),
      boundOf(engine, { used: this.#writer === undefined ? 0 : 1, usedBytes: 0, peak: this.#enginePeak }),
      boundOf(outlines, { used: this.#outlines.size, peak: this.#outlinesPeak }),
    ];
  }

  /** Runs one piece of work; a failure is told, and whatever is next waits a little longer each time. */
  async #attempt(work: Work, run: () => Promise<boolean>): Promise<boolean> {
    try {
      const did = await run();
      if (did || work !== 'compaction') this.#troubles.worked(work);
      if (did) this.#backoff = 0;
      return did;
    } catch (error) {
      const now = this.#options.clock();
      this.#errors += 1;
      const trouble = this.#troubles.failed(work, error, now);
      this.#options.log.warn('the lake is not kept', { code: trouble.code, reason: trouble.message });
      this.#backoff = Math.min(Math.max(this.#backoff * 2, MIN_BACKOFF_US), MAX_BACKOFF_US);
      this.#retryAt = now + this.#backoff;
      this.#dropEngine();
      return false;
    } finally {
      this.#doing = 'idle';
    }
  }

  /** Converts the oldest group that is due. */
  async #convertNext(all: boolean): Promise<boolean> {
    const waiting = this.#waiting(all);
    const now = this.#options.clock();
    this.#tellBacklog(waiting, now);
    const limits = { quoteRows: this.#pool.quoteRows, tradeRows: this.#pool.tradeRows };
    if (waiting.length === 0 || !(all || this.#isDue(waiting, now, limits))) return false;
    this.#doing = 'converting';
    const group = waiting.slice(0, groupSize(waiting, limits)).map(({ file }) => file);
    const did = await this.#converter.convert(group, await this.#engine());
    this.#tableBytes += did.bytes;
    this.#converted = {
      rows: this.#converted.rows + did.rows,
      files: this.#converted.files + did.files,
      segments: this.#converted.segments + did.segments,
      refused: this.#converted.refused + did.refused,
    };
    if (did.refused > 0)
      this.#options.log.warn('rows of the journal name no known instrument, or no time', {
        rows: did.refused,
      });
    this.#tellBacklog(this.#waiting(all), now);
    return true;
  }

  #isDue(waiting: readonly SegmentOutline[], now: number, limits: GroupLimits): boolean {
    return this.#options.isHurried?.() === true || isDue(waiting, now, limits, this.#options.dueUs);
  }

  /** The segments that nobody appends to, oldest first. */
  #waiting(all: boolean): SegmentOutline[] {
    const recording = !all && !this.#finishing && (this.#options.isRecording?.() ?? true);
    const segments = listSegments(this.#options.lake);
    const closed = recording ? segments.slice(0, -1) : segments;
    this.#backlog = { segments: closed.length, bytes: closed.reduce((sum, { bytes }) => sum + bytes, 0) };
    const looked = closed.slice(0, MOST_OUTLINES);
    const known = new Set(looked.map(({ number }) => number));
    for (const number of this.#outlines.keys()) if (!known.has(number)) this.#outlines.delete(number);
    return looked.map((file) => this.#outline(file));
  }

  #outline(file: SegmentFile): SegmentOutline {
    const known = this.#outlines.get(file.number);
    if (known !== undefined && known.file.bytes === file.bytes) return known;
    const outline = outlineOf(file);
    this.#outlines.set(file.number, outline);
    this.#outlinesPeak = Math.max(this.#outlinesPeak, this.#outlines.size);
    return outline;
  }

  #tellBacklog(waiting: readonly SegmentOutline[], now: number): void {
    const { segments, bytes } = this.#backlog;
    this.#poolPeak = Math.max(this.#poolPeak, this.#pool.rows);
    const age = now - (waiting[0]?.createdAt ?? now);
    const late = bytes > BACKLOG_BYTES || age > BACKLOG_AGE_US;
    this.#troubles.standing(
      'LAKE_BACKLOG',
      late
        ? `${segments} segments of the journal (${Math.round(bytes / 1e6)} MB) wait for conversion to Parquet: the machine or its disk is too slow, or conversion fails`
        : undefined,
      now,
    );
  }

  /** Merges parts of one folder of a finished hour. Folders are looked for once an hour, a few at a time. */
  async #compactNext(): Promise<boolean> {
    if (this.#merging !== undefined) {
      await this.#compact(this.#merging);
      return true;
    }
    const now = this.#options.clock();
    const waiting = [...this.#outlines.values()];
    const oldest = Math.min(Number.POSITIVE_INFINITY, ...waiting.map(({ minTime }) => minTime));
    const before = openHour(now, oldest);
    if (this.#search === undefined) {
      if (before === this.#searchedHour) return false;
      this.#searchedHour = before;
      this.#search = allPartitions(this.#options.lake);
    }
    for (let looked = 0; looked < FOLDERS_AT_ONCE; looked += 1) {
      const { value, done } = this.#search.next();
      if (done === true) {
        this.#search = undefined;
        this.#troubles.worked('compaction');
        return false;
      }
      if (value.hour >= before || !isScattered(this.#options.lake, value.folder)) continue;
      await this.#compact(value);
      return true;
    }
    return true;
  }

  /** Merges as many parts of a folder as are merged at once; answers whether it came to its end. */
  async #compact(partition: Partition): Promise<boolean> {
    this.#doing = 'compacting';
    const { duck } = await this.#engine();
    const convertFirst = async () => {
      if (!this.#finishing) await this.#untilMayMerge();
      this.#doing = 'compacting';
    };
    const { lake, pieceRows, fileRows, fanIn } = this.#options;
    const how = { between: convertFirst, pieceRows, fileRows, fanIn };
    // Whatever fails, other folders have their turn first.
    this.#merging = undefined;
    const did = await this.#unlessEnded(compactFolder(lake, partition, duck, this.#steps, how));
    if (did === undefined) return false;
    if (isScattered(lake, partition.folder)) this.#merging = partition;
    this.#tableBytes += did.bytesAfter - did.bytesBefore;
    this.#compacted = {
      rows: this.#compacted.rows + did.rows,
      filesBefore: this.#compacted.filesBefore + did.filesBefore,
      filesAfter: this.#compacted.filesAfter + did.filesAfter,
    };
    return true;
  }

  /** Converts what is due until merging may go on. Throws `Ended` if nobody waits for the merge, or if it has to wait for too long: it begins anew. */
  async #untilMayMerge(): Promise<void> {
    const { isHurried, mayMerge, pauseMs = PAUSE_MS } = this.#options;
    for (let pauses = 0; ; pauses += 1) {
      if (isHurried?.() === true) throw new Ended();
      while (await this.#convertNext(false));
      if (mayMerge?.() !== false) return;
      if (pauses === MOST_PAUSES) break;
      await setTimeout(pauseMs);
    }
    this.#search = undefined;
    this.#searchedHour = Number.NEGATIVE_INFINITY;
    throw new Ended();
  }

  async #unlessEnded<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Ended) return undefined;
      throw error;
    }
  }

  /** Answers false: it is a moment's work. */
  #noteFees(): boolean {
    const fees = this.#fees;
    if (fees === undefined) return false;
    noteFees(this.#steps, this.#options.lake, fees);
    this.#fees = undefined;
    return false;
  }

  /** Removes the hours that are to go, and says how full it is. Answers false: it is never more than a moment's work. */
  #retain(): boolean {
    const now = this.#options.clock();
    if (Math.abs(now - this.#retainedAt) < RETENTION_US) return false;
    this.#retainedAt = now;
    this.#doing = 'retaining';
    const { lake, retention, log } = this.#options;
    if (Math.abs(now - this.#measuredAt) >= MEASURE_US) this.#measure();
    let bytes = this.#lakeBytes();
    for (const hour of allHours(lake)) {
      if (!mustGo(hour, now, bytes, retention)) break;
      const removed = removeHour(this.#steps, lake, hour);
      bytes -= removed.bytes;
      this.#tableBytes -= removed.bytes;
      this.#removed = {
        files: this.#removed.files + removed.files,
        bytes: this.#removed.bytes + removed.bytes,
      };
      if (removed.files > 0)
        log.info('an hour of the lake was removed', {
          hour: new Date(hour / 1000).toISOString(),
          files: removed.files,
          bytes: removed.bytes,
        });
    }
    this.#tellFullness(bytes, now);
    return false;
  }

  #tellFullness(lakeBytes: number, now: number): void {
    const { lake, retention } = this.#options;
    const { bavail, blocks, bsize } = statfsSync(lake);
    this.#disk = { freeBytes: bavail * bsize, totalBytes: blocks * bsize, lakeBytes };
    const { part, of, warn } = fullness(this.#disk, retention.maxBytes);
    const percent = Math.round(part * 100);
    const what =
      of === 'disk' ? `the lake's disk is ${percent} % full` : `the lake has ${percent} % of lake.maxBytes`;
    this.#troubles.standing(
      'LAKE_NEARLY_FULL',
      warn ? `${what}: free space, or keep less (lake.keepDays, lake.maxBytes)` : undefined,
      now,
    );
  }

  #lakeBytes(): number {
    return listSegments(this.#options.lake).reduce((sum, { bytes }) => sum + bytes, this.#tableBytes);
  }

  #measure(): void {
    this.#measuredAt = this.#options.clock();
    this.#tableBytes = LAKE_TABLES.reduce(
      (sum, table) => sum + bytesUnder(join(this.#options.lake, table)),
      0,
    );
  }

  /** What an engine that was killed had spilled. */
  #dropSpilled(): void {
    const folder = join(this.#options.lake, TEMP_FOLDER);
    for (const name of namesIn(folder))
      if (name.startsWith('duckdb_temp')) this.#steps.remove(join(folder, name));
    this.#steps.removeFolder(folder);
  }

  async #engine(): Promise<ParquetWriter> {
    if (this.#writer === undefined) {
      const tempFolder = join(this.#options.lake, TEMP_FOLDER);
      mkdirSync(this.#options.lake, { recursive: true, mode: 0o750 });
      const duck = await openDuck({ memoryMb: this.#options.memoryMb, threads: 1, tempFolder });
      this.#writer = new ParquetWriter(duck);
      this.#enginePeak = 1;
    }
    return this.#writer;
  }

  /** An engine that failed may be unusable; a new one costs milliseconds. */
  #dropEngine(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.duck.close();
  }
}

/** A merge that is given up, because the program ends or memory stays short. */
class Ended extends Error {}

/** Lets other work of the thread come between. */
async function breathe(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Converts and merges a lake that nobody records to: finished hours, or with `now` every hour. Throws what fails, and what the progress functions throw: then it stops there. */
export async function compactLake(
  options: Omit<KeeperOptions, 'retention' | 'isRecording'>,
  how: {
    readonly now: boolean;
    /** Before each folder. */
    readonly progress?: (folder: string) => void;
    /** Before each conversion: how many segments wait. */
    readonly converting?: (segments: number) => void;
  },
): Promise<KeeperStatus> {
  const keeper = new Keeper({
    ...options,
    retention: { days: null, maxBytes: null },
    isRecording: () => false,
  });
  try {
    await keeper.recover();
    await keeper.finish(how.converting);
    await keeper.compactAll(how.now, ({ folder }) => how.progress?.(folder));
    return keeper.status();
  } finally {
    await keeper.close();
  }
}
