import { request as ask, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { PastLease } from './sources.ts';

const LOOPBACK = '127.0.0.1';
/** What the other side decides by. Neither Origin nor Host: they were judged here. */
const ASKED = ['accept', 'authorization', 'content-type'] as const;
const ANSWERED = ['content-type', 'content-disposition', 'www-authenticate'] as const;
const UPGRADE = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol'] as const;
/** How many streams of past moments may pass through at once, */
const STREAMS = 8;
/** with what waits while the other side cannot be written to: a read of the socket either way. */
const STREAM_BYTES = 2 * 65_536;

/** What they may take, by their line in the ledger. */
export function pastStreamFacts(): BoundFacts {
  return {
    ...{ name: 'gateway.past-streams', policy: 'refuse', capacity: STREAMS },
    ...{ capacityBytes: STREAMS * STREAM_BYTES, cleanedBy: 'either side closing' },
  };
}

/** Answers a request with what the process of a past moment answers. @throws NOT_FOUND when it is gone */
export async function forwardRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  lease: PastLease,
): Promise<FastifyReply> {
  try {
    const answer = await answerOf(request, reply, path, lease.port);
    answer.once('close', lease.release);
    return await reply
      .code(answer.statusCode ?? 502)
      .headers(picked(answer.headers, ANSWERED))
      .send(answer);
  } catch (error) {
    lease.release();
    throw error;
  }
}

function answerOf(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  port: number,
): Promise<IncomingMessage> {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const question = ask({
      ...{ host: LOOPBACK, port, path, method: request.method, agent: false },
      headers: { ...picked(request.headers, ASKED), ...length },
    });
    question.once('response', resolve);
    question.once('error', (cause) => reject(gone(cause)));
    // Whoever asked may go before the answer, or in the middle of it.
    reply.raw.once('close', () => question.destroy());
    question.end(body);
  });
}

function gone(cause: unknown): SpreadscopeError {
  return new SpreadscopeError(
    'NOT_FOUND',
    'that moment is not shown any more; open it again: POST /api/v1/past',
    { cause },
  );
}

function picked(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

/** The streams of past moments that pass through here, byte by byte: what one side does not read the other cannot send. */
export class PastStreams {
  readonly #open = new Set<() => void>();
  #peak = 0;
  #refused = 0;

  /** Whether there is room for one more; that there was none is counted. */
  admits(): boolean {
    const room = this.#open.size < STREAMS;
    if (!room) this.#refused++;
    return room;
  }

  /** Joins a socket that asked for a stream to the process of a past moment. */
  join(request: IncomingMessage, socket: Duplex, head: Buffer, path: string, lease: PastLease): void {
    const upstream = connect(lease.port, LOOPBACK);
    const end = (): void => {
      if (!this.#open.delete(end)) return;
      socket.destroy();
      upstream.destroy();
      lease.release();
    };
    this.#open.add(end);
    this.#peak = Math.max(this.#peak, this.#open.size);
    for (const one of [socket, upstream]) {
      one.once('error', end);
      one.once('close', end);
    }
    upstream.write(upgradeHead(request.headers, path));
    upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
  }

  /** Cuts all of them. */
  stop(): void {
    for (const end of this.#open) end();
  }

  bound(): BoundReading {
    return boundOf(pastStreamFacts(), { used: this.#open.size, peak: this.#peak, refused: this.#refused });
  }
}

function upgradeHead(headers: IncomingHttpHeaders, path: string): string {
  const lines = Object.entries(picked(headers, [...ASKED, ...UPGRADE])).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [
    `GET ${path} HTTP/1.1`,
    `host: ${LOOPBACK}`,
    'connection: Upgrade',
    'upgrade: websocket',
    ...lines,
    '',
    '',
  ].join('\r\n');
}
