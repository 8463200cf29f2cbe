import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime, TIMES_ALLOWED } from '../core/times.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import type * as api from '../wire/api.ts';
import { gone } from './opportunities-route.ts';
import { errorReply, type Same } from './schemas.ts';
import type { GatewaySources } from './sources.ts';
import { knownVenue } from './topics.ts';

interface TradesParams {
  readonly symbol?: string;
  readonly venues?: string;
  readonly from?: string;
  readonly to?: string;
  readonly points?: number;
}

const HOUR_US = 3_600_000_000;
/** As long as the page's longest chart. */
const LONGEST_US = 7 * 24 * HOUR_US;
const DEFAULT_POINTS = 300;
/** Of a route two are asked; nobody compares more at once. */
const MOST_VENUES = 4;

const time = (what: string) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: `${TIMES_ALLOWED}; default ${what}` }),
  );
const tradesQuery = Type.Object(
  {
    symbol: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'required: a symbol such as BTC-USDT' }),
    ),
    venues: Type.Optional(
      Type.String({
        ...{ minLength: 1, maxLength: 100 },
        description: `required: one to ${MOST_VENUES} of ${VENUE_IDS.join(', ')}, with commas between`,
      }),
    ),
    ...{ from: time('an hour before to'), to: time('now') },
    points: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2000, description: 'a whole number from 1 to 2000; default 300' }),
    ),
  },
  { additionalProperties: false },
);
const numbers = Type.Array(Type.Number());
const tradesReply = Type.Object({
  ...{ symbol: Type.String(), from: Type.Number(), to: Type.Number(), points: Type.Integer() },
  venues: Type.Array(
    Type.Object({
      ...{ venue: Type.Enum([...VENUE_IDS]), time: numbers },
      ...{ bought: numbers, sold: numbers, trades: numbers },
    }),
  ),
});
true satisfies Same<typeof tradesQuery, TradesParams> & Same<typeof tradesReply, api.TradesReply>;

/** Adds `GET /api/v1/trades`: what takers bought and sold of one symbol, by span of time. */
export function addTradesRoute(
  app: FastifyInstance,
  sources: Pick<GatewaySources, 'trades'>,
  clock: () => number,
): void {
  app.get<{ Querystring: TradesParams }>(
    '/api/v1/trades',
    {
      schema: {
        ...{ summary: 'What takers bought and sold, by span of time', querystring: tradesQuery },
        response: { 200: tradesReply, default: errorReply },
      },
    },
    async ({ query }, reply): Promise<api.TradesReply> => {
      const { symbol, points = DEFAULT_POINTS } = query;
      if (symbol === undefined || query.venues === undefined)
        throw new SpreadscopeError('BAD_REQUEST', 'symbol and venues are required');
      const venues = [...new Set(query.venues.split(',').map(knownVenue))];
      if (venues.length > MOST_VENUES)
        throw new SpreadscopeError('BAD_REQUEST', `venues: ${MOST_VENUES} at most`);
      const now = Math.floor(clock());
      const to = query.to === undefined ? now : parseTime(query.to, now, 'to');
      const from = query.from === undefined ? to - HOUR_US : parseTime(query.from, now, 'from');
      if (from >= to) throw new SpreadscopeError('BAD_REQUEST', 'from is not before to');
      if (to - from > LONGEST_US) throw new SpreadscopeError('BAD_REQUEST', 'a range of 7 days at most');
      if (sources.trades === undefined)
        throw new SpreadscopeError('NO_LAKE', 'nothing is recorded: start without --no-record');
      const wish = { symbol, venues, from, to, spans: points };
      return { symbol, from, to, points, venues: [...(await sources.trades(wish, gone(reply)))] };
    },
  );
}
