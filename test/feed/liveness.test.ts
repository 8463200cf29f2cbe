import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Liveness } from '../../src/feed/liveness.ts';
import { DEFAULT_TUNING } from '../../src/feed/tuning.ts';
import { FakeServer, send } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments } from './feed-rig.ts';

/** From the last byte to the verdict `dead`, in ms, on a connection that heard something every `gap` ms, `heard` times. */
function detection(gap: number, heard = 200): number {
  const liveness = new Liveness(DEFAULT_TUNING, 0);
  let now = 0;
  for (let i = 0; i < heard; i += 1) {
    now += gap;
    liveness.bytes(now);
  }
  const last = now;
  while (now - last < 60_000) {
    now += 25;
    const verdict = liveness.verdict(now);
    if (verdict === 'ask') liveness.asked(now);
    if (verdict === 'dead') return now - last;
  }
  return Number.POSITIVE_INFINITY;
}

test('a busy connection that is cut without a word is found out within 2 s, a quiet one within 10 s', () => {
  for (const gap of [1, 5, 20, 50, 100, 200])
    assert.ok(detection(gap) < 2_000, `${gap} ms: ${detection(gap)}`);
  for (const gap of [500, 1_000, 3_000, 10_000])
    assert.ok(detection(gap) < 10_000, `${gap} ms: ${detection(gap)}`);
});

test('a new connection is known to be busy after a score of chunks', () => {
  for (const gap of [1, 20, 100]) assert.ok(detection(gap, 20) < 2_000, `${gap} ms: ${detection(gap, 20)}`);
});

test('any byte answers a probe', () => {
  const liveness = new Liveness(DEFAULT_TUNING, 0);
  liveness.asked(5_000);
  liveness.bytes(5_100);
  assert.equal(liveness.verdict(6_400), 'fine');
});

test('a half-open connection ends its quotes and is dialled anew', async () => {
  const server = await FakeServer.start();
  const tuning = { probeFloorMs: 60, probeBusyMs: 80, probeReplyMs: 100, quietMs: 400, quietReplyMs: 300 };
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], { tuning });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  const ticking = setInterval(
    () => server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, performance.now()]),
    5,
  );
  await rig.until(() => rig.quotes.length > 50, 'busy');
  clearInterval(ticking);
  const peer = server.open[0];
  peer?.socket.pause();
  server.peers.length = 0;
  await rig.until(() => rig.quotes.at(-1)?.ended === true, 'quotes ended');
  assert.ok(rig.logs.some((line) => line.includes('half-open')));
  await rig.until(() => server.open.length === 1 && rig.status().subscriptions.silent === 1, 'back');
  peer?.socket.destroy();
  await rig.feed.stop();
  await server.stop();
});

test('a quiet connection that answers pings is left alone', async () => {
  const server = await FakeServer.start();
  const tuning = { probeFloorMs: 20, probeBusyMs: 20, probeReplyMs: 500, quietMs: 30, quietReplyMs: 500 };
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }], { tuning });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => (server.open[0]?.pings ?? 0) > 10, 'ten pings');
  assert.equal(rig.status().reconnects, 0);
  assert.equal(rig.status().connections.open, 1);
  await rig.feed.stop();
  await server.stop();
});

test('a connection without market data is stale first, then dialled anew; data makes it live again', async () => {
  const server = await FakeServer.start();
  const venue = fakeVenue({ keepAlive: { silenceMs: 150 } });
  const rig = new FeedRig([{ venue, url: server.url }]);
  rig.feed.setInstruments('okx', instruments(2));
  await rig.until(() => rig.status().subscriptions.silent === 2, 'acknowledged');
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  await rig.until(() => rig.status().state === 'live', 'live');
  await rig.until(() => rig.status().state === 'stale', 'stale');
  rig.drain();
  assert.deepEqual(
    rig.quotes.map((q) => [q.instrument, q.ended]),
    [
      [0, false],
      [0, true],
      [1, true],
    ],
  );
  assert.match(rig.status().reason, /no market data/);
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 2]);
  await rig.until(() => rig.status().state === 'live', 'live again');
  assert.equal(rig.status().reconnects, 0, 'on the same connection');
  await rig.until(() => rig.status().reconnects === 1, 'redialled after twice the silence');
  await rig.feed.stop();
  await server.stop();
});

test('a server’s pings are answered: protocol pings with their payload, the venue’s own with its text', async () => {
  const server = await FakeServer.start();
  const pongs: string[] = [];
  server.onPeer = (peer) => peer.ws.on('pong', (data) => pongs.push(data.toString()));
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }]);
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  const peer = server.open[0];
  assert.ok(peer !== undefined);
  peer.ws.ping('payload 1');
  send(peer, ['ping', 'pong it']);
  await rig.until(() => pongs.includes('payload 1') && peer.texts.includes('pong it'), 'both answered');
  await rig.feed.stop();
  await server.stop();
});

test('a venue that does not answer our own ping is left when no data comes either', async () => {
  const server = await FakeServer.start();
  const ping = { everyMs: 50, text: () => 'are you there', replyWithinMs: 100 };
  const rig = new FeedRig([{ venue: fakeVenue({ keepAlive: { ping } }), url: server.url }]);
  let answer = true;
  server.onText = (peer) => {
    if (answer) send(peer, ['pong']);
  };
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => (server.open[0]?.texts.length ?? 0) > 5, 'pings');
  assert.equal(rig.status().reconnects, 0);
  answer = false;
  await rig.until(() => rig.status().reconnects === 1, 'left');
  assert.ok(rig.logs.some((line) => line.includes('no answer to a ping')));
  await rig.feed.stop();
  await server.stop();
});

test('a venue that never greets is left; one that does is subscribed only then', async () => {
  const server = await FakeServer.start();
  const venue = fakeVenue({ dial: { awaitWelcome: true } });
  const rig = new FeedRig([{ venue, url: server.url }], { tuning: { welcomeTimeoutMs: 60 } });
  rig.feed.setInstruments('okx', instruments(1));
  await rig.until(() => rig.logs.some((line) => line.includes('never greeted')), 'left');
  assert.equal(server.peers[0]?.texts.length, 0);
  server.onPeer = (peer) => send(peer, ['welcome']);
  await rig.until(() => rig.status().subscriptions.silent === 1, 'acknowledged');
  await rig.feed.stop();
  await server.stop();
});
