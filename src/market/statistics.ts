import type { BoundReading } from '../core/bounds.ts';
import type { PairPool } from './pairs.ts';
import type { TickLegs } from './tick-legs.ts';

export interface StatisticsOptions {
  /** How far the statistics go back, s. */
  readonly spanSeconds: number;
}

/** The rolling statistics of every pair. */
export class RouteStatistics {
  constructor(legs: TickLegs, pairs: PairPool, options: StatisticsOptions) {}

  /** Both legs of the pair are valid at this whole second since the epoch, and their quotes are those in the table of legs. */
  sample(pair: number, second: number): void {}

  bounds(): BoundReading[] {
    return [];
  }
}
