import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import type { BoundReading } from '../core/bounds.ts';
import { type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { Access } from './access.ts';
import { HistoryReplies } from './history-replies.ts';
import { rawError } from './http-error.ts';
import { Hub } from './hub.ts';
import { DEFAULT_LIMITS, type GatewayLimits, MAX_MESSAGE_BYTES } from './limits.ts';
import { makeServer } from './server.ts';
import type { GatewaySources } from './sources.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The folder of the built page; undefined = no page. */
  readonly webRoot: string | undefined;
  readonly sources: GatewaySources;
  /** µs since the epoch. */
  readonly clock: () => number;
  /** Defaults in `limits.ts`. */
  readonly limits?: Partial<GatewayLimits>;
  readonly log: Log;
  readonly version: string;
}

export interface Gateway {
  readonly url: string;
  readonly port: number;
  /** Closes every stream with `shutdown`, then the server; within a second. */
  stop(): Promise<void>;
  clients(): number;
  bounds(): BoundReading[];
  /** Bytes that the kernel holds for sockets of this server; NaN = not known. */
  kernelBytes?(): number;
  /** How many clients were closed, by reason. */
  closed(): Readonly<Record<string, number>>;
  /** What is left when memory is short: every second message of a topic, and new clients. */
  press(shed: { readonly halved: boolean; readonly shut: boolean }): void;
}

const STREAM_PATH = '/api/v1/stream';
/** HTTP connections beside those of stream clients. */
const SPARE_CONNECTIONS = 256;

/** Starts the HTTP and WebSocket server. PORT_IN_USE or LISTEN_FAILED when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { sources, clock, log, version, webRoot } = options;
  const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const access = new Access(options.host);
  const hub = new Hub({ sources, clock, limits, log });
  const historyReplies = new HistoryReplies();
  let stopped: Promise<void> | undefined;
  const app = await makeServer({
    sources,
    clock,
    log,
    version,
    webRoot,
    access,
    clients: () => hub.size,
    stopping: () => stopped !== undefined,
    historyReplies,
  });
  app.server.maxConnections = limits.clients + SPARE_CONNECTIONS;
  acceptStreams(app, hub, access);
  await listen(app, options);
  const { port } = app.server.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${name}:${port}`,
    port,
    clients: () => hub.size,
    closed: () => hub.closed(),
    press: (shed) => hub.press(shed),
    bounds: () => [...hub.bounds(), ...(sources.history === undefined ? [] : [historyReplies.bound()])],
    stop: () => {
      stopped ??= hub.stop().then(() => app.close());
      return stopped;
    },
  };
}

function acceptStreams(app: FastifyInstance, hub: Hub, access: Access): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  app.server.on('upgrade', (request, socket, head) => {
    const refusal = refuse(request, access, hub);
    if (refusal !== undefined) return turnAway(socket, ...refusal);
    server.handleUpgrade(request, socket, head, (ws) => hub.admit(ws, socket));
  });
}

function refuse(request: IncomingMessage, access: Access, hub: Hub): [ErrorCode, string] | undefined {
  const { host, origin } = request.headers;
  if (!access.allowsHost(host)) return ['FORBIDDEN', 'the Host header does not name this server'];
  if (!access.allowsOrigin(origin, host, request.socket.remoteAddress)) {
    return [
      'FORBIDDEN',
      'a stream can only be opened by the page of this server or by a program on this machine',
    ];
  }
  const path = request.url?.split('?', 1)[0];
  if (path !== STREAM_PATH) return ['NOT_FOUND', `the stream is at ${STREAM_PATH}`];
  return hub.isCrowded
    ? ['TOO_MANY_CLIENTS', 'the server has as many clients as it may have now; try again in a minute']
    : undefined;
}

function turnAway(socket: Duplex, code: ErrorCode, message: string): void {
  // The peer may be gone already, and nobody else listens on this socket.
  socket.on('error', () => socket.destroy());
  socket.end(rawError(code, message), () => socket.destroy());
}

async function listen(app: FastifyInstance, { host, port }: GatewayOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EADDRINUSE') {
      throw new SpreadscopeError(
        'PORT_IN_USE',
        `${host}:${port} is in use; stop the other program or choose another port with --port`,
        { cause: error },
      );
    }
    throw new SpreadscopeError(
      'LISTEN_FAILED',
      `cannot listen on ${host}:${port} (${code}); choose another host or port`,
      {
        cause: error,
      },
    );
  }
}
