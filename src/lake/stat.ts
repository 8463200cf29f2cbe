import { join } from 'node:path';
import { QuoteKind } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { readConverted } from './converted.ts';
import { type Duck, openDuck, sqlFile } from './duck.ts';
import { errnoOf } from './file-steps.ts';
import { FrameKind } from './journal-format.ts';
import { HOUR_US } from './layout.ts';
import { allPartitions, bytesOf, filesOf, namesIn, type Partition } from './partitions.ts';
import { listSegments } from './segment.ts';
import { type OpenSegment, openSegment } from './segment-scan.ts';
import type { LakeTable } from './tables.ts';

/** What one table holds of one venue and UTC day in Parquet. */
export interface DayStat {
  /** `2026-11-23`. */
  readonly date: string;
  readonly venue: VenueId;
  readonly table: LakeTable;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What the journal holds of one venue that is not yet in Parquet. */
export interface TailStat {
  readonly venue: VenueId;
  readonly quotes: number;
  readonly trades: number;
}

export interface LakeStat {
  /** By day, venue and table; only what there is. */
  readonly days: readonly DayStat[];
  readonly journal: {
    readonly segments: number;
    readonly bytes: number;
    readonly venues: readonly TailStat[];
  };
  readonly files: number;
  /** In Parquet. */
  readonly rows: number;
  readonly bytes: number;
  /** Null = there are no rows. */
  readonly bytesPerRow: number | null;
  /** Files whose footer cannot be read: their rows are not counted. */
  readonly unreadable: readonly string[];
}

export interface StatOptions {
  /** Before each folder: how many were done, of how many. */
  readonly progress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const MEMORY_MB = 256;
const MOST_UNREADABLE = 100;
const DAY_US = 24 * HOUR_US;
const TRIES = 5;

/** Counts what a lake holds by its files' footers; it may run beside a recorder, and changes nothing. Throws what the disk throws for folders, and the signal's reason. */
export async function statLake(lake: string, options: StatOptions = {}): Promise<LakeStat> {
  const tail = tailOf(lake);
  const days = new Map<string, { -readonly [K in keyof DayStat]: DayStat[K] }>();
  const unreadable: string[] = [];
  const partitions = [...allPartitions(lake)];
  const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1 });
  try {
    for (const [done, partition] of partitions.entries()) {
      options.signal?.throwIfAborted();
      options.progress?.(done, partitions.length);
      const stat = await folderStat(duck, lake, partition);
      for (const path of stat.unreadable) if (unreadable.length < MOST_UNREADABLE) unreadable.push(path);
      if (stat.files === 0) continue;
      const date = dateOf(partition.hour);
      const key = `${date} ${partition.venue} ${partition.table}`;
      const day = days.get(key) ?? { ...partitionStat(partition, date), files: 0, rows: 0, bytes: 0 };
      day.files += stat.files;
      day.rows += stat.rows;
      day.bytes += stat.bytes;
      days.set(key, day);
    }
  } finally {
    duck.close();
  }
  return { ...totals([...days.values()]), journal: tail, unreadable };
}

function partitionStat({ venue, table }: Partition, date: string): Pick<DayStat, 'date' | 'venue' | 'table'> {
  return { date, venue, table };
}

function totals(
  days: readonly DayStat[],
): Pick<LakeStat, 'days' | 'files' | 'rows' | 'bytes' | 'bytesPerRow'> {
  const sum = (key: 'files' | 'rows' | 'bytes') => days.reduce((total, day) => total + day[key], 0);
  const [files, rows, bytes] = [sum('files'), sum('rows'), sum('bytes')];
  const sorted = [...days].sort(
    (a, b) => compare(a.date, b.date) || compare(a.venue, b.venue) || compare(a.table, b.table),
  );
  return { days: sorted, files, rows, bytes, bytesPerRow: rows === 0 ? null : bytes / rows };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dateOf(hour: number): string {
  return new Date((Math.floor(hour / DAY_US) * DAY_US) / 1000).toISOString().slice(0, 10);
}

interface FolderStat {
  files: number;
  rows: number;
  bytes: number;
  unreadable: string[];
}

/** The files of one folder that count. If one goes away meanwhile, it looks again at what is there then. */
async function folderStat(duck: Duck, lake: string, { folder }: Partition): Promise<FolderStat> {
  let stat: FolderStat = { files: 0, rows: 0, bytes: 0, unreadable: [] };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const names = filesOf(lake, folder).visible.map(({ name }) => name);
    stat = { files: 0, rows: 0, bytes: 0, unreadable: [] };
    for (const name of names) await addFile(duck, lake, `${folder}/${name}`, stat);
    const left = new Set(namesIn(join(lake, folder)));
    if (names.every((name) => left.has(name))) break;
  }
  return stat;
}

async function addFile(duck: Duck, lake: string, path: string, stat: FolderStat): Promise<void> {
  const file = join(lake, path);
  try {
    const [row] = await duck.rows(`SELECT num_rows FROM parquet_file_metadata(${sqlFile(file)})`);
    stat.rows += Number(row?.[0]);
    stat.bytes += bytesOf(file);
    stat.files += 1;
  } catch {
    // Whatever it is that the engine cannot read: the check tells, we count.
    stat.unreadable.push(path);
  }
}

/** What waits in the journal, by whole segments: for a moment, what is being converted is in both. */
function tailOf(lake: string): LakeStat['journal'] {
  const venues = new Map<VenueId, { venue: VenueId; quotes: number; trades: number }>();
  let [segments, bytes] = [0, 0];
  let mark = readConverted(lake);
  for (const file of listSegments(lake)) {
    if (file.number <= mark.segment) continue;
    const open = openIfThere(file, mark);
    if (open === undefined) continue;
    try {
      addTail(open, venues);
    } finally {
      open.segment.close();
    }
    segments += 1;
    bytes += file.bytes;
    mark = { ...mark, ...open.mark };
  }
  return { segments, bytes, venues: [...venues.values()] };
}

function openIfThere(...args: Parameters<typeof openSegment>): OpenSegment | undefined {
  try {
    return openSegment(...args);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function addTail(
  { segment, frames }: OpenSegment,
  venues: Map<VenueId, { venue: VenueId; quotes: number; trades: number }>,
): void {
  for (const frame of frames) {
    if (frame.venue === undefined) continue;
    const { venue } = frame;
    const counts = venues.get(venue) ?? { venue, quotes: 0, trades: 0 };
    venues.set(venue, counts);
    if (frame.kind === FrameKind.trades) counts.trades += frame.rows;
    // What says that a quote ended is no row of the table.
    const kinds = frame.kind === FrameKind.quotes ? segment.quotes(frame)?.kind : undefined;
    for (const kind of kinds ?? []) if (kind === QuoteKind.quote) counts.quotes += 1;
  }
}
