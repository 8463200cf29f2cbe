import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import { GAP_REASONS } from '../core/lake-status.ts';
import { parseTime, TIMES_ALLOWED } from '../core/times.ts';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type * as api from '../wire/api.ts';
import { gone } from './opportunities-route.ts';
import { errorReply, type Same } from './schemas.ts';
import type { GatewaySources } from './sources.ts';

interface GapsParams {
  readonly from?: string;
  readonly to?: string;
  readonly venue?: VenueId;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 1000;
const DAY_US = 86_400_000_000;
/** The gaps of each hour are files of their own. */
const LONGEST_US = 7 * DAY_US;

const time = (what: string) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: `${TIMES_ALLOWED}; default ${what}` }),
  );
const gapsQuery = Type.Object(
  {
    ...{ from: time('a day before to'), to: time('now') },
    venue: Type.Optional(
      Type.Enum([...VENUE_IDS], { description: `one of ${VENUE_IDS.join(', ')}; default all` }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 5000, description: 'a whole number from 1 to 5000; default 1000' }),
    ),
  },
  { additionalProperties: false },
);
const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
const gapsReply = Type.Object({
  ...{ from: Type.Number(), to: Type.Number() },
  gaps: Type.Array(
    Type.Object({
      ...{ venue: Type.Enum([...VENUE_IDS]), reason: Type.Enum([...GAP_REASONS]) },
      ...{ from: Type.Number(), to: Type.Number(), open: Type.Boolean() },
      ...{ symbols: numberOrNull, symbolMs: numberOrNull, rowsLost: numberOrNull },
    }),
  ),
  more: Type.Boolean(),
  recorded: Type.Array(Type.Object({ venue: Type.Enum([...VENUE_IDS]), since: Type.Number() })),
});
true satisfies Same<typeof gapsQuery, GapsParams> & Same<typeof gapsReply, api.GapsReply>;

/** Adds `GET /api/v1/gaps`: when venues were not seen or not recorded, and why. */
export function addGapsRoute(
  app: FastifyInstance,
  sources: Pick<GatewaySources, 'gaps'>,
  clock: () => number,
): void {
  app.get<{ Querystring: GapsParams }>(
    '/api/v1/gaps',
    {
      schema: {
        ...{ summary: 'When venues were not seen or not recorded, and why', querystring: gapsQuery },
        response: { 200: gapsReply, default: errorReply },
      },
    },
    async ({ query }, reply): Promise<api.GapsReply> => {
      const now = Math.floor(clock());
      const to = query.to === undefined ? now : parseTime(query.to, now, 'to');
      const from = query.from === undefined ? to - DAY_US : parseTime(query.from, now, 'from');
      if (from > to) throw new SpreadscopeError('BAD_REQUEST', 'from is later than to');
      if (to - from > LONGEST_US) throw new SpreadscopeError('BAD_REQUEST', 'a range of 7 days at most');
      if (sources.gaps === undefined)
        throw new SpreadscopeError('NO_LAKE', 'nothing is recorded: start without --no-record');
      const { venue, limit = DEFAULT_LIMIT } = query;
      return { from, to, ...(await sources.gaps({ from, to, now, venue, limit }, gone(reply))) };
    },
  );
}
