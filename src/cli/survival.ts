import type { Command } from 'commander';
import type { RecordedWish, SurvivalGroup } from '../app/survival.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { SURVIVAL_MS } from '../core/opportunity.ts';
import { delayFor, SURVIVAL_GROUPS, type SurvivalCurve, survivalCurve } from '../core/survival.ts';
import { parseTime } from '../core/times.ts';
import { parseCount, parseVenue } from './arguments.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { grouped, plain } from './output.ts';
import { abortAtSignal } from './signals.ts';
import { type TextColumn, textTable } from './text-table.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly by?: string;
  readonly latency: string;
  readonly limit: string;
  readonly format?: string;
  readonly lake?: string;
}

const FORMATS = ['table', 'csv', 'ndjson'] as const;
const LONGEST_MS = SURVIVAL_MS.at(-1) ?? 0;

const DETAILS = `
Of the opportunities that opened, in what share was the net spread still at or over the opening threshold so many ms later, and how much of the edge was left (of one that had ended:
nothing). Of a latency between two of ${SURVIVAL_MS.join(', ')} ms the longer is told, so that no edge is flattered.

Examples:
  spreadscope survival --latency 25 --by venues
  spreadscope survival BTC-USDT --from -24h
  spreadscope survival BTC-USDT:okx:binance --format ndjson`;

/** `survival`: would one have been fast enough. */
export function addSurvival(program: Command): void {
  addLakeFolder(program.command('survival'))
    .argument('[what]', 'a symbol or a route; default: all that was recorded')
    .summary('tell what was left of recorded edges after a latency')
    .description('Tells how long the edges of recorded opportunities survived.')
    .option('--from <time>', 'first moment', '-24h')
    .option('--to <time>', 'last moment', 'now')
    .option('--latency <ms>', 'how long an order takes', '50')
    .option('--by <group>', `${SURVIVAL_GROUPS.join(', ')}; default: all, of a symbol its routes`)
    .option('--limit <groups>', 'at most so many, those with the most opportunities', '30')
    .option('--format <name>', 'table, csv or ndjson; default: a table on a terminal, else csv')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(what: string | undefined, flags: Flags, command: Command): Promise<void> {
  const { recordedSurvival } = await import('../app/survival.ts');
  const wanted = flags.format ?? (process.stdout.isTTY ? 'table' : 'csv');
  const format = FORMATS.find((one) => one === wanted);
  if (format === undefined)
    throw new SpreadscopeError('USAGE', `--format takes ${FORMATS.join(', ')}, not ${wanted}`);
  const fallback = what === undefined || what.includes(':') ? 'all' : 'route';
  const by = SURVIVAL_GROUPS.find((group) => group === (flags.by ?? fallback));
  if (by === undefined)
    throw new SpreadscopeError('USAGE', `--by takes ${SURVIVAL_GROUPS.join(', ')}, not ${flags.by ?? ''}`);
  const latency = parseCount(flags.latency, '--latency', 0, LONGEST_MS);
  const limit = parseCount(flags.limit, '--limit', 1, 100_000);
  const now = Date.now() * 1000;
  const [from, to] = [parseTime(flags.from, now, '--from'), parseTime(flags.to, now, '--to')];
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  const lake = await lakeFolderOf(flags.lake, command);
  const wish = { ...routeOf(what), from, to };
  const groups = await recordedSurvival(lake, wish, by, limit, abortAtSignal());
  if (format === 'table') process.stdout.write(tableOf(groups, latency));
  else if (format === 'csv') process.stdout.write(csvOf(groups));
  else for (const group of groups) process.stdout.write(`${JSON.stringify(rowOf(group))}\n`);
}

function routeOf(what: string | undefined): RecordedWish {
  if (what === undefined) return {};
  const [symbol = '', buy, sell, more] = what.split(':');
  if (buy === undefined) return { symbol };
  if (sell === undefined || more !== undefined)
    throw new SpreadscopeError('USAGE', `a route is one such as BTC-USDT:okx:binance, not ${what}`);
  return { symbol, buy: parseVenue(buy), sell: parseVenue(sell) };
}

const rowOf = ({ sums, ...names }: SurvivalGroup) => ({
  ...names,
  delaysMs: SURVIVAL_MS,
  ...survivalCurve(sums),
});

function csvOf(groups: readonly SurvivalGroup[]): string {
  const header = 'symbol,buy,sell,latency_ms,opportunities,over_threshold,left_bps,left_share,half_life_ms';
  const lines = groups.flatMap((group) => {
    const { symbol, buy, sell, ...curve } = rowOf(group);
    return SURVIVAL_MS.map((delay, i) =>
      [
        ...[symbol ?? '', buy ?? '', sell ?? '', delay, curve.opportunities],
        ...[curve.overThreshold[i], curve.leftBps[i], curve.leftShare[i] ?? '', curve.halfLifeMs ?? ''],
      ].join(','),
    );
  });
  return `${[header, ...lines].join('\n')}\n`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** The share that is still over the threshold, delay by delay. */
function curveText({ overThreshold }: SurvivalCurve): string {
  return overThreshold
    .map((share) => (share === 0 ? ' ' : (BARS[Math.min(7, Math.floor(share * 8))] ?? ' ')))
    .join('');
}

function halfLifeText(ms: number | null): string {
  if (ms === null) return `> ${LONGEST_MS / 1000} s`;
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function tableOf(groups: readonly SurvivalGroup[], latency: number): string {
  if (groups.length === 0)
    return 'No opportunity of that range is recorded; `spreadscope lake stat` shows what is.\n';
  const at = delayFor(latency);
  const delay = SURVIVAL_MS[at] ?? LONGEST_MS;
  const right = (title: string): TextColumn => ({ title, right: true });
  const columns: TextColumn[] = [
    { title: 'route' },
    right('opportunities'),
    right('at the opening'),
    right(`over it after ${delay} ms`),
    right('left'),
    right('half-life'),
    { title: `over it, ${SURVIVAL_MS[0]} ms … ${LONGEST_MS / 1000} s` },
  ];
  const rows = groups.map((group) => {
    const curve = survivalCurve(group.sums);
    const percent = (share: number | null | undefined): string =>
      share === null ? '–' : `${((share ?? 0) * 100).toFixed(1)} %`;
    const names = [group.symbol, group.buy, group.sell].filter((name) => name !== null);
    return [
      names.length === 0 ? 'all' : plain(names.join(':')),
      grouped(curve.opportunities),
      `${curve.meanStartBps.toFixed(1)} bps`,
      percent(curve.overThreshold[at]),
      `${(curve.leftBps[at] ?? 0).toFixed(1)} bps (${percent(curve.leftShare[at])})`,
      curve.meanStartBps > 0 ? halfLifeText(curve.halfLifeMs) : '–',
      curveText(curve),
    ];
  });
  return `${textTable(columns, rows).join('\n')}\n`;
}
