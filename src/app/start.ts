import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BoundReading } from '../core/bounds.ts';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { systemClock } from '../feed/clock.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import type { HistoryQuery } from '../gateway/sources.ts';
import { budgetBytes, type Config, tokenOf } from './config.ts';
import { connectionLimit } from './connection-limit.ts';
import { takerFeeOf } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { LakeHost } from './lake-host.ts';
import { summaryOf as lakeSummaryOf } from './lake-summary.ts';
import { lakeShares, windowHistoryShares } from './memory-budget.ts';
import { Pipeline } from './pipeline.ts';
import { recentLegs } from './recent-legs.ts';
import { residentBytes } from './resident-memory.ts';
import type { RunSummary } from './run-summary.ts';
import { joinSources } from './sources.ts';
import { VERSION } from './version.ts';
import { WindowHistory } from './window-history.ts';

/** A collector with its page, running. */
export interface Running {
  /** Where the page and the API are. */
  readonly url: string;
  summary(): RunSummary;
  /**
   * Ends every connection, then the server, then the recording; nothing is left open.
   * @param flushing called when only the last rows are still on their way to Parquet; they are safe already
   */
  stop(flushing?: () => void): Promise<void>;
}

/**
 * Starts everything; resolves when the page can be opened, while the venues are still being connected.
 * @throws MEMORY_BUDGET, PORT_IN_USE, LISTEN_FAILED, LAKE_LOCKED, FILE_UNWRITABLE
 */
export async function startSpreadscope(config: Config, options: { readonly log: Log }): Promise<Running> {
  const { log } = options;
  const early = systemClock();
  let pipeline: Pipeline | undefined;
  // Whose clock is kept right.
  const clock = (): number => (pipeline === undefined ? early.micros() : pipeline.micros());
  const lake = config.lake.enabled ? new LakeHost({ config, log, clock }) : undefined;
  try {
    pipeline = new Pipeline(config, {
      log,
      consumers: lake === undefined ? [] : [lake.consumer],
      observer: lake,
      shares: lake === undefined ? windowHistoryShares() : lakeShares(config),
    });
    const { hosts } = pipeline;
    lake?.begin(hosts, () => hosts.flatMap((host) => host.statuses));
    return await serve({ config, log, pipeline, lake, history: historyOf(config, pipeline, lake) });
  } catch (error) {
    await endRecording(pipeline, lake);
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly pipeline: Pipeline;
  readonly lake: LakeHost | undefined;
  readonly history: HistoryReader | WindowHistory;
}

/** Who answers a route's past: the lake, with the windows for what they cover; without a lake the windows alone. */
function historyOf(
  config: Config,
  { index, market }: Pipeline,
  lake: LakeHost | undefined,
): HistoryReader | WindowHistory {
  const { maxQuoteAgeMs } = config;
  const feeOf = (symbol: string, venue: VenueId) =>
    index.all().find((one) => one.symbol === symbol && one.venue === venue)?.takerFee ??
    takerFeeOf(config, venue);
  if (lake === undefined) return new WindowHistory({ market, maxQuoteAgeMs, feeOf });
  const recentOf = (query: HistoryQuery, maxAge: number) =>
    recentLegs(market, query, config.window.resolution * 1000, maxAge);
  return new HistoryReader({ lake: lake.folder, maxQuoteAgeMs, feeOf, recentOf });
}

/** Opens the page and the API on what runs. */
async function serve({ config, log, pipeline, lake, history }: Parts): Promise<Running> {
  let gatewayBounds: () => readonly BoundReading[] = () => [];
  const gateway = await startGateway({
    host: config.server.host,
    port: config.server.port,
    names: config.server.names,
    token: tokenOf(config),
    webRoot: webRoot(),
    sources: joinSources({ config, pipeline, lake, history }, () => gatewayBounds()),
    clock: pipeline.micros,
    limits: {
      ...DEFAULT_LIMITS,
      clients: config.limits.clients,
      connections: connectionLimit(config, log),
      connectionsPerAddress: config.limits.connectionsPerAddress,
      upgradesPerSecond: config.limits.upgradesPerSecond,
      outboxBytes: config.stream.outboxBytes,
      updatesPerSecond: config.stream.updatesPerSecond,
    },
    log,
    version: VERSION,
  });
  gatewayBounds = () => gateway.bounds();
  return {
    url: gateway.url,
    summary: () => summaryOf(pipeline, gateway, lake, config),
    stop: async (flushing) => {
      const closed = Promise.allSettled([gateway.stop(), history.stop()]);
      await endRecording(pipeline, lake, flushing);
      for (const end of await closed) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** Ends the feeds, then what records them. */
async function endRecording(
  pipeline: Pipeline | undefined,
  lake: LakeHost | undefined,
  flushing?: () => void,
): Promise<void> {
  lake?.leaving();
  try {
    await pipeline?.stop();
  } finally {
    if (lake !== undefined) {
      flushing?.();
      await lake.stop(pipeline?.rowTotals() ?? []);
    }
  }
}

function summaryOf(
  pipeline: Pipeline,
  gateway: Gateway,
  lake: LakeHost | undefined,
  config: Config,
): RunSummary {
  const now = pipeline.micros();
  return {
    venues: pipeline.board.rows(now),
    routes: pipeline.market.routes({ limit: 1 }, now).total,
    clients: gateway.clients(),
    memory: { rss: residentBytes(), budget: budgetBytes(config) },
    lake: lake === undefined ? null : lakeSummaryOf(lake.report()),
    alarms: lake?.report().troubles.map(({ message }) => message) ?? [],
  };
}

/** The built page, when there is one. */
function webRoot(): string | undefined {
  const path = fileURLToPath(new URL('../../web', import.meta.url));
  return existsSync(path) ? path : undefined;
}
