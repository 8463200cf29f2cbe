import type { FastifyInstance, FastifyReply } from 'fastify';
import { SpreadscopeError } from '../core/errors.ts';
import type { SurvivalGrouping } from '../core/survival.ts';
import { parseTime } from '../core/times.ts';
import { isVenueId, VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type { OpportunitiesReply, SurvivalReply } from '../wire/api.ts';
import {
  errorReply,
  opportunitiesQuery,
  opportunitiesReply,
  survivalQuery,
  survivalReply,
} from './schemas.ts';
import type { GatewaySources, OpportunityQuery } from './sources.ts';

/** What a client may give; times as text. */
export interface OpportunitiesParams {
  readonly from?: string;
  readonly to?: string;
  readonly symbol?: string;
  readonly route?: string;
  readonly minPeakBps?: number;
  readonly identity?: 'trusted' | 'all';
  readonly state?: 'open' | 'closed';
  readonly limit?: number;
}

/** The same of `/api/v1/survival`. */
export interface SurvivalParams extends Omit<OpportunitiesParams, 'state'> {
  readonly by?: SurvivalGrouping;
}

const DEFAULT_LIMIT = 100;

/** Adds `GET /api/v1/opportunities`, those that are open and those that closed, and `GET /api/v1/survival`. */
export function addOpportunitiesRoutes(
  app: FastifyInstance,
  sources: Pick<GatewaySources, 'opportunities'>,
  clock: () => number,
): void {
  app.get<{ Querystring: OpportunitiesParams }>(
    '/api/v1/opportunities',
    {
      schema: {
        ...{ summary: 'Opportunities: open ones, and those that closed', querystring: opportunitiesQuery },
        response: { 200: opportunitiesReply, default: errorReply },
      },
    },
    async (request, reply): Promise<OpportunitiesReply> => {
      const query = queryOf(request.query, clock());
      const found = await sources.opportunities.find(query, gone(reply));
      return { ...found, totals: sources.opportunities.totals() };
    },
  );
  app.get<{ Querystring: SurvivalParams }>(
    '/api/v1/survival',
    {
      schema: {
        ...{ summary: 'How long edges survived, by group of opportunities', querystring: survivalQuery },
        response: { 200: survivalReply, default: errorReply },
      },
    },
    async (request, reply): Promise<SurvivalReply> => {
      const { by = 'all', ...rest } = request.query;
      const query = { ...queryOf(rest, clock()), by };
      return await sources.opportunities.survival(query, gone(reply));
    },
  );
}

/** Aborted when nobody waits for the reply any more. */
export function gone(reply: FastifyReply): AbortSignal {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort(new Error('the client went away')));
  return abort.signal;
}

function queryOf(given: OpportunitiesParams, now: number): OpportunityQuery {
  const { state, minPeakBps, identity, limit = DEFAULT_LIMIT } = given;
  const from = given.from === undefined ? undefined : parseTime(given.from, now, 'from');
  const to = given.to === undefined ? undefined : parseTime(given.to, now, 'to');
  if (from !== undefined && to !== undefined && from > to)
    throw new SpreadscopeError('BAD_REQUEST', 'from is later than to');
  if (given.route === undefined)
    return { from, to, symbol: given.symbol, minPeakBps, state, identity, limit };
  const [symbol = '', buy, sell, rest] = given.route.split(':');
  if (buy === undefined || sell === undefined || rest !== undefined || symbol === '')
    throw new SpreadscopeError('BAD_REQUEST', 'route is one such as BTC-USDT:okx:binance');
  if (given.symbol !== undefined && given.symbol !== symbol)
    throw new SpreadscopeError('BAD_REQUEST', 'symbol and route name different symbols; give one of them');
  return { from, to, symbol, buy: venueOf(buy), sell: venueOf(sell), minPeakBps, state, identity, limit };
}

function venueOf(text: string): VenueId {
  if (isVenueId(text)) return text;
  throw new SpreadscopeError(
    'UNKNOWN_VENUE',
    `route: there is no venue ${text.slice(0, 80)}; known: ${VENUE_IDS.join(', ')}`,
  );
}
