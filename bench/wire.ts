/**
 * Messages per second from a loopback socket to normalized quotes on one core: spreadscope's feed, tardis-dev, ccxt pro, and a bare `ws` reader that does nothing. A generator on the
 * other core sends each the same Binance messages as fast as it takes them.
 *
 *   npm run bench -- wire
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { coins, makeFrames } from './frames.ts';
import { median, perSecond, printTable } from './harness.ts';

const MESSAGES = 20_000;
const SYMBOLS = 100;
const ROUNDS = 3;
/** Cycles of all messages per run: about one second's worth each. */
const CLIENTS = {
  spreadscope: 120,
  'ws, doing nothing': 100,
  'spreadscope over ws': 50,
  'tardis-dev': 12,
  'ccxt pro': 4,
};

interface Run {
  readonly rate: number;
  readonly cpuPerMessage: number;
  readonly sum: number;
}

const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** Starts a module of the benchmark on one core. */
function start(module: string, core: number, args: readonly (string | number)[]): ChildProcess {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, args.map(String));
  if (pinned) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(child.pid)]);
  return child;
}

const generator = start('./generator.js', 1, ['all', MESSAGES, SYMBOLS]);
const [{ port }] = (await once(generator, 'message')) as [{ port: number }];
const expected = makeFrames('binance', MESSAGES, coins(SYMBOLS)).sum;
const runs = new Map<string, Run[]>();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, cycles] of Object.entries(CLIENTS)) {
    const client = start('./wire-client.js', 0, [name, port, MESSAGES, SYMBOLS, cycles]);
    const [run] = (await once(client, 'message')) as [Run];
    if (client.exitCode === null) await once(client, 'exit');
    if (!name.startsWith('ws'))
      assert.ok(Math.abs(run.sum - expected) < expected * 1e-9, `${name} read ${run.sum}, not ${expected}`);
    runs.set(name, [...(runs.get(name) ?? []), run]);
  }
}
generator.disconnect();

const rateOf = (name: string): number => median((runs.get(name) ?? []).map((run) => run.rate));
const own = rateOf('spreadscope');
printTable([
  ['client', 'messages/s', 'CPU a message', 'spreadscope is'],
  ...[...runs].map(([name, all]) => [
    name,
    perSecond(rateOf(name)),
    `${median(all.map((run) => run.cpuPerMessage)).toFixed(0)} ns`,
    `${(own / rateOf(name)).toFixed(2)} ×`,
  ]),
]);
if (!pinned) console.log('taskset is missing: the processes were not pinned to cores');
