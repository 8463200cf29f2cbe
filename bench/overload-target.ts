import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OverloadOptions } from './overload-options.ts';
import { type Program, startNode, startProgram } from './overload-process.ts';
import { getJson } from './overload-sampler.ts';

const SUBSCRIBED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 500;
/** Looks without a change after which all subscriptions count as made. */
const STILL = 4;
const MARGIN_CLIENTS = 64;
/** What is declared for outboxes together stays within the default budget, however many clients there are. */
const ALL_OUTBOXES = 16 * 2 ** 20;
/** What the configuration allows at least. */
const LEAST_OUTBOX = 16_384;
const LARGEST_OUTBOX = 128 * 2 ** 10;

export interface Rig {
  readonly simulator: Program;
  readonly server: Program;
  readonly journal: string;
  readonly lake: string;
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Starts the venues and what watches them, each in a process of its own; resolves when every topic is subscribed. */
export async function startRig(options: OverloadOptions, folder: string): Promise<Rig> {
  const [journal, lake] = [join(folder, 'journal.ndjson'), join(folder, 'lake')];
  const { rate, symbols } = options;
  const simulator = await startProgram(
    ['sim', '--port', '0', '--symbols', `${symbols}`, '--rate', `${rate}`, '--journal', journal],
    /^simulator (\S+)/,
    folder,
  );
  const server =
    options.target === 'naive'
      ? await startNaive(options, simulator.url, folder)
      : await startSpreadscope(options, simulator.url, lake, folder);
  await subscribed(simulator.url, server);
  return {
    simulator,
    server,
    journal,
    lake,
    fault: async (fault) => {
      const reply = await fetch(`${simulator.url}/_sim/fault`, {
        method: 'POST',
        body: JSON.stringify(fault),
      });
      if (!reply.ok) throw new Error(`fault ${JSON.stringify(fault)}: ${await reply.text()}`);
    },
  };
}

function startSpreadscope(
  options: OverloadOptions,
  via: string,
  lake: string,
  folder: string,
): Promise<Program> {
  const { symbols, clients, storm, updatesPerSecond, budgetMb, flags } = options;
  const most = clients + storm + MARGIN_CLIENTS;
  const outbox = Math.max(LEAST_OUTBOX, Math.min(LARGEST_OUTBOX, Math.floor(ALL_OUTBOXES / most)));
  return startProgram(
    [
      ...['start', '--json', '--via', via, '--port', '0', '--lake', lake, '--symbols', `${symbols}`],
      ...['--budget', `${budgetMb}MB`, '--set', `limits.clients=${most}`],
      ...['--set', `stream.outboxBytes=${outbox}`],
      ...['--set', `stream.updatesPerSecond=${updatesPerSecond}`, ...flags],
    ],
    /spreadscope is running.*"url":"([^"]+)"/,
    folder,
  );
}

/** The rival gets the same budget as the most heap that it may have; it keeps all of its data there. */
function startNaive(options: OverloadOptions, via: string, folder: string): Promise<Program> {
  const path = fileURLToPath(new URL('./alternatives/naive.js', import.meta.url));
  const args = ['--via', via, '--folder', join(folder, 'lake'), '--symbols', `${options.symbols}`];
  const every = `${Math.round(1000 / options.updatesPerSecond)}`;
  return startNode(
    [`--max-old-space-size=${options.budgetMb}`, path, ...args, '--every', every],
    /^naive (\S+)/,
    folder,
  );
}

/** Waits until the number of subscribed topics does not grow any more. */
export async function subscribed(simulatorUrl: string, server: Program): Promise<void> {
  const deadline = performance.now() + SUBSCRIBED_WITHIN_MS;
  let before = 0;
  let still = 0;
  while (still < STILL) {
    if (server.ended() !== undefined) throw new Error(`the server ended: ${server.ended()}`);
    if (performance.now() > deadline) throw new Error('the venues are not subscribed in time');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const status = (await getJson(`${simulatorUrl}/_sim/status`)) as
      | { readonly active: { readonly quotes: number; readonly trades: number } }
      | undefined;
    const active = (status?.active.quotes ?? 0) + (status?.active.trades ?? 0);
    still = active > 0 && active === before ? still + 1 : 0;
    before = active;
  }
}
