import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SpreadscopeError } from '../core/errors.ts';
import type { Endpoints, RestRequest } from '../venues/venue.ts';

export interface RestCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly timeoutMs: number;
  /** The largest body accepted, inflated. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** Makes one HTTP call and answers the parsed JSON body of a 2xx reply. Throws VENUE_UNREACHABLE or VENUE_REPLY_INVALID. */
export type RestFetch = (call: RestCall) => Promise<unknown>;

/** The address of a venue's request. */
export function restUrl(endpoints: Endpoints, request: RestRequest, nowMs: number): string {
  const url = endpoints.rest + request.path;
  if (request.timeParameter === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${request.timeParameter}=${nowMs}`;
}

/** Node's own client, one socket a call, so that no idle socket is left behind. Redirects are not followed. */
export const restFetch: RestFetch = async (call) => {
  const body = await bodyOf(call);
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new SpreadscopeError('VENUE_REPLY_INVALID', `${call.url} did not answer JSON: ${excerpt(body)}`, {
      cause,
    });
  }
};

function bodyOf(call: RestCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const target = new URL(call.url);
    const make = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { Accept: 'application/json', 'Accept-Encoding': 'gzip' };
    const request = make(target, { method: call.method, agent: false, headers });
    const settle = (): void => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(reachable(error, call));
      request.destroy();
    };
    const abort = (): void => fail(new Error('aborted'));
    const timer = setTimeout(() => fail(new Error(`no answer within ${call.timeoutMs} ms`)), call.timeoutMs);
    call.signal?.addEventListener('abort', abort);
    request.on('error', fail);
    request.on('response', (response) => {
      collect(response, call).then((text) => {
        settle();
        resolve(text);
      }, fail);
    });
    if (call.signal?.aborted === true) abort();
    else request.end();
  });
}

async function collect(response: IncomingMessage, call: RestCall): Promise<string> {
  const inflated = response.headers['content-encoding'] === 'gzip';
  const body: Readable = inflated ? response.pipe(createGunzip()) : response;
  // A gunzip of its own does not hear of a socket that breaks off.
  if (inflated) response.on('error', (error) => body.destroy(error));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > call.maxBytes) {
      throw new SpreadscopeError(
        'VENUE_REPLY_INVALID',
        `${call.url} answered more than ${call.maxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return text;
  throw new SpreadscopeError('VENUE_UNREACHABLE', `${call.url} answered HTTP ${status}: ${excerpt(text)}`);
}

function reachable(error: unknown, call: RestCall): SpreadscopeError {
  if (error instanceof SpreadscopeError) return error;
  const why = error instanceof Error ? error.message || error.name : String(error);
  return new SpreadscopeError('VENUE_UNREACHABLE', `${call.url} cannot be reached: ${why}`, { cause: error });
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
