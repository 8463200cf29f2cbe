import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { Findings, type GapTotals, type LakeCheck, type TableTotals } from './check-findings.ts';
import { checkFolder } from './check-folder.ts';
import { checkJournal } from './check-journal.ts';
import { readConverted } from './converted.ts';
import { openDuck } from './duck.ts';
import { hourFolder, parseHour, parsePartName, parseVenueFolder } from './layout.ts';
import { allPartitions, filesOf, namesIn } from './partitions.ts';
import { listSegments } from './segment.ts';
import { LAKE_TABLES, type LakeTable } from './tables.ts';

export interface CheckOptions {
  /** MiB for the engine. */
  readonly memoryMb?: number;
  /** Before each file: how many were begun, of how many, and which it is. More may come, and some go, while it runs. */
  readonly progress?: (done: number, total: number, path: string) => void;
  readonly signal?: AbortSignal;
}

const MEMORY_MB = 512;
const NOTHING = -1;

/**
 * Reads a whole lake, Parquet and journal, and says what is wrong. It changes nothing, and may run beside a recorder. Its memory does not depend on the size of the lake. Throws what the
 * disk throws for folders, and the signal's reason.
 */
export async function checkLake(lake: string, options: CheckOptions = {}): Promise<LakeCheck> {
  const findings = new Findings();
  const tables = emptyTables();
  const gaps = new Map<string, GapTotals>();
  const step = stepper(lake, options);
  checkFolderNames(lake, findings);
  const before = greatestKnown(lake);
  const duck = await openDuck({ memoryMb: options.memoryMb ?? MEMORY_MB, threads: 1 });
  let greatest = NOTHING;
  try {
    for (const partition of allPartitions(lake)) {
      const result = await checkFolder(duck, lake, partition, step);
      findings.addAll(result.findings);
      const total = tables[partition.table];
      total.files += result.paths.length;
      total.rows += result.rows;
      total.bytes += result.bytes;
      addGaps(gaps, result.gaps);
      for (const path of result.paths) greatest = Math.max(greatest, lastSegmentOf(path));
    }
  } finally {
    duck.close();
  }
  const journal = checkJournal(lake, findings, step);
  const known = Math.max(before, greatestKnown(lake));
  if (greatest > known)
    findings.add(
      'wrong',
      'state',
      '',
      `there are parts up to segment ${greatest}, and the journal knows of none beyond ${known}: rows to come could be taken for converted`,
    );
  return {
    wrong: findings.wrong,
    notes: findings.notes,
    findings: findings.list,
    tables,
    journal,
    gaps: [...gaps.values()],
  };
}

function emptyTables(): Record<LakeTable, { -readonly [K in keyof TableTotals]: number }> {
  const none = () => ({ files: 0, rows: 0, bytes: 0 });
  return { quotes: none(), trades: none(), opportunities: none(), gaps: none() };
}

function stepper(lake: string, { progress, signal }: CheckOptions): (path: string) => void {
  let total = 0;
  if (progress !== undefined) {
    for (const { folder } of allPartitions(lake)) total += filesOf(lake, folder).visible.length;
    total += listSegments(lake).length;
  }
  let done = 0;
  return (path) => {
    signal?.throwIfAborted();
    progress?.(done, Math.max(total, done + 1), path);
    done += 1;
  };
}

/** The greatest segment that the journal knows of. */
function greatestKnown(lake: string): number {
  return Math.max(readConverted(lake).segment, listSegments(lake).at(-1)?.number ?? NOTHING);
}

function lastSegmentOf(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.merged$/, '');
  return parsePartName(name)?.last ?? NOTHING;
}

/** Folders that no reader goes into. */
function checkFolderNames(lake: string, findings: Findings): void {
  const say = (path: string) => findings.add('note', 'strange', path, 'is no name of ours; nothing reads it');
  for (const table of LAKE_TABLES) {
    for (const date of namesIn(join(lake, table))) {
      const hours = namesIn(join(lake, table, date));
      if (parseHour(date, 'hour=00') === undefined) say(`${table}/${date}`);
      else for (const hour of hours) checkHourName(lake, table, date, hour, say);
    }
  }
}

function checkHourName(
  lake: string,
  table: LakeTable,
  date: string,
  name: string,
  say: (path: string) => void,
): void {
  const path = `${table}/${date}/${name}`;
  const hour = parseHour(date, name);
  if (hour === undefined || hourFolder(table, hour) !== path) {
    say(path);
    return;
  }
  for (const venue of namesIn(join(lake, path)))
    if (parseVenueFolder(venue) === undefined) say(`${path}/${venue}`);
}

function addGaps(gaps: Map<string, GapTotals>, more: readonly GapTotals[]): void {
  for (const one of more) {
    const key = `${one.venue} ${one.reason}`;
    const before = gaps.get(key);
    gaps.set(key, {
      ...one,
      gaps: (before?.gaps ?? 0) + one.gaps,
      duration: (before?.duration ?? 0) + one.duration,
      rowsLost: (before?.rowsLost ?? 0) + one.rowsLost,
    });
  }
}

/** Throws LAKE_DAMAGED if anything is wrong. */
export function assertSound(lake: string, { wrong }: LakeCheck): void {
  if (wrong === 0) return;
  const things = wrong === 1 ? 'one thing is' : `${wrong} things are`;
  throw new SpreadscopeError('LAKE_DAMAGED', `${things} wrong with the lake ${lake}`);
}
