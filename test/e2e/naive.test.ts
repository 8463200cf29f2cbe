import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { RoutesReply } from '../../src/wire/api.ts';
import { collect, spawnProgram } from '../cli/run.ts';
import { temporaryFolder } from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const SYMBOLS = 12;
const NAIVE = join(import.meta.dirname, '../../bench/alternatives/naive.js');

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
}

async function routes(url: string): Promise<Map<string, number>> {
  const reply = await fetch(`${url}/api/v1/routes?limit=1000&sort=net`);
  const { routes: rows } = (await reply.json()) as RoutesReply;
  return new Map(rows.map(({ id, netBps }) => [id, netBps]));
}

test('the naive rival is right at low load: it shows the same routes with the same spreads as spreadscope', async () => {
  const folder = await temporaryFolder();
  const simulator = await startSimulatorProcess(['--symbols', `${SYMBOLS}`, '--rate', '500']);
  const words = ['--via', simulator.url, '--symbols', `${SYMBOLS}`];
  const ours = spawnProgram(['start', ...words, '--port', '0', '--no-record']);
  const naive = spawn(process.execPath, [NAIVE, ...words, '--folder', folder.path]);
  try {
    const [[, url = ''], [, rival = '']] = await Promise.all([
      collect(ours.stdout).match(/^spreadscope (\S+)\n/),
      collect(naive.stdout).match(/^naive (\S+)\n/),
    ]);
    const full = async (): Promise<boolean> => {
      const [a, b] = [await routes(url), await routes(rival)];
      return a.size > SYMBOLS * 20 && a.size === b.size;
    };
    await until(full, 40_000, 'every route on both');
    await simulator.fault({ venue: '*', kind: 'silent' });
    // What is on its way arrives; a venue that is silent counts as cut only much later.
    await wait(1_000);
    const [expected, got] = [await routes(url), await routes(rival)];
    assert.deepEqual([...got.keys()].sort(), [...expected.keys()].sort());
    for (const [id, net] of expected) {
      assert.ok(
        Math.abs((got.get(id) ?? Number.NaN) - net) < 1e-6,
        `${id}: ${net}, the rival ${got.get(id)}`,
      );
    }
  } finally {
    await Promise.all([ended(naive), ended(ours)]);
    await simulator.stop();
    await folder.remove();
  }
});
