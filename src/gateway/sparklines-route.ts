import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import type * as api from '../wire/api.ts';
import { gone } from './opportunities-route.ts';
import { errorReply, type Same } from './schemas.ts';
import type { GatewaySources, SparkRoute } from './sources.ts';
import { knownVenue } from './topics.ts';

interface SparklinesParams {
  readonly routes?: string;
}

/** More than anybody has in sight. */
const MOST_ROUTES = 100;
const LONGEST_LIST = 8192;

const sparklinesQuery = Type.Object(
  {
    routes: Type.Optional(
      Type.String({
        ...{ minLength: 1, maxLength: LONGEST_LIST },
        description: `required: one to ${MOST_ROUTES} routes such as BTC-USDT:okx:gate, with commas between`,
      }),
    ),
  },
  { additionalProperties: false },
);
const sparklinesReply = Type.Object({
  time: Type.Array(Type.Number()),
  routes: Type.Array(
    Type.Object({ id: Type.String(), netBps: Type.Array(Type.Union([Type.Number(), Type.Null()])) }),
  ),
});
true satisfies Same<typeof sparklinesQuery, SparklinesParams> &
  Same<typeof sparklinesReply, api.SparklinesReply>;

/** Adds `GET /api/v1/sparklines`: the last hour of routes in few points. */
export function addSparklinesRoute(
  app: FastifyInstance,
  sources: Pick<GatewaySources, 'sparklines'>,
  clock: () => number,
): void {
  app.get<{ Querystring: SparklinesParams }>(
    '/api/v1/sparklines',
    {
      schema: {
        ...{ summary: 'The last hour of routes, a net spread a minute', querystring: sparklinesQuery },
        response: { 200: sparklinesReply, default: errorReply },
      },
    },
    async ({ query }, reply): Promise<api.SparklinesReply> => {
      const named = query.routes?.split(',') ?? [];
      if (named.length === 0 || named.length > MOST_ROUTES)
        throw new SpreadscopeError('BAD_REQUEST', `routes: one to ${MOST_ROUTES}, with commas between`);
      const routes = named.map(routeOf);
      if (sources.sparklines === undefined)
        throw new SpreadscopeError('NOT_FOUND', 'no windows of the last hour are kept here');
      return await sources.sparklines(routes, clock(), gone(reply));
    },
  );
}

function routeOf(text: string): SparkRoute {
  const [symbol = '', buy = '', sell = '', rest] = text.split(':');
  if (symbol === '' || rest !== undefined)
    throw new SpreadscopeError('BAD_REQUEST', 'a route is one such as BTC-USDT:okx:gate');
  return { symbol, buy: knownVenue(buy), sell: knownVenue(sell) };
}
