import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { ErrorReply } from '../wire/api.ts';

export function errorBody(code: ErrorCode, message: string): ErrorReply {
  return { error: { code, message } };
}

/** Answers an error from the closed list, whatever went wrong; only faults of our own are logged. */
export function answerError(
  log: Log,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const { code, message } = translate(error);
    if (code === 'INTERNAL') {
      log.error('a request failed', {
        path: request.url.split('?', 1)[0] ?? '',
        error: error.stack ?? String(error),
      });
    }
    void reply
      .code(ERRORS[code].http)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(errorBody(code, message)));
  };
}

function translate(error: FastifyError): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof SpreadscopeError) return { code: error.code, message: error.message };
  const status = error.statusCode ?? 500;
  if (status === 404) return { code: 'NOT_FOUND', message: 'there is nothing at that path' };
  if (status >= 400 && status < 500) return { code: 'BAD_REQUEST', message: error.message };
  return { code: 'INTERNAL', message: ERRORS.INTERNAL.meaning };
}

/** A whole HTTP reply, for a socket that has not become a request or a stream. */
export function rawError(code: ErrorCode, message: string): string {
  const body = JSON.stringify(errorBody(code, message));
  const status = ERRORS[code].http;
  return [
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
