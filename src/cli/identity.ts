import type { Command } from 'commander';
import type { IdentityPair, IdentityReply } from '../app/remote.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { IdentityDecision } from '../core/route-notes.ts';

import { parseVenue } from './arguments.ts';
import { addRemote, type RemoteFlags, remoteOf } from './remote-flags.ts';
import { type TextColumn, textTable } from './text-table.ts';

interface Flags extends RemoteFlags {
  readonly json?: true;
}

const DETAILS = `
The same ticker is not always the same coin. Two venues whose mid prices stay apart by more than identity.factor, or on one side of parity for very long, are
quarantined: their routes stand in no ranking and raise no alert, until somebody approves the pair. A denied pair stays out, whatever its prices do.
Decisions are kept in identity.file of the spreadscope that runs.

Examples:
  spreadscope identity
  spreadscope identity approve ABC-USDT gate kucoin
  spreadscope identity withdraw ABC-USDT gate kucoin`;

const WORDS: readonly [string, IdentityDecision, string][] = [
  ['approve', 'approved', 'says that two venues mean the same coin: their routes are ranked again'],
  ['deny', 'denied', 'says that they mean two coins: their routes stay out of rankings and alerts'],
  ['withdraw', 'withdrawn', 'takes that back: the pair is judged by its prices again'],
];

/** `identity`: which venues may mean another coin by the same ticker, and what somebody says of it. */
export function addIdentity(program: Command): void {
  const identity = addRemote(program.command('identity'))
    .summary('tickers that may not be the same coin on two venues: list, approve, deny')
    .description('Shows the guard of identities of a spreadscope that runs, and takes decisions.')
    .option('--json', 'as GET /api/v1/identity')
    .addHelpText('after', DETAILS)
    .action(list);
  for (const [name, decision, description] of WORDS) {
    addRemote(identity.command(name))
      .argument('<symbol>', 'such as ABC-USDT')
      .argument('<venue>')
      .argument('<venue>')
      .description(description)
      .action((symbol: string, a: string, b: string, _flags: Flags, command: Command) =>
        decide(symbol, a, b, decision, command.optsWithGlobals()),
      );
  }
}

const isIdentities = (reply: unknown): reply is IdentityReply =>
  typeof reply === 'object' && reply !== null && 'pairs' in reply && Array.isArray(reply.pairs);

async function list(flags: Flags): Promise<void> {
  const { askRemote } = await import('../app/remote.ts');
  const reply = await askRemote(remoteOf(flags), '/api/v1/identity', isIdentities);
  process.stdout.write(flags.json === true ? `${JSON.stringify(reply)}\n` : identityReport(reply));
}

async function decide(
  symbol: string,
  a: string,
  b: string,
  decision: IdentityDecision,
  flags: Flags,
): Promise<void> {
  const { askRemote } = await import('../app/remote.ts');
  const venues = [parseVenue(a), parseVenue(b)];
  if (venues[0] === venues[1]) throw new SpreadscopeError('USAGE', 'name two different venues');
  const order = { symbol, venues, decision };
  const reply = await askRemote(remoteOf(flags), '/api/v1/identity', isIdentities, order);
  process.stdout.write(`${symbol} on ${a} and ${b}: ${decision}, kept in ${reply.file}\n`);
}

const COLUMNS: readonly TextColumn[] = [
  ...[{ title: 'symbol' }, { title: 'venues' }, { title: 'state' }, { title: 'because' }],
  ...[
    { title: 'ratio', right: true },
    { title: 'least', right: true },
    { title: 'greatest', right: true },
  ],
  ...[{ title: 'since' }],
];

const BECAUSE: Readonly<Record<IdentityPair['reason'], string>> = {
  none: '',
  ratio: 'prices far apart',
  'power-of-ten': 'a power of ten apart',
  'never-reverts': 'never at parity',
};

/** The pairs as a table, what wants a decision first. */
export function identityReport({ pairs, quarantined, file }: IdentityReply): string {
  if (pairs.length === 0) return 'Every ticker seems to be the same coin wherever it is listed.\n';
  const rows = pairs.map((pair) => [
    ...[pair.symbol, pair.venues.join(' / '), pair.state, BECAUSE[pair.reason]],
    ...[pair.ratio, pair.minRatio, pair.maxRatio].map((ratio) => ratio?.toPrecision(4) ?? ''),
    timeOf(pair.decidedTime ?? pair.since),
  ]);
  const tail =
    quarantined === 0
      ? 'Nothing waits for a decision.'
      : `${quarantined} in quarantine: out of rankings and alerts. Decide with: spreadscope identity approve|deny SYMBOL VENUE VENUE.`;
  return `${[...textTable(COLUMNS, rows), '', `${tail} Decisions are kept in ${file}.`].join('\n')}\n`;
}

function timeOf(time: number | null): string {
  return time === null ? '' : new Date(time / 1000).toISOString().slice(0, 19).replace('T', ' ');
}
