import { once } from 'node:events';
import { access, constants, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem } from 'node:os';
import { SPARE_CONNECTIONS } from '../gateway/limits.ts';
import { budgetBytes, type Config } from './config.ts';
import type { Check } from './doctor-check.ts';
import { openFileLimit, SPARE_FILES, venueSockets } from './open-files.ts';

const LEAST_NODE = [20, 19] as const;
const LEAST_DISK_BYTES = 256e6;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return {
    name: 'Node',
    ok,
    detail: ok ? version : `${version} is too old; ${LEAST_NODE.join('.')} or newer is needed`,
  };
}

export async function checkDisk(folder: string): Promise<Check> {
  const name = 'disk';
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const ok = free >= LEAST_DISK_BYTES;
    return { name, ok, detail: `${gigabytes(free)} free in ${folder}${ok ? '' : '; free at least 0.3 GB'}` };
  } catch (error) {
    return { name, ok: false, detail: `${folder} cannot be written: ${text(error)}` };
  }
}

/** Whether the limit on open files covers the sockets of the venues, the clients and the rest. */
export function checkFiles(config: Config): Check {
  const needed = venueSockets(config) + config.limits.clients + SPARE_CONNECTIONS + SPARE_FILES;
  const limit = openFileLimit();
  const name = 'open files';
  if (limit === undefined) return { name, ok: true, detail: `${needed} needed; the limit is not known here` };
  const ok = limit >= needed;
  return {
    name,
    ok,
    detail: `limit ${limit}, ${needed} needed${ok ? '' : `; raise it (ulimit -n ${needed}) or lower limits.clients`}`,
  };
}

export async function checkMemory(config: Config): Promise<Check> {
  const budget = budgetBytes(config);
  const available = await availableMemory();
  const ok = available >= budget;
  const advice = ok ? '' : '; close something or lower memory.budget';
  return {
    name: 'memory',
    ok,
    detail: `${gigabytes(available)} available, budget ${gigabytes(budget)}${advice}`,
  };
}

/** What the machine can still give, and the container if there is one. */
async function availableMemory(): Promise<number> {
  const limit = process.constrainedMemory();
  const machine = await machineMemory();
  // No limit is said as 0 or as a number beyond any machine.
  return limit > 0 && limit < 2 ** 50 ? Math.min(machine, limit) : machine;
}

async function machineMemory(): Promise<number> {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8'));
    return match?.[1] === undefined ? freemem() : Number(match[1]) * 1024;
  } catch {
    // Not Linux: free memory alone, which leaves out what caches could give back.
    return freemem();
  }
}

export async function checkPort(server: Pick<Config['server'], 'host' | 'port'>): Promise<Check> {
  const name = 'port';
  const where = `${server.host}:${server.port}`;
  if (server.port === 0) return { name, ok: true, detail: 'any free one' };
  const probe = createServer();
  try {
    probe.listen(server.port, server.host);
    await once(probe, 'listening');
    return { name, ok: true, detail: `${where} is free` };
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    return {
      name,
      ok: false,
      detail: taken ? `${where} is taken; choose another with --port` : `${where}: ${text(error)}`,
    };
  } finally {
    if (probe.listening) {
      probe.close();
      await once(probe, 'close');
    }
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function text(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
