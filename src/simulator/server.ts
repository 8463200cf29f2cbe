import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { ERRORS, SpreadscopeError } from '../core/errors.ts';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import { Connection, type Dialled } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { Faults } from './faults.ts';
import type { Protocol } from './protocols/protocol.ts';

const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_BODY_BYTES = 65_536;
const BEAT_MS = 250;

export interface ServerParts {
  readonly exchanges: ReadonlyMap<VenueId, Exchange>;
  readonly protocols: Readonly<Record<VenueId, Protocol>>;
  readonly faults: Faults;
  /** Answers what is under /_sim/; undefined = nothing is there. */
  readonly control: (method: string, path: string, body: unknown) => unknown;
}

/** The one HTTP and WebSocket server behind which all venues are. */
export class SimulatorServer {
  readonly #parts: ServerParts;
  readonly #http: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ws = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  readonly #beat: NodeJS.Timeout;
  #dials = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#http = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => replyError(response, error));
    });
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#http.on('upgrade', (request, stream, head) => this.#upgrade(request, stream, head));
    this.#beat = setInterval(() => this.#tend(), BEAT_MS);
  }

  /** The port that it listens on. Throws PORT_IN_USE or LISTEN_FAILED. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => {
        const used = error.code === 'EADDRINUSE';
        const message = used ? `port ${port} is in use: choose another` : `cannot listen on ${host}:${port}`;
        reject(new SpreadscopeError(used ? 'PORT_IN_USE' : 'LISTEN_FAILED', message, { cause: error }));
      });
      this.#http.listen(port, host, resolve);
    });
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#http.listening) return;
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const [, first = ''] = url.pathname.split('/');
    const method = request.method ?? 'GET';
    if (first === '_sim') {
      const body = method === 'POST' ? await readJson(request) : undefined;
      const reply = this.#parts.control(method, url.pathname.slice('/_sim'.length), body);
      if (reply === undefined) throw new SpreadscopeError('NOT_FOUND', `there is nothing at ${url.pathname}`);
      return replyJson(response, 200, reply);
    }
    const exchange = isVenueId(first) ? this.#parts.exchanges.get(first) : undefined;
    if (exchange === undefined) throw new SpreadscopeError('UNKNOWN_VENUE', `no venue "${first}" here`);
    const { venue } = exchange;
    if (this.#parts.faults.isHalfOpen(venue)) return this.#parts.faults.hold(venue, request.socket);
    if (this.#parts.faults.refuses(venue)) return replyJson(response, 503, { error: 'unavailable' });
    request.resume();
    const path = url.pathname.slice(first.length + 1);
    const rest = { method, path, query: url.searchParams, nowMs: Date.now() };
    const reply = this.#parts.protocols[venue].rest(exchange, rest);
    if (reply === undefined) throw new SpreadscopeError('NOT_FOUND', `${venue} has nothing at ${path}`);
    replyJson(response, 200, reply);
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://simulator');
    const [, first = ''] = url.pathname.split('/');
    const exchange = isVenueId(first) ? this.#parts.exchanges.get(first) : undefined;
    if (exchange === undefined) {
      refuse(socket, 404, 'no such venue');
      return;
    }
    const { venue } = exchange;
    if (this.#parts.faults.isHalfOpen(venue)) {
      this.#parts.faults.hold(venue, socket);
      return;
    }
    if (this.#parts.faults.refuses(venue)) {
      refuse(socket, 503, 'unavailable');
      return;
    }
    const dialled: Dialled = { path: url.pathname.slice(first.length + 1), query: url.searchParams };
    const refusal = this.#parts.protocols[venue].admit(exchange, dialled, Date.now());
    if (refusal !== undefined) {
      refuse(socket, refusal.status, refusal.body);
      return;
    }
    this.#ws.handleUpgrade(request, socket, head, (ws) => this.#accept(exchange, ws, socket, dialled));
  }

  #accept(exchange: Exchange, ws: WebSocket, socket: Socket, dialled: Dialled): void {
    const protocol = this.#parts.protocols[exchange.venue];
    this.#dials += 1;
    const id = `sim${this.#dials.toString(16).padStart(13, '0')}`;
    const connection = new Connection(ws, socket, dialled, id, Date.now());
    socket.setNoDelay(true);
    exchange.connections.add(connection);
    ws.on('message', (data, binary) => {
      connection.lastClientMs = Date.now();
      if (!binary) protocol.message(exchange, connection, String(data), connection.lastClientMs);
    });
    const control = (): void => {
      connection.lastClientMs = Date.now();
      protocol.controlFrame?.(exchange, connection, connection.lastClientMs);
    };
    ws.on('ping', control);
    ws.on('pong', () => {
      connection.lastPongMs = Date.now();
      control();
    });
    ws.on('error', () => ws.terminate());
    ws.on('close', () => exchange.left(connection));
    protocol.opened?.(exchange, connection);
  }

  #tend(): void {
    const nowMs = Date.now();
    for (const exchange of this.#parts.exchanges.values()) {
      const { lifetimeMs } = exchange.settings;
      for (const connection of exchange.connections) {
        if (connection.outbox.frozen) continue;
        if (lifetimeMs !== undefined && nowMs - connection.openedMs > lifetimeMs) connection.ws.terminate();
        else this.#parts.protocols[exchange.venue].beat(exchange, connection, nowMs);
      }
    }
  }
}

function refuse(socket: Socket, status: number, body: string): void {
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function replyJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

function replyError(response: ServerResponse, error: unknown): void {
  const known = error instanceof SpreadscopeError;
  const code = known ? error.code : 'INTERNAL';
  const message = known ? error.message : 'a fault in the simulator itself';
  if (!known) console.error(error);
  // The simulator's own errors under /_sim are bad requests; a venue's missing path is not found.
  const status = code === 'UNKNOWN_VENUE' || code === 'UNKNOWN_SYMBOL' ? 400 : ERRORS[code].http;
  replyJson(response, status, { error: { code, message } });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    const bytes = part as Buffer;
    length += bytes.length;
    if (length > MAX_BODY_BYTES)
      throw new SpreadscopeError('BAD_REQUEST', `a body has at most ${MAX_BODY_BYTES} bytes`);
    parts.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new SpreadscopeError('BAD_REQUEST', 'the body is not JSON', { cause: error });
  }
}
