import type { BoundReading } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { JSON_REPLY_BYTES } from './history-format.ts';

const MOST = 4;

/** How many histories may be in memory as whole replies, which those in JSON are until the client has taken them. */
export class HistoryReplies {
  #used = 0;
  #peak = 0;
  #refused = 0;

  /** What it answers gives the place back; more than once does no harm. Throws HISTORY_BUSY. */
  take(): () => void {
    if (this.#used === MOST) {
      this.#refused += 1;
      throw new SpreadscopeError(
        'HISTORY_BUSY',
        `${MOST} histories are being sent as JSON; ask again in a moment, or for application/x-ndjson`,
      );
    }
    this.#used += 1;
    this.#peak = Math.max(this.#peak, this.#used);
    let given = false;
    return () => {
      if (!given) this.#used -= 1;
      given = true;
    };
  }

  bound(): BoundReading {
    return {
      ...{
        name: 'history replies',
        policy: 'refuse',
        capacity: MOST,
        capacityBytes: MOST * JSON_REPLY_BYTES,
      },
      ...{
        used: this.#used,
        usedBytes: this.#used * JSON_REPLY_BYTES,
        peak: this.#peak,
        refused: this.#refused,
      },
      ...{ replaced: 0, evicted: 0, lost: 0 },
    };
  }
}
