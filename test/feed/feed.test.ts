import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments } from './feed-rig.ts';

for (const transport of ['raw', 'ws'] as const) {
  test(`quotes and trades of every instrument arrive once, over ${transport}`, async () => {
    const server = await FakeServer.start();
    const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], { transport });
    rig.feed.setInstruments('okx', instruments(10));
    await rig.until(() => rig.status().subscriptions.silent === 10, 'all acknowledged');
    assert.equal(server.open.length, 3);
    for (let i = 0; i < 10; i += 1) {
      server.publish(`quote:C${i}-USDT`, ['q', `C${i}-USDT`, 100 + i, 101 + i, 7]);
      server.publish(`trade:C${i}-USDT`, ['t', `C${i}-USDT`, 100 + i, 2, `id${i}`]);
    }
    await rig.until(() => rig.quotes.length === 10 && rig.trades.length === 10, 'ten of each');
    const bids = rig.quotes
      .map((q) => [q.instrument, q.bid])
      .sort((a, b) => (a[0] as number) - (b[0] as number));
    assert.deepEqual(
      bids,
      Array.from({ length: 10 }, (_, i) => [i, 100 + i]),
    );
    assert.deepEqual(
      rig.trades.map((t) => t.id).sort(),
      Array.from({ length: 10 }, (_, i) => `id${i}`),
    );
    const status = rig.status();
    assert.equal(status.state, 'live');
    assert.deepEqual(status.subscriptions, { pending: 0, silent: 0, live: 10, refused: 0 });
    assert.deepEqual(status.connections, { open: 3, wanted: 3 });
    for (const quote of rig.quotes) assert.ok(Math.abs(quote.receiveTime / 1000 - Date.now()) < 5000);
    await rig.feed.stop();
    rig.drain();
    assert.equal(rig.quotes.filter((q) => q.ended).length, 10);
    await server.stop();
  });
}

test('an instrument that is a multiple of its coin tells prices and sizes per coin', async (t) => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }]);
  t.after(async () => {
    await rig.feed.stop();
    await server.stop();
  });
  rig.feed.setInstruments(
    'okx',
    instruments(2).map((one, i) => (i === 0 ? { ...one, units: 1000 } : one)),
  );
  await rig.until(() => rig.status().subscriptions.silent === 2, 'all acknowledged');
  for (let i = 0; i < 2; i += 1) {
    server.publish(`quote:C${i}-USDT`, ['q', `C${i}-USDT`, 100, 101, 7]);
    server.publish(`trade:C${i}-USDT`, ['t', `C${i}-USDT`, 100, 2, `id${i}`]);
  }
  await rig.until(() => rig.quotes.length === 2 && rig.trades.length === 2, 'two of each');
  const sizes = (rows: readonly { readonly instrument: number; readonly size: number }[]) =>
    rows.map(({ instrument, size }) => [instrument, size]).sort();
  assert.deepEqual(rig.quotes.map(({ instrument, bid }) => [instrument, bid]).sort(), [
    [0, 0.1],
    [1, 100],
  ]);
  assert.deepEqual(rig.trades.map(({ instrument, price }) => [instrument, price]).sort(), [
    [0, 0.1],
    [1, 100],
  ]);
  const [[, quoteSize = 0] = [], [, plainSize = 0] = []] = sizes(rig.quotes);
  assert.ok(plainSize > 0);
  assert.equal(quoteSize, plainSize * 1000);
  assert.deepEqual(sizes(rig.trades), [
    [0, 2000],
    [1, 2],
  ]);
});
