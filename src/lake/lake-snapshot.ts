import { copyFileSync, linkSync, lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { readConverted, writeConverted } from './converted.ts';
import { errnoOf, realSteps } from './file-steps.ts';
import { JOURNAL_FOLDER, segmentName } from './layout.ts';
import { allFiles, type PartFile } from './partitions.ts';
import { listSegments, type SegmentFile } from './segment.ts';
import { outlineOf, type SegmentOutline } from './segment-scan.ts';

/** A lake, each folder of it as it was at one moment: each row is in one of the files, or in a segment that was copied, and what is in both is told by the files' names. */
export interface LakeSnapshot {
  readonly files: readonly PartFile[];
  readonly journal: JournalCopy;
}

export interface JournalCopy {
  /** Rows of the segments that wait. */
  readonly rows: number;
  /** Whether they were copied: false = there are too many. */
  readonly copied: boolean;
}

/**
 * Lists a lake and copies what waits in its journal to `tail`, a folder of ours that then holds a journal of its own; the lake is not changed, and a keeper may be at work. Throws FILE_UNREADABLE if
 * a folder never stands still, QUERY_REFUSED if a file of it is a link that leads out of it, and what the disk throws.
 * @param mostRows the journal is left out if it holds more
 */
export function snapshotLake(lake: string, tail: string, mostRows: number): LakeSnapshot {
  // First the journal: parts appear before their segments go. A segment that was gone is in the parts of each folder that is listed now; one that was copied may be,
  // and whether it is tells each folder's names. So each folder has to stand still for its own listing only.
  const journal = copyJournal(lake, tail, mostRows);
  const files = allFiles(lake);
  assertInside(lake, files);
  return { files, journal };
}

/** The engine follows links, whatever it may not read otherwise. */
function assertInside(lake: string, files: readonly PartFile[]): void {
  const home = realpathSync.native(lake) + sep;
  const assertAt = (path: string, isInside: boolean) => {
    if (isInside) return;
    throw new SpreadscopeError(
      'QUERY_REFUSED',
      `${path} of the lake is a link that leads out of it, or no file`,
    );
  };
  const isHome = (path: string): boolean => realpathSync.native(path).startsWith(home);
  for (const folder of new Set(files.map((file) => file.folder)))
    assertAt(folder, isHome(join(lake, folder)));
  for (const { folder, name, path } of files) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isFile()) continue;
    assertAt(`${folder}/${name}`, stat.isSymbolicLink() && isHome(path));
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
