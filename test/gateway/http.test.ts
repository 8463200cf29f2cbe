import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { FakeSources, start } from './fake-sources.ts';

const sources = new FakeSources();
let gateway: Gateway;

before(async () => {
  gateway = await start(sources);
});
after(() => gateway.stop());

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const reply = await fetch(`${gateway.url}${path}`);
  return { status: reply.status, body: await reply.json() };
}

async function errorOf(path: string): Promise<{ status: number; code: string; message: string }> {
  const { status, body } = await get(path);
  const { error } = body as { error: { code: string; message: string } };
  assert.deepEqual(Object.keys(body as object), ['error']);
  return { status, ...error };
}

function withHost(host: string): Promise<number> {
  return new Promise((done, fail) => {
    const sent = request({ port: gateway.port, path: '/api/v1/status', headers: { host } }, (reply) => {
      reply.resume();
      done(reply.statusCode ?? 0);
    });
    sent.on('error', fail);
    sent.end();
  });
}

test('every path answers what its source says', async () => {
  assert.deepEqual((await get('/api/v1/status')).body, { ...sources.status(), version: '1.2.3', clients: 0 });
  assert.deepEqual((await get('/api/v1/venues')).body, { venues: sources.venues() });
  assert.deepEqual((await get('/api/v1/symbols')).body, { symbols: sources.symbols() });
  assert.deepEqual((await get('/api/v1/quotes/BTC-USDT')).body, {
    symbol: 'BTC-USDT',
    quotes: sources.quotes('BTC-USDT'),
  });
  assert.deepEqual((await get('/api/v1/routes')).body, sources.routes({}));
  assert.deepEqual(
    (await get('/api/v1/routes/BTC-USDT/gate/okx')).body,
    sources.route('BTC-USDT', 'gate', 'okx'),
  );
  assert.deepEqual((await get('/api/v1/bounds')).body, { ...sources.bounds(), total: 100 });
  assert.deepEqual(await get('/healthz'), { status: 200, body: { alive: true } });
});

test('parameters of routes arrive as numbers and text', async () => {
  await get('/api/v1/routes?sort=notional&limit=1000&symbol=btc&minNetBps=-2.5&minNotional=1e3');
  assert.deepEqual(sources.asked.at(-1), {
    sort: 'notional',
    limit: 1000,
    symbol: 'btc',
    minNetBps: -2.5,
    minNotional: 1000,
  });
});

test('a symbol may be of any script', async () => {
  await get(`/api/v1/routes?symbol=${encodeURIComponent('币安人生-USDT')}`);
  assert.deepEqual(sources.asked.at(-1), { symbol: '币安人生-USDT' });
  const { code, message } = await errorOf(`/api/v1/quotes/${encodeURIComponent('币安人生-USDT')}`);
  assert.deepEqual([code, message.includes('币安人生-USDT')], ['UNKNOWN_SYMBOL', true]);
});

test('a sender of no HTTP is told so and cut, even if it keeps its own side open', {
  timeout: 5000,
}, async () => {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
  let told = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  socket.write('\x16\x03\x01 no HTTP\r\n\r\n');
  await once(socket, 'end');
  // Writing to a cut connection is how the sender learns of it.
  const more = setInterval(() => socket.write('x'), 5);
  const [cut] = (await once(socket, 'error').finally(() => clearInterval(more))) as [NodeJS.ErrnoException];
  assert.match(cut.code ?? '', /EPIPE|ECONNRESET/);
  assert.match(told, /^HTTP\/1\.1 400 .*"BAD_REQUEST"/s);
});

test('a parameter that is not allowed is named, with what is allowed', async () => {
  const cases: [string, RegExp][] = [
    [
      'sort=best',
      /^sort is "best"; allowed is one of net, gross, notional, size, age, opportunities, symbol/,
    ],
    ['limit=0', /^limit is "0"; allowed is a whole number from 1 to 1000/],
    ['limit=1001', /^limit /],
    ['limit=1.5', /^limit /],
    ['limit=', /^limit /],
    ['limit=%205', /^limit /],
    ['limit=0x10', /^limit /],
    ['limit=5&limit=6', /^limit is given more than once/],
    ['symbol=', /^symbol /],
    ['symbol=A%20B', /^symbol /],
    ['symbol=A%00', /^symbol /],
    ['symbol=%E2%80%AEBTC', /^symbol /],
    [`symbol=${'A'.repeat(65)}`, /^symbol /],
    ['minNetBps=NaN', /^minNetBps /],
    ['minNetBps=1e999', /^minNetBps /],
    ['minNotional=-1', /^minNotional is "-1"; allowed is a number from 0/],
    [
      'colour=red',
      /^unknown parameter "colour"; sort, order, limit, symbol, minNetBps, minNotional, verdict, identity, offset, buy, sell, only, hide are allowed$/,
    ],
    ['__proto__=1', /^unknown parameter "__proto__"/],
  ];
  for (const [query, message] of cases) {
    const error = await errorOf(`/api/v1/routes?${query}`);
    assert.deepEqual([error.status, error.code], [400, 'BAD_REQUEST'], query);
    assert.match(error.message, message);
  }
  assert.match(
    (await errorOf('/api/v1/status?x=1')).message,
    /^unknown parameter "x"; no parameter is allowed$/,
  );
});

test('what is not there is told apart: path, symbol, venue, route', async () => {
  const cases: [string, number, string][] = [
    ['/api/v1/nothing', 404, 'NOT_FOUND'],
    ['/', 404, 'NOT_FOUND'],
    ['/api/v1/quotes/DOGE-USDT', 404, 'UNKNOWN_SYMBOL'],
    ['/api/v1/routes/DOGE-USDT/okx/gate', 404, 'UNKNOWN_SYMBOL'],
    ['/api/v1/routes/BTC-USDT/okx/nyse', 404, 'UNKNOWN_VENUE'],
    ['/api/v1/routes/BTC-USDT/okx/binance', 404, 'UNKNOWN_ROUTE'],
    ['/api/v1/routes/BTC-USDT/okx/okx', 404, 'UNKNOWN_ROUTE'],
    ['/api/v1/quotes/%zz', 400, 'BAD_REQUEST'],
  ];
  for (const [path, status, code] of cases) {
    const error = await errorOf(path);
    assert.deepEqual([error.status, error.code], [status, code], path);
  }
});

test('ready follows the venues: one live venue is enough, and without one the reasons are told', async () => {
  assert.deepEqual(await get('/readyz'), { status: 200, body: { ready: true, reasons: [] } });
  sources.state = 'down';
  const { status, body } = await get('/readyz');
  sources.state = 'live';
  assert.equal(status, 503);
  assert.deepEqual(body, {
    ready: false,
    reasons: ['okx is down: it does not answer', 'gate is down: it does not answer'],
  });
});

test('a fault of ours is an INTERNAL error that tells nothing of the inside, and is logged', async () => {
  const logged: string[] = [];
  const broken = new FakeSources();
  broken.broken = true;
  const log = { info() {}, warn() {}, error: (message: string) => void logged.push(message) };
  const other = await start(broken, { log });
  const reply = await fetch(`${other.url}/api/v1/routes`);
  const text = await reply.text();
  assert.equal(reply.status, 500);
  assert.deepEqual((JSON.parse(text) as { error: { code: string } }).error.code, 'INTERNAL');
  assert.ok(!text.includes('fire'));
  assert.deepEqual(logged, ['a request failed']);
  await other.stop();
});

test('a reply that is not of its schema is not sent', async () => {
  const wrong = new FakeSources();
  const rows = wrong.routes({}).routes;
  wrong.routes = () => ({ total: 1, routes: rows.map((row) => ({ ...row, netBps: Number.NaN })) });
  const other = await start(wrong);
  assert.equal((await fetch(`${other.url}/api/v1/routes`)).status, 500);
  await other.stop();
});

test('the OpenAPI document is 3.1, knows every path and its parameters; the page shows them', async () => {
  const { body } = await get('/api/docs/json');
  const document = body as {
    openapi: string;
    paths: Record<string, { get: { parameters?: { name: string }[]; responses: Record<string, unknown> } }>;
  };
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths), [
    '/api/v1/status',
    '/api/v1/venues',
    '/api/v1/symbols',
    '/api/v1/quotes/{symbol}',
    '/api/v1/routes',
    '/api/v1/routes/{symbol}/{buy}/{sell}',
    '/api/v1/why/{symbol}/{buy}/{sell}',
    '/api/v1/history',
    '/api/v1/opportunities',
    '/api/v1/survival',
    '/api/v1/leadlag',
    '/api/v1/alerts',
    '/api/v1/identity',
    '/api/v1/gaps',
    '/api/v1/trades',
    '/api/v1/sparklines',
    '/api/v1/memory',
    '/api/v1/bounds',
    '/healthz',
    '/readyz',
  ]);
  const routes = document.paths['/api/v1/routes']?.get;
  assert.deepEqual(
    routes?.parameters?.map((parameter) => parameter.name),
    'sort,order,limit,symbol,minNetBps,minNotional,verdict,identity,offset,buy,sell,only,hide'.split(','),
  );
  const page = await (await fetch(`${gateway.url}/api/docs`)).text();
  for (const path of Object.keys(document.paths)) assert.ok(page.includes(path), path);
  assert.ok(page.includes('<code>minNotional</code> (query): a number from 0'));
});

test('only names of this machine are served, and no other site may read a reply', async () => {
  const cases: [string, number][] = [
    [`127.0.0.1:${gateway.port}`, 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:80', 200],
    ['127.8.8.8', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['192.168.1.1', 403],
    ['localhost@evil.example', 403],
    ['localhost/', 403],
  ];
  for (const [host, status] of cases) assert.equal(await withHost(host), status, host);
  const { headers } = await fetch(`${gateway.url}/api/v1/status`, {
    headers: { origin: 'http://evil.example' },
  });
  assert.equal(headers.get('access-control-allow-origin'), null);
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.ok(!policy.includes('unsafe'));
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});

test('the page is served from its folder, and nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-'));
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  const other = await start(sources, { webRoot: folder });
  const page = await fetch(`${other.url}/`);
  assert.equal(await page.text(), '<p>page</p>');
  assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self'/);
  assert.equal((await fetch(`${other.url}/..%2f..%2fetc%2fpasswd`)).status, 404);
  await other.stop();
  rmSync(folder, { recursive: true });
});

test('bytes that are not HTTP get an error and the connection ends', async () => {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.setEncoding('utf8').write('hello\r\n\r\n');
  let text = '';
  socket.on('data', (data: string) => {
    text += data;
  });
  await once(socket, 'close');
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.match(text, /"code":"BAD_REQUEST"/);
});

test('a port that is taken and a host that is not ours are told apart', async () => {
  await assert.rejects(start(sources, { port: gateway.port }), { code: 'PORT_IN_USE' });
  await assert.rejects(start(sources, { host: '203.0.113.1' }), { code: 'LISTEN_FAILED' });
});
