import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { errnoOf, realSteps } from './file-steps.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import { describeHolder, isAlive, type LockHolder, parseHolder } from './lock-holder.ts';
import { namesIn } from './partitions.ts';

/*
 * One process at a time works on a lake. Lock files are numbered (`_journal/lock-0000000007`), and who made the one with the greatest number has the lake. A lock is never
 * removed or renamed by others: who finds the greatest one free or its holder dead makes the next number, which the file system lets only one do. Only the holder removes
 * smaller numbers. So the greatest number never goes away, and a contender that was late finds a greater one than its own.
 */
export interface LockOptions {
  /** What this process was started as, for people. */
  readonly command: string;
  /** µs since the epoch. */
  readonly clock: () => number;
}

export interface LakeLock {
  /** By which another thread of this process can `joinLock`. */
  readonly number: number;
  /**
   * Shows that the holder lives, to those that cannot see its process; to be called every 10 s or so. False = another one has taken the lake, for this process was away for too
   * long: it must write no more. Throws what the disk throws.
   */
  beat(): boolean;
  release(): void;
}

const FREE = 'free';
const MODE = 0o640;
/** Contenders that may get in between before we give up, and how long a lock may take from being made to being written, in steps of `PAUSE_MS`. */
const ATTEMPTS = 100;
const PAUSE_MS = 10;

/** Takes the lake for this process. Throws LAKE_LOCKED, which names the one that has it, and what the disk throws. */
export function lockLake(lake: string, options: LockOptions): LakeLock {
  const folder = join(lake, JOURNAL_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = settledLock(folder, options.clock);
    if (found?.holder !== undefined) throw lockedError(lake, found.holder);
    const number = (found?.number ?? 0) + 1;
    if (!make(folder, number, options)) continue;
    if (greatest(folder) === number) {
      for (const other of numbersIn(folder))
        if (other < number) rmSync(pathOf(folder, other), { force: true });
      return held(folder, number, options);
    }
    rmSync(pathOf(folder, number), { force: true });
  }
  throw lockedError(lake, 'unknown');
}

/** The lock that this process took in another thread. */
export function joinLock(lake: string, number: number, options: LockOptions): LakeLock {
  return held(join(lake, JOURNAL_FOLDER), number, options);
}

/** Who has the lake now; undefined = nobody, `unknown` = somebody whose lock cannot be read. */
export function holderOf(lake: string, clock: () => number): LockHolder | 'unknown' | undefined {
  return settledLock(join(lake, JOURNAL_FOLDER), clock)?.holder;
}

interface Found {
  readonly number: number;
  /** Undefined = free, or the holder is dead. */
  readonly holder: LockHolder | 'unknown' | undefined;
}

/** The greatest lock, read after its maker has written it. */
function settledLock(folder: string, clock: () => number): Found | undefined {
  for (let attempt = 0; ; attempt += 1) {
    const number = greatest(folder);
    if (number === undefined) return undefined;
    const found = look(folder, number, clock);
    // Gone: its maker withdrew it, or there is a greater one. Unknown: it was made this moment.
    if (found !== undefined && found.holder !== 'unknown') return found;
    if (attempt === ATTEMPTS) return { number, holder: 'unknown' };
    pause();
  }
}

function look(folder: string, number: number, clock: () => number): Found | undefined {
  const path = pathOf(folder, number);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (text.startsWith(FREE)) return { number, holder: undefined };
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (touched === undefined) return undefined;
  const holder = parseHolder(text);
  return { number, holder: isAlive(holder, touched * 1000, clock()) ? (holder ?? 'unknown') : undefined };
}

/** False = another one made it. */
function make(folder: string, number: number, { command, clock }: LockOptions): boolean {
  const path = pathOf(folder, number);
  const text = `${JSON.stringify(describeHolder(command, clock()))}\n`;
  let file: number;
  try {
    file = openSync(path, 'wx', MODE);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(file, text);
    // After a power cut a lock without its text would keep everybody out for a while.
    fsyncSync(file);
    realSteps.syncFolder(folder);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function held(folder: string, number: number, options: LockOptions): LakeLock {
  const path = pathOf(folder, number);
  let released = false;
  return {
    number,
    beat: () => {
      if (released) return false;
      const now = greatest(folder);
      // Somebody has removed the folder: the lake is still ours, and begins anew.
      if (now === undefined) return remake(folder, number, options);
      if (now !== number) return false;
      const seconds = options.clock() / 1e6;
      utimesSync(path, seconds, seconds);
      return true;
    },
    release: () => {
      if (!released) setFree(path);
      released = true;
    },
  };
}

function remake(folder: string, number: number, options: LockOptions): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  return make(folder, number, options);
}

/** Marks a lock as free where it stands: it stays the greatest. */
function setFree(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    writeSync(file, FREE, 0);
  } finally {
    closeSync(file);
  }
}

function greatest(folder: string): number | undefined {
  const numbers = numbersIn(folder);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function numbersIn(folder: string): number[] {
  return namesIn(folder).flatMap((name) => {
    const digits = /^lock-(\d{10,15})$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

function pathOf(folder: string, number: number): string {
  return join(folder, `lock-${String(number).padStart(10, '0')}`);
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function lockedError(lake: string, holder: LockHolder | 'unknown'): SpreadscopeError {
  const text =
    holder === 'unknown'
      ? 'another process has taken it this moment'
      : `process ${holder.pid} on ${holder.host} has it (${holder.command}, since ${new Date(holder.since / 1000).toISOString()})`;
  return new SpreadscopeError(
    'LAKE_LOCKED',
    `the lake ${lake} is in use: ${text}; stop that one or name another folder`,
  );
}
