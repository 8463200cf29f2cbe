import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TrueQuote } from '../src/simulator/index.ts';
import type { OverloadOptions } from './overload-options.ts';
import { track } from './overload-process.ts';
import { type LedgerRow, reconcile } from './overload-reconcile.ts';
import { type Sample, Sampler } from './overload-sampler.ts';
import { type Rig, startRig } from './overload-target.ts';
import { sharedSymbols } from './overload-topics.ts';
import { type Gauges, readGauges } from './soak-gauges.ts';

const SETTLE_MS = 5_000;
/** Symbols that the visitors look at. */
const LOOKED_AT = 50;

export interface SoakResult {
  readonly options: OverloadOptions;
  readonly before: Gauges;
  /** When all visitors have gone. */
  readonly after: Gauges;
  readonly churned: { readonly opened: number; readonly closed: number; readonly messages: number };
  readonly samples: readonly Sample[];
  readonly ledger: readonly LedgerRow[];
  readonly stop: { readonly ms: number; readonly how: string };
}

/** Runs the program for as long as the options say while `visits` clients a second come and leave. */
export async function runSoak(options: OverloadOptions, visits: number, folder: string): Promise<SoakResult> {
  const rig = await startRig(options, folder);
  const { server, simulator } = rig;
  await wait(SETTLE_MS);
  const reply = await fetch(`${simulator.url}/_sim/quotes`);
  const { quotes } = (await reply.json()) as { readonly quotes: TrueQuote[] };
  const before = await readGauges(server.pid, server.url);
  const sampler = new Sampler({ pid: server.pid, url: server.url, simulatorUrl: simulator.url });
  const churned = await churn(rig, options.seconds, [
    `${visits}`,
    ...sharedSymbols(quotes).slice(0, LOOKED_AT),
  ]);
  await sampler.stop();
  const after = await readGauges(server.pid, server.url);
  await rig.fault({ venue: '*', kind: 'silent' });
  await wait(SETTLE_MS / 2);
  const stop = await server.stop();
  await simulator.stop();
  const ledger = await reconcile(rig.journal, rig.lake);
  return { options, before, after, churned, samples: sampler.samples, ledger, stop };
}

/** Lets clients come and go for the whole time; answers how many when all have gone. */
async function churn(
  { server }: Rig,
  seconds: number,
  args: readonly string[],
): Promise<SoakResult['churned']> {
  const path = fileURLToPath(new URL('./soak-churn.js', import.meta.url));
  const child = track(fork(path, [`${server.url.replace('http', 'ws')}/api/v1/stream`, ...args]));
  await wait(seconds * 1000);
  assert.equal(server.ended(), undefined, 'the server ended');
  child.send('stop');
  await once(child, 'message');
  await wait(SETTLE_MS);
  child.send('count');
  const [counts] = (await once(child, 'message')) as [SoakResult['churned']];
  child.disconnect();
  return counts;
}
