import type { Command } from 'commander';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import { parseCount } from './arguments.ts';
import { loadFromFlags } from './config-flags.ts';
import { createLog } from './console-log.ts';
import { lakeFolderOf } from './lake-folder.ts';
import { grouped } from './output.ts';
import { progressBar } from './progress.ts';
import { abortAtSignal, untilSignal } from './signals.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly out?: string;
  readonly speed?: string;
  readonly port?: string;
  readonly format: string;
  readonly symbols?: string;
  readonly lake?: string;
}

const DETAILS = `
Drives the recorded quotes, trades and gaps of a range through the same market as a live run. Without --out it serves the page and the API on it, with the clock of the recording, until
Ctrl-C. With --out it goes as fast as it can, leaves out the trades, on which none of it depends, and writes into that folder:
  opportunities  every opportunity, in the order in which they closed
  alerts         every alert that the rules about routes would have raised
  statistics     every route's statistics over the whole range, with its verdict
The same recording and the same rules give the same files, to the byte. What was open at the end is closed as "stopped".
--config FILE is the rules: opportunities, alerts.rules, statistics, verdict, identity, maxQuoteAgeMs and the venues' takerFee of a configuration file.
Where it names no takerFee, fees are what the venues asked for at the end of the range.

Examples:
  spreadscope replay --from 2026-11-23T14:00 --to 2026-11-23T15:00 --speed 10
  spreadscope replay --from -1h --out again
  spreadscope replay --from yesterday --to today --symbols BTC-USDT,ETH-USDT --config strict.yaml --out strict --format csv`;

/** `replay`: what was recorded, under these or other rules. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('see a recorded time again, or find its opportunities under other rules')
    .description('Plays a recording through the market again: on the page, or into files.')
    .option('--from <time>', 'first moment', '-1h')
    .option('--to <time>', 'last moment', 'now')
    .option(
      '--out <folder>',
      'write opportunities, statistics and alerts into this folder, and serve no page',
    )
    .option('--speed <times>', 'of the page: 1 = as it was, 10 = ten times as fast, max', '1')
    .option('--port <port>', "of the page (default: the configuration's, 8080)")
    .option('--format <name>', 'ndjson or csv', 'ndjson')
    .option('--symbols <list>', 'only these symbols')
    .option('--lake <folder>', "the folder that was recorded into (default: the configuration's, lake)")
    .option('--config <file>', 'read the rules from this file instead of ./spreadscope.yaml')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(flags: Flags, command: Command): Promise<void> {
  const { out } = flags;
  if (out === undefined) {
    await servePlayed(flags, command);
    return;
  }
  const { REPLAY_FORMATS, ReplayOutput } = await import('../app/replay-output.ts');
  const { replay } = await import('../app/replay.ts');
  const { routeReports } = await import('../app/route-reports.ts');
  const format = REPLAY_FORMATS.find((one) => one === flags.format);
  if (format === undefined)
    throw new SpreadscopeError('USAGE', `--format takes ${REPLAY_FORMATS.join(' or ')}, not ${flags.format}`);
  const { from, to } = rangeOf(flags);
  const { config } = await loadFromFlags(command);
  const lake = await lakeFolderOf(flags.lake, command);
  const symbols = symbolsOf(flags);
  const bar = progressBar(process.stderr, 'replaying');
  const signal = abortAtSignal();
  let output: InstanceType<typeof ReplayOutput> | undefined;
  try {
    const done = await replay(
      config,
      {
        ...{ lake, from, to, symbols, signal, progress: (rows, total) => bar.update(rows, total) },
        alerted: (alert) => output?.alerted(alert),
      },
      (nameOf) => {
        output = new ReplayOutput(out, format, nameOf);
        return [output];
      },
    );
    const files = output?.end(routeReports(done, 'routes')) ?? [];
    bar.end();
    const count = (output?.opportunities ?? 0).toLocaleString('en-US');
    process.stderr.write(
      `${done.rows.toLocaleString('en-US')} rows, ${count} opportunities, ${output?.alerts ?? 0} alerts: ${files.join(', ')}\n`,
    );
  } finally {
    bar.end();
    output?.drop();
  }
}

function rangeOf({ from, to }: Flags): { readonly from: number; readonly to: number } {
  const now = Date.now() * 1000;
  const range = { from: parseTime(from, now, '--from'), to: parseTime(to, now, '--to') };
  if (range.from > range.to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  return range;
}

function symbolsOf({ symbols }: Flags): string[] | undefined {
  return symbols?.split(',').map((symbol) => symbol.trim());
}

const SHOW_EVERY_MS = 1000;

/** The page on a recording, until a signal. */
async function servePlayed(flags: Flags, command: Command): Promise<void> {
  const { startReplay } = await import('../app/replay-server.ts');
  const speed = flags.speed === 'max' ? Infinity : Number(flags.speed);
  if (!(speed > 0))
    throw new SpreadscopeError('USAGE', `--speed takes a number above 0, or max, not ${flags.speed ?? ''}`);
  const { config } = await loadFromFlags(command);
  const lake = await lakeFolderOf(flags.lake, command);
  const stopped = untilSignal();
  const log = createLog({ level: 'warn', json: false, write: (line) => process.stderr.write(`${line}\n`) });
  const port = flags.port === undefined ? config.server.port : parseCount(flags.port, '--port', 0, 65_535);
  const server = await startReplay(
    { ...config, server: { ...config.server, port } },
    { ...{ lake, ...rangeOf(flags), symbols: symbolsOf(flags), speed, log } },
  );
  process.stdout.write(`spreadscope ${server.url} plays a recording · Ctrl-C stops it\n`);
  const show = (end: string): void => {
    const time = new Date(server.now() / 1000).toISOString().replace('T', ' ').slice(0, 19);
    process.stderr.write(`\r${time} UTC, ${grouped(server.rows())} rows${end}`);
  };
  const timer = process.stderr.isTTY ? setInterval(() => show(''), SHOW_EVERY_MS) : undefined;
  const ended = server.ended.then(() => {
    clearInterval(timer);
    show(': the end of the range, which the page goes on showing\n');
  });
  try {
    await Promise.race([stopped, ended.then(() => stopped)]);
  } finally {
    clearInterval(timer);
    await server.stop();
  }
}
