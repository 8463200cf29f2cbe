import assert from 'node:assert/strict';

/** One way to do the job. `run` handles every message once and answers the sum of bids, asks and sizes that it read. */
export interface Contestant {
  readonly name: string;
  run(): number;
}

export interface Result {
  readonly name: string;
  /** Messages per second: the median over the rounds. */
  readonly rate: number;
}

/**
 * Runs the contestants in turn (A B C A B C …), each once unmeasured, asserts that each read the same numbers, and gives medians: the machine's drift then hits all alike.
 */
export function compare(
  contestants: readonly Contestant[],
  messages: number,
  expected: number,
  rounds: number,
): Result[] {
  const rates = contestants.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    contestants.forEach((contestant, i) => {
      const start = performance.now();
      const sum = contestant.run();
      const seconds = (performance.now() - start) / 1000;
      assert.ok(
        Math.abs(sum - expected) <= Math.abs(expected) * 1e-9,
        `${contestant.name} read ${sum}, not ${expected}`,
      );
      if (round > 0) rates[i]?.push(messages / seconds);
    });
  }
  return contestants.map((contestant, i) => ({ name: contestant.name, rate: median(rates[i] ?? []) }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('the median of nothing');
  return middle;
}

export function perSecond(rate: number): string {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M/s` : `${(rate / 1e3).toFixed(0)} k/s`;
}

/** Prints rows as aligned columns. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(cell.length, all[i] ?? 0)),
    [],
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    );
  }
}
