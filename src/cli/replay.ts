import type { Command } from 'commander';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import { loadFromFlags } from './config-flags.ts';
import { lakeFolderOf } from './lake-folder.ts';
import { progressBar } from './progress.ts';
import { abortAtSignal } from './signals.ts';

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly format: string;
  readonly symbols?: string;
  readonly lake?: string;
}

const DETAILS = `
Drives the recorded quotes and gaps of a range through the same market as a live run, as fast as it goes, and writes into the folder --out:
  opportunities  every opportunity, in the order in which they closed
  alerts         every alert that the rules about routes would have raised
  statistics     every route's statistics over the whole range, with its verdict
The same recording and the same rules give the same files, to the byte. What was open at the end is closed as "stopped".
--config FILE is the rules: opportunities, alerts.rules, statistics, verdict, identity, maxQuoteAgeMs and the venues' takerFee of a configuration file.

Examples:
  spreadscope replay --from -1h --out again
  spreadscope replay --from yesterday --to today --symbols BTC-USDT,ETH-USDT --config strict.yaml --out strict --format csv`;

/** `replay`: what was recorded, under these or other rules. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('find opportunities and statistics again in what was recorded')
    .description('Computes opportunities and statistics from a recording, under the same rules or others.')
    .option('--from <time>', 'first moment', '-1h')
    .option('--to <time>', 'last moment', 'now')
    .requiredOption('--out <folder>', 'write into this folder')
    .option('--format <name>', 'ndjson or csv', 'ndjson')
    .option('--symbols <list>', 'only these symbols')
    .option('--lake <folder>', "the folder that was recorded into (default: the configuration's, lake)")
    .option('--config <file>', 'read the rules from this file instead of ./spreadscope.yaml')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(flags: Flags, command: Command): Promise<void> {
  const { REPLAY_FORMATS, ReplayOutput } = await import('../app/replay-output.ts');
  const { replay } = await import('../app/replay.ts');
  const { routeReports } = await import('../app/route-reports.ts');
  const format = REPLAY_FORMATS.find((one) => one === flags.format);
  if (format === undefined)
    throw new SpreadscopeError('USAGE', `--format takes ${REPLAY_FORMATS.join(' or ')}, not ${flags.format}`);
  const now = Date.now() * 1000;
  const [from, to] = [parseTime(flags.from, now, '--from'), parseTime(flags.to, now, '--to')];
  if (from > to) throw new SpreadscopeError('BAD_REQUEST', '--from is later than --to');
  const { config } = await loadFromFlags(command);
  const lake = await lakeFolderOf(flags.lake, command);
  const symbols = flags.symbols?.split(',').map((symbol) => symbol.trim());
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
        output = new ReplayOutput(flags.out, format, nameOf);
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
