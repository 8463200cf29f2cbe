import type { Command } from 'commander';
import type { RouteReport } from '../app/route-reports.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import { loadFromFlags } from './config-flags.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { plain } from './output.ts';
import { progressBar } from './progress.ts';
import { abortAtSignal } from './signals.ts';
import { textTable } from './text-table.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly format?: string;
  readonly lake?: string;
}

const FORMATS = ['table', 'csv', 'ndjson'] as const;

const DETAILS = `
Without SYMBOL, all that was recorded. docs/STATISTICS.md defines every figure.
  table   one line a route that opened, the most opportunities an hour first (on a terminal)
  csv     one line a pair of venues: symbol, exchange1, exchange2, max_deviation_pct, min_deviation_pct, zero_crossings_per_hour, zero_crossings_per_minute,
          opportunity_cycles_030bp, opportunity_cycles_040bp, opportunity_cycles_050bp, pct_time_above, avg_cycle_duration_sec, data_points, duration_hours
  ndjson  one line a route, every statistic

Examples:
  spreadscope stats BTC-USDT --from -6h
  spreadscope stats --from yesterday --to today --format csv > yesterday.csv`;

/** `stats`: statistics of what was recorded. */
export function addStats(program: Command): void {
  addLakeFolder(program.command('stats'))
    .argument('[symbol...]', 'only these symbols')
    .summary('print statistics and verdicts of recorded routes')
    .description('Computes statistics of routes from the lake, with the code that computes them live.')
    .option('--from <time>', 'first moment', '-1h')
    .option('--to <time>', 'last moment', 'now')
    .option('--format <name>', 'table, csv or ndjson; default: a table on a terminal, else csv')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(symbols: string[], flags: Flags, command: Command): Promise<void> {
  const { replay } = await import('../app/replay.ts');
  const { routeReports } = await import('../app/route-reports.ts');
  const wanted = flags.format ?? (process.stdout.isTTY ? 'table' : 'csv');
  const format = FORMATS.find((one) => one === wanted);
  if (format === undefined)
    throw new SpreadscopeError('USAGE', `--format takes ${FORMATS.join(', ')}, not ${wanted}`);
  const now = Date.now() * 1000;
  const [from, to] = [parseTime(flags.from, now, '--from'), parseTime(flags.to, now, '--to')];
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  const { config } = await loadFromFlags(command);
  const lake = await lakeFolderOf(flags.lake, command);
  const bar = progressBar(process.stderr, 'reading');
  const signal = abortAtSignal();
  try {
    const only = symbols.length === 0 ? undefined : symbols;
    const progress = (rows: number, total: number) => bar.update(rows, total);
    const done = await replay(config, { lake, from, to, symbols: only, signal, progress }, () => []);
    bar.end();
    const hours = (done.last - done.first) / 3.6e9;
    const reports = [...routeReports(done, format === 'csv' ? 'pairs' : 'routes')];
    if (format === 'csv') process.stdout.write(csvOf(reports, hours));
    else if (format === 'ndjson') for (const report of reports) process.stdout.write(`${lineOf(report)}\n`);
    else process.stdout.write(tableOf(reports, hours));
  } finally {
    bar.end();
  }
}

/** The columns of the analyzer that came before, so that scripts on them go on. */
function csvOf(reports: readonly RouteReport[], hours: number): string {
  const header =
    'symbol,exchange1,exchange2,max_deviation_pct,min_deviation_pct,zero_crossings_per_hour,zero_crossings_per_minute,opportunity_cycles_030bp,opportunity_cycles_040bp,opportunity_cycles_050bp,pct_time_above,avg_cycle_duration_sec,data_points,duration_hours';
  const lines = reports.map(({ symbol, buy, sell, figures }) =>
    [
      ...[symbol, buy, sell, figures.max * 100, figures.min * 100],
      ...[figures.parityCrossingsPerMinute * 60, figures.parityCrossingsPerMinute],
      ...[...figures.cycles, figures.timeAbove * 100],
      ...[Number.isFinite(figures.meanCycleSeconds) ? figures.meanCycleSeconds : ''],
      ...[figures.samples, hours],
    ].join(','),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

function lineOf({ symbol, buy, sell, statistics, bands, verdict }: RouteReport): string {
  return JSON.stringify({ symbol, buy, sell, bands, statistics, verdict });
}

const SHOWN = 40;

function tableOf(reports: readonly RouteReport[], hours: number): string {
  const best = reports
    .filter(({ figures }) => figures.opportunities > 0)
    .sort((a, b) => b.figures.opportunitiesPerHour - a.figures.opportunitiesPerHour);
  const rows = best
    .slice(0, SHOWN)
    .map(({ symbol, buy, sell, figures, statistics, verdict }) => [
      `${plain(symbol)}:${buy}:${sell}`,
      figures.opportunities.toLocaleString('en-US'),
      shown(figures.opportunitiesPerHour, 1),
      shown(statistics.meanPeakBps, 1),
      shown(statistics.maxPeakBps, 1),
      shown(statistics.meanDurationMs, 0),
      shown(figures.timeAbove * 100, 1),
      shown(figures.meanCrossingsPerMinute, 1),
      shown(figures.halfLifeSeconds, 1),
      verdict.name,
    ]);
  const numbers = [
    'opened',
    'an hour',
    'mean peak',
    'max',
    'ms open',
    '% above',
    'crossings/min',
    'half-life s',
  ];
  const columns = [
    { title: 'route' },
    ...numbers.map((title) => ({ title, right: true })),
    { title: 'verdict' },
  ];
  const seconds = hours * 3600;
  const span = seconds < 7200 ? `${Math.round(seconds / 6) / 10} min` : `${Math.round(hours * 10) / 10} h`;
  const rest = best.length > SHOWN ? `, the first ${SHOWN} of ${best.length} that opened` : '';
  const table = rows.length === 0 ? ['no route opened'] : textTable(columns, rows);
  return `${[...table, '', `${reports.length} routes over ${span}${rest}; peaks in basis points, net of fees`].join('\n')}\n`;
}

function shown(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? '–' : value.toFixed(digits);
}
