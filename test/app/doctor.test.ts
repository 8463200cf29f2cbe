import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultConfig } from '../../src/app/config.ts';
import { connectionLimit } from '../../src/app/connection-limit.ts';
import { checkDisk, checkFiles, checkMemory, checkNode, checkPort } from '../../src/app/doctor-machine.ts';
import { checkSockets } from '../../src/app/doctor-sockets.ts';
import { checkVenue } from '../../src/app/doctor-venue.ts';
import { venueSockets } from '../../src/app/open-files.ts';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import { VENUES } from '../../src/venues/index.ts';

async function withServer(
  handler: RequestListener,
  use: (url: string, port: number) => Promise<void>,
): Promise<void> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await use(`http://127.0.0.1:${port}`, port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Answers with this status and a clock that is off by `aheadMs`; undefined = no clock. */
function answering(status: number, aheadMs: number | undefined): RequestListener {
  return (_request, response) => {
    response.sendDate = false;
    if (aheadMs !== undefined) response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
    response.writeHead(status).write('x'.repeat(1000));
  };
}

async function look(handler: RequestListener) {
  let check = { name: '', ok: false, detail: '' };
  await withServer(handler, async (url) => {
    check = await checkVenue(VENUES.binance, { rest: url, ws: '' });
  });
  return check;
}

test('a venue that answers with our time is well', async () => {
  const check = await look(answering(200, 0));
  assert.equal(check.ok, true, check.detail);
  assert.match(check.detail, /^answers in \d+ ms; the clocks agree$/);
});

test('a clock that is off is found in both directions', async () => {
  const behind = await look(answering(200, 60_000));
  assert.equal(behind.ok, false);
  assert.match(behind.detail, /our clock is (59|60)\.\d s behind/);
  const ahead = await look(answering(200, -60_000));
  assert.equal(ahead.ok, false);
  assert.match(ahead.detail, /our clock is (59|60)\.\d s ahead/);
});

test('a venue that says no time is well, one that refuses is not', async () => {
  assert.equal((await look(answering(200, undefined))).ok, true);
  const refused = await look(answering(451, 0));
  assert.equal(refused.ok, false);
  assert.match(refused.detail, /HTTP 451; it may refuse your country/);
});

test('a venue that nothing listens for is named with its address', async () => {
  let url = '';
  await withServer(answering(200, undefined), async (address) => {
    url = address;
  });
  const check = await checkVenue(VENUES.binance, { rest: url, ws: '' });
  assert.equal(check.ok, false);
  assert.equal(check.detail, `cannot be reached at ${url}: nothing listens there`);
});

test('the port check tells a taken port from a free one', async () => {
  await withServer(answering(200, undefined), async (_url, port) => {
    const check = await checkPort({ host: '127.0.0.1', port });
    assert.equal(check.ok, false);
    assert.match(check.detail, /taken/);
  });
  assert.equal((await checkPort({ host: '127.0.0.1', port: 0 })).ok, true);
});

test('an old Node, a missing folder and a budget beyond the machine are found', async () => {
  assert.equal(checkNode('20.18.3').ok, false);
  assert.equal(checkNode('20.19.0').ok, true);
  assert.equal(checkNode('24.1.0').ok, true);
  assert.equal((await checkDisk(`${tmpdir()}/spreadscope-no-such-folder`)).ok, false);
  assert.equal((await checkDisk(tmpdir())).ok, true);
  const huge = defaultConfig([{ path: 'memory.budget', flag: '--budget', text: '900000GB' }]);
  assert.equal((await checkMemory(huge)).ok, false);
});

test('the descriptors that are needed grow with sockets and clients', () => {
  const need = (clients: number, symbols: number): number => {
    const config = defaultConfig([
      { path: 'limits.clients', flag: '--set', text: String(clients) },
      { path: 'symbolsPerVenue', flag: '--symbols', text: String(symbols) },
      ...VENUE_IDS.map((id) => ({
        path: `venues.${id}.enabled`,
        flag: '--venues',
        text: String(id === 'binance'),
      })),
    ]);
    return Number(/(\d+) needed/.exec(checkFiles(config).detail)?.[1]);
  };
  const each = VENUES.binance.limits.symbolsPerConnection;
  assert.equal(need(256, 1000), 2 * Math.ceil(1000 / each) + 256 + 256 + 128);
  assert.equal(need(1000, 1001), 2 * Math.ceil(1001 / each) + 1000 + 256 + 128);
});

test('a limit on open files lowers the connections, says so, and leaves the recording its own', () => {
  const config = defaultConfig();
  const said: string[] = [];
  const log = { info() {}, warn: (message: string) => void said.push(message), error() {} };
  assert.equal(connectionLimit(config, log, 65_536), config.limits.clients + 256);
  assert.deepEqual(said, []);
  const lowered = connectionLimit(config, log, 512);
  assert.equal(lowered, 512 - 128 - venueSockets(config));
  assert.equal(said.length, 1);
});

test('send buffers that cost much with many clients are told with what to do, and are never a failure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-'));
  const set = (most: number, notSent: number): void => {
    writeFileSync(join(folder, 'tcp_wmem'), `4096\t16384\t${most}\n`);
    writeFileSync(join(folder, 'tcp_notsent_lowat'), `${notSent}\n`);
  };
  set(4_194_304, 4_294_967_295);
  assert.match(checkSockets(folder).detail, /^tcp_wmem up to 4194304, .* off; .*tcp_notsent_lowat=65536/);
  set(4_194_304, 65_536);
  assert.equal(checkSockets(folder).detail, 'tcp_wmem up to 4194304, tcp_notsent_lowat 65536');
  assert.equal(checkSockets(folder).ok, true);
  rmSync(folder, { recursive: true });
  assert.equal(checkSockets(folder).ok, true);
});
