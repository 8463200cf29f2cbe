import type { Command } from 'commander';
import { addConfigFlags, loadFromFlags } from './config-flags.ts';
import { serve } from './serve.ts';
import { untilSignal } from './signals.ts';

/** `start`: the collector on the real exchanges (or `--via` another place), with the page. */
export function addStart(program: Command): void {
  const start = program
    .command('start')
    .summary('watch the exchanges and serve the page')
    .description(
      'Connects to the venues, computes spreads and serves the page and the API. SIGINT or SIGTERM ends it cleanly.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope start\n  spreadscope start --venues binance,okx,gate --symbols 300\n  spreadscope start --config my.yaml --json 2> log.ndjson\n\nEvery flag is an entry of the configuration; docs/CONFIG.md has them all.',
    );
  addConfigFlags(start)
    .option('--json', 'log lines as JSON on standard error')
    .action(async (options: { json?: true }, command: Command) => {
      const signal = untilSignal();
      await serve(await loadFromFlags(command), { json: options.json === true, note: '', signal });
    });
}
