import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { BoundReading } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { Access } from './access.ts';
import { Addresses } from './addresses.ts';
import { HistoryReplies } from './history-replies.ts';
import { Hub } from './hub.ts';
import { KernelMemory } from './kernel-memory.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts';
import { PastStreams } from './past-proxy.ts';
import { makeServer } from './server.ts';
import type { GatewaySources } from './sources.ts';
import { TokenGate } from './token.ts';
import { acceptStreams, countSockets } from './upgrades.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Names that the server is reached under, beside `host` and those of loopback. */
  readonly names?: readonly string[];
  /** Undefined = everybody who can connect is let in. */
  readonly token?: string | undefined;
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
  /** Bytes in the kernel's send queues of all sockets of this server, at most a second old; NaN where the system does not tell. */
  kernelBytes(): number;
  /** How many clients were closed, by reason. */
  closed(): Readonly<Record<string, number>>;
  /** What is left when memory is short: every second message of a topic, and new clients. */
  press(shed: { readonly halved: boolean; readonly shut: boolean }): void;
}

/** Starts the HTTP and WebSocket server. PORT_IN_USE or LISTEN_FAILED when it cannot listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { sources, clock, log, version, webRoot } = options;
  const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const access = new Access(options.host, options.names);
  const token = new TokenGate(options.token, () => performance.now());
  const addresses = new Addresses(limits);
  const hub = new Hub({ sources, clock, limits, token, log });
  const historyReplies = new HistoryReplies();
  const pastStreams = new PastStreams();
  let stopped: Promise<void> | undefined;
  const app = await makeServer({
    sources,
    clock,
    log,
    version,
    webRoot,
    access,
    token,
    limits,
    clients: () => hub.size,
    stopping: () => stopped !== undefined,
    historyReplies,
  });
  app.server.maxConnections = limits.connections;
  countSockets(app.server, addresses);
  acceptStreams(app.server, { hub, access, addresses, token, past: sources.past, pastStreams });
  await listen(app, options);
  const { port } = app.server.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  const kernel = new KernelMemory(port);
  return {
    url: `http://${name}:${port}`,
    port,
    clients: () => hub.size,
    closed: () => hub.closed(),
    press: (shed) => hub.press(shed),
    bounds: () => [
      ...hub.bounds(),
      addresses.bound(),
      ...(sources.past === undefined ? [] : [pastStreams.bound()]),
      ...(token.isShut ? [token.bound()] : []),
      ...(sources.history === undefined ? [] : [historyReplies.bound()]),
    ],
    kernelBytes: () => kernel.bytes(performance.now()),
    stop: () => {
      pastStreams.stop();
      stopped ??= hub.stop().then(() => app.close());
      return stopped;
    },
  };
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
