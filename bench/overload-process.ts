import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/spreadscope', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 60_000;
/** Lines of a program's errors that are kept. */
const MOST_LINES = 2_000;

const running = new Set<ChildProcess>();
// Whatever ends the harness, its programs do not outlive it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function track<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export interface ErrorLine {
  /** ms since the epoch. */
  readonly time: number;
  readonly text: string;
}

/** A program in a process of its own, which says where it can be reached. */
export interface Program {
  readonly pid: number;
  readonly url: string;
  readonly lines: readonly ErrorLine[];
  /** How it ended by itself or by our signal; undefined = it runs. */
  ended(): string | undefined;
  /** Asks it to end; answers how long that took, ms, and how it ended. */
  stop(): Promise<{ readonly ms: number; readonly how: string }>;
}

/** `spreadscope <args>`; its URL is what `url` finds in a line of its output or errors. */
export function startProgram(args: readonly string[], url: RegExp, cwd: string): Promise<Program> {
  return startNode([PROGRAM, ...args], url, cwd);
}

/** Node with these arguments. Throws when it ends before it says its URL. */
export async function startNode(args: readonly string[], url: RegExp, cwd: string): Promise<Program> {
  const child = track(spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }));
  const lines: ErrorLine[] = [];
  let how: string | undefined;
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    how = signal === null ? `exit ${code}` : `${signal}`;
    return how;
  });
  const found = new Promise<string>((resolve) => {
    const look = (text: string): void => {
      const match = url.exec(text)?.[1];
      if (match !== undefined) resolve(match);
    };
    createInterface({ input: child.stdout }).on('line', look);
    createInterface({ input: child.stderr }).on('line', (text) => {
      if (lines.length < MOST_LINES) lines.push({ time: Date.now(), text });
      look(text);
    });
  });
  const failed = ended.then((end): never => {
    throw new Error(`${args.join(' ')}: ${end}\n${lines.map(({ text }) => text).join('\n')}`);
  });
  const address = await within(Promise.race([found, failed]), START_MS, 'the start');
  failed.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    url: address,
    lines,
    ended: () => how,
    stop: async () => {
      const from = performance.now();
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const end = await ended;
      clearTimeout(force);
      return { ms: performance.now() - from, how: end };
    },
  };
}

/** Fails when a promise takes longer. */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms / 1000} s: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
