import type { Opportunity } from '../../src/core/opportunity.ts';

/** So many of a distribution lie at or over `from`, and below the next one's. */
export interface Bin {
  readonly label: string;
  readonly count: number;
}

const PEAKS_BPS = [0, 10, 15, 20, 30, 50, 75, 100, 200, 500] as const;
const DURATIONS_MS = [0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000] as const;
const HOURS = 24;

/** How many opportunities had which peak, in basis points. */
export function peaks(of: readonly Opportunity[]): readonly Bin[] {
  return binned(
    PEAKS_BPS,
    of.map(({ peakNetBps }) => peakNetBps),
    String,
  );
}

/** How many lasted how long. */
export function durations(of: readonly Opportunity[]): readonly Bin[] {
  return binned(
    DURATIONS_MS,
    of.map(({ durationMs }) => durationMs),
    (ms) => (ms < 1_000 ? `${ms}` : `${ms / 1_000} s`),
  );
}

/** How many began in which hour of the day. */
export function hours(of: readonly Opportunity[], utc: boolean): readonly Bin[] {
  const counts = new Array<number>(HOURS).fill(0);
  for (const { start } of of) {
    const date = new Date(start / 1_000);
    const hour = utc ? date.getUTCHours() : date.getHours();
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts.map((count, hour) => ({ label: String(hour), count }));
}

function binned(
  starts: readonly number[],
  values: readonly number[],
  text: (start: number) => string,
): readonly Bin[] {
  const counts = starts.map(() => 0);
  for (const value of values) {
    const at = Math.max(
      0,
      starts.findLastIndex((start) => value >= start),
    );
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return starts.map((start, i) => ({ label: text(start), count: counts[i] ?? 0 }));
}
