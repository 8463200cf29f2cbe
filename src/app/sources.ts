import type { BoundReading } from '../core/bounds.ts';
import type { GatewaySources } from '../gateway/sources.ts';
import type { Alarm } from '../wire/api.ts';
import { budgetBytes, type Config } from './config.ts';
import type { HistoryReader } from './history-reader.ts';
import type { LakeHost } from './lake-host.ts';
import { summaryOf, withRecordings } from './lake-summary.ts';
import type { Pipeline } from './pipeline.ts';
import { residentBytes } from './resident-memory.ts';
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
}

/** Joins what the gateway shows to the pipeline. `gatewayBounds` are the gateway's own, which exists only after its sources. */
export function joinSources(
  { config, pipeline, lake, history }: Joined,
  gatewayBounds: () => readonly BoundReading[],
): GatewaySources {
  const { market, board, index } = pipeline;
  const startedAt = performance.now();
  const budget = budgetBytes(config);
  const alarms = new Alarms(pipeline.micros());
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
        window: market.windowCover(now) ?? NO_WINDOWS,
        lake: lake === undefined ? null : summaryOf(lake.report()),
        alarms: [...alarms.update(anyLive, now), ...(lake?.report().troubles ?? [])],
      };
    },
    venues: (now) => (lake === undefined ? board.rows(now) : withRecordings(board.rows(now), lake.report())),
    symbols: () => market.symbols(),
    quotes: (symbol, now) => market.quotes(symbol, now),
    routes: (params, now) => market.routes(params, now),
    route: (symbol, buy, sell, now) => market.route(symbol, buy, sell, now),
    watchRoute: (symbol, buy, sell, now) => {
      market.watch(symbol, buy, sell, now);
    },
    routePast: (symbol, buy, sell) => market.past(symbol, buy, sell),
    history,
    bounds: () => ({
      budget,
      bounds: [...pipeline.bounds(), ...(lake?.bounds() ?? []), ...history.bounds(), ...gatewayBounds()],
    }),
  };
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
