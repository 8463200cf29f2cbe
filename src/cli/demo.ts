import type { Command } from 'commander';
import { parseCount } from './arguments.ts';
import { addConfigFlags, loadFromFlags } from './config-flags.ts';
import { DEMO_LAKE } from './lake-folder.ts';
import { serve } from './serve.ts';
import { untilSignal } from './signals.ts';
import { startSimulatorProcess } from './simulator-process.ts';

interface DemoFlags {
  readonly symbols: string;
  readonly rate: string;
  readonly seed: string;
  readonly scenario?: string;
  readonly captures?: string;
  readonly json?: true;
  readonly lake?: string;
}

/** `demo`: `start` on simulated exchanges in a process of their own. */
export function addDemo(program: Command): void {
  const demo = program
    .command('demo')
    .summary('the same on simulated exchanges; needs no network')
    .description(
      'Starts the simulator as a child process and watches it as `start` watches the real exchanges.',
    )
    .option('--symbols <number>', 'symbols per venue', '100')
    .option('--rate <number>', 'messages per second over all venues', '2000')
    .option('--seed <number>', 'the same seed gives the same prices', '1')
    .option('--scenario <name>', 'a timeline of trouble, as in spreadscope sim')
    .option('--captures <folder>', 'folder with real instrument lists, as in spreadscope sim')
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope demo\n  spreadscope demo --symbols 1000 --rate 100000 --port 0',
    );
  addConfigFlags(demo, ['--via', '--symbols'])
    .option('--json', 'log lines as JSON on standard error')
    .action(runDemo);
}

async function runDemo(flags: DemoFlags, command: Command): Promise<void> {
  const signal = untilSignal();
  const symbols = parseCount(flags.symbols, '--symbols', 1, 5000);
  parseCount(flags.rate, '--rate', 1, 100_000_000);
  parseCount(flags.seed, '--seed', 0, 0xffff_ffff);
  const fixed = [
    { path: 'symbolsPerVenue', flag: '--symbols', text: String(symbols) },
    // Simulated rows are not to lie among real ones.
    ...(flags.lake === undefined ? [{ path: 'lake.folder', flag: 'demo', text: DEMO_LAKE }] : []),
  ];
  // Everything is checked before the simulator starts.
  await loadFromFlags(command, fixed);
  const scenario = flags.scenario === undefined ? [] : ['--scenario', flags.scenario];
  const captures = flags.captures === undefined ? [] : ['--captures', flags.captures];
  const simulator = await startSimulatorProcess([
    '--port',
    '0',
    '--symbols',
    flags.symbols,
    '--rate',
    flags.rate,
    '--seed',
    flags.seed,
    ...scenario,
    ...captures,
  ]);
  try {
    const loaded = await loadFromFlags(command, [
      ...fixed,
      { path: 'via', flag: 'demo', text: simulator.url },
    ]);
    await serve(loaded, {
      json: flags.json === true,
      note: ' on simulated exchanges',
      signal,
      lost: simulator.lost,
    });
  } finally {
    await simulator.stop();
  }
}
