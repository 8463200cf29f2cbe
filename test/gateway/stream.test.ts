import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from '../../src/gateway/frame.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayLimits } from '../../src/gateway/limits.ts';
import { FakeSources, start } from './fake-sources.ts';
import { type Message, StreamClient } from './stream-client.ts';

const FAST = { updatesPerSecond: 20 };

async function served(
  limits: Partial<GatewayLimits>,
  run: (gateway: Gateway, sources: FakeSources) => Promise<void>,
): Promise<void> {
  const sources = new FakeSources();
  const gateway = await start(sources, { limits: { ...FAST, ...limits } });
  try {
    await run(gateway, sources);
  } finally {
    await gateway.stop();
  }
}

const isUpdate =
  (topic: string, seq = 0) =>
  (message: Message) =>
    message.topic === topic && message.type === 'update' && message.seq > seq;

test('a topic starts with a snapshot and goes on with updates whose numbers have no hole', () =>
  served({}, async (gateway) => {
    const client = await StreamClient.open(gateway.url);
    for (const topic of ['routes', 'venues', 'bounds', 'quotes/BTC-USDT', 'route/BTC-USDT:okx:gate'])
      client.send({ op: 'subscribe', topic });
    await client.until(isUpdate('routes', 10));
    await client.until(isUpdate('venues'));
    for (const topic of ['routes', 'venues', 'bounds', 'quotes/BTC-USDT', 'route/BTC-USDT:okx:gate']) {
      const messages = client.heard.filter((message) => message.topic === topic);
      const first = messages[0]?.seq ?? Number.NaN;
      assert.equal(messages[0]?.type, 'snapshot');
      messages.forEach((message, i) => {
        assert.equal(message.seq, first + i, topic);
        assert.equal(message.type, i === 0 ? 'snapshot' : 'update');
      });
    }
    const [snapshot, update] = client.heard.filter((message) => message.topic === 'route/BTC-USDT:okx:gate');
    assert.deepEqual(snapshot?.past, { time: [1, 2], netBps: [1, null], ask: [2, null], bid: [3, null] });
    assert.equal(update?.past, undefined);
    client.ws.terminate();
  }));

test('a newcomer to a slow topic gets its snapshot at once, and its next update has the next number', () =>
  served({}, async (gateway) => {
    const early = await StreamClient.open(gateway.url);
    early.send({ op: 'subscribe', topic: 'venues' });
    await early.until(isUpdate('venues'));
    const late = await StreamClient.open(gateway.url);
    late.send({ op: 'subscribe', topic: 'venues' });
    const snapshot = await late.until((message) => message.type === 'snapshot');
    const update = await late.until(isUpdate('venues'));
    assert.equal(update.seq, snapshot.seq + 1);
    early.ws.terminate();
    late.ws.terminate();
  }));

test('a message is read and encoded once, however many get it, and not at all for nobody', () =>
  served({}, async (gateway, sources) => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => StreamClient.open(gateway.url)));
    assert.equal(sources.reads.routes, 0);
    for (const client of clients) client.send({ op: 'subscribe', topic: 'routes', params: { limit: 5 } });
    await Promise.all(clients.map((client) => client.until(isUpdate('routes', 5))));
    const highest = Math.max(...clients.flatMap((client) => client.heard.map((message) => message.seq)));
    const newcomers = new Set(clients.map((client) => client.heard[0]?.seq)).size;
    assert.ok(
      sources.reads.routes <= highest + newcomers,
      `${sources.reads.routes} readings of ${highest} messages`,
    );
    assert.equal(sources.reads.venues, 0);
    const received = clients.reduce((sum, client) => sum + client.heard.length, 0);
    assert.ok(received >= 20 * 5);
    for (const client of clients) client.ws.terminate();
  }));

test('the same topic with other parameters is another stream, and asking again replaces it', () =>
  served({}, async (gateway, sources) => {
    const client = await StreamClient.open(gateway.url);
    client.send({ op: 'subscribe', topic: 'routes', params: { sort: 'gross', limit: 7 } });
    await client.until((message) => message.topic === 'routes');
    assert.deepEqual(sources.asked.at(-1), { sort: 'gross', limit: 7 });
    client.heard.length = 0;
    client.send({ op: 'subscribe', topic: 'routes', params: { limit: 9 } });
    await client.until((message) => message.type === 'snapshot');
    assert.deepEqual(sources.asked.at(-1), { limit: 9 });
    const streams = (): number =>
      gateway.bounds().find((bound) => bound.name === 'gateway.streams')?.used ?? -1;
    assert.equal(streams(), 1);
    client.send({ op: 'unsubscribe', topic: 'routes' });
    client.send({ op: 'subscribe', topic: 'venues' });
    await client.until((message) => message.topic === 'venues');
    assert.equal(streams(), 1);
    client.ws.terminate();
  }));

test('a topic, symbol, route or parameter that does not exist is told, and the stream stays open', () =>
  served({}, async (gateway) => {
    const client = await StreamClient.open(gateway.url);
    const cases: [string, object | undefined, string][] = [
      ['weather', undefined, 'UNKNOWN_TOPIC'],
      ['quotes/DOGE-USDT', undefined, 'UNKNOWN_SYMBOL'],
      ['route/BTC-USDT:okx:nyse', undefined, 'UNKNOWN_VENUE'],
      ['route/BTC-USDT:okx:binance', undefined, 'UNKNOWN_ROUTE'],
      ['route/BTC-USDT:okx:gate:x', undefined, 'UNKNOWN_ROUTE'],
      ['routes', { limit: 0 }, 'BAD_REQUEST'],
      ['routes', { limit: '5' }, 'BAD_REQUEST'],
      ['routes', { colour: 1 }, 'BAD_REQUEST'],
      ['venues', { limit: 5 }, 'BAD_REQUEST'],
    ];
    for (const [topic, params, code] of cases) {
      client.heard.length = 0;
      client.send(JSON.stringify({ op: 'subscribe', topic, params }));
      const error = await client.until((message) => message.type === 'error');
      assert.deepEqual([error.topic, error.code], [topic, code]);
    }
    assert.equal(client.ws.readyState, WebSocket.OPEN);
    client.ws.terminate();
  }));

test('what is not of the protocol closes the stream with 4500', () =>
  served({}, async (gateway) => {
    const deep = `{"op":"subscribe","topic":"routes","params":${'['.repeat(50)}${']'.repeat(50)}}`;
    const cases = [
      'hello',
      '[]',
      '7',
      '{"op":"sing"}',
      '{"op":"subscribe"}',
      deep,
      Buffer.from('{"op":"subscribe","topic":"venues"}'),
    ];
    for (const message of cases) {
      const client = await StreamClient.open(gateway.url);
      client.send(message);
      assert.equal(await client.closed, 4500, String(message));
    }
    const client = await StreamClient.open(gateway.url);
    client.send(JSON.stringify({ op: 'subscribe', topic: 'x'.repeat(65_536) }));
    assert.equal(await client.closed, 1009);
  }));

test('more topics, commands or clients than allowed close that client alone, each with its code', () =>
  served({ subscriptions: 2, commandsPerSecond: 5, clients: 2 }, async (gateway) => {
    const witness = await StreamClient.open(gateway.url);
    witness.send({ op: 'subscribe', topic: 'venues' });
    await witness.until((message) => message.topic === 'venues');
    const greedy = await StreamClient.open(gateway.url);
    for (const topic of ['venues', 'routes', 'bounds']) greedy.send({ op: 'subscribe', topic });
    assert.equal(await greedy.closed, 4501);
    const hasty = await StreamClient.open(gateway.url);
    for (let i = 0; i < 9; i++) hasty.send({ op: 'unsubscribe', topic: 'venues' });
    assert.equal(await hasty.closed, 4503);
    const second = await StreamClient.open(gateway.url);
    const third = await StreamClient.open(gateway.url);
    assert.equal(await third.closed, 4502);
    assert.equal(gateway.clients(), 2);
    assert.equal(gateway.bounds().find((bound) => bound.name === 'gateway.clients')?.refused, 1);
    assert.equal(witness.ws.readyState, WebSocket.OPEN);
    second.ws.terminate();
    witness.ws.terminate();
  }));

test('a flood of clients over the limit is refused before the handshake', () =>
  served({ clients: 1 }, async (gateway) => {
    const witness = await StreamClient.open(gateway.url);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/v1/stream`);
        // A client that does not answer the close stays on its way out until it is cut.
        ws.once('open', () => ws.pause());
        const outcome = await Promise.race([
          once(ws, 'open').then(() => 101),
          once(ws, 'unexpected-response').then(([, reply]) => (reply as { statusCode: number }).statusCode),
        ]);
        return { ws, outcome };
      }),
    );
    const refused = outcomes.filter(({ outcome }) => outcome === 503).length;
    assert.equal(refused, 60 - 32);
    assert.equal(gateway.clients(), 1);
    for (const { ws } of outcomes) ws.on('error', () => {}).terminate();
    witness.ws.terminate();
  }));

test('all clients together may look at so many topics; one more is refused with an error', () =>
  served({ streams: 1 }, async (gateway) => {
    const client = await StreamClient.open(gateway.url);
    client.send({ op: 'subscribe', topic: 'venues' });
    client.send({ op: 'subscribe', topic: 'routes' });
    const error = await client.until((message) => message.type === 'error');
    assert.deepEqual([error.topic, error.code], ['routes', 'TOO_MANY_SUBSCRIPTIONS']);
    client.ws.terminate();
  }));

test('a change that is refused leaves what was there, and one that needs no more room is not refused', () =>
  served({ streams: 2 }, async (gateway, sources) => {
    const [one, two] = [await StreamClient.open(gateway.url), await StreamClient.open(gateway.url)];
    const routes = (limit: number) => ({ op: 'subscribe', topic: 'routes', params: { limit } }) as const;
    const isSnapshot = ({ type }: Message) => type === 'snapshot';
    one.send({ op: 'subscribe', topic: 'venues' });
    await one.until(isSnapshot);
    for (const client of [one, two]) {
      client.send(routes(5));
      await client.until(({ topic }) => topic === 'routes');
    }
    // Both look at the second stream: there is no room for a third.
    one.send(routes(6));
    const error = await one.until(({ type }) => type === 'error');
    assert.deepEqual([error.topic, error.code], ['routes', 'TOO_MANY_SUBSCRIPTIONS']);
    one.heard.length = 0;
    await one.until(isUpdate('routes'));
    assert.deepEqual(sources.asked.at(-1), { limit: 5 });
    two.ws.terminate();
    while (gateway.clients() > 1) {
      one.heard.length = 0;
      await one.until(isUpdate('routes'));
    }
    // Now it is its own alone, and makes room for what takes its place.
    one.heard.length = 0;
    one.send(routes(7));
    await one.until((message) => isSnapshot(message) && message.topic === 'routes');
    assert.deepEqual(sources.asked.at(-1), { limit: 7 });
    const line = gateway.bounds().find(({ name }) => name === 'gateway.streams');
    assert.deepEqual([line?.used, line?.peak, line?.refused], [2, 2, 1]);
    one.ws.terminate();
  }));

test('what lists of routes take is in the ledger and has a bound', () =>
  served({ streams: 10, streamTextBytes: 100_000 }, async (gateway) => {
    const client = await StreamClient.open(gateway.url);
    const bound = () => gateway.bounds().find(({ name }) => name === 'gateway.streams');
    const hidden = (list: string) =>
      client.send({ op: 'subscribe', topic: 'routes', params: { hide: list, only: list } });
    assert.equal(bound()?.capacityBytes, 110_240);
    const large = '龙-USDT,'.repeat(1170);
    hidden(large);
    await client.until(({ type }) => type === 'snapshot');
    // Two lists as key and as parameters, at two bytes a character, and a little.
    const least = 2 * 2 * 2 * large.length;
    const used = bound()?.usedBytes ?? 0;
    assert.ok(used > least && used < least + 2000, `${used} of ${least}`);
    const others = await StreamClient.open(gateway.url);
    others.send({
      ...{ op: 'subscribe', topic: 'routes', params: { hide: large.replace('龙', '虎'), only: large } },
    });
    const error = await others.until(({ type }) => type === 'error');
    assert.deepEqual([error.topic, error.code], ['routes', 'TOO_MANY_SUBSCRIPTIONS']);
    assert.match(String(error.message), /name fewer/);
    assert.equal(bound()?.usedBytes, used);
    client.send({ op: 'unsubscribe', topic: 'routes' });
    client.send({ op: 'subscribe', topic: 'venues' });
    await client.until(({ topic }) => topic === 'venues');
    assert.equal(bound()?.usedBytes, 1024 + 2 * 'venues'.length);
    for (const { ws } of [client, others]) ws.terminate();
  }));

test('a client that stops reading is left out, then closed as slow, while another gets every message', () =>
  served({ outboxBytes: 64 * 1024, busyPingMs: 50, slowMs: 1000 }, async (gateway, sources) => {
    sources.rows = 16;
    const stalled = await StreamClient.open(gateway.url);
    const healthy = await StreamClient.open(gateway.url);
    stalled.send({ op: 'subscribe', topic: 'routes' });
    healthy.send({ op: 'subscribe', topic: 'routes' });
    await stalled.until((message) => message.type === 'snapshot');
    stalled.ws.pause();
    const outboxes = () => gateway.bounds().find((bound) => bound.name === 'gateway.outboxes');
    let largest = 0;
    while (outboxes()?.evicted === 0) {
      largest = Math.max(largest, outboxes()?.usedBytes ?? 0);
      healthy.heard.splice(0, healthy.heard.length - 1);
      const seq = healthy.heard[0]?.seq ?? 0;
      assert.equal((await healthy.until((message) => message.seq > seq)).seq, seq + 1);
    }
    assert.ok(largest <= 2 * 64 * 1024, `${largest} bytes were under way to two clients`);
    assert.ok((outboxes()?.replaced ?? 0) > 0);
    assert.equal(gateway.clients(), 1);
    stalled.ws.resume();
    assert.ok([4001, 1006].includes(await stalled.closed));
    assert.equal(healthy.ws.readyState, WebSocket.OPEN);
    healthy.ws.terminate();
  }));

test('a client that was left out gets a snapshot next', () =>
  served({ outboxBytes: 64 * 1024, slowMs: 60_000 }, async (gateway, sources) => {
    sources.rows = 8000;
    const client = await StreamClient.open(gateway.url);
    client.send({ op: 'subscribe', topic: 'routes' });
    await client.until((message) => message.type === 'snapshot');
    client.ws.pause();
    const witness = await StreamClient.open(gateway.url);
    witness.send({ op: 'subscribe', topic: 'bounds' });
    const replaced = (): number =>
      gateway.bounds().find((bound) => bound.name === 'gateway.outboxes')?.replaced ?? 0;
    while (replaced() === 0) {
      witness.heard.length = 0;
      await witness.until((message) => message.topic === 'bounds');
    }
    client.ws.resume();
    const again = await client.until((message) => message.type === 'snapshot' && message.seq > 1);
    const all = client.heard.filter((message) => message.topic === 'routes');
    all.forEach((message, i) => {
      const before = all[i - 1];
      if (before !== undefined && message.type === 'update') assert.equal(message.seq, before.seq + 1);
    });
    assert.ok(all.includes(again));
    client.ws.terminate();
    witness.ws.terminate();
  }));

test('a client that does not answer pings is closed with 4002, one that does stays', () =>
  served({ pingMs: 50, pongMs: 300 }, async (gateway) => {
    const dead = await StreamClient.open(gateway.url, { autoPong: false });
    const alive = await StreamClient.open(gateway.url);
    assert.equal(await dead.closed, 4002);
    assert.equal(gateway.bounds().find(({ name }) => name === 'gateway.outboxes')?.evicted, 1);
    assert.equal(alive.ws.readyState, WebSocket.OPEN);
    alive.ws.terminate();
  }));

test('a stream is opened by our own page or a program on this machine, nobody else', () =>
  served({}, async (gateway) => {
    const host = `127.0.0.1:${gateway.port}`;
    const cases: [Record<string, string>, number][] = [
      [{}, 101],
      [{ origin: `http://${host}` }, 101],
      [{ origin: `http://localhost:${gateway.port}`, host: `localhost:${gateway.port}` }, 101],
      [{ origin: `http://localhost:${gateway.port}` }, 403],
      [{ origin: 'http://127.0.0.1:1' }, 403],
      [{ origin: 'http://evil.example' }, 403],
      [{ origin: 'http://evil.example', host: 'evil.example' }, 403],
      [{ host: 'evil.example' }, 403],
      [{ origin: 'null' }, 403],
      [{ origin: `ftp://${host}` }, 403],
    ];
    for (const [headers, status] of cases) {
      const ws = new WebSocket(`ws://${host}/api/v1/stream`, { headers });
      const [outcome] = await Promise.race([
        once(ws, 'open').then(() => [101]),
        once(ws, 'unexpected-response').then(([, reply]) => [(reply as { statusCode: number }).statusCode]),
      ]);
      assert.equal(outcome, status, JSON.stringify(headers));
      ws.on('error', () => {}).terminate();
    }
    const elsewhere = new WebSocket(`ws://${host}/api/v1/other`);
    const [, reply] = (await once(elsewhere, 'unexpected-response')) as [unknown, { statusCode: number }];
    assert.equal(reply.statusCode, 404);
    elsewhere.on('error', () => {}).terminate();
  }));

test('a topic that cannot be read harms neither the others nor the server', () =>
  served({}, async (gateway, sources) => {
    const client = await StreamClient.open(gateway.url);
    sources.broken = true;
    client.send({ op: 'subscribe', topic: 'routes' });
    client.send({ op: 'subscribe', topic: 'quotes/BTC-USDT' });
    await client.until(isUpdate('quotes/BTC-USDT', 3));
    assert.ok(!client.heard.some((message) => message.topic === 'routes'));
    sources.broken = false;
    assert.equal((await client.until((message) => message.topic === 'routes')).type, 'snapshot');
    client.ws.terminate();
  }));

test('a broken frame closes its own connection only', () =>
  served({}, async (gateway) => {
    const bad = await StreamClient.open(gateway.url);
    const good = await StreamClient.open(gateway.url);
    bad.ws.on('error', () => {});
    (bad.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xff, 0xff]),
    );
    assert.equal(await bad.closed, 1002);
    good.send({ op: 'subscribe', topic: 'venues' });
    await good.until((message) => message.topic === 'venues');
    good.ws.terminate();
  }));

test('stopping says goodbye with 4000, refuses newcomers and leaves no handle', async () => {
  const before = process.getActiveResourcesInfo().length;
  const gateway = await start(new FakeSources(), { limits: FAST });
  const clients = await Promise.all([1, 2, 3].map(() => StreamClient.open(gateway.url)));
  for (const client of clients) client.send({ op: 'subscribe', topic: 'routes' });
  await Promise.all(clients.map((client) => client.until(isUpdate('routes'))));
  clients[0]?.ws.pause();
  const stopped = gateway.stop();
  assert.equal(gateway.stop(), stopped);
  assert.deepEqual(await Promise.all(clients.slice(1).map((client) => client.closed)), [4000, 4000]);
  await stopped;
  clients[0]?.ws.resume();
  await clients[0]?.closed;
  await assert.rejects(fetch(gateway.url));
  assert.equal(gateway.clients(), 0);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  const left = process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');
  assert.ok(left.length <= before, left.join());
});

test('a frame made here is what a client reads, at every length of its header', async () => {
  const texts = [
    '',
    'x',
    'ü'.repeat(62),
    'y'.repeat(125),
    'y'.repeat(126),
    'y'.repeat(65_535),
    'z'.repeat(65_536),
  ];
  const heard: string[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const http = createServer().on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => {
      for (const text of texts) socket.write(textFrame(text));
      ws.close();
    }),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const ws = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  ws.on('message', (data) => heard.push(String(data)));
  await once(ws, 'close');
  assert.deepEqual(heard, texts);
  http.close();
});
