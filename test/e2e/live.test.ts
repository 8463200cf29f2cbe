import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import type { RoutesReply, VenuesReply } from '../../src/wire/api.ts';
import { collect, spawnProgram } from '../cli/run.ts';
import { startSimulatorProcess, until } from './simulated.ts';

async function get<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}/api/v1/${path}`)).json()) as T;
}

test('8 x 1,000 instruments are live within 30 s of start, within the venues’ limits', async () => {
  const simulator = await startSimulatorProcess(['--symbols', '1000', '--rate', '20000']);
  const from = performance.now();
  const child = spawnProgram(['start', '--port', '0', '--via', simulator.url, '--symbols', '1000']);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close') as Promise<[number | null]>;
  try {
    const [, url] = await out.match(/^spreadscope (\S+)\n/);
    const live = async (): Promise<number[]> => {
      const { venues } = await get<VenuesReply>(url as string, 'venues');
      return VENUE_IDS.map((id) => venues.find((row) => row.venue === id)?.subscriptions.live ?? 0);
    };
    const all = async (): Promise<boolean> => (await live()).every((count) => count === 1000);
    const left = 30_000 - (performance.now() - from);
    await until(all, left, '1,000 live on each').catch(async (error: unknown) => {
      throw new Error(`${String(error)}; live: ${(await live()).join()}`);
    });
    const { venues } = (await simulator.get('status')) as { venues: { violations: object }[] };
    assert.deepEqual(
      venues.map(({ violations }) => violations),
      VENUE_IDS.map(() => ({})),
    );
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], err.text());
  } finally {
    child.kill('SIGKILL');
    await simulator.stop();
  }
});

test('demo has eight live venues and routes that move within 60 s', async () => {
  const child = spawnProgram(['demo', '--port', '0']);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close') as Promise<[number | null]>;
  try {
    const [, url] = await out.match(/^spreadscope (\S+)\n/);
    const routes = (): Promise<RoutesReply> => get(url as string, 'routes?limit=50');
    const ready = async (): Promise<boolean> => {
      const { venues } = await get<VenuesReply>(url as string, 'venues');
      return venues.length === 8 && venues.every((row) => row.state === 'live') && (await routes()).total > 0;
    };
    await until(ready, 60_000, 'eight live venues with routes');
    const first = await routes();
    const nets = new Map(first.routes.map((row) => [row.id, row.netBps]));
    const moved = async (): Promise<boolean> =>
      (await routes()).routes.some((row) => nets.has(row.id) && nets.get(row.id) !== row.netBps);
    await until(moved, 10_000, 'a route whose net spread changed');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], err.text());
  } finally {
    child.kill('SIGKILL');
  }
});
