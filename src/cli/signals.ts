import { spawn } from 'node:child_process';
import { SpreadscopeError } from '../core/errors.ts';

/** How long a stop may take before the process is ended by force. */
const STOP_LIMIT_MS = 1900;
/** How long the last rows may take on their way to Parquet. */
const FLUSH_LIMIT_MS = 30_000;

let force: NodeJS.Timeout | undefined;

/** One stop may reach us more than once at a time: from the terminal, from npm and from the script that npm runs. */
const SAME_STOP_MS = 300;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP. A later one ends the process at once with exit code 1, and so does a stop that takes too long.
 */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = (): void => {
      const now = performance.now();
      if (askedAt === undefined) {
        askedAt = now;
        force = setTimeout(giveUp, STOP_LIMIT_MS, STOP_LIMIT_MS).unref();
        resolve();
      } else if (now - askedAt > SAME_STOP_MS) {
        endByForce();
      }
    };
    process.on('SIGINT', ask).on('SIGTERM', ask).on('SIGHUP', ask);
  });
}

/** For work that ends where it stands: aborted with INTERRUPTED at the first signal; else as `untilSignal`. */
export function abortAtSignal(): AbortSignal {
  const controller = new AbortController();
  void untilSignal().then(() =>
    controller.abort(new SpreadscopeError('INTERRUPTED', 'stopped before it was done')),
  );
  return controller.signal;
}

/**
 * For a child that must not outlive its parent: resolves when standard input, a pipe from the parent, ends. Signals are left to the parent, because a terminal and many
 * supervisors send them to the whole process group, and the parent stops us in its own order.
 */
export function untilParentEnds(): Promise<void> {
  return new Promise((resolve) => {
    const ask = (): void => {
      process.stdin.destroy();
      force = setTimeout(giveUp, STOP_LIMIT_MS, STOP_LIMIT_MS).unref();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
    process.stdin.once('end', ask).once('error', ask).resume();
  });
}

/** All that is left of a stop is to write rows that are safe already: it may take longer. */
export function allowFlush(): void {
  if (force === undefined) return;
  clearTimeout(force);
  force = setTimeout(giveUp, FLUSH_LIMIT_MS, FLUSH_LIMIT_MS).unref();
}

function giveUp(limitMs: number): void {
  const open = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`error INTERNAL: the stop took longer than ${limitMs} ms; still open: ${open}\n`);
  endByForce();
}

/** How long an exit may wait for the system. */
const EXIT_LIMIT_S = 2;

/** Exits with 1. While a call to a disk that stalls does not return, a process cannot exit by itself: then it is killed from outside. */
function endByForce(): void {
  spawn('sh', ['-c', `sleep ${EXIT_LIMIT_S}; kill -9 ${process.pid}`], {
    detached: true,
    stdio: 'ignore',
  }).unref();
  process.exit(1);
}
