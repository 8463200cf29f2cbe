import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'ws';
import { Client } from '../../src/gateway/client.ts';
import { sendQueues } from '../../src/gateway/kernel-memory.ts';
import { Outbox } from '../../src/gateway/outbox.ts';
import { FakeSources, start } from './fake-sources.ts';
import { StreamClient } from './stream-client.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

test('a client that stalls on a small topic, which the kernel would swallow for hours, is closed with 4001', async () => {
  const limits = { updatesPerSecond: 20, busyPingMs: 50, slowMs: 400 };
  const gateway = await start(new FakeSources(), { limits });
  const stalled = await StreamClient.open(gateway.url);
  const healthy = await StreamClient.open(gateway.url);
  for (const client of [stalled, healthy]) client.send({ op: 'subscribe', topic: 'quotes/BTC-USDT' });
  await stalled.until((message) => message.type === 'update');
  stalled.ws.pause();
  while (gateway.clients() === 2) {
    healthy.heard.splice(0, healthy.heard.length - 1);
    const seq = healthy.heard[0]?.seq ?? 0;
    assert.equal((await healthy.until((message) => message.seq > seq)).seq, seq + 1);
  }
  stalled.ws.resume();
  assert.equal(await stalled.closed, 4001);
  assert.equal(healthy.ws.readyState, WebSocket.OPEN);
  healthy.ws.terminate();
  await gateway.stop();
});

test('a client that reads now and then gets all its topics in turn, each whole or with a snapshot, and is not closed', async () => {
  const limits = { updatesPerSecond: 20, busyPingMs: 50, slowMs: 2000, outboxBytes: 16 * 1024 };
  const sources = new FakeSources();
  sources.rows = 200;
  const gateway = await start(sources, { limits });
  const client = await StreamClient.open(gateway.url);
  const topics = ['routes', 'route/BTC-USDT:okx:gate', 'quotes/BTC-USDT', 'venues'];
  for (const topic of topics) client.send({ op: 'subscribe', topic });
  for (let round = 0; round < 10; round++) {
    client.ws.pause();
    await new Promise((done) => setTimeout(done, 150));
    client.ws.resume();
    const before = client.heard.length;
    await client.until((message) => client.heard.indexOf(message) > before);
  }
  for (const topic of topics) {
    const messages = client.heard.filter((message) => message.topic === topic);
    assert.ok(messages.length > 1, `${messages.length} of ${topic}`);
    messages.forEach((message, i) => {
      if (message.type === 'update')
        assert.equal(message.seq, (messages[i - 1]?.seq ?? Number.NaN) + 1, topic);
      else if (topic.startsWith('route/')) assert.ok(message.past !== undefined);
    });
  }
  const outboxes = gateway.bounds().find((bound) => bound.name === 'gateway.outboxes');
  assert.ok((outboxes?.replaced ?? 0) > 0);
  assert.equal(outboxes?.evicted, 0);
  client.ws.terminate();
  await gateway.stop();
});

test('what a client was owed comes as a snapshot, and its next update is of a later round', async () => {
  const limits = { updatesPerSecond: 20, busyPingMs: 50, slowMs: 5000, outboxBytes: 4096 };
  const gateway = await start(new FakeSources(), { limits });
  const client = await StreamClient.open(gateway.url);
  const topics = ['quotes/BTC-USDT', 'route/BTC-USDT:okx:gate'];
  for (const topic of topics) client.send({ op: 'subscribe', topic });
  const replaced = (): number =>
    gateway.bounds().find((bound) => bound.name === 'gateway.outboxes')?.replaced ?? 0;
  await client.until(() =>
    topics.every((topic) =>
      client.heard.some((message) => message.topic === topic && message.type === 'update'),
    ),
  );
  for (let round = 0; round < 5; round++) {
    const before = { replaced: replaced(), heard: client.heard.length };
    client.ws.pause();
    // In what is left after the larger one found no room the smaller one may fit once; then both are replaced.
    while (replaced() < before.replaced + 6) await new Promise(setImmediate);
    client.ws.resume();
    await client.until(() => {
      const news = client.heard.slice(before.heard);
      const hasAll = topics.every((topic) =>
        news.some((message) => message.topic === topic && message.type === 'snapshot'),
      );
      return hasAll && news.at(-1)?.type === 'update';
    });
  }
  client.ws.terminate();
  await gateway.stop();
  for (const topic of topics) {
    const messages = client.heard.filter((message) => message.topic === topic);
    assert.ok(messages.filter((message) => message.type === 'snapshot').length > 5);
    messages.forEach((message, i) => {
      const before = messages[i - 1]?.seq ?? message.seq - 1;
      if (message.type === 'update') assert.equal(message.seq, before + 1, topic);
      else assert.ok(message.seq > before, topic);
    });
  }
});

test('a thousand clients that come and go leave no client, timer, listener or topic behind', async () => {
  const gateway = await start(new FakeSources(), { limits: { updatesPerSecond: 20 } });
  const url = `${gateway.url.replace('http', 'ws')}/api/v1/stream`;
  const cycle = async (): Promise<void> => {
    const ws = new WebSocket(url);
    await once(ws, 'open');
    ws.send('{"op":"subscribe","topic":"routes"}');
    ws.send('{"op":"subscribe","topic":"route/BTC-USDT:okx:gate"}');
    await once(ws, 'message');
    ws.terminate();
    await once(ws, 'close');
  };
  const cycles = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, cycle));
    while (gateway.clients() > 0) await new Promise(setImmediate);
    // The ends of connections are spread over some turns, on both sides.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    gc();
  };
  await cycles(20);
  const before = process.getActiveResourcesInfo().length;
  await cycles(1000);
  // A class counts its prototype; standard output is sockets too.
  const most = [
    [Client, 2],
    [Outbox, 2],
    [WebSocket, 2],
    [Socket, 10],
  ] as const;
  const left = most.map(([kind]) => queryObjects(kind, { format: 'count' }));
  const resources = process.getActiveResourcesInfo().length;
  const used = new Map(gateway.bounds().map((bound) => [bound.name, bound.used]));
  await gateway.stop();
  most.forEach(([kind, allowed], i) => {
    assert.ok((left[i] ?? Infinity) <= allowed, `${left[i]} of ${kind.name} are left`);
  });
  assert.ok(resources <= before, `${resources} handles, ${before} before`);
  for (const name of ['clients', 'subscriptions', 'streams', 'outboxes']) {
    assert.equal(used.get(`gateway.${name}`), 0, name);
  }
});

test('what waits in the kernel is summed over the sockets of our port alone', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 17 1',
    '   1: 0100007F:1F90 0100007F:D2C4 01 000A0000:00000000 01:00000014 00000000  1000        0 18 1',
    '   2: 0100007F:1F90 0100007F:D2C6 01 00000010:00000005 01:00000014 00000000  1000        0 19 1',
    '   3: 0100007F:D2C4 0100007F:1F90 01 00000007:00000000 00:00000000 00000000  1000        0 20 1',
    '   4: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:D2C8 01 00000001:00000000 00:0',
    '',
  ].join('\n');
  assert.equal(sendQueues(table, 8080), 0xa0000 + 0x10 + 1);
  assert.equal(sendQueues('', 8080), 0);
});
