import type { Command } from 'commander';
import type { HistoryColumns, HistoryHead, HistoryKind, RouteHistory } from '../app/history.ts';
import type { ExportFormat } from '../app/history-export.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { parseCount, parseVenue } from './arguments.ts';
import { loadFromFlags } from './config-flags.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { plain } from './output.ts';
import { progressBar } from './progress.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly points?: string;
  readonly format?: string;
  readonly out?: string;
  readonly lake?: string;
}

const DETAILS = `
ROUTE is SYMBOL:BUY:SELL, e.g. BTC-USDT:okx:binance = buy on okx, sell on binance.
Times: ISO 8601 (without a zone UTC), seconds, ms or µs since the epoch, back from now (-2h, -1d12h), now, today, yesterday.
One point for every quote of either leg at which both are valid, in basis points; the bands are the 3rd and 97th percentile of the last 200.
Without --format it is a picture on a terminal, and CSV elsewhere:
  csv      time (ISO 8601 UTC with µs), value, upper, lower; empty from where nothing is known
  ndjson   as GET /api/v1/history: one {time, value, upper, lower} a line (time in µs, null = not known), then {gap} and {unrecorded} lines
  json     as GET /api/v1/history: columns, gaps, unrecorded
  parquet  the columns of csv, time as a timestamp; needs --out

Examples:
  spreadscope history BTC-USDT:okx:binance
  spreadscope history BTC-USDT:okx:binance --from yesterday --to today --points 2000 > btc.csv
  spreadscope history ETH-USDT:gate:bybit --from -1w --kind gross --format parquet --out eth.parquet`;

/** `history ROUTE`: a route's recorded past. */
export function addHistory(program: Command): void {
  addLakeFolder(program.command('history'))
    .argument('<route>', 'SYMBOL:BUY:SELL')
    .summary("print a route's recorded past")
    .description("Reads a route's spread out of the lake, beside a running recorder or after it.")
    .option('--from <time>', 'first moment', '-1h')
    .option('--to <time>', 'last moment', 'now')
    .option('--kind <name>', 'gross, net or basis', 'net')
    .option('--points <number>', 'thin to so many points, keeping the extremes; default: every tick')
    .option('--format <name>', 'csv, ndjson, json or parquet')
    .option('--out <file>', 'write to this file')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(route: string, flags: Flags, command: Command): Promise<void> {
  const { EXPORT_FORMATS, saveHistory, writeHistory } = await import('../app/history-export.ts');
  const { HISTORY_KINDS } = await import('../app/history.ts');
  const format = flags.format === undefined ? undefined : oneOf('--format', flags.format, EXPORT_FORMATS);
  const kind = oneOf('--kind', flags.kind, HISTORY_KINDS);
  const ranged = wantedOf(route, flags, kind);
  if (format === 'parquet' && flags.out === undefined)
    throw new SpreadscopeError('USAGE', '--format parquet needs --out FILE');
  const { config } = await loadFromFlags(command);
  const wanted = { ...ranged, lake: await lakeFolderOf(flags.lake, command) };
  const bar = progressBar(process.stderr, 'reading');
  const progress = (done: number, total: number) => bar.update(done, total);
  try {
    if (flags.out !== undefined)
      await saveHistory(config, wanted, format ?? formatOf(flags.out), flags.out, progress);
    else if (format !== undefined && format !== 'parquet')
      await writeHistory(config, wanted, format, process.stdout, progress);
    else if (process.stdout.isTTY) process.stdout.write(await picture(config, wanted, progress));
    else await writeHistory(config, wanted, 'csv', process.stdout, progress);
  } finally {
    bar.end();
  }
}

/** A file's ending says its format, unless the flag does. */
function formatOf(file: string): ExportFormat {
  const ending = /\.(ndjson|json|parquet)$/i.exec(file)?.[1]?.toLowerCase();
  return ending === 'ndjson' || ending === 'json' || ending === 'parquet' ? ending : 'csv';
}

function wantedOf(route: string, flags: Flags, kind: HistoryKind): Omit<RouteHistory, 'lake'> {
  const now = Date.now() * 1000;
  const from = parseTime(flags.from, now, '--from');
  const to = parseTime(flags.to, now, '--to');
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  const points = flags.points === undefined ? undefined : parseCount(flags.points, '--points', 2, 100_000);
  return { ...parseRoute(route), kind, from, to, now, points };
}

function parseRoute(text: string): { symbol: string; buy: VenueId; sell: VenueId } {
  const [symbol = '', buy, sell, ...more] = text.split(':');
  if (symbol === '' || buy === undefined || sell === undefined || more.length > 0)
    throw new SpreadscopeError(
      'USAGE',
      `a route is SYMBOL:BUY:SELL such as BTC-USDT:okx:binance, not ${JSON.stringify(text)}`,
    );
  const venues = { buy: parseVenue(buy), sell: parseVenue(sell) };
  if (venues.buy === venues.sell)
    throw new SpreadscopeError('USAGE', `a route has two venues, not ${buy} twice`);
  return { symbol, ...venues };
}

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new SpreadscopeError('USAGE', `${flag} takes ${known.join(', ')}, not ${JSON.stringify(text)}`);
}

async function picture(
  config: Parameters<typeof import('../app/history.ts').readRouteHistory>[0],
  wanted: RouteHistory,
  progress: (done: number, total: number) => void,
): Promise<string> {
  const { readRouteHistory } = await import('../app/history.ts');
  const { drawHistory, picturePoints, span } = await import('./history-picture.ts');
  const columns = process.stdout.columns || 80;
  const rows = (process.stdout.rows || 24) - 8;
  let head: HistoryHead = { gaps: [], unrecorded: [] };
  const batches: HistoryColumns[] = [];
  const begin = (it: HistoryHead) => {
    head = it;
  };
  const points = (batch: HistoryColumns) => {
    batches.push(batch);
  };
  const { symbol, buy, sell, kind, from, to } = wanted;
  const thin = { ...wanted, points: wanted.points ?? picturePoints(columns) };
  const totals = await readRouteHistory(config, thin, { begin, points }, progress);
  const title = `${plain(symbol)}: buy on ${buy}, sell on ${sell}; ${kind} spread in basis points, ${span(to - from)}, UTC`;
  const color = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '';
  return `${drawHistory({ title, from, to, head, totals, batches, columns, rows, color }).join('\n')}\n`;
}
