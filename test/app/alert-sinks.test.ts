import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { telegramSink, webhookSink } from '../../src/app/alert-sinks.ts';
import { testAlert } from '../../src/app/alert-words.ts';
import { Delivery, DeliveryError } from '../../src/app/delivery.ts';
import { ForbiddenAddress, safePost } from '../../src/app/safe-post.ts';
import type { Alert } from '../../src/core/alert.ts';

const NOW = 1_700_000_000_000_000;
const LOOPBACK = ['127.0.0.1'];

interface Heard {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on loopback that keeps what it hears; `answer` gets the number of the request, from 0. */
async function receiver(t: TestContext, answer: (reply: ServerResponse, number: number) => void) {
  const heard: Heard[] = [];
  let connections = 0;
  const server: Server = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      heard.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      });
      answer(reply, heard.length - 1);
    });
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { heard, port, url: `http://127.0.0.1:${port}/hook`, connections: () => connections };
}

const ok = (reply: ServerResponse): void => void reply.writeHead(204).end();
const QUIET = { info() {}, warn() {}, error() {} };

function alerted(id: number): Alert {
  return { ...testAlert(NOW), id };
}

/** The webhook behind a delivery that waits milliseconds where it would wait seconds. */
function deliveryTo(
  url: string,
  more: { readonly allow?: readonly string[]; readonly timeoutMs?: number } = {},
) {
  const options = { url, secret: null, allow: LOOPBACK, ...more };
  return new Delivery({
    ...{ sink: 'webhook', send: webhookSink(options, () => NOW), log: QUIET },
    ...{ pauseMs: 2, everyMs: 1 },
  });
}

test('a webhook gets the alert as JSON, with a signature that the secret proves', async (t) => {
  const server = await receiver(t, ok);
  const secret = 'sixteen-or-more-characters';
  const send = webhookSink({ url: server.url, secret, allow: LOOPBACK }, () => NOW);
  await send(alerted(7));
  const [first] = server.heard;
  assert.ok(first !== undefined);
  const { headers, body } = first;
  const content = JSON.parse(body) as { readonly source: string; readonly alert: Alert };
  assert.equal(content.source, 'spreadscope');
  assert.deepEqual(content.alert, alerted(7));
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['x-spreadscope-timestamp'], '1700000000');
  assert.equal(headers['x-spreadscope-id'], `${NOW}-7`);
  const proof = createHmac('sha256', secret).update(`1700000000.${body}`).digest('hex');
  assert.equal(headers['x-spreadscope-signature'], proof);
});

test('a bot writes the message to its chat, and errors never show its token', async (t) => {
  const server = await receiver(t, (reply, number) =>
    number === 0 ? ok(reply) : void reply.writeHead(401).end('{"ok":false,"description":"Unauthorized"}'),
  );
  const token = '123456:AAAAAAAAAAAAAAAAAAAA';
  const api = `http://127.0.0.1:${server.port}/`;
  const send = telegramSink({ api, token, chat: '@me', allow: LOOPBACK });
  await send(alerted(1));
  assert.equal(server.heard[0]?.path, `/bot${token}/sendMessage`);
  const body = JSON.parse(server.heard[0]?.body ?? '') as Record<string, unknown>;
  assert.deepEqual([body.chat_id, body.text], ['@me', alerted(1).message]);
  const refused = (await send(alerted(2)).catch((error: unknown) => error)) as DeliveryError;
  assert.ok(refused instanceof DeliveryError && refused.final);
  assert.match(refused.message, /Telegram answers 401: .*Unauthorized/);
  const nowhere = telegramSink({ api: 'http://127.0.0.1:1', token, chat: '@me', allow: LOOPBACK });
  const error = (await nowhere(alerted(3)).catch((caught: unknown) => caught)) as DeliveryError;
  assert.equal(error.final, false);
  for (const { message } of [refused, error]) assert.ok(!message.includes('AAAA'), message);
});

test('no forbidden address is ever connected to, however it is written', async (t) => {
  const server = await receiver(t, ok);
  const { port } = server;
  const urls = [
    ...['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0.0.0.0', '[::]'],
    ...['10.0.0.1', '172.16.5.5', '192.168.1.1', '169.254.169.254', '100.64.0.1', '[fc00::1]', '[fe80::1]'],
    ...['[64:ff9b::7f00:1]', '[2002:7f00:1::]', '224.0.0.1', '255.255.255.255', '[::ffff:10.0.0.1]'],
  ].flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/`]);
  const post = { body: '{}', headers: {}, timeoutMs: 5000 };
  for (const url of urls) {
    await assert.rejects(safePost({ ...post, url, allow: [] }), ForbiddenAddress, url);
  }
  // Another address being allowed opens none of these.
  await assert.rejects(safePost({ ...post, url: server.url, allow: ['10.0.0.0/8'] }), ForbiddenAddress);
  assert.equal(server.connections(), 0);
  await assert.rejects(safePost({ ...post, url: 'http://192.0.2.1/', allow: [] }), /is not https/);
  assert.equal((await safePost({ ...post, url: server.url, allow: ['127.0.0.0/8'] })).status, 204);
});

test('a redirect is not followed, wherever it leads, and not tried again', async (t) => {
  const forbidden = await receiver(t, ok);
  const server = await receiver(t, (reply) =>
    reply.writeHead(302, { location: `http://127.0.0.1:${forbidden.port}/metadata` }).end(),
  );
  const delivery = deliveryTo(server.url);
  delivery.add(alerted(1));
  await delivery.idle();
  const { delivered, undelivered, retries, lastError } = delivery.report();
  assert.deepEqual([delivered, undelivered, retries], [0, 1, 0]);
  assert.match(lastError, /redirects are not followed/);
  assert.deepEqual([server.heard.length, forbidden.connections()], [1, 0]);
});

test('faults that may pass are tried again, five times in all; the alert then counts as undelivered, and the next one is on its way', async (t) => {
  const codes = [500, 503, 429, 204, 500, 500, 500, 500, 500, 404, 204];
  const server = await receiver(t, (reply, number) => void reply.writeHead(codes[number] ?? 204).end('no'));
  const delivery = deliveryTo(server.url);
  for (const id of [1, 2, 3, 4]) delivery.add(alerted(id));
  await delivery.idle();
  const { delivered, undelivered, retries, waiting } = delivery.report();
  // The first on the fourth try, the second never, the third refused for good, the fourth at once.
  assert.deepEqual([delivered, undelivered, retries, waiting], [2, 2, 3 + 4, 0]);
  const ids = server.heard.map(({ body }) => (JSON.parse(body) as { alert: Alert }).alert.id);
  assert.deepEqual(ids, [1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4]);
});

test('a server that does not answer, or cannot be reached, is given up', async (t) => {
  const silent = await receiver(t, () => undefined);
  const delivery = deliveryTo(silent.url, { timeoutMs: 30 });
  delivery.add(alerted(1));
  await delivery.idle();
  assert.deepEqual([delivery.report().undelivered, silent.heard.length], [1, 5]);
  assert.match(delivery.report().lastError, /no answer within 0\.03 s/);
  const closed = deliveryTo('http://127.0.0.1:1/');
  closed.add(alerted(1));
  await closed.idle();
  assert.deepEqual([closed.report().undelivered, closed.report().retries], [1, 4]);
  assert.match(closed.report().lastError, /ECONNREFUSED/);
});

test('an endless answer is cut off', async (t) => {
  const server = await receiver(t, (reply) => {
    reply.writeHead(500);
    const timer = setInterval(() => reply.write('x'.repeat(65_536)), 1);
    reply.on('close', () => clearInterval(timer));
  });
  const { status, text } = await safePost({
    ...{ url: server.url, body: '', headers: {}, timeoutMs: 5000, allow: LOOPBACK },
  });
  assert.deepEqual([status, text.length], [500, 4096]);
});

test('a queue that is full lets the oldest go, and counts it; what waits at the end is counted too', async () => {
  const sent: number[] = [];
  let finish: () => void = () => undefined;
  const delivery = new Delivery({
    ...{ sink: 'webhook', log: QUIET, everyMs: 0 },
    send: async ({ id }) => {
      sent.push(id);
      await new Promise<void>((done) => {
        finish = done;
      });
    },
  });
  for (let id = 0; id < 300; id++) delivery.add(alerted(id));
  const full = delivery.report();
  assert.deepEqual([full.waiting, full.undelivered, delivery.bound().evicted], [256, 44, 44]);
  finish();
  await new Promise((done) => setTimeout(done, 5));
  // The first was on its way already; those after it had to go.
  assert.deepEqual(sent, [0, 45]);
  await delivery.stop(1);
  delivery.add(alerted(999));
  const { delivered, undelivered, waiting } = delivery.report();
  assert.deepEqual([delivered, undelivered, waiting], [1, 300, 0]);
});

test('what is under way at the end is waited for, but not for long', async () => {
  const delivery = new Delivery({
    ...{ sink: 'webhook', log: QUIET, pauseMs: 60_000 },
    send: () => Promise.reject(new Error('not now')),
  });
  delivery.add(alerted(1));
  await new Promise(setImmediate);
  await delivery.stop(60_000);
  assert.deepEqual([delivery.report().undelivered, delivery.report().waiting], [1, 0]);
});
