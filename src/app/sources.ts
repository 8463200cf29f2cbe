import type { BoundReading } from '../core/bounds.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { GatewaySources } from '../gateway/sources.ts';
import type { Alarm } from '../wire/api.ts';
import type { Alerts } from './alerts.ts';
import { budgetBytes, type Config } from './config.ts';
import { HistoryReader } from './history-reader.ts';
import type { LakeHost } from './lake-host.ts';
import { summaryOf, withRecordings } from './lake-summary.ts';
import type { LimitedLog } from './limited-log.ts';
import { allowances } from './memory-budget.ts';
import type { MemoryLine } from './memory-line.ts';
import { metricsText } from './metrics.ts';
import type { Pipeline } from './pipeline.ts';
import type { PressureWatch } from './pressure-watch.ts';
import { notReady } from './readiness.ts';
import { residentBytes } from './resident-memory.ts';
import type { Sparklines } from './sparklines.ts';
import type { ThreadReading, ThreadWatch } from './thread-watch.ts';
import type { TimeMachine } from './time-machine.ts';
import { VERSION } from './version.ts';
import type { WindowHistory } from './window-history.ts';

/** How long no venue may be live before it is an alarm. */
const UNREACHABLE_AFTER_MS = 8000;

const NO_WINDOWS = { spanMs: 0, coveredMs: 0, resolutionMs: 0, windows: 0, evicted: 0 };

export interface Joined {
  readonly config: Config;
  readonly pipeline: Pipeline;
  /** Undefined = nothing is recorded. */
  readonly lake: LakeHost | undefined;
  readonly history: HistoryReader | WindowHistory;
  readonly alerts: Alerts;
  readonly pressure: PressureWatch;
  readonly memory: MemoryLine;
  readonly sparklines: Sparklines;
  /** Undefined = off, or nothing is recorded. */
  readonly past: TimeMachine | undefined;
  /** Of this thread. */
  readonly thread: ThreadWatch;
  readonly log: LimitedLog;
}

/** Joins what the gateway shows to the pipeline. The gateway exists only after its sources. */
export function joinSources(joined: Joined, gatewayOf: () => Gateway | undefined): GatewaySources {
  const { config, pipeline, lake, history, pressure, thread } = joined;
  const { market, board, index } = pipeline;
  const startedAt = performance.now();
  const budget = budgetBytes(config);
  const alarms = new Alarms(pipeline.micros());
  const allowance = allowances(config).reduce((sum, { bytes }) => sum + bytes, 0);
  const ledger = () => ({ budget, allowance, bounds: boundsOf(joined, gatewayOf()) });
  return {
    status: (now) => {
      const rows = board.rows(now);
      const sum = (pick: (rates: (typeof rows)[number]['rates']) => number): number =>
        rows.reduce((total, row) => total + pick(row.rates), 0);
      const anyLive = rows.some((row) => row.state === 'live' || row.state === 'stale');
      return {
        uptimeMs: performance.now() - startedAt,
        roles: lake === undefined ? ['collect', 'serve'] : ['collect', 'record', 'serve'],
        instruments: index.size,
        symbols: market.symbolCount,
        routes: market.routeCount,
        rates: { frames: sum((r) => r.frames), quotes: sum((r) => r.quotes), trades: sum((r) => r.trades) },
        totals: board.totals(),
        memory: { rss: residentBytes(), budget },
        opportunities: pipeline.opportunities.totals(),
        window: market.windowCover(now) ?? NO_WINDOWS,
        lake: lake === undefined ? null : summaryOf(lake.report()),
        replay: null,
        alarms: [...alarms.update(anyLive, now), ...(lake?.report().troubles ?? []), ...pressure.alarms()],
      };
    },
    venues: (now) => (lake === undefined ? board.rows(now) : withRecordings(board.rows(now), lake.report())),
    symbols: () => market.symbols(),
    quotes: (symbol, now) => market.quotes(symbol, now),
    routes: (params, now) => market.routes(params, now),
    route: (symbol, buy, sell, now) => market.route(symbol, buy, sell, now),
    why: (symbol, buy, sell, params, now) => market.why(symbol, buy, sell, params, now),
    watchRoute: (symbol, buy, sell, now) => {
      market.watch(symbol, buy, sell, now);
    },
    routePast: (symbol, buy, sell) => market.past(symbol, buy, sell),
    opportunities: pipeline.opportunities,
    identity: pipeline.identity,
    alerts: () => joined.alerts.read(),
    leadLag:
      history instanceof HistoryReader
        ? (wish, signal) => history.ask({ kind: 'leadLag', wish }, signal)
        : undefined,
    gaps:
      history instanceof HistoryReader
        ? (wish, signal) => history.ask({ kind: 'gaps', wish }, signal)
        : undefined,
    trades:
      history instanceof HistoryReader
        ? (wish, signal) => history.ask({ kind: 'trades', wish }, signal)
        : undefined,
    history,
    sparklines: (routes, now, signal) => joined.sparklines.read(routes, now, signal),
    memory: () => joined.memory.columns(),
    past: joined.past,
    bounds: ledger,
    unready: () => notReady({ hosts: pipeline.hosts, thread: thread.read(), lake: lake?.report() }),
    metrics: (now) =>
      metricsText({
        now,
        statuses: board.statuses(),
        venues: board.rows(now),
        rings: pipeline.rings(),
        market: { symbols: market.symbolCount, routes: market.routeCount },
        lake: lake?.report(),
        clients: gatewayOf()?.clients() ?? 0,
        closed: gatewayOf()?.closed() ?? {},
        kernelBytes: gatewayOf()?.kernelBytes?.(),
        ledger: ledger(),
        process: {
          version: VERSION,
          startTime: performance.timeOrigin / 1000,
          rss: residentBytes(),
          budget,
          threads: threadsOf(joined),
          pressure: pressure.pressure,
        },
      }),
  };
}

/** The whole ledger. */
function boundsOf(
  { pipeline, lake, history, alerts, memory, sparklines, past, log }: Joined,
  gateway: Gateway | undefined,
): BoundReading[] {
  return [
    ...pipeline.bounds(),
    ...(lake?.bounds() ?? []),
    ...(history?.bounds() ?? []),
    ...(gateway?.bounds() ?? []),
    ...alerts.bounds(),
    memory.bound(),
    sparklines.bound(),
    ...(past === undefined ? [] : [past.bound()]),
    log.bound(),
  ];
}

function threadsOf({ pipeline, thread }: Joined): [string, ThreadReading][] {
  const feeds = pipeline.hosts.flatMap((host): [string, ThreadReading][] =>
    host.thread === undefined ? [] : [[host.name, host.thread]],
  );
  return [['main', thread.read()], ...feeds];
}

/** What is wrong with the run as a whole. */
class Alarms {
  #deadSince: number;

  constructor(now: number) {
    this.#deadSince = now;
  }

  update(anyLive: boolean, now: number): Alarm[] {
    if (anyLive) this.#deadSince = Number.NaN;
    else if (Number.isNaN(this.#deadSince)) this.#deadSince = now;
    if (!(now - this.#deadSince >= UNREACHABLE_AFTER_MS * 1000)) return [];
    return [
      {
        code: 'NO_VENUE',
        message:
          'No exchange can be reached. Still trying; check the network, or run `npm run demo` to see spreadscope on simulated markets.',
        since: this.#deadSince,
      },
    ];
  }
}
