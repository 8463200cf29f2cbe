import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { DialError, dial } from '../../src/feed/dial.ts';

/** A raw server that answers each request with what `answer` makes of its key. */
async function rawServer(
  answer: (key: string, socket: Socket) => string | undefined,
): Promise<Server & { url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const key = /sec-websocket-key: (.*)\r\n/i.exec(text)?.[1] ?? '';
      const reply = answer(key, socket);
      if (reply !== undefined) socket.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/path?x=1` });
}

function accept(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

const upgrade = (headers: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`;

const REFUSED: readonly [
  name: string,
  reply: (key: string) => string,
  message: RegExp,
  status: number | undefined,
][] = [
  ['a wrong Sec-WebSocket-Accept', () => upgrade('Sec-WebSocket-Accept: bm8=\r\n'), /Accept/, 101],
  ['no Sec-WebSocket-Accept', () => upgrade(''), /Accept/, 101],
  [
    'a subprotocol',
    (key) => upgrade(`Sec-WebSocket-Accept: ${accept(key)}\r\nSec-WebSocket-Protocol: x\r\n`),
    /subprotocol/,
    101,
  ],
  [
    'an extension',
    (key) =>
      upgrade(`Sec-WebSocket-Accept: ${accept(key)}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n`),
    /extension/,
    101,
  ],
  [
    'another protocol',
    () => 'HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    /something else/,
    101,
  ],
  [
    'a redirect',
    () => 'HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n',
    /HTTP 302 to https:\/\/elsewhere/,
    302,
  ],
  ['403', () => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', /HTTP 403/, 403],
  ['200', () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /HTTP 200/, 200],
  ['not HTTP', () => 'SSH-2.0-x\r\n\r\n', /./, undefined],
];

for (const [name, reply, message, status] of REFUSED) {
  test(`a dial answered with ${name} fails and says so`, async () => {
    const server = await rawServer((key) => reply(key));
    await assert.rejects(
      dial(server.url, { timeoutMs: 2000, signal: new AbortController().signal }),
      (error) => {
        assert.ok(error instanceof DialError);
        assert.match(error.message, message);
        assert.equal(error.status, status);
        return true;
      },
    );
    server.close();
    await once(server, 'close');
  });
}

test('a good answer gives the socket, with what came right behind the handshake', async () => {
  const server = await rawServer(
    (key) => `${upgrade(`Sec-WebSocket-Accept: ${accept(key)}\r\n`)}first frame`,
  );
  const { socket, reads } = await dial(server.url, { timeoutMs: 2000, signal: new AbortController().signal });
  const text = await new Promise<string>((resolve) => {
    reads.start({
      receive: (bytes, length) => resolve(Buffer.from(bytes.subarray(0, length)).toString()),
      ended: () => resolve('nothing'),
    });
  });
  assert.equal(text, 'first frame');
  socket.destroy();
  server.close();
  await once(server, 'close');
});

test('a server that never answers costs the timeout, and an abort ends a dial at once', async () => {
  const server = await rawServer(() => undefined);
  const signal = new AbortController();
  await assert.rejects(
    dial(server.url, { timeoutMs: 50, signal: signal.signal }),
    /no handshake within 50 ms/,
  );
  const dialling = dial(server.url, { timeoutMs: 60_000, signal: signal.signal });
  signal.abort();
  await assert.rejects(dialling, /aborted/);
  await assert.rejects(dial(server.url, { timeoutMs: 60_000, signal: signal.signal }), /aborted/);
  server.close();
  await once(server, 'close');
});

test('nobody listening, and addresses that are none, are errors too', async () => {
  const server = await rawServer(() => undefined);
  const url = server.url;
  server.close();
  await once(server, 'close');
  const options = { timeoutMs: 2000, signal: new AbortController().signal };
  await assert.rejects(dial(url, options), /ECONNREFUSED/);
  await assert.rejects(dial('http://127.0.0.1/', options), DialError);
});
