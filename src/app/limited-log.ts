import type { Log, LogFields } from '../core/log.ts';

/** Lines of one kind (message and venue) are this far apart at least. */
const EVERY_MS = 5_000;
/** Kinds that are kept apart; there are a handful of messages for each of eight venues. */
const MAX_KINDS = 256;

type Level = keyof Log;

/** What is known of one kind. */
interface Kind {
  saidAt: number;
  unsaid: number;
}

/**
 * A log in front of another: of each kind at most one line in five seconds, the next of which says how many were left out. A hundred and fifty sockets that
 * redial in vain would else fill a disk.
 * @param clockMs a monotonic clock, ms
 */
export function limitedLog(log: Log, clockMs: () => number): Log {
  const kinds = new Map<string, Kind>();
  const say = (level: Level, message: string, fields: LogFields = {}): void => {
    const key = `${level} ${String(fields.venue ?? '')} ${message}`;
    const now = clockMs();
    const kind = kinds.get(key);
    if (kind !== undefined && now - kind.saidAt < EVERY_MS) {
      kind.unsaid += 1;
      return;
    }
    const unsaid = kind?.unsaid ?? 0;
    if (kind === undefined && kinds.size >= MAX_KINDS) kinds.clear();
    kinds.set(key, { saidAt: now, unsaid: 0 });
    log[level](message, unsaid === 0 ? fields : { ...fields, moreLikeIt: unsaid });
  };
  return {
    info: (message, fields) => say('info', message, fields),
    warn: (message, fields) => say('warn', message, fields),
    error: (message, fields) => say('error', message, fields),
  };
}
