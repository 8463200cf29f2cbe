/**
 * A process of its own that plays the sending half of the venues: it accepts a WebSocket on any path, takes the path's first segment for the venue, and writes prepared messages round and
 * round as fast as the socket takes them.
 *
 *   generator all <messages> <symbols>          at once, all symbols, without end
 *   generator subscribed <messages> <symbols>   one cycle of the symbols that the connection named, again every few seconds, until the
 *                                               parent says {"cycles":N}: then that many more on each connection
 *
 * Says {"port":N} to its parent, and {"sent":M} when every connection has written its last cycle.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { isVenueId, type VenueId } from '../src/core/venue-ids.ts';
import { VENUES } from '../src/venues/index.ts';
import { coins, frameForWire, makeFrames, nativeId } from './frames.ts';

const [mode = '', messages = '', symbols = ''] = process.argv.slice(2);
const COINS = coins(Number(symbols));
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** A connection that has named no further symbol for this long has named all; the slowest venue takes nine a second. */
const NAMED_ALL_MS = 1_500;
/** Below every venue's limit of silence. */
const AGAIN_MS = 4_000;
const WELCOME = Buffer.from('{"id":"1","type":"welcome"}');

const shared = new Map<VenueId, Buffer>();
const connections = new Set<Connection>();

/** One connection's messages on their way. */
class Connection {
  readonly #socket: Duplex;
  readonly #buffer: Buffer;
  #left: number;
  /** Cycles written. */
  sent = 0;
  #done: () => void = () => undefined;

  constructor(socket: Duplex, buffer: Buffer, cycles: number) {
    this.#socket = socket;
    this.#buffer = buffer;
    this.#left = cycles;
    socket.on('drain', () => this.#write());
    this.#write();
  }

  /** Writes more cycles; resolves when the socket has taken the last. */
  cycles(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#left += count;
      this.#write();
    });
  }

  #write(): void {
    while (this.#left > 0 && !this.#socket.destroyed) {
      this.#left -= 1;
      this.sent += 1;
      if (!this.#socket.write(this.#buffer)) break;
    }
    if (this.#left === 0) this.#done();
  }
}

function bufferOfAll(venue: VenueId): Buffer {
  const known = shared.get(venue);
  if (known !== undefined) return known;
  const made = frameForWire(makeFrames(venue, Number(messages), COINS));
  shared.set(venue, made);
  return made;
}

/** Collects the coins that a client names in its masked text frames, and answers them once, when it has named all. */
function named(venue: VenueId, socket: Duplex, done: (bases: string[]) => void): void {
  const byId = new Map(COINS.map((base) => [nativeId(venue, base), base]));
  const bases = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const finish = (): void => {
    socket.off('data', read);
    socket.resume();
    done([...bases]);
  };
  const read = (chunk: Buffer): void => {
    for (const text of clientTexts(chunk)) {
      // One request a symbol at nine a second: without an answer the client would begin again before it had named all.
      if (venue === 'bingx') socket.write(bingxAck(text));
      for (const [id] of text.toUpperCase().matchAll(/[A-Z][0-9]+C[-_]?USDT/g)) {
        const base = byId.get(id);
        if (base !== undefined) bases.add(base);
      }
    }
    clearTimeout(timer);
    if (bases.size === VENUES[venue].limits.symbolsPerConnection) finish();
    else if (bases.size > 0) timer = setTimeout(finish, NAMED_ALL_MS);
  };
  socket.on('data', read);
}

function unmasked(payload: Buffer, mask: Buffer): string {
  return Buffer.from(payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0))).toString();
}

function bingxAck(request: string): Buffer {
  const { id } = JSON.parse(request) as { id: string };
  const ack = gzipSync(JSON.stringify({ code: 0, id, msg: 'SUCCESS' }));
  return Buffer.concat([Buffer.from([0x82, ack.length]), ack]);
}

/** The texts of the frames in a chunk; frames of clients are small and come whole here. */
function* clientTexts(chunk: Buffer): Generator<string> {
  let at = 0;
  while (at + 6 <= chunk.length) {
    const short = (chunk[at + 1] ?? 0) & 127;
    const mask = at + (short === 126 ? 4 : 2);
    const length = short === 126 ? chunk.readUInt16BE(at + 2) : short;
    const payload = chunk.subarray(mask + 4, mask + 4 + length);
    if (((chunk[at] ?? 0) & 15) === 1) yield unmasked(payload, chunk.subarray(mask, mask + 4));
    at = mask + 4 + length;
  }
}

function upgrade(request: IncomingMessage, socket: Duplex): void {
  const venue = (request.url ?? '').split('/')[1]?.split('?')[0] ?? '';
  if (!isVenueId(venue)) {
    socket.destroy();
    return;
  }
  socket.on('error', () => socket.destroy());
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  if (venue === 'kucoin') socket.write(Buffer.concat([Buffer.from([0x81, WELCOME.length]), WELCOME]));
  if (mode === 'all') {
    socket.resume();
    connections.add(new Connection(socket, bufferOfAll(venue), Number.POSITIVE_INFINITY));
    return;
  }
  named(venue, socket, (bases) => {
    connections.add(new Connection(socket, frameForWire(makeFrames(venue, Number(messages), bases)), 1));
  });
}

/** KuCoin's token. */
function token(_request: IncomingMessage, response: ServerResponse): void {
  const endpoint = `ws://127.0.0.1:${port()}/kucoin/`;
  const instanceServers = [
    { endpoint, encrypt: false, protocol: 'websocket', pingInterval: 18_000, pingTimeout: 10_000 },
  ];
  response.end(JSON.stringify({ code: '200000', data: { token: 'bench', instanceServers } }));
}

const server = createServer(token);
const port = (): number => (server.address() as AddressInfo).port;
server.on('upgrade', upgrade);
server.listen(0, '127.0.0.1', () => process.send?.({ port: port() }));
const again = setInterval(() => {
  if (mode === 'subscribed') for (const connection of connections) void connection.cycles(1);
}, AGAIN_MS);
process.on('message', ({ cycles }: { cycles: number }) => {
  clearInterval(again);
  Promise.all([...connections].map((connection) => connection.cycles(cycles))).then(
    () => {
      const sent = [...connections].reduce((sum, connection) => sum + connection.sent, 0);
      process.send?.({ sent: sent * Number(messages) });
    },
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
