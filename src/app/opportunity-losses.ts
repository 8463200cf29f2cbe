import type { LakeTrouble } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';

/** How long what has happened stays an alarm, µs. */
const REMEMBERED_US = 60_000_000;

/** The alarm of closed opportunities that were not recorded: no gap of the lake tells of them. */
export class OpportunityLosses {
  readonly #log: Log;
  #known = 0;
  #at = Number.NEGATIVE_INFINITY;
  #trouble: LakeTrouble | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  get trouble(): LakeTrouble | undefined {
    return this.#trouble;
  }

  /**
   * @param lost since the program began
   * @param now µs since the epoch
   */
  watch(lost: number, now: number): void {
    if (lost > this.#known) {
      const rows = lost - this.#known;
      this.#known = lost;
      this.#at = now;
      this.#trouble = {
        code: 'LAKE_ROWS_LOST',
        message: `${lost} closed opportunities could not be recorded since the start; the quotes that made them may be in the lake: \`spreadscope replay\` finds them again`,
        since: this.#trouble?.since ?? Math.floor(now),
      };
      this.#log.warn('closed opportunities could not be recorded', { rows });
    } else if (now - this.#at > REMEMBERED_US) this.#trouble = undefined;
  }
}
