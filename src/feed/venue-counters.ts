import type { BadFrame } from '../venues/venue.ts';

/** Indices into `VenueCounters.values`. */
export const Count = {
  frames: 0,
  quotes: 1,
  trades: 2,
  passed: 3,
  foreign: 4,
  tradesLost: 5,
  tradesRepeated: 6,
  reconnects: 7,
} as const;

/** What one venue's connections counted since the start; doubles in a typed array, so that counting makes no garbage. */
export class VenueCounters {
  readonly values = new Float64Array(Object.keys(Count).length);
  /** µs since the epoch of the last bytes; NaN = none yet. */
  readonly lastBytes = Float64Array.of(Number.NaN);
  readonly #bad: Record<BadFrame, number> = {
    malformed: 0,
    truncated: 0,
    oversized: 0,
    foreign: 0,
    'unknown-symbol': 0,
    'bad-value': 0,
    inflate: 0,
  };

  add(count: number): void {
    this.values[count] = (this.values[count] as number) + 1;
  }

  get(count: number): number {
    return this.values[count] as number;
  }

  addBad(kind: BadFrame): void {
    this.#bad[kind] += 1;
  }

  bad(): Record<BadFrame, number> {
    return { ...this.#bad };
  }
}
