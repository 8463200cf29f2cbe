import type { Command } from 'commander';
import type { WhyReply } from '../app/remote.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { parseVenue } from './arguments.ts';
import { plain } from './output.ts';
import { addRemote, type RemoteFlags, remoteOf } from './remote-flags.ts';
import { textTable } from './text-table.ts';

interface Flags extends RemoteFlags {
  readonly minNetBps?: string;
  readonly minNotional?: string;
  readonly verdict?: string;
  readonly identity?: string;
  readonly limit?: string;
  readonly json?: true;
}

const DETAILS = `
Tells step by step how gross becomes net, what would stop the route at each step, and whether it would be among the routes of a view with these filters.

Examples:
  spreadscope why BTC-USDT:okx:binance
  spreadscope why BTC-USDT:okx:binance --min-net-bps 5 --min-notional 1000`;

/** `why`: why a route is shown, or is not. */
export function addWhy(program: Command): void {
  addRemote(program.command('why'))
    .argument('<route>', 'such as BTC-USDT:okx:binance: buy on okx, sell on binance')
    .summary('why a route is shown, or is not')
    .description('Asks a running spreadscope why a route is among those that it shows, or is not.')
    .option('--min-net-bps <bps>', 'as the filter of the page')
    .option('--min-notional <quote>', 'as the filter of the page')
    .option('--verdict <name>', 'as the filter of the page')
    .option('--identity <which>', 'trusted or all')
    .option('--limit <rows>', 'how many routes the view shows')
    .option('--json', 'as GET /api/v1/why')
    .addHelpText('after', DETAILS)
    .action(run);
}

const isAnswer = (reply: unknown): reply is WhyReply =>
  typeof reply === 'object' && reply !== null && 'waterfall' in reply && 'reasons' in reply;

async function run(route: string, flags: Flags): Promise<void> {
  const { askRemote } = await import('../app/remote.ts');
  const [symbol = '', buy, sell, more] = route.split(':');
  if (symbol === '' || buy === undefined || sell === undefined || more !== undefined)
    throw new SpreadscopeError('USAGE', `a route is one such as BTC-USDT:okx:binance, not ${plain(route)}`);
  const path = `/api/v1/why/${encodeURIComponent(symbol)}/${parseVenue(buy)}/${parseVenue(sell)}`;
  const { minNetBps, minNotional, verdict, identity, limit } = flags;
  const given = Object.entries({ minNetBps, minNotional, verdict, identity, limit });
  const query = new URLSearchParams();
  for (const [name, text] of given) if (text !== undefined) query.set(name, text);
  const reply = await askRemote(remoteOf(flags), `${path}?${query}`, isAnswer);
  process.stdout.write(flags.json === true ? `${JSON.stringify(reply)}\n` : whyReport(reply));
}

/** The answer as text: the verdict, the reasons, the steps. */
export function whyReport({ route, shown, rank, total, reasons, waterfall }: WhyReply): string {
  const place = rank === null ? '' : `, number ${rank} of ${total}`;
  const steps = waterfall.map(({ step, bps, value, ageMs, gate, note }) => [
    ...[step, bps === null ? '' : `${bps >= 0 ? '+' : ''}${bps.toFixed(2)} bps`, value],
    ageMs === null ? '' : `${Math.round(ageMs)} ms`,
    gate === null ? note : `${gate.passes ? 'ok' : 'STOPPED'}: ${gate.rule}`,
  ]);
  const columns = [
    ...[{ title: 'step' }, { title: 'spread', right: true }, { title: 'value' }],
    ...[{ title: 'age', right: true }, { title: 'gate' }],
  ];
  return [
    `${plain(route)} is ${shown ? 'shown' : 'not shown'}${place}.`,
    ...reasons.map((reason) => `  ${plain(reason)}`),
    ...(steps.length === 0 ? [] : ['', ...textTable(columns, steps)]),
    '',
  ].join('\n');
}
