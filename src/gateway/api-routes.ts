import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { SpreadscopeError } from '../core/errors.ts';
import type { RoutesParams } from '../wire/stream.ts';
import type { Access } from './access.ts';
import { addGapsRoute } from './gaps-route.ts';
import type { HistoryReplies } from './history-replies.ts';
import { addHistoryRoute } from './history-route.ts';
import { addIdentityRoutes } from './identity-route.ts';
import { addLeadLagRoute } from './lead-lag-route.ts';
import { addMemoryRoute } from './memory-route.ts';
import { addOpportunitiesRoutes } from './opportunities-route.ts';
import {
  alertsReply,
  aliveReply,
  boundsReply,
  errorReply,
  historyQuery,
  historyReply,
  noQuery,
  quotesReply,
  readyReply,
  routePath,
  routeReply,
  routesQuery,
  routesReply,
  statusReply,
  symbolPath,
  symbolsReply,
  venuesReply,
  whyReply,
} from './schemas.ts';
import type { GatewaySources } from './sources.ts';
import { addSparklinesRoute } from './sparklines-route.ts';
import { findRoute, knownVenue, readBounds, unknownSymbol } from './topics.ts';
import { addTradesRoute } from './trades-route.ts';

/** Prometheus' exposition format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface ApiOptions {
  readonly sources: GatewaySources;
  /** µs since the epoch. */
  readonly clock: () => number;
  readonly version: string;
  readonly clients: () => number;
  readonly stopping: () => boolean;
  readonly historyReplies: HistoryReplies;
  readonly access: Access;
}

/** The schema of a GET without parameters beyond its path. */
function get(
  summary: string,
  reply: TSchema,
  more: Record<string, unknown> = {},
): { schema: Record<string, unknown> } {
  return {
    schema: { summary, querystring: noQuery, response: { 200: reply, default: errorReply }, ...more },
  };
}

/** Every path under `/api/v1`. */
export function addApiRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { sources, clock } = options;
  app.get('/api/v1/status', get('Uptime, totals, rates, memory, alarms', statusReply), () => ({
    ...sources.status(clock()),
    version: options.version,
    clients: options.clients(),
  }));
  app.get('/api/v1/venues', get('The state of each exchange', venuesReply), () => ({
    venues: sources.venues(clock()),
  }));
  app.get('/api/v1/symbols', get('All symbols and the venues that list them', symbolsReply), () => ({
    symbols: sources.symbols(),
  }));
  app.get<{ Params: { symbol: string } }>(
    '/api/v1/quotes/:symbol',
    get('The last quote of each venue for one symbol', quotesReply, { params: symbolPath }),
    (request) => {
      const { symbol } = request.params;
      const quotes = sources.quotes(symbol, clock());
      if (quotes === undefined) throw unknownSymbol(symbol);
      return { symbol, quotes };
    },
  );
  app.get<{ Querystring: RoutesParams }>(
    '/api/v1/routes',
    get('The best routes', routesReply, { querystring: routesQuery }),
    (request) => sources.routes(request.query, clock()),
  );
  app.get<{ Params: { symbol: string; buy: string; sell: string } }>(
    '/api/v1/routes/:symbol/:buy/:sell',
    get('One route, from gross to net', routeReply, { params: routePath }),
    (request) =>
      findRoute(sources, request.params.symbol, request.params.buy, request.params.sell, clock()).route,
  );
  app.get<{ Params: { symbol: string; buy: string; sell: string }; Querystring: RoutesParams }>(
    '/api/v1/why/:symbol/:buy/:sell',
    get('Why a route is, or is not, among those of a view', whyReply, {
      ...{ params: routePath, querystring: routesQuery },
    }),
    ({ params, query }) =>
      sources.why(params.symbol, knownVenue(params.buy), knownVenue(params.sell), query, clock()),
  );
  const { schema: historySchema } = get(
    'The recorded past of one route: JSON columns, or NDJSON or CSV by Accept',
    historyReply,
    { querystring: historyQuery },
  );
  addHistoryRoute(app, historySchema, { sources, clock, replies: options.historyReplies });
  addOpportunitiesRoutes(app, sources, clock);
  addLeadLagRoute(app, sources, clock);
  app.get('/api/v1/alerts', get('The last alerts, and how their deliveries fare', alertsReply), () =>
    sources.alerts(),
  );
  addIdentityRoutes(app, sources.identity, options.access);
  addGapsRoute(app, sources, clock);
  addTradesRoute(app, sources, clock);
  addSparklinesRoute(app, sources, clock);
  addMemoryRoute(app, sources);
  app.get('/api/v1/bounds', get('Every bounded structure with its counters', boundsReply), () =>
    readBounds(sources),
  );
}

/** For whoever watches the process. */
export function addHealthRoutes(app: FastifyInstance, options: ApiOptions): void {
  app.get('/healthz', get('Alive', aliveReply), () => ({ alive: true }));
  app.get('/metrics', { schema: { hide: true, querystring: noQuery } }, (_request, reply) => {
    const text = options.sources.metrics?.(options.clock());
    if (text === undefined) throw new SpreadscopeError('NOT_FOUND', 'there are no metrics here');
    return reply.type(METRICS_TYPE).send(text);
  });
  const ready = get('Ready: a venue is live, the recording is sound and the threads answer', readyReply, {
    response: { 200: readyReply, 503: readyReply, default: errorReply },
  });
  app.get('/readyz', ready, (_request, reply) => {
    const reasons = reasonsNotReady(options);
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
}

function reasonsNotReady({ sources, clock, stopping }: ApiOptions): string[] {
  if (stopping()) return ['it is stopping'];
  const venues = sources.venues(clock());
  const others = sources.unready?.() ?? [];
  if (venues.some((venue) => venue.state === 'live')) return [...others];
  if (venues.length === 0) return ['no venue is configured', ...others];
  return [
    ...venues.map(({ venue, state, reason }) => `${venue} is ${state}${reason === '' ? '' : `: ${reason}`}`),
    ...others,
  ];
}
