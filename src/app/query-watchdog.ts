import { rmSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/*
 * Entry of a thread beside a query. The engine may keep the main thread for as long as it likes, and an exit would wait for it: so what must end the process whatever it is at is
 * seen from here.
 */

export interface WatchdogData {
  /** Bytes of memory at which it ends; for systems that set no limit. */
  readonly memoryBytes: number;
  /** The process that waits for the answer. */
  readonly parent: number;
  /** Removed if the parent dies, for then nobody else will. */
  readonly scratch: string;
}

const WATCH_MS = 20;

const { memoryBytes, parent, scratch } = workerData as WatchdogData;

setInterval(() => {
  const orphaned = process.ppid !== parent;
  if (!orphaned && process.memoryUsage.rss() <= memoryBytes) return;
  try {
    if (orphaned) rmSync(scratch, { recursive: true, force: true });
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}, WATCH_MS);
