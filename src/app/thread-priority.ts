import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Log } from '../core/log.ts';

/**
 * Makes this thread give way to the others of the process when the cores are busy. On Linux a thread has a priority of its own and /proc tells its number; elsewhere nothing changes.
 * @param nice 0 … 19, the greater the later
 */
export function giveWay(nice: number, log: Log): void {
  try {
    const thread = /\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0];
    if (thread !== undefined) setPriority(Number(thread), nice);
  } catch (error) {
    log.info('this thread keeps its usual priority', { reason: String(error) });
  }
}
