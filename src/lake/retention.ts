import { join } from 'node:path';
import type { FileSteps } from './file-steps.ts';
import { HOUR_US, hourFolder, hourOf, IN_PROGRESS, MERGED, parsePartName } from './layout.ts';
import { bytesOf, hoursOf, namesIn, partitionsOf } from './partitions.ts';
import { LAKE_TABLES } from './tables.ts';

export interface Retention {
  /** Null = for ever. */
  readonly days: number | null;
  /** Of the whole lake, its journal included; null = as many as the disk holds. */
  readonly maxBytes: number | null;
}

export interface Removal {
  readonly files: number;
  readonly bytes: number;
}

const DAY_US = 24 * HOUR_US;
/** From here on a disk, or the lake's share of it, is nearly full. */
const NEARLY_FULL = 0.85;

/**
 * Whether an hour's rows are to go. Never those of the current hour or a later one: what is being written stays.
 * @param hour the oldest that is left, µs
 */
export function mustGo(hour: number, now: number, lakeBytes: number, retention: Retention): boolean {
  if (hour >= hourOf(now)) return false;
  const { days, maxBytes } = retention;
  if (days !== null && hour + HOUR_US <= now - days * DAY_US) return true;
  return maxBytes !== null && lakeBytes > maxBytes;
}

/** How full it is, of 1: the disk, or the lake by its own limit, whichever is fuller; and whether that wants an eye. */
export function fullness(
  disk: { readonly freeBytes: number; readonly totalBytes: number; readonly lakeBytes: number },
  maxBytes: number | null,
): { part: number; of: 'disk' | 'limit'; warn: boolean } {
  const ofDisk = disk.totalBytes > 0 ? 1 - disk.freeBytes / disk.totalBytes : 0;
  const ofLimit = maxBytes === null ? 0 : disk.lakeBytes / maxBytes;
  const part = Math.max(ofDisk, ofLimit);
  return { part, of: ofLimit > ofDisk ? 'limit' : 'disk', warn: part >= NEARLY_FULL };
}

/** The hours that any table has folders of, oldest first. */
export function allHours(lake: string): number[] {
  const hours = new Set(LAKE_TABLES.flatMap((table) => hoursOf(lake, table)));
  return [...hours].sort((a, b) => a - b);
}

/** Removes all files of an hour, and the folders that this leaves empty. A file that is none of ours stays, and with it its folder. */
export function removeHour(steps: FileSteps, lake: string, hour: number): Removal {
  let [files, bytes] = [0, 0];
  for (const table of LAKE_TABLES) {
    for (const { folder } of partitionsOf(lake, table, hour)) {
      for (const name of namesIn(join(lake, folder))) {
        if (!isOurs(name)) continue;
        const path = join(lake, folder, name);
        bytes += bytesOf(path);
        steps.remove(path);
        files += 1;
      }
      steps.removeFolder(join(lake, folder));
    }
    const folder = join(lake, hourFolder(table, hour));
    if (steps.removeFolder(folder)) steps.removeFolder(join(folder, '..'));
  }
  return { files, bytes };
}

function isOurs(name: string): boolean {
  const plain = [IN_PROGRESS, MERGED].find((ending) => name.endsWith(ending));
  return parsePartName(plain === undefined ? name : name.slice(0, -plain.length)) !== undefined;
}
