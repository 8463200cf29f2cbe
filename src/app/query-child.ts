import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERRORS, SpreadscopeError } from '../core/errors.ts';
import type { QueryPlan, QueryReply } from './query-protocol.ts';

export interface QueryLimits {
  /** The time that the query has; while nobody takes its answer, it stands still. */
  readonly timeoutMs: number;
  /** The most that it may answer. */
  readonly outputBytes: number;
}

/** Takes a piece of the answer; the next one comes when it has resolved. */
export type TakeBytes = (bytes: Buffer) => Promise<void>;

const ENTRY = fileURLToPath(new URL('./query-process.js', import.meta.url));
const MAX_SAID = 4096;

/**
 * Runs a query in a process of its own: without our environment, with a limit on its memory where the system has one, killed when it takes too long or answers too much. Answers
 * how many rows came, and whether there were more. Throws QUERY_REFUSED, QUERY_FAILED, QUERY_LIMIT, and the signal's reason.
 */
export async function runQueryProcess(
  plan: QueryPlan,
  limits: QueryLimits,
  take: TakeBytes,
  signal: AbortSignal,
): Promise<{ rows: number; cut: boolean }> {
  signal.throwIfAborted();
  const child = spawnLimited(plan.memoryBytes, plan.scratch);
  const said = lastWords(child);
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  // It is awaited below; until then a failure to start is no unhandled one.
  ended.catch(() => undefined);
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const time = countdown(limits.timeoutMs, stop);
  let tooMuch = false;
  try {
    // A child that is gone already cannot be told; how it ended says more.
    child.send(plan, () => undefined);
    tooMuch = !(await forward(child, limits.outputBytes, take, time));
    if (tooMuch) stop();
    const [exit] = await ended;
    signal.throwIfAborted();
    return outcome(limits, { tooMuch, tooLong: time.isOver(), exit, ...said() });
  } finally {
    time.stop();
    signal.removeEventListener('abort', stop);
    stop();
  }
}

interface Ending {
  readonly tooMuch: boolean;
  readonly tooLong: boolean;
  readonly exit: number | null;
  readonly reply: QueryReply | undefined;
  readonly errors: string;
}

function outcome(limits: QueryLimits, end: Ending): { rows: number; cut: boolean } {
  if (end.tooMuch)
    throw limit(
      `the answer is larger than ${limits.outputBytes / 1e6} MB: ask for less, or in parts (WHERE date = …)`,
    );
  if (end.reply?.kind === 'done') return { rows: end.reply.rows, cut: end.reply.cut };
  if (end.reply !== undefined) throw new SpreadscopeError(end.reply.code, end.reply.message);
  if (end.tooLong)
    throw limit(
      `the query took longer than ${limits.timeoutMs / 1000} s: ask for less, or give it more time (--timeout)`,
    );
  // What the system takes memory from ends in many ways, none of them with a word; a process that could not begin says why.
  if (end.exit === null || end.exit >= 128)
    throw limit('the query needs more memory than it may have: ask for less');
  throw new SpreadscopeError('INTERNAL', `the query's process ended (exit ${end.exit}): ${end.errors}`);
}

function limit(message: string): SpreadscopeError {
  return new SpreadscopeError('QUERY_LIMIT', message);
}

function spawnLimited(memoryBytes: number, folder: string): ChildProcess {
  const prlimit = findProgram('prlimit');
  const node = [process.execPath, ENTRY];
  const [file = process.execPath, ...args] =
    prlimit === undefined ? node : [prlimit, `--data=${memoryBytes}`, '--core=0', '--', ...node];
  return spawn(file, args, { cwd: folder, env: {}, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Hands the answer on; false = there is more than may be. */
async function forward(
  child: ChildProcess,
  most: number,
  take: TakeBytes,
  time: Countdown,
): Promise<boolean> {
  if (child.stdout === null) throw new Error('a process without standard output');
  let bytes = 0;
  for await (const chunk of child.stdout) {
    if (!Buffer.isBuffer(chunk)) continue;
    const room = most - bytes;
    bytes += chunk.length;
    time.pause();
    await take(chunk.subarray(0, room));
    if (bytes > most) return false;
    time.resume();
  }
  return true;
}

/** What a child says besides its answer: its reply, and the end of what it wrote to standard error. */
function lastWords(child: ChildProcess): () => { reply: QueryReply | undefined; errors: string } {
  let reply: QueryReply | undefined;
  let errors = '';
  child.on('message', (message) => {
    if (isReply(message)) reply = message;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_SAID);
  });
  return () => ({ reply, errors: errors.trim().split('\n').at(-1) ?? '' });
}

function isReply(message: unknown): message is QueryReply {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  if (message.kind === 'done')
    return 'rows' in message && typeof message.rows === 'number' && 'cut' in message;
  if (message.kind !== 'error' || !('code' in message) || typeof message.code !== 'string') return false;
  return message.code in ERRORS && 'message' in message && typeof message.message === 'string';
}

interface Countdown {
  pause(): void;
  resume(): void;
  stop(): void;
  isOver(): boolean;
}

/** Time that runs only while it is not paused. */
function countdown(ms: number, over: () => void): Countdown {
  let [left, isOver, since] = [ms, false, performance.now()];
  let timer: NodeJS.Timeout | undefined;
  const ring = () => {
    isOver = true;
    over();
  };
  const pause = () => {
    clearTimeout(timer);
    left -= performance.now() - since;
  };
  const resume = () => {
    since = performance.now();
    timer = setTimeout(ring, Math.max(0, left));
  };
  resume();
  return { pause, resume, stop: () => clearTimeout(timer), isOver: () => isOver };
}
