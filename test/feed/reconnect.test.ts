import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FakeServer } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments, until } from './feed-rig.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

test('a cut connection’s quotes are ended at once, in order, and a new epoch brings the next', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }]);
  rig.feed.setInstruments('okx', instruments(2));
  await rig.until(() => rig.status().subscriptions.silent === 2, 'acknowledged');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 100, 101, 1]);
  await rig.until(() => rig.quotes.length === 1, 'a quote');
  server.open[0]?.socket.destroy();
  await rig.until(() => server.open.length === 1 && rig.status().subscriptions.silent === 2, 'back');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 102, 103, 2]);
  await rig.until(() => rig.quotes.length === 4, 'the next quote');
  const first = rig.quotes[0]?.epoch as number;
  assert.deepEqual(
    rig.quotes.map((q) => [q.instrument, q.ended, q.epoch > first]),
    [
      [0, false, false],
      [0, true, false],
      [1, true, false],
      [0, false, true],
    ],
  );
  assert.equal(rig.status().reconnects, 1);
  await rig.feed.stop();
  await server.stop();
});

test('a venue that refuses every dial is down with its reason, is tried ever more rarely, and comes back by itself', async () => {
  const server = await FakeServer.start();
  server.refuseWith = 503;
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
    random: () => 0.999,
    tuning: { backoffBaseMs: 20, backoffCapMs: 160 },
  });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => server.dials.length === 7, 'seven dials');
  const gaps = server.dials.slice(1).map((at, i) => at - (server.dials[i] as number));
  // The wait is random × min(cap, base × 2^failures); nothing may come sooner.
  [20, 40, 80, 160, 160, 160].forEach((least, i) => {
    assert.ok((gaps[i] as number) > least * 0.95, `gap ${i}: ${gaps[i]} ms, at least ${least}`);
  });
  assert.equal(rig.status().state, 'down');
  assert.match(rig.status().reason, /HTTP 503/);
  server.refuseWith = undefined;
  await rig.until(() => rig.status().subscriptions.silent === 1, 'back');
  assert.notEqual(rig.status().state, 'down');
  await rig.feed.stop();
  await server.stop();
});

test('a venue’s dial limit holds across reconnects', async () => {
  const server = await FakeServer.start();
  server.onPeer = (peer) => peer.socket.destroy();
  const venue = fakeVenue({ limits: { dials: { count: 5, perMs: 300 }, symbolsPerConnection: 1 } });
  const rig = new FeedRig([{ venue, url: server.url }], { tuning: { backoffBaseMs: 1, backoffCapMs: 1 } });
  rig.feed.setInstruments('okx', instruments(20));
  await rig.until(() => server.dials.length >= 25, '25 dials');
  // The server sees them with delays of its own, which shorten single spans but do not add up: without the limit all would come within some ms.
  for (let i = 5; i < 25; i += 1) {
    const span = (server.dials[i] as number) - (server.dials[i - 5] as number);
    assert.ok(span > 150, `six dials within ${span} ms`);
  }
  const all = (server.dials[24] as number) - (server.dials[0] as number);
  assert.ok(all > 4 * 300 - 150, `25 dials within ${all} ms`);
  await rig.feed.stop();
  await server.stop();
});

test('one venue’s failure does not touch another', async () => {
  const bad = await FakeServer.start();
  const good = await FakeServer.start();
  const throwing = {
    ...fakeVenue({ id: 'gate' }),
    subscribe: () => {
      throw new Error('a venue at fault');
    },
  };
  const rig = new FeedRig([
    { venue: fakeVenue({ id: 'okx' }), url: good.url },
    { venue: throwing, url: bad.url },
    { venue: fakeVenue({ id: 'bybit' }), url: bad.url },
  ]);
  rig.feed.setInstruments('okx', instruments(1));
  rig.feed.setInstruments('gate', instruments(1, 10, 'gate'));
  rig.feed.setInstruments('bybit', instruments(1, 20, 'bybit'));
  await rig.until(
    () => rig.feed.status().every((s) => s.venue === 'gate' || s.subscriptions.silent === 1),
    'two up',
  );
  bad.publish('quote:C20-USDT', ['throw']);
  good.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  await rig.until(() => rig.status('okx').state === 'live', 'okx live');
  await rig.until(() => rig.status('bybit').reconnects === 1, 'bybit redialled');
  assert.ok(rig.logs.some((line) => line.includes('a decoder at fault')));
  assert.ok(rig.logs.some((line) => line.includes('a venue at fault')));
  assert.equal(rig.status('gate').state, 'down');
  assert.match(rig.status('gate').reason, /a venue at fault/);
  assert.equal(rig.status('okx').reconnects, 0);
  await rig.feed.stop();
  await bad.stop();
  await good.stop();
});

for (const transport of ['raw', 'ws'] as const) {
  test(`200 forced reconnects leave timers, sockets, owners and heap as they were, over ${transport}`, async () => {
    const server = await FakeServer.start();
    const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
      transport,
      tuning: { backoffBaseMs: 1, backoffCapMs: 1 },
    });
    rig.feed.setInstruments('okx', instruments(4));
    const settled = (): boolean => server.open.length === 1 && rig.status().subscriptions.silent === 4;
    await rig.until(settled, 'up');
    const reconnect = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) {
        const peer = server.open[0];
        server.peers.length = 0;
        peer?.socket.destroy();
        await rig.until(settled, `reconnect ${i}`);
        rig.quotes.length = 0;
        rig.logs.length = 0;
        server.dials.length = 0;
      }
    };
    const measure = async (): Promise<{ heap: number; resources: string }> => {
      await until(() => resourceNames().length === before.length, 'closed sockets to be gone').catch(
        (e: unknown) => {
          throw new Error(`${String(e)}: ${resourceNames().join()} against ${before.join()}`);
        },
      );
      gc();
      return { heap: process.memoryUsage().heapUsed, resources: resourceNames().join() };
    };
    // Too many listeners on one thing are a warning.
    const warnings: string[] = [];
    const warn = (warning: Error): number => warnings.push(warning.message);
    process.on('warning', warn);
    const before = resourceNames();
    await reconnect(30);
    const start = await measure();
    await reconnect(200);
    const end = await measure();
    assert.equal(end.resources, start.resources);
    assert.ok(end.heap - start.heap < 500_000, `the heap grew by ${end.heap - start.heap} bytes`);
    assert.deepEqual(warnings, []);
    process.off('warning', warn);
    const status = rig.status();
    assert.equal(status.instruments, 4);
    assert.equal(status.reconnects, 230);
    assert.equal(status.epoch, 231);
    server.publish('quote:C3-USDT', ['q', 'C3-USDT', 1, 2, 1]);
    await rig.until(() => rig.quotes.length === 1, 'a quote of the last epoch');
    assert.equal(rig.quotes[0]?.epoch, 231);
    await rig.feed.stop();
    await server.stop();
  });
}

function resourceNames(): string[] {
  return process.getActiveResourcesInfo().sort();
}
