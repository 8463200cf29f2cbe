/**
 * A process of its own that accepts a WebSocket on any path, reads its first segment as the venue, and from then on writes that venue's prepared messages round and round as
 * fast as the socket takes them. Says `{"port":N}` to its parent.
 *
 *   generator <messages> <symbols> [cycles per connection; 0 = no end]
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { isVenueId, type VenueId } from '../src/core/venue-ids.ts';
import { frameForWire, makeFrames } from './frames.ts';

const [messages, symbols, cycles] = process.argv.slice(2).map(Number);
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const cache = new Map<VenueId, Buffer>();

function bufferOf(venue: VenueId): Buffer {
  const known = cache.get(venue);
  if (known !== undefined) return known;
  const made = frameForWire(makeFrames(venue, messages ?? 1000, symbols ?? 100));
  cache.set(venue, made);
  return made;
}

function pump(socket: Duplex, buffer: Buffer): void {
  let left = cycles === undefined || cycles === 0 ? Number.POSITIVE_INFINITY : cycles;
  const write = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= 1;
      if (!socket.write(buffer)) return;
    }
  };
  socket.on('drain', write);
  socket.on('error', () => socket.destroy());
  // What the client says (subscriptions, pings) is read and ignored: data is answer enough.
  socket.resume();
  write();
}

const server = createServer((_request, response) => response.writeHead(404).end());
server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
  const venue = (request.url ?? '').split('/')[1] ?? '';
  if (!isVenueId(venue)) {
    socket.destroy();
    return;
  }
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  pump(socket, bufferOf(venue));
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
