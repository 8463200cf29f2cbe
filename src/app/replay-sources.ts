import { SpreadscopeError } from '../core/errors.ts';
import { InstrumentIndex } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { GatewaySources } from '../gateway/sources.ts';
import type { Recording } from '../lake/recording.ts';
import type { Lead } from '../lake/recording-lead.ts';
import { RecentOpportunities } from '../market/recent-opportunities.ts';
import { VENUES } from '../venues/index.ts';
import type { AlertsReply, VenueRow } from '../wire/api.ts';
import { AlertRouteWatch } from './alert-route-watch.ts';
import { budgetBytes, type Config } from './config.ts';
import { windowOptions } from './configured-market.ts';
import { takerFeeOf } from './history.ts';
import type { HistoryReader } from './history-reader.ts';
import { IdentityDecisions } from './identity-decisions.ts';
import { IdentitySource } from './identity-source.ts';
import { OpportunitySource } from './opportunity-source.ts';
import { instrumentsOf, marketFor } from './replay.ts';
import { ReplayPace } from './replay-pace.ts';
import { ReplayRows } from './replay-rows.ts';
import { residentBytes } from './resident-memory.ts';
import { Sparklines } from './sparklines.ts';

export interface ReplayServerOptions {
  readonly lake: string;
  /** µs, both included. */
  readonly from: number;
  readonly to: number;
  readonly symbols?: readonly string[] | undefined;
  /** Times the pace of life; Infinity = as fast as it goes; 0 = it stands still. */
  readonly speed: number;
  /** What comes until then is applied at once, and the clock begins there, µs; default `from`. */
  readonly moment?: number | undefined;
  /** Begins later than `from` where there is more than so much; undefined = never. */
  readonly lead?: Lead | undefined;
  readonly log: Log;
}

const RECENT_OPPORTUNITIES = 2048;
const RECENT_ALERTS = 256;
const NO_WINDOWS = { spanMs: 0, coveredMs: 0, resolutionMs: 0, windows: 0, evicted: 0 };
const NO_RATES = { frames: 0, quotes: 0, trades: 0 };

/** What is played: the market, what follows it, and the clock. */
export function playedOf(
  config: Config,
  recording: Recording,
  { from, to, speed, moment }: ReplayServerOptions,
) {
  const instruments = instrumentsOf(config, recording);
  const index = new InstrumentIndex(Math.max(1, instruments.length));
  for (const instrument of instruments) index.add(instrument);
  const recent = new RecentOpportunities(RECENT_OPPORTUNITIES);
  const told: AlertsReply['alerts'][number][] = [];
  let count = 0;
  const alerts = new AlertRouteWatch(
    config,
    (alert) => {
      count++;
      told.unshift(alert);
      if (told.length > RECENT_ALERTS) told.pop();
    },
    () => count + 1,
  );
  const { first, last } = recording;
  const followers = [recent, ...alerts.followers];
  const market = marketFor(config, instruments, last, config.statistics, followers, windowOptions(config));
  alerts.watch(market);
  for (const instrument of instruments) market.list(instrument);
  const rows = new ReplayRows();
  const pace = new ReplayPace(market, rows, {
    ...{ speed, from: Math.max(from, first), to: Math.max(first, moment ?? 0, Math.min(to, last)) },
    ...(moment === undefined ? {} : { moment }),
    clockMs: () => performance.now(),
  });
  const opportunities = new OpportunitySource(market, recent, index);
  const sparklines = new Sparklines(market, config.maxQuoteAgeMs);
  return {
    ...{ recorded: recording, instruments, recent, alerts, told, market, rows, pace, opportunities },
    sparklines,
  };
}

export type Played = ReturnType<typeof playedOf>;

/** What the gateway shows of it. */
export function replaySources(
  config: Config,
  played: Played,
  options: ReplayServerOptions,
  history: HistoryReader,
  gatewayOf: () => Gateway | undefined,
): GatewaySources {
  const { market, pace, opportunities, alerts, told, recent, recorded } = played;
  const startedAt = performance.now();
  const decisions = new IdentityDecisions(config.identity.file, () => pace.now);
  const identity = new IdentitySource(market, decisions);
  const budget = budgetBytes(config);
  const bounds = () => [
    ...[...market.bounds(), recent.bound(), ...alerts.bounds(), ...history.bounds()],
    played.sparklines.bound(),
  ];
  const range = { from: Math.max(options.from, recorded.first), to: Math.min(options.to, recorded.last) };
  return {
    status: () => ({
      ...{ uptimeMs: performance.now() - startedAt, roles: ['replay', 'serve'] },
      ...{ instruments: played.instruments.length, symbols: market.symbolCount, routes: market.routeCount },
      ...{
        rates: NO_RATES,
        totals: { ...NO_RATES, quotes: pace.applied, trades: market.counts.trades, badFrames: 0 },
      },
      memory: { rss: residentBytes(), budget },
      opportunities: opportunities.totals(),
      window: market.windowCover(pace.now) ?? NO_WINDOWS,
      ...{ lake: null, alarms: [] },
      replay: {
        ...range,
        time: pace.now,
        speed: pace.speed === Infinity ? null : pace.speed,
        ended: pace.hasEnded,
      },
    }),
    venues: (now) => venueRows(config, played, now),
    symbols: () => market.symbols(),
    quotes: (symbol, now) => market.quotes(symbol, now),
    routes: (params, now) => market.routes(params, now),
    route: (symbol, buy, sell, now) => market.route(symbol, buy, sell, now),
    why: (symbol, buy, sell, params, now) => market.why(symbol, buy, sell, params, now),
    watchRoute: (symbol, buy, sell, now) => {
      market.watch(symbol, buy, sell, now);
    },
    routePast: (symbol, buy, sell) => market.past(symbol, buy, sell),
    opportunities,
    identity: {
      read: () => identity.read(),
      decide: () =>
        Promise.reject(
          new SpreadscopeError(
            'BAD_REQUEST',
            'this is a replay: decide at the spreadscope that watches the market',
          ),
        ),
    },
    alerts: () => ({
      ...{ alerts: told, rules: config.alerts.rules.map(({ name, on = 'route' }) => ({ name, on })) },
      ...{ sinks: [], counts: { told: told.length, ...alerts.counts } },
    }),
    leadLag: (wish, signal) => history.ask({ kind: 'leadLag', wish }, signal),
    gaps: (wish, signal) => history.ask({ kind: 'gaps', wish }, signal),
    trades: (wish, signal) => history.ask({ kind: 'trades', wish }, signal),
    sparklines: (routes, now, signal) => played.sparklines.read(routes, now, signal),
    history,
    bounds: () => ({ budget, allowance: 0, bounds: [...bounds(), ...(gatewayOf()?.bounds() ?? [])] }),
  };
}

/** A venue of a recording is live as long as it says something. */
function venueRows(config: Config, { instruments, market }: Played, now: number): VenueRow[] {
  const listed = VENUE_IDS.filter((id) => instruments.some(({ venue }) => venue === id));
  return listed.map((venue) => {
    const own = instruments.filter((one) => one.venue === venue);
    const heard = market.lastHeard(venue);
    const ageMs = heard === undefined ? null : Math.max(0, (now - heard) / 1000);
    const live = ageMs !== null && ageMs <= config.maxQuoteAgeMs;
    const none = { pending: 0, silent: 0, live: own.length, refused: 0 };
    return {
      ...{ venue, title: VENUES[venue].title, state: live ? 'live' : 'stale' },
      reason: live ? '' : 'the recording has nothing of it just now',
      ...{ epoch: 1, connections: { open: 0, wanted: 0 }, instruments: own.length, subscriptions: none },
      ...{ rates: NO_RATES, lagMs: { p50: null, p99: null }, reconnects: 0, lastMessageAgeMs: ageMs },
      ...{ passedFrames: 0, errors: {}, takerFeeBps: takerFeeOf(config, venue) * 10_000, recording: null },
    } as const;
  });
}
