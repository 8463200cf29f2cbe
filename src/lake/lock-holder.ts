import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { isTime } from './gap-rows.ts';
import { isRecord, parseJson } from './json.ts';

/** Who holds a lake, as its lock file says it. */
export interface LockHolder {
  readonly pid: number;
  /** What it was started as, for people. */
  readonly command: string;
  /** µs since the epoch. */
  readonly since: number;
  readonly host: string;
  /** Ticks from the machine's start to the process's; null where the system does not tell. With the pid it names a process, for pids come again. */
  readonly started: string | null;
  /** The life of the machine; null where the system does not tell. */
  readonly boot: string | null;
  /** Where the pid means something; null where the system knows no such thing. */
  readonly namespace: string | null;
}

/** A holder that nobody here can look at (another machine, another container) is taken for gone when its lock was not touched for so long, µs. */
export const HEARTBEAT_US = 30_000_000;

/** This process, or one of this machine, as a holder. */
export function describeHolder(command: string, since: number, pid = process.pid): LockHolder {
  return { pid, command, since, started: startOf(pid), ...here() };
}

/**
 * Whether a holder still lives. In doubt it does: two recorders in one lake would be worse than one that has to be started again.
 * @param touched when its lock file was written last, µs
 * @param now µs
 */
export function isAlive(holder: LockHolder | undefined, touched: number, now: number): boolean {
  const beating = now - touched <= HEARTBEAT_US;
  if (holder === undefined) return beating;
  const { host, boot, namespace } = here();
  const sameLife = holder.boot === boot && boot !== null;
  if (!sameLife) {
    if (holder.host !== host) return beating;
    // The machine has started since: whatever held the lock is gone. (Within one life the clock may have been set.)
    if (touched < now - uptime() * 1e6 - HEARTBEAT_US) return false;
    if (boot !== null) return beating;
  }
  return holder.namespace === namespace ? isRunning(holder) : beating;
}

/** What a lock file's text says; undefined if it says nothing that makes sense. */
export function parseHolder(text: string): LockHolder | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { pid, command, since, host, started, boot, namespace } = value;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (typeof command !== 'string' || !isTime(since) || typeof host !== 'string') return undefined;
  if (!isTextOrNull(started) || !isTextOrNull(boot) || !isTextOrNull(namespace)) return undefined;
  return { pid, command, since, host, started, boot, namespace };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isRunning(holder: LockHolder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

function here(): { host: string; boot: string | null; namespace: string | null } {
  return {
    host: hostname(),
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: told(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** When a process was started; `ended` for one that only waits for its parent to take note; null if the system does not tell. */
function startOf(pid: number): string | null {
  const stat = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
}

/** Not every system has /proc, and not every /proc tells everything: what it does not tell is not known. */
function told(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
