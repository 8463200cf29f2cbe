import type { SegmentOutline } from './segment-scan.ts';

export interface GroupLimits {
  /** Rows of one venue that fit the pool. */
  readonly quoteRows: number;
  readonly tradeRows: number;
}

/** Rows that are worth a conversion however young they are: no more than is done in a second or so, for whoever stops the program waits for it. */
const DUE_ROWS = 2 ** 19;
export const DUE_AGE_US = 60_000_000;
/** A group's segments are all open at once. */
export const GROUP_SEGMENTS = 16;

/** How many of the first segments go into Parquet together: as many as fit, and at least one. */
export function groupSize(waiting: readonly SegmentOutline[], limits: GroupLimits): number {
  const first = waiting[0];
  if (first === undefined) return 0;
  const quotes = first.quotes.slice();
  const trades = first.trades.slice();
  let size = 1;
  for (const next of waiting.slice(1, GROUP_SEGMENTS)) {
    add(quotes, next.quotes);
    add(trades, next.trades);
    if (quotes.some((rows) => rows > limits.quoteRows) || trades.some((rows) => rows > limits.tradeRows))
      break;
    size += 1;
  }
  return size;
}

/** Whether it is time: few files are better than many, but rows must not stay in the journal for long. */
export function isDue(
  waiting: readonly SegmentOutline[],
  now: number,
  limits: GroupLimits,
  dueUs = DUE_AGE_US,
): boolean {
  const first = waiting[0];
  if (first === undefined) return false;
  const rows = waiting.reduce((sum, { rows: more }) => sum + more, 0);
  const full = groupSize(waiting, limits) < waiting.length;
  // A clock that was set back makes a segment of the future; it is not to wait for that.
  const age = Math.abs(now - first.createdAt);
  return full || rows >= DUE_ROWS || !(age < dueUs);
}

function add(sums: Uint32Array, more: Uint32Array): void {
  for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] as number) + (more[i] as number);
}
