import { copyFileSync, linkSync, lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { readConverted, writeConverted } from './converted.ts';
import { errnoOf, realSteps } from './file-steps.ts';
import { JOURNAL_FOLDER, type Part, segmentName } from './layout.ts';
import { allPartitions, filesOf } from './partitions.ts';
import { listSegments, type SegmentFile } from './segment.ts';
import { outlineOf, type SegmentOutline } from './segment-scan.ts';
import { LAKE_TABLES, type LakeTable } from './tables.ts';

/** A lake as it was at one moment: each row is in one of the files, or in a segment that was copied, and what is in both is told by the files' names. */
export interface LakeSnapshot {
  /** What counts, by folder; both relative to the lake. */
  readonly folders: ReadonlyMap<string, readonly VisibleFile[]>;
  /** The same as paths. */
  readonly files: Readonly<Record<LakeTable, readonly string[]>>;
  readonly journal: JournalCopy;
}

interface VisibleFile {
  readonly name: string;
  readonly part: Part;
}

export interface JournalCopy {
  /** Rows of the segments that wait. */
  readonly rows: number;
  /** Whether they were copied: false = there are too many. */
  readonly copied: boolean;
}

/** A keeper at work changes folders once a minute; a listing takes far less. */
const TRIES = 10;

/**
 * Lists a lake and copies what waits in its journal to `tail`, a folder of ours that then holds a journal of its own; the lake is not changed. Throws FILE_UNREADABLE if
 * the lake never stands still, QUERY_REFUSED if a file of it is a link that leads out of it, and what the disk throws.
 * @param mostRows the journal is left out if it holds more
 */
export function snapshotLake(lake: string, tail: string, mostRows: number): LakeSnapshot {
  for (let tries = 0; tries < TRIES; tries += 1) {
    // Parts appear before their segments go: if none came while the segments were copied, each segment that was gone is covered, and no copy is but by these.
    const before = listFolders(lake);
    const journal = copyJournal(lake, tail, mostRows);
    const folders = listFolders(lake);
    if (!isSame(before, folders)) continue;
    for (const [folder, files] of folders) assertInside(lake, folder, files);
    return { folders, files: pathsOf(folders), journal };
  }
  throw new SpreadscopeError('FILE_UNREADABLE', `the lake ${lake} changes faster than it can be listed`);
}

function listFolders(lake: string): Map<string, readonly VisibleFile[]> {
  const folders = new Map<string, readonly VisibleFile[]>();
  for (const { folder } of allPartitions(lake)) folders.set(folder, filesOf(lake, folder).visible);
  return folders;
}

function isSame(
  a: ReadonlyMap<string, readonly VisibleFile[]>,
  b: ReadonlyMap<string, readonly VisibleFile[]>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [folder, files] of a) {
    const others = b.get(folder);
    if (others?.length !== files.length) return false;
    if (files.some(({ name }, i) => others[i]?.name !== name)) return false;
  }
  return true;
}

function pathsOf(folders: ReadonlyMap<string, readonly VisibleFile[]>): Record<LakeTable, string[]> {
  const paths: Record<LakeTable, string[]> = { quotes: [], trades: [], opportunities: [], gaps: [] };
  for (const [folder, files] of folders) {
    const table = LAKE_TABLES.find((name) => folder.startsWith(`${name}/`));
    if (table !== undefined) for (const { name } of files) paths[table].push(`${folder}/${name}`);
  }
  return paths;
}

/** The engine follows links, whatever it may not read otherwise. */
function assertInside(lake: string, folder: string, files: readonly VisibleFile[]): void {
  const home = realpathSync.native(lake) + sep;
  const refuse = (path: string) => {
    throw new SpreadscopeError(
      'QUERY_REFUSED',
      `${path} of the lake is a link that leads out of it, or no file`,
    );
  };
  if (files.length > 0 && !realpathSync.native(join(lake, folder)).startsWith(home)) refuse(folder);
  for (const { name } of files) {
    const path = join(lake, folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isFile()) continue;
    if (!stat.isSymbolicLink() || !realpathSync.native(path).startsWith(home)) refuse(`${folder}/${name}`);
  }
}

/** Puts the segments that are not in Parquet, and the mark that goes with them, into `tail`. */
function copyJournal(lake: string, tail: string, mostRows: number): JournalCopy {
  const folder = join(tail, JOURNAL_FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const converted = readConverted(lake).segment;
  const segments = listSegments(lake).filter(({ number }) => number > converted);
  const outlines = segments.map(outlineIfThere).filter((outline) => outline !== undefined);
  const rows = outlines.reduce((sum, outline) => sum + outline.rows, 0);
  if (rows > mostRows) return { rows, copied: false };
  const last = segments.at(-1);
  for (const file of segments) copySegment(file, folder, file === last);
  // Only now: a frame that was written twice, and whose first segment went meanwhile, counts as taken.
  const mark = readConverted(lake);
  writeConverted(realSteps, tail, mark);
  for (const { number } of segments)
    if (number <= mark.segment) rmSync(join(folder, segmentName(number)), { force: true });
  return { rows, copied: true };
}

/** Undefined = it was converted meanwhile. */
function outlineIfThere(file: SegmentFile): SegmentOutline | undefined {
  return ifThere(() => outlineOf(file));
}

/** A second name, where the disk can do that; the last segment as it is now, for somebody may be writing on. */
function copySegment({ path, number }: SegmentFile, folder: string, isLast: boolean): void {
  const copy = join(folder, segmentName(number));
  ifThere(() => {
    if (isLast || !linked(path, copy)) copyFileSync(path, copy);
  });
}

function linked(path: string, copy: string): boolean {
  try {
    linkSync(path, copy);
    return true;
  } catch (error) {
    // Another disk, or not ours: a copy does as well.
    if (errnoOf(error) !== 'ENOENT') return false;
    throw error;
  }
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
