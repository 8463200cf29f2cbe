import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import type { KeeperStatus } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import { assertSound, checkLake } from '../lake/check.ts';
import type { LakeCheck } from '../lake/check-findings.ts';
import { errnoOf } from '../lake/file-steps.ts';
import { compactLake } from '../lake/keeper.ts';
import { findLake } from '../lake/lake-folder.ts';
import { type LakeLock, lockLake } from '../lake/lock.ts';
import { allPartitions, bytesUnder } from '../lake/partitions.ts';
import { listSegments } from '../lake/segment.ts';
import { type LakeStat, statLake } from '../lake/stat.ts';
import { LAKE_TABLES } from '../lake/tables.ts';

export type { Finding, GapTotals, LakeCheck } from '../lake/check-findings.ts';
export type { DayStat, LakeStat } from '../lake/stat.ts';
export { assertSound, LAKE_TABLES };

export interface LakeWork {
  /** How far it is: files or folders done, of how many, and what it is at. */
  readonly progress: (done: number, total: number, note: string) => void;
  /** Ends the work at the next file or folder, with its reason. */
  readonly signal: AbortSignal;
}

/** What `lake compact` did. */
export interface Merge {
  readonly converted: KeeperStatus['converted'];
  readonly compacted: KeeperStatus['compacted'];
  /** Of the tables' files. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

const MEMORY_MB = 512;
const BEAT_MS = 10_000;
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Reads a whole lake and says what is wrong. Throws NO_LAKE, FILE_UNREADABLE and the signal's reason. */
export async function examineLake(folder: string, { progress, signal }: LakeWork): Promise<LakeCheck> {
  const lake = findLake(folder);
  return await readable(() => checkLake(lake, { progress, signal }));
}

/** Counts what a lake holds. Throws NO_LAKE, FILE_UNREADABLE and the signal's reason. */
export async function countLake(folder: string, { progress, signal }: LakeWork): Promise<LakeStat> {
  const lake = findLake(folder);
  return await readable(() =>
    statLake(lake, { progress: (done, total) => progress(done, total, 'folders'), signal }),
  );
}

/**
 * Converts what the journal holds and merges the files of finished hours, or of all hours. Throws NO_LAKE, LAKE_LOCKED, FILE_UNWRITABLE and the signal's reason; wherever it
 * stops, the lake is whole.
 */
export async function mergeLake(folder: string, now: boolean, work: LakeWork): Promise<Merge> {
  const lake = findLake(folder);
  const clock = () => Date.now() * 1000;
  return await writable(async () => {
    const lock = lockLake(lake, { command: 'lake compact', clock });
    const watch = keepLock(lock);
    try {
      const bytesBefore = tableBytes(lake);
      const status = await compactLake(
        { lake, clock, log: SILENT, memoryMb: MEMORY_MB },
        {
          now,
          ...mergeSteps(lake, work, watch.assertHeld),
        },
      );
      return { ...status, bytesBefore, bytesAfter: tableBytes(lake) };
    } finally {
      watch.stop();
      lock.release();
    }
  });
}

/** The two stages as one way: each segment and each folder is a step. */
function mergeSteps(lake: string, { progress, signal }: LakeWork, assertHeld: () => void) {
  const segments = listSegments(lake).length;
  let [folders, merged] = [0, 0];
  const step = (done: number, total: number, note: string) => {
    signal.throwIfAborted();
    assertHeld();
    progress(done, total, note);
  };
  return {
    converting: (waiting: number) => {
      folders = [...allPartitions(lake)].length;
      step(Math.max(0, segments - waiting), segments + folders, 'converting the journal');
    },
    progress: (folder: string) => {
      step(segments + merged, segments + folders, folder);
      merged += 1;
    },
  };
}

/** Shows that we live; a process that was away for so long that another one took the lake must write no more. */
function keepLock(lock: LakeLock): { assertHeld: () => void; stop: () => void } {
  let lost: unknown;
  const timer = setInterval(() => {
    try {
      if (!lock.beat()) lost = new SpreadscopeError('LAKE_LOCKED', 'another process has taken the lake');
    } catch (error) {
      lost = error;
    }
  }, BEAT_MS);
  return {
    assertHeld: () => {
      if (lost !== undefined) throw lost;
    },
    stop: () => clearInterval(timer),
  };
}

function tableBytes(lake: string): number {
  return LAKE_TABLES.reduce((sum, table) => sum + bytesUnder(join(lake, table)), 0);
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  return await orDiskError('FILE_UNREADABLE', 'the lake cannot be read', work);
}

async function writable<T>(work: () => Promise<T>): Promise<T> {
  return await orDiskError('FILE_UNWRITABLE', 'the lake cannot be worked on', work);
}

/** What the disk says, as an error for people. */
async function orDiskError<T>(
  code: 'FILE_UNREADABLE' | 'FILE_UNWRITABLE',
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SpreadscopeError || !(error instanceof Error) || errnoOf(error) === undefined)
      throw error;
    throw new SpreadscopeError(code, `${what}: ${error.message}`, { cause: error });
  }
}
