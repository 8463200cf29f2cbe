import type { FastifyInstance } from 'fastify';
import { SpreadscopeError } from '../core/errors.ts';
import { parseTime } from '../core/times.ts';
import type { LeadLagReply } from '../wire/api.ts';
import { errorReply, leadLagQuery, leadLagReply } from './schemas.ts';
import type { GatewaySources } from './sources.ts';
import { unknownSymbol } from './topics.ts';

/** What a client may give; times as text. */
export interface LeadLagParams {
  readonly symbol?: string;
  readonly from?: string;
  readonly to?: string;
}

const DEFAULT_RANGE = 15 * 60 * 1_000_000;
/** All ticks of eight venues are read and compared. */
const LONGEST_RANGE = 24 * 3600 * 1_000_000;

/** Adds `GET /api/v1/leadlag`: which venue moves first. */
export function addLeadLagRoute(
  app: FastifyInstance,
  sources: Pick<GatewaySources, 'leadLag' | 'quotes'>,
  clock: () => number,
): void {
  app.get<{ Querystring: LeadLagParams }>(
    '/api/v1/leadlag',
    {
      schema: {
        ...{ summary: 'Which venue moves first, by how much, and how surely', querystring: leadLagQuery },
        response: { 200: leadLagReply, default: errorReply },
      },
    },
    async (request, reply): Promise<LeadLagReply> => {
      const { symbol } = request.query;
      const now = clock();
      const to = request.query.to === undefined ? now : parseTime(request.query.to, now, 'to');
      const from =
        request.query.from === undefined ? to - DEFAULT_RANGE : parseTime(request.query.from, now, 'from');
      if (symbol === undefined)
        throw new SpreadscopeError('BAD_REQUEST', 'symbol is required, such as BTC-USDT');
      if (from > to) throw new SpreadscopeError('BAD_REQUEST', 'from is later than to');
      if (to - from > LONGEST_RANGE) throw new SpreadscopeError('BAD_REQUEST', 'a range of 24 hours at most');
      if (sources.quotes(symbol, now) === undefined) throw unknownSymbol(symbol);
      if (sources.leadLag === undefined)
        throw new SpreadscopeError('NO_LAKE', 'nothing is recorded: start without --no-record');
      const abort = new AbortController();
      reply.raw.once('close', () => abort.abort(new Error('the client went away')));
      const range = { from: Math.floor(from), to: Math.ceil(to) };
      return { symbol, ...range, ...(await sources.leadLag({ symbol, ...range }, abort.signal)) };
    },
  );
}
