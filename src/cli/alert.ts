import type { Command } from 'commander';
import type { AlertsReply, TestResult } from '../app/alert-test.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { loadFromFlags } from './config-flags.ts';
import { plain } from './output.ts';
import { addRemote, type RemoteFlags, remoteOf } from './remote-flags.ts';
import { textTable } from './text-table.ts';

interface ListFlags extends RemoteFlags {
  readonly json?: true;
}

const DETAILS = `
Rules and sinks stand under "alerts" in spreadscope.yaml:

  alerts:
    rules:
      - { name: wide, minNetBps: 30, minNotional: 500, lastingMs: 500, cooldown: 60 }
      - { name: down, on: venue-down, lastingMs: 10000 }
    webhook: { url: "https://example.org/hook", secret: "sixteen-or-more-characters" }

Examples:
  spreadscope alert test
  spreadscope alert list`;

/** `alert`: whether alerts arrive, and which there were. */
export function addAlert(program: Command): void {
  const alert = program
    .command('alert')
    .summary('send a test alert, or list the last ones')
    .description('Alerts: whether they arrive, and which there were.')
    .addHelpText('after', DETAILS);
  alert
    .command('test')
    .description('Sends one alert to every sink that the configuration sets up, and tells what became of it.')
    .option('--config <file>', 'read this file instead of ./spreadscope.yaml')
    .action((_flags: unknown, command: Command) => test(command));
  addRemote(alert.command('list'))
    .description('Lists the last alerts of a spreadscope that runs, and how their deliveries fare.')
    .option('--json', 'as GET /api/v1/alerts')
    .action(list);
}

async function test(command: Command): Promise<void> {
  const { testAlerts } = await import('../app/alert-test.ts');
  const { config } = await loadFromFlags(command);
  const results = await testAlerts(config);
  process.stdout.write(testReport(results));
  const failed = results.filter(({ error }) => error !== '');
  if (failed.length > 0)
    throw new SpreadscopeError(
      'ALERT_UNDELIVERED',
      `${failed.map(({ sink }) => sink).join(' and ')} did not take the alert`,
    );
}

export function testReport(results: readonly TestResult[]): string {
  if (results.length === 0)
    return 'No sink is set up beside log and page: set alerts.webhook.url, or alerts.telegram.token and chat.\n';
  const rows = results.map(({ sink, error, ms }) => [
    ...[sink, error === '' ? 'delivered' : 'NOT delivered', `${Math.round(ms)} ms`, plain(error)],
  ]);
  const columns = [{ title: 'sink' }, { title: '' }, { title: 'took', right: true }, { title: 'why' }];
  return `${textTable(columns, rows).join('\n')}\n`;
}

const isAlerts = (reply: unknown): reply is AlertsReply =>
  typeof reply === 'object' && reply !== null && 'alerts' in reply && 'sinks' in reply;

async function list(flags: ListFlags): Promise<void> {
  const { askRemote } = await import('../app/remote.ts');
  const reply = await askRemote(remoteOf(flags), '/api/v1/alerts', isAlerts);
  process.stdout.write(flags.json === true ? `${JSON.stringify(reply)}\n` : alertsReport(reply));
}

/** The last alerts, the latest last, as one reads a log; then the sinks. */
export function alertsReport({ alerts, rules, sinks, counts }: AlertsReply): string {
  if (rules.length === 0) return 'There is no rule: set alerts.rules in the configuration.\n';
  const lines = [...alerts]
    .reverse()
    .map(
      ({ time, message }) =>
        `${new Date(time / 1000).toISOString().replace('T', ' ').slice(0, 23)}  ${plain(message)}`,
    );
  const rows = sinks.map(({ sink, delivered, undelivered, waiting, retries, lastError }) => [
    ...[sink, delivered, undelivered, waiting, retries].map(String),
    plain(lastError),
  ]);
  const right = ['delivered', 'undelivered', 'waiting', 'retries'].map((title) => ({ title, right: true }));
  const { told, cooled, grouped, untrusted, dropped } = counts;
  return [
    ...(lines.length === 0 ? ['No alert yet.'] : lines),
    '',
    ...textTable([{ title: 'sink' }, ...right, { title: 'last error' }], rows),
    '',
    `${told} told; not told: ${cooled} within a cooldown, ${grouped} as one of a venue, ${untrusted} of doubtful identity, ${dropped} for want of room`,
    '',
  ].join('\n');
}
