import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { FakeSources, NOW, start } from './fake-sources.ts';
import { StreamClient } from './stream-client.ts';

test('when memory is short new clients are refused before the handshake, those that are there go on, and it passes', async () => {
  const gateway = await start(new FakeSources());
  try {
    const client = await StreamClient.open(gateway.url);
    client.send({ op: 'subscribe', topic: 'routes' });
    const first = await client.until(({ type }) => type === 'snapshot');
    gateway.press({ halved: true, shut: true });
    await assert.rejects(StreamClient.open(gateway.url), /503/);
    await client.until(({ type, seq }) => type === 'update' && seq > first.seq + 1);
    assert.equal(client.ws.readyState, WebSocket.OPEN);
    gateway.press({ halved: false, shut: false });
    const late = await StreamClient.open(gateway.url);
    for (const one of [client, late]) one.ws.terminate();
  } finally {
    await gateway.stop();
  }
});

test('closed clients are counted by reason', async () => {
  const gateway = await start(new FakeSources(), { limits: { clients: 1 } });
  try {
    assert.deepEqual(gateway.closed(), {});
    for (const text of ['{', '{"op":"dance"}']) {
      const client = await StreamClient.open(gateway.url);
      client.send(text);
      await client.closed;
    }
    const [first, second] = [await StreamClient.open(gateway.url), await StreamClient.open(gateway.url)];
    await second.closed;
    assert.deepEqual(gateway.closed(), { badRequest: 2, tooManyClients: 1 });
    first.ws.terminate();
  } finally {
    await gateway.stop();
  }
});

test('metrics come as they are, in the content type of their format; without any there is nothing', async () => {
  const sources = Object.assign(new FakeSources(), { metrics: (now: number) => `time ${now}\n` });
  const gateway = await start(sources);
  const bare = await start(new FakeSources());
  try {
    const reply = await fetch(`${gateway.url}/metrics`);
    assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(await reply.text(), `time ${NOW}\n`);
    assert.equal((await fetch(`${gateway.url}/metrics?symbol=BTC-USDT`)).status, 400);
    assert.equal((await fetch(`${bare.url}/metrics`)).status, 404);
  } finally {
    await Promise.all([gateway.stop(), bare.stop()]);
  }
});

test('it is not ready while something beside the venues is not, and says what', async () => {
  const reasons: string[] = ['nothing is recorded: the disk is full'];
  const gateway = await start(Object.assign(new FakeSources(), { unready: () => reasons }));
  try {
    const refused = await fetch(`${gateway.url}/readyz`);
    assert.equal(refused.status, 503);
    assert.deepEqual(await refused.json(), { ready: false, reasons });
    assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);
    reasons.length = 0;
    assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
  } finally {
    await gateway.stop();
  }
});
