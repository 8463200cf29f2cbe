import { Command, CommanderError } from 'commander';
import { didYouMean } from '../app/nearest.ts';
import { VERSION } from '../app/version.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { addAlert } from './alert.ts';
import { addBounds } from './bounds.ts';
import { addConfig } from './config.ts';
import { addDecode } from './decode.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addHistory } from './history.ts';
import { addIdentity } from './identity.ts';
import { addLake } from './lake.ts';
import { addLeadLag } from './leadlag.ts';
import { exitQuietlyOnClosedPipe, reportError } from './output.ts';
import { addQuery } from './query.ts';
import { addReplay } from './replay.ts';
import { addSim } from './sim.ts';
import { addStart } from './start.ts';
import { addStats } from './stats.ts';
import { addSurvival } from './survival.ts';
import { addWhy } from './why.ts';

const EXAMPLES = `
Examples:
  spreadscope demo                        the page on simulated exchanges; needs no network
  spreadscope start --port 8080           the page on the real exchanges
  spreadscope start --venues okx,gate --quotes USDT,USDC --min-usd-volume 100000
  spreadscope history BTC-USDT:okx:binance --from -6h
  spreadscope stats BTC-USDT --from -6h   statistics and verdicts of recorded routes
  spreadscope survival --latency 25       what is left of an edge after 25 ms
  spreadscope leadlag BTC-USDT            which venue moves first
  spreadscope replay --from -1h --out again  opportunities again, under these or other rules
  spreadscope config check spreadscope.yaml
  spreadscope doctor                      whether this machine can run it
  spreadscope decode okx < frames.txt     what our decoder makes of raw frames
  spreadscope query "SELECT venue, count(*) FROM quotes GROUP BY venue"
  spreadscope bounds                      what a running one may hold, and what it had to give up
  spreadscope why BTC-USDT:okx:gate       why a route is shown, or is not
  spreadscope alert test                  whether alerts arrive
  spreadscope identity                    tickers that may not be the same coin
  spreadscope lake check                  whether what was recorded is sound

Exit codes: 0 done, 1 failed, 2 used wrongly. Errors are one line: error CODE: message (docs/ERRORS.md).`;

/** Runs one command line (without `node` and the script); sets `process.exitCode`. Never rejects. */
export async function main(args: readonly string[]): Promise<void> {
  exitQuietlyOnClosedPipe();
  const program = createProgram();
  try {
    if (args.length === 0) {
      throw new SpreadscopeError('USAGE', `name a command: ${commandNames(program).join(', ')} (or --help)`);
    }
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) reportError(usage(error, program, args));
    } else {
      reportError(error);
    }
  }
}

function createProgram(): Command {
  const program = new Command('spreadscope')
    .description(
      'Watches the best bid and offer of every spot market on eight exchanges and shows where a coin can be bought and sold for more.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ writeErr: () => undefined })
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  const commands = [
    ...[
      addStart,
      addDemo,
      addSim,
      addHistory,
      addStats,
      addSurvival,
      addLeadLag,
      addReplay,
      addQuery,
      addLake,
    ],
    ...[addWhy, addAlert, addBounds, addIdentity, addDecode, addConfig, addDoctor],
  ];
  for (const add of commands) add(program);
  return program;
}

/** The parser's complaint in our own form: one line, and the nearest command where one was mistyped. */
function usage(error: CommanderError, program: Command, args: readonly string[]): SpreadscopeError {
  // `help NAME` with an unknown name ends as `commander.help`.
  if (error.code === 'commander.unknownCommand' || error.code === 'commander.help') {
    const words = args.filter((arg) => !arg.startsWith('-'));
    return unknownCommand(program, words[0] === 'help' ? words.slice(1) : words);
  }
  const text = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return new SpreadscopeError('USAGE', `${text}; see spreadscope ${args[0] ?? ''} --help`);
}

/** Names the first word that is no command: of the program, or of the command before it. */
function unknownCommand(program: Command, words: readonly string[]): SpreadscopeError {
  const [given = '', ...more] = words;
  const names = commandNames(program);
  const known = program.commands.find((command) => command.name() === given);
  if (known !== undefined && known.commands.length > 0) return unknownCommand(known, more);
  const of = program.parent === null ? '' : ` of ${program.name()}`;
  if (given === '') return new SpreadscopeError('USAGE', `name a command${of}: ${names.join(', ')}`);
  const hint = didYouMean(given, names) || `; known: ${names.join(', ')}`;
  return new SpreadscopeError('USAGE', `there is no command ${JSON.stringify(given)}${of}${hint}`);
}

function commandNames(program: Command): string[] {
  return program.commands.map((command) => command.name());
}
