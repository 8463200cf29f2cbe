import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './layout.ts';
import { type PartFile, partFiles } from './partitions.ts';

/**
 * What stands for the same rows as these files when some were merged into others since they were listed; the time that was asked for tells which of the rows that came since are wanted. Undefined = rows were
 * removed, or files of the lake hold some of what a file of the tail holds and not all.
 * @param files of the lake, and of the Parquet that its journal's tail was made into
 */
export function renewedFiles(lake: string, files: readonly PartFile[]): PartFile[] | undefined {
  const renewed: PartFile[] = [];
  const done = new Set<string>();
  for (const file of files) {
    if (done.has(file.folder)) continue;
    done.add(file.folder);
    const own = files.filter(({ folder }) => folder === file.folder);
    if (own.every(({ path }) => existsSync(path))) {
      renewed.push(...own);
      continue;
    }
    const found = renewedFolder(lake, file, own);
    if (found === undefined) return undefined;
    renewed.push(...found);
  }
  return renewed;
}

function renewedFolder(lake: string, of: PartFile, files: readonly PartFile[]): PartFile[] | undefined {
  const isOfLake = ({ folder, name, path }: PartFile): boolean => path === join(lake, folder, name);
  const old = files.filter(isOfLake);
  const { table, hour, venue, folder } = of;
  const now = partFiles(lake, { table, hour, venue, folder }).filter(({ part }) =>
    old.some((other) => overlap(part, other.part)),
  );
  if (!old.every(({ part }) => now.some((other) => holds(other.part, part)))) return undefined;
  const tail: PartFile[] = [];
  for (const file of files.filter((one) => !isOfLake(one))) {
    const others = now.filter(({ part }) => overlap(part, file.part));
    if (others.some(({ part }) => holds(part, file.part))) continue;
    if (others.length > 0) return undefined;
    tail.push(file);
  }
  return [...now, ...tail];
}

function overlap(a: Part, b: Part): boolean {
  return a.first <= b.last && b.first <= a.last;
}

function holds(a: Part, b: Part): boolean {
  return a.first <= b.first && a.last >= b.last;
}
