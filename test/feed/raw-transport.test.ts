import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { ByteBudget } from '../../src/feed/byte-budget.ts';
import { openRawTransport } from '../../src/feed/raw-transport.ts';
import type { Transport, TransportHandler } from '../../src/feed/transport.ts';
import { selfSigned } from './certificate.ts';
import { serverFrame } from './frames.ts';

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MESSAGES = 20_000;

/** Accepts every handshake, with `behind` in the same write as its answer. */
async function listen(secure: boolean, behind: Buffer, onPeer: (peer: Socket) => void): Promise<Server> {
  const onSocket = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (request: Buffer) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(request.toString('latin1'))?.[1] ?? '';
      const accept = createHash('sha1')
        .update(key + ACCEPT_GUID)
        .digest('base64');
      const head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), behind]));
      socket.resume();
      onPeer(socket);
    });
  };
  const server = secure ? createTlsServer(selfSigned(), onSocket) : createPlainServer(onSocket);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return server;
}

/** Notes what a transport tells; `heard` resolves when `wanted` messages have come, `over` at the end. */
class Listener implements TransportHandler {
  readonly texts: string[] = [];
  readonly heard: Promise<void>;
  readonly over: Promise<string>;
  onMessage: () => void = () => undefined;
  #resolveHeard: () => void = () => undefined;
  #resolveOver: (reason: string) => void = () => undefined;
  readonly #wanted: number;

  constructor(wanted: number) {
    this.#wanted = wanted;
    this.heard = new Promise((resolve) => {
      this.#resolveHeard = resolve;
    });
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
  }

  received(): void {}
  message(bytes: Uint8Array, start: number, end: number): void {
    this.texts.push(Buffer.from(bytes.subarray(start, end)).toString());
    this.onMessage();
    if (this.texts.length === this.#wanted) this.#resolveHeard();
  }
  pinged(): void {}
  ponged(): void {}
  batchEnd(): void {}
  closed(code: number, reason: string): void {
    this.#resolveOver(`${code} ${reason}`);
  }
}

function open(server: Server, secure: boolean, handler: TransportHandler): Promise<Transport> {
  return openRawTransport({
    url: `${secure ? 'wss' : 'ws'}://localhost:${(server.address() as AddressInfo).port}/`,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    maxMessageBytes: 100_000,
    budget: new ByteBudget(1e6),
    handler,
  });
}

const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `message ${i} ${'x'.repeat(i % 200)}`);
const frames = (all: readonly string[]): Buffer => Buffer.concat(all.map((text) => serverFrame(1, text)));

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

for (const secure of [false, true]) {
  const way = secure ? 'TLS' : 'plain TCP';

  test(`over ${way} nothing is lost or told out of order: behind the handshake, across pauses, before the peer's end`, async (t) => {
    trustAnyone(t);
    const all = texts(MESSAGES);
    const server = await listen(secure, frames(all.slice(0, 3)), (peer) => peer.end(frames(all.slice(3))));
    const listener = new Listener(MESSAGES);
    const transport = await open(server, secure, listener);
    let pauses = 0;
    listener.onMessage = () => {
      if (listener.texts.length % 5000 !== 1) return;
      pauses += 1;
      transport.pause();
      setImmediate(() => {
        // The rest of the chunk at hand may still have come; nothing after it.
        const sofar = listener.texts.length;
        setImmediate(() => {
          assert.equal(listener.texts.length, sofar);
          transport.resume();
        });
      });
    };
    transport.start();
    assert.equal(await listener.over, '1006 the peer closed the socket');
    assert.deepEqual(listener.texts, all);
    assert.equal(pauses, 4);
    await closed(server);
  });

  test(`over ${way} nothing is told before the start, and nothing after a goodbye`, async (t) => {
    trustAnyone(t);
    const peers: Socket[] = [];
    const all = texts(10);
    const server = await listen(secure, frames(all), (peer) => peers.push(peer));
    const listener = new Listener(all.length);
    const transport = await open(server, secure, listener);
    await new Promise(setImmediate);
    assert.deepEqual(listener.texts, []);
    transport.start();
    await listener.heard;
    const peer = peers[0] as Socket;
    const goodbye = transport.close(1000, 5000);
    peer.write(frames(['too late']));
    await goodbye;
    assert.deepEqual(listener.texts, all);
    await closed(server);
  });
}

test('two sockets that read by turns do not disturb each other’s messages', async () => {
  const all = texts(5000);
  const whole = frames(all);
  // Pieces of odd sizes, so that nearly every read ends inside a frame.
  const server = await listen(false, Buffer.alloc(0), (peer) => {
    let at = 0;
    const next = (): void => {
      const piece = whole.subarray(at, at + 7919);
      at += piece.length;
      if (piece.length === 0) peer.end();
      else peer.write(piece, () => setImmediate(next));
    };
    next();
  });
  const listeners = [new Listener(all.length), new Listener(all.length), new Listener(all.length)];
  for (const transport of await Promise.all(listeners.map((l) => open(server, false, l)))) transport.start();
  for (const listener of listeners) {
    await listener.over;
    assert.deepEqual(listener.texts, all);
  }
  await closed(server);
});

test('a certificate that nobody vouches for is no connection', async () => {
  const server = await listen(true, Buffer.alloc(0), () => undefined);
  await assert.rejects(open(server, true, new Listener(0)), /self-signed certificate/);
  await closed(server);
});

/** The test's own certificate is signed by nobody. */
function trustAnyone(t: TestContext): void {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  t.after(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });
}
