import type { FeedTuning } from './tuning.ts';

/** Weight of the newest gap in the usual one; the first ones weigh more, so that a new connection is soon known to be busy. */
const NEWEST = 1 / 16;

export type Verdict = 'fine' | 'ask' | 'dead';

/**
 * Tells a quiet connection from a dead one. A connection that usually hears something every m ms and has heard nothing for many m is asked (a WebSocket ping);
 * if no byte comes in time, nobody is there. So a busy connection that was cut without a word is found out within 2 s, a quiet one within 10 s.
 */
export class Liveness {
  readonly #tuning: FeedTuning;
  /** [time of the last bytes, usual gap between chunks, time asked (0 = not)], ms. */
  readonly #ms = new Float64Array(3);
  /** Gaps that the usual one is made of, the first guess included; counted until they weigh no more than `NEWEST`. */
  #gaps = 1;

  constructor(tuning: FeedTuning, nowMs: number) {
    this.#tuning = tuning;
    this.#ms[LAST] = nowMs;
    // Until it is known better, a connection counts as quiet.
    this.#ms[GAP] = tuning.quietMs;
  }

  bytes(nowMs: number): void {
    const gap = nowMs - (this.#ms[LAST] as number);
    if (this.#gaps * NEWEST < 1) this.#gaps += 1;
    this.#ms[GAP] = (this.#ms[GAP] as number) + (gap - (this.#ms[GAP] as number)) / this.#gaps;
    this.#ms[LAST] = nowMs;
    this.#ms[ASKED] = 0;
  }

  asked(nowMs: number): void {
    this.#ms[ASKED] = nowMs;
  }

  verdict(nowMs: number): Verdict {
    const { probeFloorMs, probeFactor, probeBusyMs, quietMs, probeReplyMs, quietReplyMs } = this.#tuning;
    const asked = this.#ms[ASKED] as number;
    const gap = this.#ms[GAP] as number;
    const suspicious = Math.max(probeFloorMs, Math.min(probeFactor * gap, Math.max(probeBusyMs, 2 * gap)));
    if (asked > 0) {
      const patience = suspicious < quietMs ? probeReplyMs : quietReplyMs;
      return nowMs - asked > patience ? 'dead' : 'fine';
    }
    return nowMs - (this.#ms[LAST] as number) > Math.min(suspicious, quietMs) ? 'ask' : 'fine';
  }
}

const LAST = 0;
const GAP = 1;
const ASKED = 2;
