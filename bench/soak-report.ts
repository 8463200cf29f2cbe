import { printTable } from './harness.ts';
import { loadAverage } from './proc.ts';
import { type Slope, slopeOf } from './slope.ts';
import { grown } from './soak-gauges.ts';
import type { SoakResult } from './soak-run.ts';

/** MB an hour that the lower end of the slope's interval may have. */
const MOST_GROWTH = 1;
/** The part of the run in which heaps and caches grow up. */
const GROW_UP_SHARE = 0.25;
/** A file of the journal or of Parquet more or less is work that goes on. */
const SLACK = { files: 12 };

interface Trends {
  /** MB an hour. */
  readonly rss: Slope;
  /** An hour. */
  readonly files: Slope;
}

/** Prints what held, then the figures; answers whether all held. */
export function printSoak(result: SoakResult): boolean {
  const trends = trendsOf(result);
  const verdicts = verdictsOf(result, trends);
  for (const { what, held } of verdicts) console.log(`  ${held ? 'held  ' : 'BROKEN'}  ${what}`);
  printTable(rowsOf(result, trends));
  return verdicts.every(({ held }) => held);
}

function trendsOf({ samples }: SoakResult): Trends {
  const late = samples.slice(Math.floor(samples.length * GROW_UP_SHARE));
  const hours = late.map(({ time }) => (time - (late[0]?.time ?? 0)) / 3_600_000);
  return {
    rss: slopeOf(
      hours,
      late.map(({ rss }) => rss / 1e6),
    ),
    files: slopeOf(
      hours,
      late.map(({ files }) => files),
    ),
  };
}

function verdictsOf(
  { before, after, churned, ledger, stop }: SoakResult,
  { rss, files }: Trends,
): { readonly what: string; readonly held: boolean }[] {
  const open = grown(before, after, SLACK);
  const wrong = ledger.filter(
    ({ sent, recorded, lost, missing, foreign }) =>
      sent !== recorded + lost || missing !== lost || foreign > 0,
  );
  const gone = churned.opened === churned.closed && churned.messages > 0;
  return [
    { what: `memory grows by no more than ${MOST_GROWTH} MB an hour`, held: !(rss.low > MOST_GROWTH) },
    { what: 'files do not grow', held: !(files.low > 0) },
    { what: `gauges are back: ${open.join(', ') || 'all'}`, held: open.length === 0 },
    { what: 'all clients that came have gone', held: gone },
    { what: 'sent = recorded + counted as lost', held: ledger.length > 0 && wrong.length === 0 },
    { what: `the program ends in peace: ${stop.how}`, held: stop.how === 'exit 0' },
  ];
}

function rowsOf({ options, samples, churned, ledger }: SoakResult, { rss, files }: Trends): string[][] {
  const published = (samples.at(-1)?.published ?? 0) - (samples[0]?.published ?? 0);
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  const range = ({ slope, low, high }: Slope): string =>
    `${slope.toFixed(2)} (95 % ${low.toFixed(2)} … ${high.toFixed(2)})`;
  return [
    ['minutes', `${options.seconds / 60}`],
    ['messages a second', `${(published / options.seconds).toFixed(0)} of ${options.rate}`],
    ['clients that came and went', `${churned.opened}, ${churned.messages} messages`],
    ['RSS at most', mb(Math.max(...samples.map((sample) => sample.rss)))],
    ['RSS at the end', mb(samples.at(-1)?.rss ?? 0)],
    ['RSS, MB an hour', range(rss)],
    ['files an hour', range(files)],
    ['rows lost', `${ledger.reduce((sum, row) => sum + row.lost, 0)}`],
    ['load average', `${loadAverage()}`],
  ];
}
