/**
 * An hour at half load with clients that come and go: memory must have no trend, and files and gauges must be back where they were.
 *
 *   npm run bench -- soak                        60 minutes
 *   npm run bench -- soak --minutes 5 --rate 20000 --symbols 200 --churn 20 --out soak.json
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TrueQuote } from '../src/simulator/index.ts';
import { printTable } from './harness.ts';
import type { OverloadOptions } from './overload-options.ts';
import { track } from './overload-process.ts';
import { reconcile } from './overload-reconcile.ts';
import { Sampler } from './overload-sampler.ts';
import { type Rig, startRig } from './overload-target.ts';
import { sharedSymbols } from './overload-topics.ts';
import { loadAverage } from './proc.ts';
import { slopeOf } from './slope.ts';
import { grown, readGauges } from './soak-gauges.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50000' },
    symbols: { type: 'string', default: '1000' },
    churn: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});
/** MB an hour that the lower end of the slope's interval may have; the first part, in which heaps and caches grow up, does not count. */
const MOST_GROWTH = 1;
const GROW_UP_SHARE = 0.25;
const SETTLE_MS = 5_000;
/** A file of the journal or of Parquet more or less is work that goes on. */
const SLACK = { files: 12 };

const options: OverloadOptions = {
  ...{ target: 'spreadscope', rate: Number(values.rate), symbols: Number(values.symbols), clients: 64 },
  ...{ stalled: 0, slow: 0, seconds: Number(values.minutes) * 60, burst: undefined, storm: 0 },
  ...{ timeline: false, updatesPerSecond: 10, budgetMb: 512, flags: [], keep: undefined },
};

interface Churned {
  readonly opened: number;
  readonly closed: number;
  readonly messages: number;
}

/** Lets clients come and go for the whole time; answers how many when all have gone. */
async function churn(rig: Rig, symbols: readonly string[]): Promise<Churned> {
  const path = fileURLToPath(new URL('./soak-churn.js', import.meta.url));
  const url = `${rig.server.url.replace('http', 'ws')}/api/v1/stream`;
  const child = track(fork(path, [url, values.churn, ...symbols.slice(0, 50)]));
  await wait(options.seconds * 1000);
  assert.equal(rig.server.ended(), undefined, 'the server ended');
  child.send('stop');
  await once(child, 'message');
  await wait(SETTLE_MS);
  child.send('count');
  const [counts] = (await once(child, 'message')) as [Churned];
  child.disconnect();
  return counts;
}

async function soak(folder: string): Promise<boolean> {
  const rig = await startRig(options, folder);
  const { server, simulator } = rig;
  await wait(SETTLE_MS);
  const truth = (await (await fetch(`${simulator.url}/_sim/quotes`)).json()) as {
    readonly quotes: TrueQuote[];
  };
  const before = await readGauges(server.pid, server.url);
  const sampler = new Sampler({ pid: server.pid, url: server.url, simulatorUrl: simulator.url });
  const churned = await churn(rig, sharedSymbols(truth.quotes));
  await sampler.stop();
  const after = await readGauges(server.pid, server.url);
  await rig.fault({ venue: '*', kind: 'silent' });
  await wait(SETTLE_MS / 2);
  const stop = await server.stop();
  await simulator.stop();
  const ledger = await reconcile(rig.journal, rig.lake);
  const { samples } = sampler;
  const grownUp = samples.slice(Math.floor(samples.length * GROW_UP_SHARE));
  const hours = grownUp.map(({ time }) => (time - (grownUp[0]?.time ?? 0)) / 3_600_000);
  const trend = (pick: (sample: (typeof samples)[number]) => number) => slopeOf(hours, grownUp.map(pick));
  const [rss, files] = [trend(({ rss: bytes }) => bytes / 1e6), trend((sample) => sample.files)];
  const published = (samples.at(-1)?.published ?? 0) - (samples[0]?.published ?? 0);
  const open = grown(before, after, SLACK);
  const wrong = ledger.filter(
    (row) => row.sent !== row.recorded + row.lost || row.missing !== row.lost || row.foreign > 0,
  );
  const verdicts = [
    { what: `memory grows by no more than ${MOST_GROWTH} MB an hour`, held: rss.low <= MOST_GROWTH },
    { what: 'files do not grow', held: files.low <= 0 },
    { what: `gauges are back: ${open.join(', ') || 'all'}`, held: open.length === 0 },
    {
      what: 'all clients that came have gone',
      held: churned.opened === churned.closed && churned.messages > 0,
    },
    { what: 'sent = recorded + counted as lost', held: ledger.length > 0 && wrong.length === 0 },
    { what: `the stop: ${stop.how}`, held: stop.how === 'exit 0' },
  ];
  for (const { what, held } of verdicts) console.log(`  ${held ? 'held  ' : 'BROKEN'}  ${what}`);
  const range = ({ slope, low, high }: typeof rss): string =>
    `${slope.toFixed(2)} (95 % ${low.toFixed(2)} … ${high.toFixed(2)})`;
  printTable([
    ['minutes', values.minutes],
    ['messages a second', `${(published / options.seconds).toFixed(0)} of ${options.rate}`],
    ['clients that came and went', `${churned.opened}, ${churned.messages} messages`],
    [
      'RSS at most, at the end',
      `${(Math.max(...samples.map((s) => s.rss)) / 1e6).toFixed(0)} MB, ${((samples.at(-1)?.rss ?? 0) / 1e6).toFixed(0)} MB`,
    ],
    ['RSS, MB an hour', range(rss)],
    ['files an hour', range(files)],
    ['rows lost', `${ledger.reduce((sum, row) => sum + row.lost, 0)}`],
    ['load average', `${loadAverage()}`],
  ]);
  if (values.out !== undefined) {
    const report = { options, verdicts, before, after, churned, rss, files, samples, ledger };
    writeFileSync(values.out, JSON.stringify(report, undefined, 1));
  }
  return verdicts.every(({ held }) => held);
}

const folder = await mkdtemp(join(tmpdir(), 'spreadscope-soak-'));
let held = false;
try {
  held = await soak(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(held ? 0 : 1);
