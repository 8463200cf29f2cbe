import type { LakeTrouble, LakeTroubleCode } from '../core/lake-status.ts';
import { errnoOf } from './file-steps.ts';

/** What the keeper was at when it failed; each can fail on its own. */
export type Work = 'conversion' | 'compaction' | 'retention' | 'fees';

const NAMES: Readonly<Record<Work, string>> = {
  conversion: 'conversion of the lake',
  compaction: 'compaction of the lake',
  retention: 'retention of the lake',
  fees: 'noting the taker fees in the lake',
};

const BY_ERRNO: readonly (readonly [RegExp, LakeTroubleCode])[] = [
  [/ENOSPC|EDQUOT|No space left|Disk quota/i, 'LAKE_DISK_FULL'],
  [/EACCES|EPERM|EROFS|Permission denied|Read-only file system|not permitted/i, 'LAKE_NO_PERMISSION'],
  [/EMFILE|ENFILE|Too many open files/i, 'LAKE_TOO_MANY_FILES'],
];

const ADVICE: Partial<Record<LakeTroubleCode, string>> = {
  LAKE_DISK_FULL: 'the disk is full: free space, or keep less (lake.keepDays, lake.maxBytes)',
  LAKE_NO_PERMISSION: 'a file or folder of the lake may not be written: give it back to this user',
  LAKE_TOO_MANY_FILES: 'the system has no open files left: raise the limit (ulimit -n)',
};

/** What an error of the disk (by its name) or of the engine (by its text) means. */
export function troubleCode(error: unknown): LakeTroubleCode {
  const text = `${errnoOf(error) ?? ''} ${error instanceof Error ? error.message : String(error)}`;
  return BY_ERRNO.find(([pattern]) => pattern.test(text))?.[1] ?? 'LAKE_DISK_ERROR';
}

/** The troubles that are on; one of each kind of work, one of each standing code. */
export class KeeperTroubles {
  readonly #troubles = new Map<string, LakeTrouble>();

  list(): LakeTrouble[] {
    return [...this.#troubles.values()];
  }

  /** A piece of work failed. */
  failed(work: Work, error: unknown, now: number): LakeTrouble {
    const code = troubleCode(error);
    const said = error instanceof Error ? error.message : String(error);
    const advice = ADVICE[code] ?? 'it is tried again';
    return this.#set(work, code, `${NAMES[work]} failed, ${advice}: ${said.slice(0, 300)}`, now);
  }

  worked(work: Work): void {
    this.#troubles.delete(work);
  }

  /** A state that lasts while `message` is given. */
  standing(code: LakeTroubleCode, message: string | undefined, now: number): void {
    if (message === undefined) this.#troubles.delete(code);
    else this.#set(code, code, message, now);
  }

  #set(key: string, code: LakeTroubleCode, message: string, now: number): LakeTrouble {
    const before = this.#troubles.get(key);
    const since = before?.code === code ? before.since : now;
    const trouble = { code, message, since };
    this.#troubles.set(key, trouble);
    return trouble;
  }
}
