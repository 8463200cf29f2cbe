import { join } from 'node:path';
import { checkFile, countShared, type ReadFile, sumGaps } from './check-file.ts';
import { Findings, type GapTotals } from './check-findings.ts';
import type { Duck } from './duck.ts';
import { compareText } from './gap-rows.ts';
import { MERGED, type Part, type PartitionFiles, parsePartName } from './layout.ts';
import { bytesOf, filesOf, namesIn, type Partition } from './partitions.ts';
import type { LakeTable } from './tables.ts';

export interface FolderCheck {
  readonly findings: Findings;
  /** Paths, relative to the lake. */
  readonly paths: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** Of the gaps table. */
  readonly gaps: readonly GapTotals[];
}

/** A keeper at work changes a folder every few minutes, and an hour's merge takes seconds. */
const TRIES = 5;

/** Checks every file of one folder that counts. If one goes away meanwhile, for it was merged or grew too old, it looks again at what is there then. */
export async function checkFolder(
  duck: Duck,
  lake: string,
  partition: Partition,
  progress: (path: string) => void,
): Promise<FolderCheck> {
  for (let tries = 1; ; tries += 1) {
    const result = await tryFolder(duck, lake, partition, progress);
    if (result !== undefined) return result;
    if (tries < TRIES) continue;
    const findings = new Findings();
    findings.add('note', 'unreadable', partition.folder, 'its files changed all the time; check again');
    return { findings, paths: [], rows: 0, bytes: 0, gaps: [] };
  }
}

/** Undefined = a file went away. */
async function tryFolder(
  duck: Duck,
  lake: string,
  partition: Partition,
  progress: (path: string) => void,
): Promise<FolderCheck | undefined> {
  const findings = new Findings();
  const files = filesOf(lake, partition.folder);
  checkNames(files, partition.folder, findings);
  const read: { file: ReadFile; part: Part }[] = [];
  let bytes = 0;
  for (const { name, part } of files.visible) {
    const path = `${partition.folder}/${name}`;
    progress(path);
    bytes += bytesOf(join(lake, path));
    try {
      const file = await checkFile(duck, lake, partition, name, findings);
      if (file !== undefined) read.push({ file, part });
    } catch (error) {
      if (!namesIn(join(lake, partition.folder)).includes(name)) return undefined;
      findings.add('wrong', 'unreadable', path, oneLine(error));
    }
  }
  checkPieces(read, findings);
  const paths = files.visible.map(({ name }) => `${partition.folder}/${name}`);
  const rows = read.reduce((sum, { file }) => sum + file.rows, 0);
  const compared = read.map(({ file }) => join(lake, file.path));
  let gaps: GapTotals[] = [];
  try {
    if (partition.table === 'gaps') gaps = await sumGaps(duck, partition.venue, compared);
    const duplicates = await countDuplicates(duck, lake, partition.table, read);
    if (duplicates > 0)
      findings.add(
        'note',
        'duplicate',
        partition.folder,
        `${duplicates} rows equal another one in every value`,
      );
  } catch (error) {
    const left = new Set(namesIn(join(lake, partition.folder)));
    if (files.visible.some(({ name }) => !left.has(name))) return undefined;
    findings.add('wrong', 'unreadable', partition.folder, oneLine(error));
  }
  return { findings, paths, rows, bytes, gaps };
}

/** Equal rows stand side by side in a file's order; and two files can share rows of times that both have. */
async function countDuplicates(
  duck: Duck,
  lake: string,
  table: LakeTable,
  read: readonly { file: ReadFile; part: Part }[],
): Promise<number> {
  let found = 0;
  for (const [i, { file, part }] of read.entries()) {
    found += file.repeated;
    for (const earlier of read.slice(0, i))
      if (!arePieces(earlier.part, part)) found += await countShared(duck, lake, table, earlier.file, file);
  }
  return found;
}

/** What the names alone tell. */
function checkNames(files: PartitionFiles, folder: string, findings: Findings): void {
  for (const name of files.inProgress)
    findings.add('note', 'leftover', `${folder}/${name}`, 'is being written, or was when its writer ended');
  for (const name of files.strange)
    findings.add('note', 'strange', `${folder}/${name}`, 'is no name of ours; nothing reads it');
  for (const name of files.superseded) {
    const part = parsePartName(name.endsWith(MERGED) ? name.slice(0, -MERGED.length) : name);
    if (part === undefined || [part.first, part.last].every((segment) => holds(files, segment)))
      findings.add(
        'note',
        'leftover',
        `${folder}/${name}`,
        'its rows are in another file; it will be deleted',
      );
    else
      findings.add(
        'wrong',
        'incomplete',
        `${folder}/${name}`,
        `is one of ${part.pieces} pieces, of which some are gone`,
      );
  }
  files.visible.forEach(({ name, part }, i) => {
    const other = files.visible.slice(0, i).find((earlier) => overlaps(earlier.part, part));
    if (other !== undefined)
      findings.add(
        'wrong',
        'overlap',
        `${folder}/${name}`,
        `holds rows of the same segments as ${other.name}`,
      );
  });
}

function holds(files: PartitionFiles, segment: number): boolean {
  return files.visible.some(({ part }) => part.first <= segment && segment <= part.last);
}

function overlaps(a: Part, b: Part): boolean {
  return !arePieces(a, b) && a.first <= b.last && b.first <= a.last;
}

/** Whether they are pieces of one merged file: these have the same numbers by nature, and no symbol in common. */
function arePieces(a: Part, b: Part): boolean {
  return a.first === b.first && a.last === b.last && a.pieces === b.pieces && a.piece !== b.piece;
}

/** The pieces of a file are ranges of symbols, one after the other. */
function checkPieces(read: readonly { file: ReadFile; part: Part }[], findings: Findings): void {
  read.forEach(({ file, part }, i) => {
    const before = read[i - 1];
    if (before === undefined || part.piece === 1 || before.part.first !== part.first) return;
    if (before.file.lastSymbol === null || file.firstSymbol === null) return;
    if (compareText(before.file.lastSymbol, file.firstSymbol) >= 0)
      findings.add('wrong', 'order', file.path, 'begins with a symbol that belongs in the piece before it');
  });
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
