import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { parseCount, parseVenues } from './arguments.ts';
import { grouped } from './output.ts';
import { untilParentEnds, untilSignal } from './signals.ts';

const SCENARIO_HELP =
  'a timeline of trouble: calm, overload, reconnect-storm, silent-venue, half-open, malformed, gap, rename, crossed or collision';

interface SimFlags {
  readonly host: string;
  readonly port: string;
  readonly symbols: string;
  readonly rate: string;
  readonly seed: string;
  readonly journal?: string;
  readonly scenario?: string;
  readonly captures?: string;
  readonly venues?: string;
  readonly strict: boolean;
  readonly tied?: true;
}

/** `sim`: the eight exchanges on loopback. */
export function addSim(program: Command): void {
  program
    .command('sim')
    .summary('the eight exchanges on loopback, speaking their real protocols')
    .description(
      'Serves every venue under its own prefix: REST at http://HOST:PORT/<venue>/…, WebSocket at ws://HOST:PORT/<venue>/…. The first line printed is `simulator URL`.',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 = any free one', '8090')
    .option('--symbols <number>', 'symbols per venue', '100')
    .option('--rate <number>', 'messages per second over all venues', '2000')
    .option('--seed <number>', 'the same seed gives the same prices', '1')
    .option('--journal <file>', 'write one NDJSON line per published quote or trade')
    .option('--scenario <name>', SCENARIO_HELP)
    .option(
      '--captures <folder>',
      'folder with real instrument lists to draw symbols from (default: ../shared/captures beside the package if it is there, else a built-in list)',
    )
    .option('--venues <list>', 'only these venues')
    .option('--no-strict', 'let clients break the limits that some third-party clients break')
    .addOption(new Option('--tied', 'stop when standard input ends (used by demo)').hideHelp())
    .addHelpText(
      'after',
      '\nExample:\n  spreadscope sim --port 8090 --symbols 200 --rate 5000 --journal sim.ndjson\n  spreadscope start --via http://127.0.0.1:8090',
    )
    .action(runSim);
}

async function runSim(flags: SimFlags): Promise<void> {
  const stop = flags.tied === true ? untilParentEnds() : untilSignal();
  const { startSimulator } = await import('../simulator/index.ts');
  const simulator = await startSimulator({
    host: flags.host,
    port: parseCount(flags.port, '--port', 0, 65_535),
    symbols: parseCount(flags.symbols, '--symbols', 1, 5000),
    rate: parseCount(flags.rate, '--rate', 1, 100_000_000),
    seed: parseCount(flags.seed, '--seed', 0, 0xffff_ffff),
    journal: flags.journal,
    scenario: flags.scenario,
    captures: flags.captures ?? defaultCaptures(),
    venues: flags.venues === undefined ? undefined : parseVenues(flags.venues),
    strict: flags.strict,
  });
  process.stdout.write(`simulator ${simulator.url}\n`);
  const rates = process.stdout.isTTY ? showRates(() => simulator.published) : undefined;
  await stop;
  clearInterval(rates);
  await simulator.stop();
}

/** Captured lists that lie beside the package. */
function defaultCaptures(): string | undefined {
  const folder = fileURLToPath(new URL('../../../../shared/captures', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

/** One line, rewritten each second. */
function showRates(read: () => { quotes: number; trades: number }): NodeJS.Timeout {
  let before = { ...read() };
  return setInterval(() => {
    const now = { ...read() };
    const quotes = now.quotes - before.quotes;
    const trades = now.trades - before.trades;
    before = now;
    process.stdout.write(
      `\r\x1b[K${grouped(quotes + trades)} messages/s (${grouped(quotes)} quotes, ${grouped(trades)} trades)`,
    );
  }, 1000);
}
