import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Subscriptions } from '../../src/feed/subscriptions.ts';
import { FakeServer, send } from './fake-server.ts';
import { fakeVenue } from './fake-venue.ts';
import { FeedRig, instruments } from './feed-rig.ts';

function subscriptions(count: number, topicsPerMessage = 100): Subscriptions {
  const made = new Subscriptions(fakeVenue({ topicsPerMessage }), ['quote', 'trade'], () => 0);
  made.add(instruments(count));
  return made;
}

/** Sends all that is to be sent; answers the topics of each message. */
function sendAll(made: Subscriptions, nowMs = 0): { id: string; topics: string[] }[] {
  const messages = [];
  for (let text = made.next(); text !== undefined; text = made.next()) {
    messages.push(JSON.parse(text) as { id: string; topics: string[] });
    made.sent(nowMs);
  }
  return messages;
}

const refusal = (requestId: string | undefined, topicKeys: string[], voidsRequest: boolean) =>
  ({ type: 'refusal', requestId, topicKeys, voidsRequest, reason: 'no such symbol' }) as const;

test('an acknowledgement by request accepts its topics, one by topic accepts that one', () => {
  const made = subscriptions(2, 2);
  const [first] = sendAll(made);
  assert.equal(made.stateOf(0).state, 'pending');
  made.accepted({ type: 'ack', requestId: first?.id, topicKey: undefined });
  assert.equal(made.stateOf(0).state, 'accepted');
  assert.equal(made.settled, false);
  made.accepted({ type: 'ack', requestId: undefined, topicKey: 'trade:C0-USDT' });
  made.accepted({ type: 'ack', requestId: undefined, topicKey: 'trade:C1-USDT' });
  assert.equal(made.settled, true);
});

test('a refusal that voids its request has the others asked for again, without the named topic', () => {
  const made = subscriptions(3);
  const [first] = sendAll(made);
  assert.ok(made.refused(refusal(first?.id, ['quote:C1-USDT'], true), 0));
  assert.equal(made.stateOf(1).state, 'refused');
  assert.equal(made.stateOf(1).reason, 'no such symbol');
  const again = sendAll(made).flatMap((m) => m.topics);
  assert.deepEqual(again.sort(), [
    'quote:C0-USDT',
    'quote:C2-USDT',
    'trade:C0-USDT',
    'trade:C1-USDT',
    'trade:C2-USDT',
  ]);
});

test('a refusal that does not void its request leaves the others pending', () => {
  const made = subscriptions(2);
  const [first] = sendAll(made);
  made.refused(refusal(undefined, ['quote:C1-USDT'], false), 0);
  assert.equal(made.next(), undefined);
  assert.equal(made.stateOf(0).state, 'pending');
  made.accepted({ type: 'ack', requestId: first?.id, topicKey: undefined });
  assert.equal(made.stateOf(0).state, 'accepted');
  assert.equal(made.stateOf(1).state, 'refused');
});

test('a refusal that names nobody is narrowed down to the one topic at fault', () => {
  const made = subscriptions(16);
  for (let round = 0; round < 20 && !made.settled; round += 1) {
    for (const message of sendAll(made)) {
      if (message.topics.includes('quote:C11-USDT')) made.refused(refusal(message.id, [], true), 0);
      else made.accepted({ type: 'ack', requestId: message.id, topicKey: undefined });
    }
  }
  assert.equal(made.settled, true);
  for (let i = 0; i < 16; i += 1) assert.equal(made.stateOf(i).state, i === 11 ? 'refused' : 'accepted');
});

test('what gets no answer is asked for again, then given up; what is heard counts as accepted', () => {
  const made = subscriptions(2);
  sendAll(made, 0);
  const heard = (instrument: number): boolean => instrument === 0;
  made.expire(99, 100, 2, heard);
  assert.equal(made.next(), undefined);
  made.expire(100, 100, 2, heard);
  assert.equal(made.stateOf(0).state, 'accepted');
  assert.deepEqual(
    sendAll(made, 100).flatMap((m) => m.topics),
    ['quote:C1-USDT', 'trade:C1-USDT'],
  );
  made.expire(200, 100, 2, heard);
  assert.equal(made.stateOf(1).state, 'refused');
  assert.equal(made.settled, true);
});

test('a refused topic is asked for again later, ever more rarely', () => {
  const made = subscriptions(1);
  const asked: number[] = [];
  for (let now = 0; now < 3_000_000; now += 1_000) {
    made.expire(now, 1e9, 3, () => false);
    for (const message of sendAll(made, now)) {
      if (message.topics.includes('quote:C0-USDT')) asked.push(now);
      made.refused(refusal(message.id, message.topics, false), now);
    }
  }
  assert.deepEqual(asked, [0, 15_000, 75_000, 315_000, 1_275_000]);
});

test('a venue’s refusal of one symbol leaves the rest of its batch live, and the status says which and why', async () => {
  const server = await FakeServer.start();
  server.onSubscribe = (peer, message) => {
    const bad = message.topics.filter((topic) => topic.endsWith(':C2-USDT'));
    if (bad.length > 0) send(peer, ['refuse', message.id, bad, true, 'Invalid symbol']);
    else {
      for (const topic of message.topics) peer.topics.add(topic);
      send(peer, ['ack', message.id]);
    }
  };
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }]);
  rig.feed.setInstruments('okx', instruments(4));
  await rig.until(
    () => rig.status().subscriptions.refused === 1 && rig.status().subscriptions.silent === 3,
    'settled',
  );
  assert.deepEqual(rig.status().refused, [{ symbol: 'C2-USDT', reason: 'Invalid symbol' }]);
  assert.deepEqual([...rig.status().silent].sort(), ['C0-USDT', 'C1-USDT', 'C3-USDT']);
  await rig.feed.stop();
  await server.stop();
});

test('new instruments join a live connection, vanished ones end and are not heard any more', async () => {
  const server = await FakeServer.start();
  const rig = new FeedRig([{ venue: fakeVenue(), url: server.url }]);
  rig.feed.setInstruments('okx', instruments(2));
  await rig.until(() => rig.status().subscriptions.silent === 2, 'two');
  rig.feed.setInstruments('okx', instruments(6, 1));
  await rig.until(() => rig.status().subscriptions.silent === 6, 'six');
  assert.equal(server.open.length, 2, 'the first connection’s free places were used');
  rig.drain();
  assert.deepEqual(
    rig.quotes.map((q) => [q.instrument, q.ended]),
    [[0, true]],
  );
  server.publish('quote:C0-USDT', ['q', 'C0-USDT', 1, 2, 1]);
  server.publish('quote:C6-USDT', ['q', 'C6-USDT', 1, 2, 1]);
  await rig.until(() => rig.status().foreignRecords === 1 && rig.quotes.length === 2, 'one heard, one not');
  assert.equal(rig.quotes.at(-1)?.instrument, 6);
  rig.feed.setInstruments('okx', []);
  await rig.until(() => server.open.length === 0, 'all closed');
  assert.equal(rig.status().instruments, 0);
  await rig.feed.stop();
  await server.stop();
});

test('messages stay within the venue’s limit', async () => {
  const server = await FakeServer.start();
  const times: number[] = [];
  const accept = server.onSubscribe;
  server.onSubscribe = (peer, message) => {
    times.push(performance.now());
    accept(peer, message);
  };
  const venue = fakeVenue({
    topicsPerMessage: 1,
    limits: { symbolsPerConnection: 20, messages: { count: 5, perMs: 200 } },
  });
  const rig = new FeedRig([{ venue, url: server.url }]);
  rig.feed.setInstruments('okx', instruments(10));
  await rig.until(() => rig.status().subscriptions.silent === 10, 'all');
  for (let i = 5; i < times.length; i += 1) {
    assert.ok((times[i] as number) - (times[i - 5] as number) > 190, 'six messages within 200 ms');
  }
  await rig.feed.stop();
  await server.stop();
});
