import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { JSON_REPLY_BYTES } from './history-format.ts';

const MOST = 2;

/** The replies' line in the ledger. */
export function replyFacts(): BoundFacts {
  return {
    ...{ name: 'gateway.history-replies', policy: 'refuse', capacity: MOST },
    ...{ capacityBytes: MOST * JSON_REPLY_BYTES, cleanedBy: 'the client; 30 s without reading' },
  };
}

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
    return boundOf(replyFacts(), { used: this.#used, peak: this.#peak, refused: this.#refused });
  }
}
