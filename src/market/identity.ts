import type { BoundReading } from '../core/bounds.ts';
import type { PairPool } from './pairs.ts';
import type { TickLegs } from './tick-legs.ts';

export interface IdentityOptions {
  /** A ratio of mid prices that is further from 1 is suspect. */
  readonly factor: number;
}

/** Whether two venues mean the same coin by the same ticker. */
export class IdentityGuard {
  constructor(legs: TickLegs, pairs: PairPool, options: IdentityOptions) {}

  /** As that of the statistics. */
  sample(pair: number, second: number): void {}

  bounds(): BoundReading[] {
    return [];
  }
}
