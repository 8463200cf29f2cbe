import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { Log, LogFields } from '../core/log.ts';
import { withoutSecrets } from './log-secrets.ts';

/** Lines of one kind (message and venue) are this far apart at least. */
const EVERY_MS = 5_000;
/** Kinds that are kept apart; there are a handful of messages for each of eight venues. */
const MAX_KINDS = 256;
const KIND_BYTES = 320;
/** What the kinds of one log may take. */
export const LOG_KINDS_BYTES = MAX_KINDS * KIND_BYTES;
/** Kinds for which there is no place share one for each level. */
const LEVELS = ['info', 'warn', 'error'] as const;
const MORE = 'moreLikeIt';

type Level = keyof Log;

/** What is known of one kind. */
interface Kind {
  saidAt: number;
  unsaid: number;
}

export interface LimitedLog extends Log {
  /** The kinds' line in the ledger; `evicted` counts the lines that were left out, and the kinds that made room. */
  bound(): BoundReading;
}

/**
 * A log in front of another: of each kind at most one line in five seconds, the next of which says how many were left out. A hundred and fifty sockets that
 * redial in vain would else fill a disk. When more kinds come than it can tell apart within five seconds, the new ones count as one. It hides what looks like a secret.
 * @param clockMs a monotonic clock, ms
 * @param name in the ledger
 */
export function limitedLog(log: Log, clockMs: () => number, name = 'log.kinds'): LimitedLog {
  const kinds = new Kinds();
  const say = (level: Level, message: string, fields: LogFields = {}): void => {
    const earlier = typeof fields[MORE] === 'number' ? fields[MORE] : 0;
    const unsaid = kinds.take(level, `${level} ${String(fields.venue ?? '')} ${message}`, clockMs(), earlier);
    if (unsaid < 0) return;
    const shown = withoutSecrets(fields);
    log[level](message, unsaid === 0 ? shown : { ...shown, [MORE]: unsaid });
  };
  return {
    info: (message, fields) => say('info', message, fields),
    warn: (message, fields) => say('warn', message, fields),
    error: (message, fields) => say('error', message, fields),
    bound: () => kinds.bound(name),
  };
}

/** The kinds that were said last, in that order. */
class Kinds {
  readonly #kinds = new Map<string, Kind>();
  readonly #others = new Map<Level, Kind>(
    LEVELS.map((level) => [level, { saidAt: Number.NEGATIVE_INFINITY, unsaid: 0 }]),
  );
  #unsaid = 0;
  #evicted = 0;
  #peak = 0;

  /**
   * −1 = this line is left out, else how many before it were.
   * @param earlier lines like it that somebody before us has left out
   */
  take(level: Level, key: string, now: number, earlier: number): number {
    const kind = this.#kinds.get(key) ?? this.#place(key, now) ?? this.#others.get(level);
    if (kind === undefined) return earlier;
    if (now - kind.saidAt < EVERY_MS) {
      kind.unsaid += 1 + earlier;
      this.#unsaid += 1;
      return -1;
    }
    const unsaid = kind.unsaid + earlier;
    kind.saidAt = now;
    kind.unsaid = 0;
    // The one that was said last stands last.
    if (this.#kinds.delete(key)) this.#kinds.set(key, kind);
    return unsaid;
  }

  bound(name: string): BoundReading {
    const facts: BoundFacts = {
      ...{ name, policy: 'conflate', capacity: MAX_KINDS, capacityBytes: LOG_KINDS_BYTES },
      cleanedBy: 'a newer kind, after 5 s',
    };
    return boundOf(facts, {
      used: this.#kinds.size,
      peak: this.#peak,
      evicted: this.#evicted + this.#unsaid,
    });
  }

  /** A place for a new kind; undefined when all were said too lately to be forgotten. What an old kind left unsaid is told by the others. */
  #place(key: string, now: number): Kind | undefined {
    if (this.#kinds.size >= MAX_KINDS) {
      const [oldest, kind] = this.#kinds.entries().next().value ?? [];
      if (oldest === undefined || kind === undefined || now - kind.saidAt < EVERY_MS) return undefined;
      this.#kinds.delete(oldest);
      this.#evicted += 1;
      const others = this.#others.get(oldest.split(' ', 1)[0] as Level);
      if (others !== undefined) others.unsaid += kind.unsaid;
    }
    const kind = { saidAt: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#kinds.set(key, kind);
    this.#peak = Math.max(this.#peak, this.#kinds.size);
    return kind;
  }
}
