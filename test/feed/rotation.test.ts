import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer, send } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments } from './feed-rig.ts';

for (const transport of ['raw', 'ws'] as const) {
  test(`planned replacement loses no quote and no trade and tells none twice, over ${transport}`, async () => {
    const server = await FakeServer.start();
    const venue = fakeVenue({ limits: { lifetimeMs: 250 } });
    const rig = new FeedRig([{ venue, url: server.url }], {
      transport,
      tuning: { handOverMs: 300, lingerMs: 100 },
    });
    rig.feed.setInstruments('okx', instruments(3));
    await rig.until(() => rig.status().subscriptions.silent === 3, 'acknowledged');
    let sequence = 0;
    // Each connection hears the same stream, one of them later than the other.
    const ticking = setInterval(() => {
      sequence += 1;
      for (const peer of server.open) {
        const late = server.peers.indexOf(peer) % 2 === 0 ? 0 : 7;
        const now = sequence;
        setTimeout(() => {
          if (peer.topics.size < 6) return;
          for (const i of [0, 1]) {
            send(peer, ['q', `C${i}-USDT`, now, now + 1, now]);
            send(peer, ['t', `C${i}-USDT`, now, 1, `${i}-${now}`]);
          }
        }, late);
      }
    }, 2);
    await rig.until(() => server.peers.length >= 5 && rig.status().reconnects === 0, 'four rotations');
    clearInterval(ticking);
    const end = sequence;
    await rig.until(
      () => rig.quotes.filter((q) => q.instrument === 0).at(-1)?.sequence === end,
      'the last one',
    );
    for (const i of [0, 1]) {
      const quotes = rig.quotes.filter((q) => q.instrument === i);
      const first = quotes[0]?.sequence as number;
      assert.deepEqual(
        quotes.map((q) => q.sequence),
        Array.from({ length: end - first + 1 }, (_, k) => first + k),
      );
      assert.ok(new Set(quotes.map((q) => q.epoch)).size >= 4, 'several epochs spoke');
      const trades = rig.trades.filter((t) => t.instrument === i).map((t) => t.id);
      assert.equal(new Set(trades).size, trades.length, 'no trade twice');
      const from = Number(trades[0]?.split('-')[1]);
      assert.equal(trades.length, end - from + 1, 'no trade missing');
    }
    // The third instrument stayed silent all along: its ownership moved, nothing was ended.
    assert.equal(rig.quotes.filter((q) => q.ended).length, 0);
    await rig.feed.stop();
    await server.stop();
  });
}

test('when the venue says goodbye, a successor comes up before the old connection goes', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
    tuning: { handOverMs: 50, lingerMs: 20 },
  });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  await rig.until(() => rig.quotes.length === 1, 'a quote');
  const old = server.open[0];
  assert.ok(old !== undefined);
  let openWhenOldWent = 0;
  old.ws.on('close', () => {
    openWhenOldWent = server.open.length;
  });
  send(old, ['bye']);
  await rig.until(() => old.ws.readyState === old.ws.CLOSED && server.open.length === 1, 'handed over');
  assert.equal(openWhenOldWent, 1);
  rig.drain();
  assert.equal(rig.quotes.filter((q) => q.ended).length, 0);
  // What the successor owns now is ended with it.
  server.open[0]?.socket.destroy();
  await rig.until(() => rig.quotes.some((q) => q.ended), 'ended');
  await rig.feed.stop();
  await server.stop();
});

test('if the old connection dies before its successor has spoken, quotes end and the successor carries on', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
    tuning: { handOverMs: 5_000, lingerMs: 20 },
  });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  await rig.until(() => rig.quotes.length === 1, 'a quote');
  const old = server.open[0];
  assert.ok(old !== undefined);
  send(old, ['bye']);
  await rig.until(() => server.open.length === 2 && server.open[1]?.topics.size === 2, 'both open');
  old.socket.destroy();
  await rig.until(() => rig.quotes.at(-1)?.ended === true, 'ended');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 2]);
  await rig.until(() => rig.quotes.at(-1)?.ended === false, 'the successor speaks');
  assert.equal(server.dials.length, 2, 'no third dial');
  await rig.feed.stop();
  await server.stop();
});

test('a successor that fails leaves the old connection at work and is tried again', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
    tuning: { handOverMs: 20, lingerMs: 20 },
  });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  const old = server.open[0];
  assert.ok(old !== undefined);
  server.refuseWith = 500;
  send(old, ['bye']);
  await rig.until(() => server.dials.length >= 3, 'refused twice');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  await rig.until(() => rig.quotes.length === 1, 'the old one still speaks');
  server.refuseWith = undefined;
  await rig.until(() => old.ws.readyState === old.ws.CLOSED && server.open.length === 1, 'handed over');
  assert.equal(rig.quotes.filter((q) => q.ended).length, 0);
  await rig.feed.stop();
  await server.stop();
});

test('a successor that fails after it has taken over gives the instruments back', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], {
    tuning: { handOverMs: 10, lingerMs: 60_000 },
  });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  const old = server.open[0];
  assert.ok(old !== undefined);
  // Before anything was told the successor may be the first to speak, and then the older one never does.
  let sequence = 1;
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, sequence]);
  await rig.until(() => rig.quotes.length === 1, 'the older one speaks');
  send(old, ['bye']);
  await rig.until(() => server.open[1]?.topics.size === 2, 'the successor is subscribed');
  await rig.until(() => {
    sequence += 1;
    server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, sequence]);
    return new Set(rig.quotes.map((q) => q.epoch)).size === 2;
  }, 'the successor speaks');
  server.refuseWith = 500;
  server.open[1]?.socket.destroy();
  await rig.until(() => rig.quotes.at(-1)?.ended === true, 'its quotes ended');
  send(old, ['q', 'C0-USDT', 5, 6, sequence + 1]);
  await rig.until(() => rig.quotes.at(-1)?.bid === 5, 'the older one speaks again');
  await rig.feed.stop();
  await server.stop();
});
