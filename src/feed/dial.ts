import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SocketReads } from './socket-reads.ts';

/** RFC 6455 §1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A dial that did not become a WebSocket. */
export class DialError extends Error {
  /** The HTTP status that came instead of 101, if one did. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DialError';
    this.status = status;
  }
}

export interface DialedSocket {
  readonly socket: Socket;
  /** What it reads, from the first byte behind the handshake on; nothing flows before `start`. The socket has no `data` events. */
  readonly reads: SocketReads;
}

export interface DialOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a WebSocket: Node's own client makes TCP, TLS and the HTTP handshake; this checks the answer (RFC 6455 §4.1). No extension or subprotocol is offered, so none may be
 * answered. Redirects are not followed. Rejects with a DialError.
 */
export function dial(url: string, options: DialOptions): Promise<DialedSocket> {
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const reads = new SocketReads();
    const request = upgradeRequest(url, key, reads);
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
    };
    const fail = (error: DialError): void => {
      settle();
      reject(error);
      request.destroy();
    };
    const abort = (): void => fail(new DialError('aborted'));
    timer = setTimeout(
      () => fail(new DialError(`no handshake within ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    options.signal.addEventListener('abort', abort);
    request.on('error', (error) => fail(new DialError(error.message, undefined, { cause: error })));
    request.on('response', (response) => {
      const status = response.statusCode;
      fail(new DialError(`HTTP ${status ?? '?'}${redirect(response)} instead of a WebSocket`, status));
    });
    request.on('upgrade', (response, socket, head) => {
      const fault = handshakeFault(response, key);
      if (fault !== undefined) {
        socket.destroy();
        fail(new DialError(fault, response.statusCode));
        return;
      }
      settle();
      reads.upgraded(head);
      resolve({ socket: socket as Socket, reads });
    });
    if (options.signal.aborted) abort();
    else request.end();
  });
}

function upgradeRequest(url: string, key: string, reads: SocketReads): ClientRequest {
  const target = new URL(url);
  const secure = target.protocol === 'wss:';
  if (!secure && target.protocol !== 'ws:')
    throw new DialError(`not a WebSocket address: ${target.protocol}`);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port);
  const address = { host, port, noDelay: true, onread: reads.onread };
  const servername = isIP(host) === 0 ? host : '';
  const options = {
    host,
    port,
    path: target.pathname + target.search,
    // Not an agent's: the socket leaves HTTP for good.
    createConnection: () =>
      reads.serve(
        secure ? connectTls({ ...address, servername, ALPNProtocols: ['http/1.1'] }) : connect(address),
      ),
    headers: {
      Host: target.host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
    },
  };
  return secure ? httpsRequest(options) : httpRequest(options);
}

/** What is wrong with the answer to the handshake, if anything. */
function handshakeFault(response: IncomingMessage, key: string): string | undefined {
  const headers = response.headers;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'the answer upgrades to something else';
  const accept = createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
  if (headers['sec-websocket-accept'] !== accept) return 'the answer has a wrong Sec-WebSocket-Accept';
  if (headers['sec-websocket-protocol'] !== undefined) return 'the answer has a subprotocol nobody offered';
  if (headers['sec-websocket-extensions'] !== undefined) return 'the answer has an extension nobody offered';
  return undefined;
}

function redirect(response: IncomingMessage): string {
  return response.headers.location === undefined ? '' : ` to ${response.headers.location.slice(0, 200)}`;
}
