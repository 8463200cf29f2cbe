import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { errnoOf } from './file-steps.ts';
import {
  hourFolder,
  type Part,
  type PartitionFiles,
  parseHour,
  parseVenueFolder,
  sortOut,
} from './layout.ts';
import { LAKE_TABLES, type LakeTable } from './tables.ts';

/** A folder of one table, hour (µs since the epoch) and venue. */
export interface Partition {
  readonly table: LakeTable;
  readonly hour: number;
  readonly venue: VenueId;
  /** Relative to the lake. */
  readonly folder: string;
}

/** A file of a partition that counts. */
export interface PartFile extends Partition {
  readonly name: string;
  readonly path: string;
  readonly part: Part;
}

/** How often a folder that changes under our eyes is listed; each change takes the one who makes it far longer. */
const TRIES = 50;

/** Names in a folder; none if it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** The hours that a table has folders of, in order. */
export function hoursOf(lake: string, table: LakeTable): number[] {
  const hours: number[] = [];
  for (const date of namesIn(join(lake, table))) {
    for (const name of date.startsWith('date=') ? namesIn(join(lake, table, date)) : []) {
      const hour = parseHour(date, name);
      if (hour !== undefined && hourFolder(table, hour) === `${table}/${date}/${name}`) hours.push(hour);
    }
  }
  return hours.sort((a, b) => a - b);
}

/** The folders of one table and hour. */
export function partitionsOf(lake: string, table: LakeTable, hour: number): Partition[] {
  const folder = hourFolder(table, hour);
  return namesIn(join(lake, folder)).flatMap((name) => {
    const venue = parseVenueFolder(name);
    return venue === undefined ? [] : [{ table, hour, venue, folder: `${folder}/${name}` }];
  });
}

/** Every folder of the lake, oldest hour first within a table. */
export function* allPartitions(lake: string): Generator<Partition> {
  for (const table of LAKE_TABLES)
    for (const hour of hoursOf(lake, table)) yield* partitionsOf(lake, table, hour);
}

export function filesOf(lake: string, folder: string): PartitionFiles {
  return sortOut(namesIn(join(lake, folder)));
}

/**
 * The files of a partition's folder that count, as they were at one moment: a listing is not of one, and a file that is renamed meanwhile may be in it under no name.
 * @throws FILE_UNREADABLE if the folder never stands still
 */
export function stillFilesOf(lake: string, folder: string): PartitionFiles['visible'] {
  let last = filesOf(lake, folder).visible;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const now = filesOf(lake, folder).visible;
    if (now.length === last.length && now.every(({ name }, i) => name === last[i]?.name)) return now;
    last = now;
  }
  throw new SpreadscopeError(
    'FILE_UNREADABLE',
    `${join(lake, folder)}: files come and go faster than they can be listed; try again`,
  );
}

/** Every file that counts of a folder in the shape of a lake, oldest hour first within a table. */
export function allFiles(lake: string): PartFile[] {
  return [...allPartitions(lake)].flatMap((partition) => partFiles(lake, partition));
}

/** The files of one partition that count. */
export function partFiles(lake: string, partition: Partition): PartFile[] {
  return stillFilesOf(lake, partition.folder).map(({ name, part }) => ({
    ...{ ...partition, name, part },
    path: join(lake, partition.folder, name),
  }));
}

/** Whether whoever read these paths can have missed none of them. */
export function areThere(paths: readonly string[]): boolean {
  return paths.every((path) => existsSync(path));
}

/** For whoever missed a file that was listed. */
export function changedError(cause: unknown): SpreadscopeError {
  return new SpreadscopeError(
    'FILE_UNREADABLE',
    'files of the lake were merged or removed while they were read: ask again',
    { cause },
  );
}

/** Bytes of all files under a folder. */
export function bytesUnder(folder: string): number {
  let bytes = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) bytes += bytesUnder(path);
    else bytes += stat?.size ?? 0;
  }
  return bytes;
}

export function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
