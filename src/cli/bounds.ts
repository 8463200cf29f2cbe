import type { Command } from 'commander';
import type { BoundsReply } from '../app/remote.ts';
import type { BoundPolicy, BoundReading } from '../core/bounds.ts';
import { grouped } from './output.ts';
import { addRemote, type RemoteFlags, remoteOf } from './remote-flags.ts';
import { type TextColumn, textTable } from './text-table.ts';

interface Flags extends RemoteFlags {
  readonly json?: true;
}

const DETAILS = `
Every structure that data could fill: what it may hold, what it does when it is full, who empties it, and what it had to give up.
MB is what it may take. The sum with what V8 and the libraries are allowed is checked against memory.budget at each start.

Examples:
  spreadscope bounds
  spreadscope bounds --url http://10.0.0.5:8080 --token "$SPREADSCOPE_TOKEN"
  spreadscope bounds --json | jq '.bounds[] | select(.lost > 0)'`;

/** `bounds`: the ledger of a running spreadscope. */
export function addBounds(program: Command): void {
  addRemote(program.command('bounds'))
    .summary('what a running spreadscope may hold, and what it had to give up')
    .description('Shows the ledger of bounded structures of a spreadscope that runs.')
    .option('--json', 'as GET /api/v1/bounds')
    .addHelpText('after', DETAILS)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { askRemote, hasList } = await import('../app/remote.ts');
  const isLedger = (reply: unknown): reply is BoundsReply => hasList(reply, 'bounds');
  const reply = await askRemote(remoteOf(flags), '/api/v1/bounds', isLedger);
  const lines = flags.json === true ? [JSON.stringify(reply)] : boundsReport(reply);
  process.stdout.write(`${lines.join('\n')}\n`);
}

const WHEN_FULL: Readonly<Record<BoundPolicy, string>> = {
  refuse: 'refuses',
  conflate: 'newest wins',
  'drop-oldest': 'oldest goes',
  wait: 'waits',
  close: 'closes',
};

const right = (title: string): TextColumn => ({ title, right: true });
const COLUMNS: readonly TextColumn[] = [
  { title: 'component' },
  { title: 'structure' },
  right('limit'),
  right('in use'),
  right('peak'),
  right('MB'),
  { title: 'when full' },
  { title: 'cleaned by' },
  { title: 'given up' },
];

/** The ledger as a table, and its sum against the budget. */
export function boundsReport({ budget, total, allowance, bounds }: BoundsReply): string[] {
  const rows = bounds.map((line) => {
    const [component = '', ...structure] = line.name.split('.');
    return [
      ...[component, structure.join('.')],
      ...[grouped(line.capacity), grouped(line.used), grouped(line.peak), megabytes(line.capacityBytes)],
      ...[WHEN_FULL[line.policy] ?? line.policy, line.cleanedBy, givenUp(line)],
    ];
  });
  const left = budget - total - allowance;
  return [
    ...textTable(COLUMNS, rows),
    '',
    `${megabytes(total)} MB of bounds + ${megabytes(allowance)} MB for V8, libraries and threads = ${megabytes(total + allowance)} MB of ${megabytes(budget)} MB (${megabytes(left)} MB left)`,
  ];
}

function givenUp({ refused, replaced, evicted, lost }: BoundReading): string {
  return Object.entries({ refused, replaced, evicted, lost })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${grouped(count)} ${what}`)
    .join(', ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
