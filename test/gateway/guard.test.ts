import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { networkOf } from '../../src/gateway/addresses.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayLimits } from '../../src/gateway/limits.ts';
import { FakeSources, type QUIET, start } from './fake-sources.ts';
import { StreamClient } from './stream-client.ts';

const TOKEN = 'the-right-token-0123456789';
const WRONG = 'the-wrong-token-0123456789';

async function guarded(
  limits: Partial<GatewayLimits>,
  run: (gateway: Gateway) => Promise<void>,
  more: { readonly token?: string; readonly log?: typeof QUIET } = { token: TOKEN },
): Promise<void> {
  const gateway = await start(new FakeSources(), { limits: { updatesPerSecond: 20, ...limits }, ...more });
  try {
    await run(gateway);
  } finally {
    await gateway.stop();
  }
}

/** Sends bytes as they are and resolves with everything that came back once the server has ended. */
async function say(gateway: Gateway, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1').setEncoding('latin1');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return heard;
}

function upgrade(path: string, headers: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [
    `GET ${path} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

/** A frame as a client sends it, with the mask of all zeros. */
function frame(first: number, payload: Buffer | string, masked = true): Buffer {
  const body = Buffer.from(payload);
  const size =
    body.length < 126 ? Buffer.from([body.length]) : Buffer.from([126, body.length >> 8, body.length & 255]);
  if (body.length > 65_535) throw new RangeError('longer frames are not made here');
  size[0] = (size[0] ?? 0) | (masked ? 0x80 : 0);
  return Buffer.concat([Buffer.from([first]), size, masked ? Buffer.alloc(4) : Buffer.alloc(0), body]);
}

const SUBSCRIBE = '{"op":"subscribe","topic":"venues"}';

/** What became of an attempt: the status of a refusal, the code of a close, or `in` when the topic came. */
function outcomeOf(heard: string): number | 'in' {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1]);
  if (status !== 101) return status;
  if (heard.includes('"topic":"venues"')) return 'in';
  const close = heard.lastIndexOf('\x88');
  return close < 0 ? Number.NaN : heard.charCodeAt(close + 2) * 256 + heard.charCodeAt(close + 3);
}

test('Origin × Host × token × way of giving it: only the right token from our own page or from a program comes in', async () => {
  const logged: string[] = [];
  const keep = (message: string, fields?: unknown) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: keep, warn: keep, error: keep };
  let cases = 0;
  const run = async (gateway: Gateway): Promise<void> => {
    const ours = `127.0.0.1:${gateway.port}`;
    const places: [string | undefined, string, boolean][] = [
      [undefined, ours, true],
      [`http://${ours}`, ours, true],
      ['http://evil.example', ours, false],
      ['null', ours, false],
      [undefined, 'evil.example', false],
      ['http://evil.example', 'evil.example', false],
    ];
    const ticket = async (): Promise<string> => {
      const reply = await fetch(`${gateway.url}/api/v1/ticket`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      return ((await reply.json()) as { ticket: string }).ticket;
    };
    const used = await ticket();
    const bye = frame(0x88, Buffer.from([3, 232]));
    const first = (text: string): Buffer[] => [frame(0x81, text), frame(0x81, SUBSCRIBE)];
    await say(gateway, upgrade(`/api/v1/stream?ticket=${used}`, { Host: ours }), bye);
    const ways: { path?: string; authorization?: string; frames?: Buffer[]; end: number | 'in' }[] = [
      { authorization: `Bearer ${TOKEN}`, end: 'in' },
      { authorization: `Bearer ${WRONG}`, end: 401 },
      { authorization: TOKEN, end: 401 },
      { path: 'fresh', end: 'in' },
      { path: `?ticket=${used}`, end: 401 },
      { path: `?ticket=${TOKEN}`, end: 401 },
      { frames: first(JSON.stringify({ op: 'connect', token: TOKEN })), end: 'in' },
      { frames: first(JSON.stringify({ op: 'connect', token: WRONG })), end: 4504 },
      { path: `?token=${TOKEN}`, end: 4504 },
      { end: 4504 },
    ];
    for (const [origin, host, allowed] of places) {
      for (const { path = '', authorization, frames = [frame(0x81, SUBSCRIBE)], end } of ways) {
        const query = path === 'fresh' ? `?ticket=${await ticket()}` : path;
        const request = upgrade(`/api/v1/stream${query}`, {
          Host: host,
          Origin: origin,
          Authorization: authorization,
        });
        const outcome = await attempt(gateway, request, frames);
        assert.equal(outcome, allowed ? end : 403, JSON.stringify({ origin, host, path, authorization }));
        cases++;
      }
    }
  };
  await guarded({}, run, { token: TOKEN, log });
  assert.equal(cases, 60);
  assert.ok(!logged.some((line) => line.includes(TOKEN)), 'the token is in no line of the log');
});

/** Opens a stream by hand, says the frames and leaves as soon as the outcome is known. */
async function attempt(gateway: Gateway, request: string, frames: readonly Buffer[]): Promise<number | 'in'> {
  const socket = connect(gateway.port, '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => {});
  socket.write(request);
  let heard = '';
  const ended = once(socket, 'close');
  socket.on('data', (text: string) => {
    if (heard === '' && text.startsWith('HTTP/1.1 101')) for (const one of frames) socket.write(one);
    heard += text;
    if (outcomeOf(heard) === 'in' || /\x88/.test(heard)) socket.destroy();
  });
  await ended;
  return outcomeOf(heard);
}

test('with a token, every path but the life sign asks for it, and the refusal names no secret', () =>
  guarded({}, async (gateway) => {
    const status = async (path: string, authorization?: string, method = 'GET'): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await fetch(`${gateway.url}${path}`, { headers, method })).status;
    };
    assert.equal(await status('/healthz'), 200);
    for (const path of [
      '/readyz',
      '/api/v1/status',
      '/api/v1/bounds',
      '/api/docs',
      '/api/docs/json',
      '/metrics',
      '/x',
    ]) {
      assert.equal(await status(path), 401, path);
      assert.equal(await status(path, `Bearer ${WRONG}`), 401, path);
      assert.notEqual(await status(path, `Bearer ${TOKEN}`), 401, path);
    }
    assert.equal(await status('/api/v1/ticket', undefined, 'POST'), 401);
    assert.equal(await status(`/api/v1/status?token=${TOKEN}`), 401);
    const refused = await fetch(`${gateway.url}/api/v1/status`, {
      headers: { authorization: `Bearer ${WRONG}` },
    });
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
    const text = await refused.text();
    assert.ok(text.includes('UNAUTHORIZED') && !text.includes(WRONG) && !text.includes(TOKEN));
  }));

test('a Host header that names no place is refused, and the server lives on', () =>
  guarded(
    {},
    async (gateway) => {
      for (const host of ['localhost:99999', '[:::]', '[1.2.3]:80', '127.0.0.1:65536', '%', '']) {
        const origin = `http://${host}`;
        const answer = await say(gateway, upgrade('/api/v1/stream', { Host: host, Origin: origin }));
        assert.match(answer, /^HTTP\/1\.1 40[03] /, host);
        const plain = await say(
          gateway,
          `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        assert.match(plain, /^HTTP\/1\.1 40[03] /, host);
      }
      assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/api/v1/status`)).status, 200);
    },
    {},
  ));

test('a client that never says its token is closed with 4003, and says nothing else meanwhile', () =>
  guarded({ tokenMs: 100 }, async (gateway) => {
    const silent = await StreamClient.open(gateway.url);
    const good = await StreamClient.open(gateway.url);
    good.send({ op: 'connect', token: TOKEN });
    good.send({ op: 'subscribe', topic: 'venues' });
    assert.equal(await silent.closed, 4003);
    await good.until((message) => message.topic === 'venues' && message.type === 'update');
    good.ws.terminate();
  }));

const HOSTILE: readonly [string, number, Buffer[]][] = [
  ['a message over 64 KiB', 1009, [Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0])]],
  ['a frame without a mask', 1002, [frame(0x81, 'x', false)]],
  ['text that is not UTF-8', 1007, [frame(0x81, Buffer.from([0xc3, 0x28]))]],
  ['reserved bits', 1002, [frame(0xf1, 'x')]],
  ['a control frame over 125 bytes', 1002, [frame(0x89, 'x'.repeat(126))]],
  ['a close code that is none', 1002, [frame(0x88, Buffer.from([0x03, 0xee]))]],
  ['an unknown opcode', 1002, [frame(0x83, 'x')]],
  ['endless fragments', 1008, [frame(0x01, 'x'), ...Array.from({ length: 200 }, () => frame(0x00, ''))]],
  ['a binary message', 4500, [frame(0x82, SUBSCRIBE)]],
];

test('hostile frames in bulk each end their own connection with the right code, and nothing else', () =>
  guarded(
    { clients: 64 },
    async (gateway) => {
      const witness = await StreamClient.open(gateway.url);
      witness.send({ op: 'subscribe', topic: 'routes' });
      const request = upgrade('/api/v1/stream', { Host: '127.0.0.1' });
      for (let round = 0; round < 20; round++) {
        const outcomes = await Promise.all(HOSTILE.map(([, , frames]) => attempt(gateway, request, frames)));
        assert.deepEqual(
          outcomes,
          HOSTILE.map(([, code]) => code),
        );
      }
      const heard = witness.heard.length;
      await witness.until((message) => message.seq > (witness.heard[heard - 1]?.seq ?? 0));
      const numbers = witness.heard.map((message) => message.seq);
      numbers.forEach((seq, i) => {
        assert.equal(seq, (numbers[0] ?? 0) + i);
      });
      witness.ws.terminate();
    },
    {},
  ));

test('a client that floods with pings is closed with 4503 and fills nothing', () =>
  guarded(
    { commandsPerSecond: 20 },
    async (gateway) => {
      const request = upgrade('/api/v1/stream', { Host: '127.0.0.1' });
      const pings = Array.from({ length: 500 }, () => frame(0x89, 'x'.repeat(100)));
      assert.equal(await attempt(gateway, request, pings), 4503);
      const pongs = Array.from({ length: 500 }, () => frame(0x8a, 'abcd'));
      assert.equal(await attempt(gateway, request, pongs), 4503);
    },
    {},
  ));

test('slow lorises of every kind are cut, while a real client comes in', () =>
  guarded({ headersMs: 200, requestMs: 400, lookMs: 50, tokenMs: 200 }, async (gateway) => {
    const drips: NodeJS.Timeout[] = [];
    const drip = (socket: Socket): void => {
      drips.push(setInterval(() => socket.write('x-a: b\r\n'), 30));
    };
    const kinds: [string, (socket: Socket) => void][] = [
      ['silent', () => {}],
      ['half a head', (socket) => void socket.write('GET / HTTP/1.1\r\nHost: 127.0')],
      [
        'dripping',
        (socket) => {
          socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
          drip(socket);
        },
      ],
      [
        'half a body',
        (socket) =>
          void socket.write('POST /api/v1/ticket HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx'),
      ],
      [
        'upgraded without a token',
        (socket) => void socket.write(upgrade('/api/v1/stream', { Host: '127.0.0.1' })),
      ],
    ];
    const cut = kinds.flatMap(([, begin]) =>
      Array.from({ length: 20 }, async () => {
        const socket = connect(gateway.port, '127.0.0.1');
        socket.on('error', () => {}).resume();
        await once(socket, 'connect');
        begin(socket);
        await new Promise((done) => socket.once('close', done));
      }),
    );
    const real = await StreamClient.open(gateway.url, { headers: { authorization: `Bearer ${TOKEN}` } });
    real.send({ op: 'subscribe', topic: 'venues' });
    await real.until((message) => message.topic === 'venues');
    await Promise.all(cut);
    for (const one of drips) clearInterval(one);
    assert.equal(gateway.clients(), 1);
    real.ws.terminate();
  }));

test('one address has so many connections and opens so many streams a second, and gets them back', () =>
  guarded(
    { exemptLoopback: false, connectionsPerAddress: 3, upgradesPerSecond: 1000 },
    async (gateway) => {
      const open = await Promise.all([1, 2, 3].map(() => StreamClient.open(gateway.url)));
      assert.match(await say(gateway, ''), /^HTTP\/1\.1 429 .*TOO_MANY_CONNECTIONS/s);
      open[0]?.ws.terminate();
      await open[0]?.closed;
      while (gateway.clients() > 2) await new Promise(setImmediate);
      const again = await StreamClient.open(gateway.url);
      for (const client of [...open, again]) client.ws.terminate();
    },
    {},
  ));

test('streams are opened no faster than allowed from one address', () =>
  guarded(
    { exemptLoopback: false, connectionsPerAddress: 100, upgradesPerSecond: 4 },
    async (gateway) => {
      const request = upgrade('/api/v1/stream', { Host: '127.0.0.1' });
      const bye = [frame(0x88, Buffer.from([3, 232]))];
      const outcomes: (number | 'in')[] = [];
      for (let i = 0; i < 6; i++) outcomes.push(await attempt(gateway, request, bye));
      assert.deepEqual(outcomes.slice(0, 4), [1000, 1000, 1000, 1000]);
      assert.equal(outcomes.at(-1), 429);
    },
    {},
  ));

test('an IPv6 address counts as its /64 network, an IPv4 one as itself', () => {
  const cases: [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ];
  for (const [address, network] of cases) assert.equal(networkOf(address), network, address);
});

test('a ticket ends after 30 s, and the table of tickets does not grow', async () => {
  const { TokenGate } = await import('../../src/gateway/token.ts');
  let nowMs = 0;
  const gate = new TokenGate(TOKEN, () => nowMs);
  const ticket = gate.issue();
  nowMs = 29_999;
  const young = gate.issue();
  nowMs = 30_000;
  assert.equal(gate.redeem(ticket), false);
  assert.equal(gate.redeem(young), true);
  assert.equal(gate.redeem(young), false);
  for (let i = 0; i < 1000; i++) gate.issue();
  assert.equal(gate.bound().used, 256);
  assert.equal(gate.bound().evicted, 744);
});
