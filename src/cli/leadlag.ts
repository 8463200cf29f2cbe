import type { Command } from 'commander';
import type { LeadLagLeg, LeadLagPair } from '../app/lead-lag.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import { parseVenues } from './arguments.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { grouped } from './output.ts';
import { abortAtSignal } from './signals.ts';
import { type TextColumn, textTable } from './text-table.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly venues?: string;
  readonly format?: string;
  readonly lake?: string;
}

const FORMATS = ['table', 'csv', 'ndjson'] as const;

const DETAILS = `
Compares the changes of the mid prices of a symbol on each pair of venues, by the time at which they were received. docs/STATISTICS.md defines every figure.
The offset of a venue's clock is told apart: it does not enter into who is first.

Examples:
  spreadscope leadlag BTC-USDT
  spreadscope leadlag BTC-USDT --from -6h --venues binance,okx,gate --format csv`;

/** `leadlag`: which venue moves first. */
export function addLeadLag(program: Command): void {
  addLakeFolder(program.command('leadlag'))
    .argument('<symbol>', 'such as BTC-USDT')
    .summary('tell which venue moves first, and by how much')
    .description('Tells from a recording which venue moves first, by how many ms, and how surely.')
    .option('--from <time>', 'first moment', '-1h')
    .option('--to <time>', 'last moment', 'now')
    .option('--venues <list>', 'only these venues')
    .option('--format <name>', 'table, csv or ndjson; default: a table on a terminal, else csv')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(symbol: string, flags: Flags, command: Command): Promise<void> {
  const { recordedLeadLag } = await import('../app/lead-lag.ts');
  const wanted = flags.format ?? (process.stdout.isTTY ? 'table' : 'csv');
  const format = FORMATS.find((one) => one === wanted);
  if (format === undefined)
    throw new SpreadscopeError('USAGE', `--format takes ${FORMATS.join(', ')}, not ${wanted}`);
  const venues = flags.venues === undefined ? undefined : parseVenues(flags.venues);
  const now = Date.now() * 1000;
  const [from, to] = [parseTime(flags.from, now, '--from'), parseTime(flags.to, now, '--to')];
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  const lake = await lakeFolderOf(flags.lake, command);
  const { legs, pairs } = await recordedLeadLag(lake, { symbol, from, to, venues }, abortAtSignal());
  if (format === 'table') process.stdout.write(tableOf(symbol, legs, pairs));
  else if (format === 'csv') process.stdout.write(csvOf(symbol, pairs));
  else for (const pair of pairs) process.stdout.write(`${JSON.stringify({ symbol, ...pair })}\n`);
}

function csvOf(symbol: string, pairs: readonly LeadLagPair[]): string {
  const header = 'symbol,a,b,lead_ms,clear,correlation,correlation_at_zero,ratio,agreement,spread_ms';
  const lines = pairs.map((pair) =>
    [
      ...[symbol, pair.a, pair.b, pair.leadMs, String(pair.clear), pair.correlation, pair.correlationAtZero],
      ...[pair.ratio, pair.agreement, pair.spreadMs],
    ]
      .map((value) => value ?? '')
      .join(','),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

const right = (title: string): TextColumn => ({ title, right: true });

/** The venues with their clocks, then the pairs, the surest lead first. */
export function tableOf(symbol: string, legs: readonly LeadLagLeg[], pairs: readonly LeadLagPair[]): string {
  if (legs.length === 0)
    return `Nothing of ${symbol} is recorded in that range; \`spreadscope lake stat\` shows what is.\n`;
  const ms = (value: number | null | undefined): string => (value == null ? '' : `${value.toFixed(1)} ms`);
  const percent = (value: number | null): string => (value === null ? '' : `${(value * 100).toFixed(0)} %`);
  const venues = legs.map(({ venue, changes, clockOffsetMs, cut }) => [
    ...[venue, `${grouped(changes)}${cut ? ' (the latest)' : ''}`, ms(clockOffsetMs?.p50)],
    clockOffsetMs === null ? 'sends no time' : `${ms(clockOffsetMs.p10)} … ${ms(clockOffsetMs.p90)}`,
  ]);
  const weight = ({ clear, leadMs }: LeadLagPair): number => (clear ? 1e6 : 0) + Math.abs(leadMs ?? 0);
  const sorted = [...pairs].sort((x, y) => weight(y) - weight(x));
  const leads = sorted.map(({ a, b, leadMs, clear, correlation, ratio, agreement, spreadMs }) => {
    const isAhead = (leadMs ?? 0) >= 0;
    const [first, second] = isAhead ? [a, b] : [b, a];
    const text = clear ? `${first} before ${second}` : `${first} and ${second}: none is clear`;
    const own = ratio === null || isAhead ? ratio : 1 / ratio;
    return [
      ...[text, leadMs === null ? '' : ms(Math.abs(leadMs)), correlation?.toFixed(2) ?? ''],
      ...[own?.toFixed(2) ?? '', percent(agreement), ms(spreadMs)],
    ];
  });
  return [
    ...textTable(
      [{ title: symbol }, right('changes'), right('received after'), { title: 'p10 … p90' }],
      venues,
    ),
    '',
    ...textTable(
      [
        ...[{ title: 'who is first' }, right('by'), right('correlation'), right('ratio')],
        ...[right('agreement'), right('scatter')],
      ],
      leads,
    ),
    '',
  ].join('\n');
}
