import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const TICKS = 100;
const ESTABLISHED = '01';

/** What Linux says of a process; undefined when it is gone. */
export interface ProcessReading {
  readonly rss: number;
  /** User and system, since its start. */
  readonly cpuSeconds: number;
  readonly files: number;
}

export function readProcess(pid: number): ProcessReading | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return { rss, cpuSeconds: cpuOf(`/proc/${pid}/stat`), files };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** CPU seconds of each thread since its start, busiest first. */
export function readThreads(pid: number): { readonly name: string; readonly cpuSeconds: number }[] {
  const threads: { name: string; cpuSeconds: number }[] = [];
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    try {
      const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
      threads.push({
        name: Number(tid) === pid ? `${name} (main)` : `${name} ${tid}`,
        cpuSeconds: cpuOf(`/proc/${pid}/task/${tid}/stat`),
      });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return threads.sort((a, b) => b.cpuSeconds - a.cpuSeconds);
}

export interface SocketReading {
  /** The other side's ports of the server's connections that are established. */
  readonly peers: ReadonlySet<number>;
  /** Bytes that wait in the kernel: sent by the server and not acknowledged, or received by clients and not read. */
  readonly sendBytes: number;
  readonly receiveBytes: number;
}

/** The IPv4 connections of a server on this machine, as the kernel sees them: also of peers that are stopped. */
export function readSockets(port: number): SocketReading {
  const peers = new Set<number>();
  let sendBytes = 0;
  let receiveBytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local = '', remote = '', state, queues = ''] = line.trim().split(/\s+/);
    const [send = '0', receive = '0'] = queues.split(':');
    if (portOf(local) === port && state !== '0A') {
      sendBytes += Number.parseInt(send, 16);
      if (state === ESTABLISHED) peers.add(portOf(remote));
    } else if (portOf(remote) === port) receiveBytes += Number.parseInt(receive, 16);
  }
  return { peers, sendBytes, receiveBytes };
}

export function loadAverage(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '0', 16);
}

/** The name of a process may hold spaces and brackets, so that fields are counted from its end. */
function cpuOf(path: string): number {
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
