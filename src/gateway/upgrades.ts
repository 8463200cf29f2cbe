import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions as WsOptions } from 'ws';
import { type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import type { Access } from './access.ts';
import type { Addresses } from './addresses.ts';
import { rawError } from './http-error.ts';
import type { Hub } from './hub.ts';
import { MAX_BUFFERED_CHUNKS, MAX_FRAGMENTS, MAX_MESSAGE_BYTES } from './limits.ts';
import type { PastStreams } from './past-proxy.ts';
import { pastStreamOf } from './past-route.ts';
import type { PastLease, PastSource } from './sources.ts';
import type { TokenGate } from './token.ts';

export interface UpgradeGuard {
  readonly hub: Hub;
  readonly access: Access;
  readonly addresses: Addresses;
  readonly token: TokenGate;
  readonly past: PastSource | undefined;
  readonly pastStreams: PastStreams;
}

const STREAM_PATH = '/api/v1/stream';
/** How long ws waits for the other side's part of a closing handshake after a broken frame. */
const CLOSE_TIMEOUT_MS = 5000;

const WS_OPTIONS: WsOptions & { readonly closeTimeout: number; readonly maxBufferedChunks: number } = {
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
  // Its memory per client is more than the rest of the client's together.
  perMessageDeflate: false,
  skipUTF8Validation: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // Pings of clients are answered by us, who count them: a client that pings and does not read would else fill the memory.
  autoPong: false,
};

/** Turns requests for a stream into clients of the hub, or away: with an HTTP status, before the handshake. */
export function acceptStreams(server: Server, guard: UpgradeGuard): void {
  const sockets = new WebSocketServer(WS_OPTIONS);
  server.on('upgrade', (request, socket, head) => {
    const entry = admit(request, guard);
    if ('lease' in entry) guard.pastStreams.join(request, socket, head, entry.path, entry.lease);
    else if (!('trusted' in entry)) turnAway(socket, entry[0], entry[1]);
    else sockets.handleUpgrade(request, socket, head, (ws) => guard.hub.admit(ws, socket, entry.trusted));
  });
}

/** Refuses sockets of addresses that have as many as they may; counts the others as long as they are open. */
export function countSockets(server: Server, addresses: Addresses): void {
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (addresses.enter(address, performance.now())) socket.once('close', () => addresses.leave(address));
    else turnAway(socket, 'TOO_MANY_CONNECTIONS', 'your address has as many connections as it may have');
  });
}

type Refusal = readonly [ErrorCode, string];

/** A stream of a past moment; who may have it is for its own process to say, which knows the same token. */
interface PastEntry {
  readonly path: string;
  readonly lease: PastLease;
}

function admit(
  request: IncomingMessage,
  guard: UpgradeGuard,
): Refusal | PastEntry | { readonly trusted: boolean } {
  const { hub, access, addresses, token } = guard;
  const { host, origin } = request.headers;
  const address = request.socket.remoteAddress;
  if (!access.allowsHost(host)) return ['FORBIDDEN', 'the Host header does not name this server'];
  if (!access.allowsOrigin(origin, host, address, token.isShut)) {
    return [
      'FORBIDDEN',
      'a stream can only be opened by the page of this server, by a program on this machine or with the token',
    ];
  }
  if (!addresses.mayUpgrade(address ?? '', performance.now())) {
    return ['TOO_MANY_CONNECTIONS', 'your address opens streams faster than it may'];
  }
  const [path, query = ''] = (request.url ?? '').split('?', 2);
  if (path?.startsWith('/past/') === true) return pastEntry(guard, path, query);
  if (path !== STREAM_PATH) return ['NOT_FOUND', `the stream is at ${STREAM_PATH}`];
  if (hub.isCrowded) return ['TOO_MANY_CLIENTS', 'the server has as many clients as it may have'];
  return credentials(request.headers.authorization, new URLSearchParams(query).get('ticket'), token);
}

function pastEntry({ past, pastStreams }: UpgradeGuard, path: string, query: string): Refusal | PastEntry {
  if (!pastStreams.admits())
    return ['PAST_BUSY', 'as many streams of recorded moments are open as there may be; close some pages'];
  try {
    const found = pastStreamOf(past, path);
    if (found === undefined) return ['NOT_FOUND', 'no recorded moments are shown here'];
    return { lease: found.lease, path: query === '' ? found.path : `${found.path}?${query}` };
  } catch (error) {
    if (error instanceof SpreadscopeError) return [error.code, error.message];
    return ['BAD_REQUEST', 'the path cannot be read'];
  }
}

/** What came with the request must be right; if nothing came, the first message has to say it. */
function credentials(
  header: string | undefined,
  ticket: string | null,
  token: TokenGate,
): Refusal | { readonly trusted: boolean } {
  if (!token.isShut) return { trusted: true };
  if (header !== undefined) {
    return token.knowsHeader(header) ? { trusted: true } : ['UNAUTHORIZED', 'the token is wrong'];
  }
  if (ticket === null) return { trusted: false };
  return token.redeem(ticket)
    ? { trusted: true }
    : ['UNAUTHORIZED', 'the ticket is unknown, used or over 30 s old'];
}

function turnAway(socket: Duplex, code: ErrorCode, message: string): void {
  // The peer may be gone already, and nobody else listens on this socket.
  socket.on('error', () => socket.destroy());
  socket.end(rawError(code, message), () => socket.destroy());
}
