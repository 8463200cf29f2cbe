import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import type { PastReply } from '../wire/api.ts';
import type { Access } from './access.ts';
import { forwardRequest } from './past-proxy.ts';
import { errorReply, noQuery } from './schemas.ts';
import type { PastLease, PastSource } from './sources.ts';

/** The page of a past moment, whose files are those of the present; and its API. */
export const PAST_PAGE = '/past/:moment/*';
const PAST_API = '/past/:moment/api/*';
export const PAST_BARE = '/past/:moment';
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;
const STREAM = /^\/past\/([^/]+)(\/api\/v1\/stream)$/;
const MAX_SPEED = 1000;

const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
const pastReply = Type.Object({
  recorded: Type.Union([Type.Object({ from: Type.Number(), to: Type.Number() }), Type.Null()]),
  moments: Type.Array(
    Type.Object({
      ...{ moment: Type.Number(), state: Type.Enum(['reading', 'ready', 'failed']) },
      ...{ progress: Type.Number(), from: numberOrNull, speed: Type.Number() },
      error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
    }),
  ),
});
const pastBody = Type.Object({
  moment: Type.Number({ description: 'a whole millisecond, in µs since the epoch' }),
  speed: Type.Optional(
    Type.Number({
      ...{ minimum: 0, maximum: MAX_SPEED },
      description: 'times the pace of life that it goes on with; 0 = it stands still, which is the default',
    }),
  ),
});

interface PastOrder {
  readonly moment?: number;
  readonly speed?: number;
}

export interface PastRoutes {
  readonly past: PastSource;
  readonly access: Access;
  /** Whether there is a page. */
  readonly page: boolean;
}

/** `/api/v1/past` opens recorded moments; `/past/2026-11-26T14:00:00Z/` is the page at one, with its whole API below. */
export function addPastRoutes(app: FastifyInstance, { past, access, page }: PastRoutes): void {
  const response = { 200: pastReply, default: errorReply };
  app.get(
    '/api/v1/past',
    {
      schema: { summary: 'What is recorded, and the moments that are shown', querystring: noQuery, response },
    },
    (): PastReply => past.read(),
  );
  app.post<{ Body: PastOrder }>(
    '/api/v1/past',
    {
      schema: {
        ...{ summary: 'Shows a recorded moment under /past/2026-11-26T14:00:00Z/', querystring: noQuery },
        ...{ body: pastBody, response },
      },
    },
    (request): PastReply => {
      const { origin, host } = request.headers;
      // Another page must not start processes with this browser's rights.
      if (origin !== undefined && !access.allowsOrigin(origin, host, request.ip, true))
        throw new SpreadscopeError('FORBIDDEN', 'the Origin of the request is not this server');
      const { moment, speed } = request.body;
      if (moment === undefined)
        throw new SpreadscopeError('BAD_REQUEST', 'send {"moment": µs since the epoch, a whole millisecond}');
      past.open(moment, speed);
      return past.read();
    },
  );
  app.route<{ Params: { moment: string } }>({
    method: ['GET', 'POST'],
    url: PAST_API,
    schema: { hide: true },
    handler: (request, reply) => {
      // As it came: what was escaped stays so.
      const path = request.url.replace(/^\/past\/[^/]+/, '');
      return forwardRequest(request, reply, path, leaseOf(past, request.params.moment));
    },
  });
  if (!page) return;
  app.get<{ Params: { moment: string } }>(PAST_BARE, { schema: { hide: true } }, (request, reply) => {
    const { moment } = request.params;
    momentOf(moment);
    return reply.redirect(`/past/${moment}/`);
  });
  app.get<{ Params: { moment: string; '*': string } }>(
    PAST_PAGE,
    { schema: { hide: true } },
    (request, reply) => {
      momentOf(request.params.moment);
      const path = request.params['*'];
      return reply.sendFile(path === '' ? 'index.html' : path);
    },
  );
}

/** Where a stream's path leads to, if to a past moment. @throws NOT_FOUND when that is not shown */
export function pastStreamOf(
  past: PastSource | undefined,
  path: string,
): { readonly path: string; readonly lease: PastLease } | undefined {
  const [, moment, rest] = STREAM.exec(path) ?? [];
  if (past === undefined || moment === undefined || rest === undefined) return undefined;
  return { path: rest, lease: leaseOf(past, decodeURIComponent(moment)) };
}

function leaseOf(past: PastSource, text: string): PastLease {
  const lease = past.lease(momentOf(text));
  if (lease === undefined)
    throw new SpreadscopeError(
      'NOT_FOUND',
      `${text} is not shown, or not yet; open it first: POST /api/v1/past`,
    );
  return lease;
}

/** µs. @throws NOT_FOUND */
function momentOf(text: string): number {
  const time = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new SpreadscopeError('NOT_FOUND', 'a moment is a time in UTC, such as /past/2026-11-26T14:00:00Z/');
  return time * 1000;
}
