import type { Log } from '../core/log.ts';
import { SPARE_CONNECTIONS } from '../gateway/limits.ts';
import type { Config } from './config.ts';
import { openFileLimit, SPARE_FILES, venueSockets } from './open-files.ts';

/** What a system that does not tell its limit is taken to allow: the least common one, of macOS. */
const UNKNOWN_LIMIT = 256;
/** With fewer nobody could look at the page, nor see that it is short of files. */
const LEAST = 16;

/**
 * How many sockets the gateway may have open: the clients and some, but never what the recording and the venues need of the limit on open files. A flood of
 * connections would else leave the recorder unable to open its next file.
 * @param files the limit on open files
 */
export function connectionLimit(config: Config, log: Log, files = openFileLimit() ?? UNKNOWN_LIMIT): number {
  const wanted = config.limits.clients + SPARE_CONNECTIONS;
  const left = Math.max(LEAST, files - SPARE_FILES - venueSockets(config));
  if (left >= wanted) return wanted;
  log.warn('the limit on open files leaves fewer connections than configured', {
    connections: left,
    configured: wanted,
    openFiles: files,
  });
  return left;
}
