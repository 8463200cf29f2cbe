import { type BoundReading, boundOf } from '../core/bounds.ts';
import {
  IDENTITY_REASONS,
  IDENTITY_STATES,
  type IdentityReason,
  type IdentityState,
} from '../core/route-notes.ts';
import type { PairPool } from './pairs.ts';
import { ASK, BID, LEG_STRIDE } from './quotes.ts';
import type { TickLegs } from './tick-legs.ts';

export interface IdentityOptions {
  /** A ratio of mid prices beyond this, or below its inverse, is suspect. */
  readonly factor: number;
  /** For how long it has to be so, s. */
  readonly sustainedSeconds: number;
  /** A basis that stays on one side of parity, at least so far out (a fraction), for so long (s) never comes back. */
  readonly awayBasis: number;
  readonly awaySeconds: number;
}

const OK = 0;
const SUSPECT = 1;
const QUARANTINED = 2;
const APPROVED = 3;
const DENIED = 4;
const RATIO = 1;
const POWER_OF_TEN = 2;
const NEVER_REVERTS = 3;
/** How close to a power of ten a ratio has to be to be told as one. */
const NEAR_POWER = 0.05;
const PAIR_BYTES = 2 + 3 * 8 + 4 * 4;
/** Seconds after which nobody knows what the prices were meanwhile: what has to last begins anew. */
const BLIND_SECONDS = 10;

/** What speaks against a pair of instruments. Times are µs since the epoch, ratios the mid of the second venue over that of the first. */
export interface IdentityEvidence {
  readonly state: IdentityState;
  readonly reason: IdentityReason;
  readonly since: number;
  readonly ratio: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

/**
 * Whether two venues mean the same coin by the same ticker, judged by their prices once a second. A pair that is not trusted stays out of rankings and alerts: at once when its prices are far apart (`isFar`), for good
 * when they stay so, until somebody approves it.
 */
export class IdentityGuard {
  readonly #legs: TickLegs;
  readonly #pairs: PairPool;
  readonly #options: IdentityOptions;
  readonly #state: Uint8Array;
  readonly #reason: Uint8Array;
  /** Seconds: since when it is far apart, away from parity, and what it is. */
  readonly #farSince: Float64Array;
  readonly #awaySince: Float64Array;
  readonly #since: Float64Array;
  /** The last second that was judged. */
  readonly #judged: Uint32Array;
  readonly #ratio: Float32Array;
  readonly #least: Float32Array;
  readonly #greatest: Float32Array;
  #quarantined = 0;

  constructor(legs: TickLegs, pairs: PairPool, options: IdentityOptions) {
    const { capacity } = pairs;
    this.#legs = legs;
    this.#pairs = pairs;
    this.#options = options;
    this.#state = new Uint8Array(capacity);
    this.#reason = new Uint8Array(capacity);
    this.#farSince = new Float64Array(capacity).fill(Number.NaN);
    this.#awaySince = new Float64Array(capacity).fill(Number.NaN);
    this.#since = new Float64Array(capacity).fill(Number.NaN);
    this.#judged = new Uint32Array(capacity);
    this.#ratio = new Float32Array(capacity).fill(Number.NaN);
    this.#least = new Float32Array(capacity).fill(Number.NaN);
    this.#greatest = new Float32Array(capacity).fill(Number.NaN);
  }

  /** Pairs in quarantine now. */
  get quarantined(): number {
    return this.#quarantined;
  }

  /** Both legs of the pair are valid at this whole second, as in the statistics. */
  sample(pair: number, second: number): void {
    const state = this.#state[pair] as number;
    const ratio = this.#ratioOf(pair);
    if (!Number.isFinite(ratio)) return;
    this.#ratio[pair] = ratio;
    if (state !== OK) this.#note(pair, ratio);
    if (state >= QUARANTINED) return;
    if (Math.abs(second - (this.#judged[pair] as number)) > BLIND_SECONDS) {
      this.#farSince[pair] = Number.NaN;
      this.#awaySince[pair] = Number.NaN;
    }
    this.#judged[pair] = second;
    this.#judgeRatio(pair, ratio, second, state);
    this.#judgeReturn(pair, ratio, second);
  }

  /** Whether the pair may be ranked and alerted of by what is known of it and by its prices now. */
  isTrusted(pair: number): boolean {
    const state = this.#state[pair] as number;
    if (state === APPROVED) return true;
    return state === OK && !this.#isFar(this.#ratioOf(pair));
  }

  stateOf(pair: number): IdentityState {
    const state = this.#state[pair] as number;
    if (state === OK && this.#isFar(this.#ratioOf(pair))) return 'suspect';
    return IDENTITY_STATES[state] as IdentityState;
  }

  evidence(pair: number): IdentityEvidence {
    return {
      state: this.stateOf(pair),
      reason: IDENTITY_REASONS[this.#reason[pair] as number] as IdentityReason,
      since: (this.#since[pair] as number) * 1e6,
      ratio: this.#ratio[pair] as number,
      minRatio: this.#least[pair] as number,
      maxRatio: this.#greatest[pair] as number,
    };
  }

  /** A person's word; `undefined` takes it back, and the pair is judged by its prices again. */
  decide(pair: number, decision: 'approved' | 'denied' | undefined): void {
    const state = decision === undefined ? OK : decision === 'approved' ? APPROVED : DENIED;
    this.#enter(pair, state);
    this.#farSince[pair] = Number.NaN;
    this.#awaySince[pair] = Number.NaN;
    if (state === OK) this.#reason[pair] = 0;
  }

  /** The pairs that are not simply in order. */
  *remarkable(): Generator<number> {
    for (let pair = 0; pair < this.#pairs.used; pair++) if (this.#state[pair] !== OK) yield pair;
  }

  bound(): BoundReading {
    const { capacity, used } = this.#pairs;
    return boundOf(
      {
        ...{ name: 'market.identity', policy: 'refuse', capacity },
        ...{ capacityBytes: capacity * PAIR_BYTES, cleanedBy: 'nobody: fixed size' },
      },
      { used },
    );
  }

  #judgeRatio(pair: number, ratio: number, second: number, state: number): void {
    if (!this.#isFar(ratio)) {
      this.#farSince[pair] = Number.NaN;
      if (state === SUSPECT) this.#enter(pair, OK);
      return;
    }
    if (Number.isNaN(this.#farSince[pair] as number)) {
      this.#farSince[pair] = second;
      this.#since[pair] = second;
      this.#least[pair] = ratio;
      this.#greatest[pair] = ratio;
      this.#reason[pair] = nearPowerOfTen(ratio) ? POWER_OF_TEN : RATIO;
      this.#enter(pair, SUSPECT);
    }
    if (second - (this.#farSince[pair] as number) >= this.#options.sustainedSeconds)
      this.#enter(pair, QUARANTINED);
  }

  /** A basis that crosses parity, or comes near it, starts the count anew. */
  #judgeReturn(pair: number, ratio: number, second: number): void {
    const { awayBasis, awaySeconds } = this.#options;
    const basis = ratio - 1;
    const before = this.#awaySince[pair] as number;
    const away = basis >= awayBasis ? second : basis <= -awayBasis ? -second : Number.NaN;
    if (Number.isNaN(away)) this.#awaySince[pair] = Number.NaN;
    // The sign tells the side.
    else if (!(before * away > 0)) this.#awaySince[pair] = away;
    else if (second - Math.abs(before) >= awaySeconds && this.#state[pair] !== QUARANTINED) {
      this.#reason[pair] = NEVER_REVERTS;
      this.#since[pair] = Math.abs(before);
      this.#least[pair] = ratio;
      this.#greatest[pair] = ratio;
      this.#enter(pair, QUARANTINED);
    }
  }

  #enter(pair: number, state: number): void {
    const before = this.#state[pair] as number;
    if (before === state) return;
    this.#quarantined += Number(state === QUARANTINED) - Number(before === QUARANTINED);
    this.#state[pair] = state;
  }

  #note(pair: number, ratio: number): void {
    if (ratio < (this.#least[pair] as number)) this.#least[pair] = ratio;
    if (ratio > (this.#greatest[pair] as number)) this.#greatest[pair] = ratio;
  }

  #isFar(ratio: number): boolean {
    const { factor } = this.#options;
    return ratio > factor || ratio * factor < 1;
  }

  #ratioOf(pair: number): number {
    const { legs } = this.#legs;
    const low = (this.#pairs.low[pair] as number) * LEG_STRIDE;
    const high = (this.#pairs.high[pair] as number) * LEG_STRIDE;
    return (
      ((legs[high + BID] as number) + (legs[high + ASK] as number)) /
      ((legs[low + BID] as number) + (legs[low + ASK] as number))
    );
  }
}

function nearPowerOfTen(ratio: number): boolean {
  const power = Math.round(Math.log10(ratio));
  return power !== 0 && Math.abs(ratio / 10 ** power - 1) <= NEAR_POWER;
}
