import { SpreadscopeError } from '../core/errors.ts';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import type { BoundsReply, RouteReply } from '../wire/api.ts';
import type { RoutesParams, TopicData } from '../wire/stream.ts';
import { checkParameters } from './parameters.ts';
import { noQuery, routesQuery } from './schemas.ts';
import type { GatewaySources } from './sources.ts';

/** A topic with its parameters, checked. Clients with the same `key` get the same messages. */
export interface TopicReader {
  readonly key: string;
  readonly topic: string;
  /** The least time between two messages, ms. */
  readonly intervalMs: number;
  /** What the topic shows at `now`, µs; a snapshot may hold more than an update. */
  read(now: number, snapshot: boolean): TopicData;
}

/** Venues and bounds change slowly, and a person reads them. */
const SLOW_MS = 500;
const SHOWN = 80;

/** The reader of a topic, or a SpreadscopeError: UNKNOWN_TOPIC, UNKNOWN_SYMBOL, UNKNOWN_VENUE, UNKNOWN_ROUTE, BAD_REQUEST. */
export function openTopic(sources: GatewaySources, topic: string, params: unknown): TopicReader {
  if (topic === 'routes') return routesTopic(sources, params);
  checkParameters(noQuery, params, false);
  if (topic === 'venues') {
    return {
      key: topic,
      topic,
      intervalMs: SLOW_MS,
      read: (time) => ({ venues: sources.venues(time), time }),
    };
  }
  if (topic === 'bounds') {
    return { key: topic, topic, intervalMs: SLOW_MS, read: (time) => ({ ...readBounds(sources), time }) };
  }
  if (topic === 'opportunities') {
    return {
      key: topic,
      topic,
      intervalMs: SLOW_MS,
      read: (time) => ({ ...sources.opportunities.now(), time }),
    };
  }
  if (topic === 'alerts')
    return { key: topic, topic, intervalMs: SLOW_MS, read: (time) => ({ ...sources.alerts(), time }) };
  if (topic.startsWith('quotes/')) return quotesTopic(sources, topic);
  if (topic.startsWith('route/')) return routeTopic(sources, topic);
  throw new SpreadscopeError(
    'UNKNOWN_TOPIC',
    `there is no topic ${topic.slice(0, SHOWN)}; topics are venues, routes, route/<symbol>:<buy>:<sell>, quotes/<symbol>, opportunities, alerts, bounds`,
  );
}

export function readBounds(sources: GatewaySources): BoundsReply {
  const { budget, allowance, bounds } = sources.bounds();
  return { budget, total: bounds.reduce((sum, bound) => sum + bound.capacityBytes, 0), allowance, bounds };
}

/** A route by its parts as they came from outside. */
export function findRoute(
  sources: GatewaySources,
  symbol: string,
  buy: string,
  sell: string,
  now: number,
): { readonly buy: VenueId; readonly sell: VenueId; readonly route: RouteReply } {
  const [from, to] = [knownVenue(buy), knownVenue(sell)];
  const route = sources.route(symbol, from, to, now);
  if (route !== undefined) return { buy: from, sell: to, route };
  if (sources.quotes(symbol, now) === undefined) throw unknownSymbol(symbol);
  throw new SpreadscopeError(
    'UNKNOWN_ROUTE',
    from === to
      ? 'a route buys and sells on two different venues'
      : `${symbol} is not listed on both ${from} and ${to}`,
  );
}

export function unknownSymbol(symbol: string): SpreadscopeError {
  return new SpreadscopeError(
    'UNKNOWN_SYMBOL',
    `no venue lists ${symbol.slice(0, SHOWN)}; see /api/v1/symbols`,
  );
}

/** @throws UNKNOWN_VENUE */
export function knownVenue(id: string): VenueId {
  if (isVenueId(id)) return id;
  throw new SpreadscopeError('UNKNOWN_VENUE', `there is no venue ${id.slice(0, SHOWN)}; see /api/v1/venues`);
}

function routesTopic(sources: GatewaySources, given: unknown): TopicReader {
  const params: RoutesParams = checkParameters(routesQuery, given, false);
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    key: `routes?${JSON.stringify(sorted)}`,
    topic: 'routes',
    intervalMs: 0,
    read: (time) => ({ ...sources.routes(params, time), time }),
  };
}

function quotesTopic(sources: GatewaySources, topic: string): TopicReader {
  const symbol = topic.slice('quotes/'.length);
  if (sources.quotes(symbol, 0) === undefined) throw unknownSymbol(symbol);
  const read = (time: number): TopicData => ({ symbol, quotes: sources.quotes(symbol, time) ?? [], time });
  return { key: topic, topic, intervalMs: 0, read };
}

function routeTopic(sources: GatewaySources, topic: string): TopicReader {
  const [symbol = '', from = '', to = '', rest] = topic.slice('route/'.length).split(':');
  if (rest !== undefined) throw new SpreadscopeError('UNKNOWN_ROUTE', 'a route is <symbol>:<buy>:<sell>');
  const { buy, sell } = findRoute(sources, symbol, from, to, 0);
  const read = (time: number, snapshot: boolean): TopicData => {
    sources.watchRoute(symbol, buy, sell, time);
    const { route } = findRoute(sources, symbol, buy, sell, time);
    const past = snapshot ? sources.routePast(symbol, buy, sell) : undefined;
    return past === undefined ? { time, route } : { time, route, past };
  };
  return { key: topic, topic, intervalMs: 0, read };
}
