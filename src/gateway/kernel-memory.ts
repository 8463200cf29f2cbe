import { readFileSync } from 'node:fs';

/** The table of all sockets of the machine is read, so not more often than this. */
const FRESH_MS = 1000;
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];
/** A machine with so many sockets is not read: it would hold this thread for too long. */
const MOST_CHARACTERS = 4_000_000;

/** What waits in the kernel to be sent or acknowledged, over all sockets of one local port: memory of this process that its RSS does not show. */
export class KernelMemory {
  readonly #port: number;
  #bytes = Number.NaN;
  #readMs = -Infinity;

  constructor(port: number) {
    this.#port = port;
  }

  /** Bytes; NaN where the system does not tell. */
  bytes(nowMs: number): number {
    if (nowMs - this.#readMs >= FRESH_MS) {
      this.#readMs = nowMs;
      this.#bytes = readTables(this.#port);
    }
    return this.#bytes;
  }
}

function readTables(port: number): number {
  let sum = Number.NaN;
  for (const path of TABLES) {
    try {
      const text = readFileSync(path, 'latin1');
      if (text.length > MOST_CHARACTERS) return Number.NaN;
      sum = (Number.isNaN(sum) ? 0 : sum) + sendQueues(text, port);
    } catch {
      // Not Linux, or without IPv6: the other table may be there.
    }
  }
  return sum;
}

/** Sums `tx_queue` of the sockets with this local port. A line: `0: 0100007F:1F90 0100007F:D2C4 01 000A1B2C:00000000 …`. */
export function sendQueues(table: string, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  let sum = 0;
  for (const line of table.split('\n')) {
    const queues = / [0-9A-F]+(:[0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} [0-9A-F]{2} ([0-9A-F]{8}):/.exec(line);
    if (queues !== null && `${queues[1]} ` === local) sum += Number.parseInt(queues[2] ?? '0', 16);
  }
  return sum;
}
