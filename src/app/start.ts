import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { systemClock } from '../feed/clock.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import type { HistoryQuery } from '../gateway/sources.ts';
import { Alerts } from './alerts.ts';
import { budgetBytes, type Config, tokenOf } from './config.ts';
import { connectionLimit } from './connection-limit.ts';
import { takerFeeOf } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { LakeHost } from './lake-host.ts';
import { summaryOf as lakeSummaryOf } from './lake-summary.ts';
import { type LimitedLog, limitedLog } from './limited-log.ts';
import { lakeShares, windowHistoryShares } from './memory-budget.ts';
import { MemoryLine } from './memory-line.ts';
import { Pipeline } from './pipeline.ts';
import type { MemoryReading } from './pressure.ts';
import { PressureWatch } from './pressure-watch.ts';
import { recentLegs } from './recent-legs.ts';
import { residentBytes } from './resident-memory.ts';
import type { RunSummary } from './run-summary.ts';
import { joinSources } from './sources.ts';
import { Sparklines } from './sparklines.ts';
import { ThreadWatch } from './thread-watch.ts';
import { TimeMachine } from './time-machine.ts';
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

export interface StartOptions {
  readonly log: Log;
  /** How full the memory is; default what the system says. */
  readonly memory?: () => MemoryReading;
}

/**
 * Starts everything; resolves when the page can be opened, while the venues are still being connected.
 * @throws MEMORY_BUDGET, PORT_IN_USE, LISTEN_FAILED, LAKE_LOCKED, FILE_UNWRITABLE
 */
export async function startSpreadscope(config: Config, options: StartOptions): Promise<Running> {
  const log = limitedLog(options.log, () => performance.now());
  const early = systemClock();
  let pipeline: Pipeline | undefined;
  // Whose clock is kept right.
  const clock = (): number => (pipeline === undefined ? early.micros() : pipeline.micros());
  const lake = config.lake.enabled ? new LakeHost({ config, log, clock }) : undefined;
  // No alert may be left out for being like the one before.
  const alerts = new Alerts(config, options.log, clock);
  try {
    pipeline = new Pipeline(config, {
      log,
      consumers: lake === undefined ? [] : [lake.consumer],
      followers: [...(lake === undefined ? [] : [lake.opportunities]), ...alerts.followers],
      observer: lake,
      onSettled: () => {
        if (pipeline === undefined) return;
        const [now, { board }] = [pipeline.micros(), pipeline];
        alerts.settle(() => board.rows(now), now);
      },
      shares: [
        ...(lake === undefined ? windowHistoryShares() : lakeShares(config)),
        ...alerts.bounds().map(({ name, capacityBytes }) => ({ name, bytes: capacityBytes })),
      ],
    });
    alerts.watch(pipeline.market);
    const { hosts } = pipeline;
    lake?.begin(hosts, () => hosts.flatMap((host) => host.statuses));
    const history = historyOf(config, pipeline, lake);
    if (history instanceof HistoryReader) pipeline.opportunities.recorded = history;
    return await serve({ config, log, pipeline, lake, history, alerts, memory: options.memory });
  } catch (error) {
    await endRecording(pipeline, lake);
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly log: LimitedLog;
  readonly pipeline: Pipeline;
  readonly lake: LakeHost | undefined;
  readonly history: HistoryReader | WindowHistory;
  readonly alerts: Alerts;
  readonly memory: (() => MemoryReading) | undefined;
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
async function serve({ config, log, pipeline, lake, history, alerts, memory }: Parts): Promise<Running> {
  let gateway: Gateway | undefined;
  const sparklines = new Sparklines(pipeline.market, config.maxQuoteAgeMs);
  const past = timeMachineOf(config, pipeline, lake, log);
  const line = new MemoryLine({ read: residentBytes, budget: budgetBytes(config), clock: pipeline.micros });
  const thread = new ThreadWatch(() => performance.now());
  const pressure = new PressureWatch({
    read: memory ?? (() => memoryOf(config, thread)),
    clock: pipeline.micros,
    apply: (isShed) => {
      lake?.pauseMerging(isShed('compaction'));
      history.close(isShed('history'));
      gateway?.press({ halved: isShed('updates'), shut: isShed('clients') });
    },
    log,
  });
  const endWatching = (): void => {
    line.stop();
    pressure.stop();
    thread.stop();
  };
  const sources = joinSources(
    { config, pipeline, lake, history, alerts, pressure, memory: line, sparklines, past, thread, log },
    () => gateway,
  );
  const started = await startGateway({
    host: config.server.host,
    port: config.server.port,
    names: config.server.names,
    token: tokenOf(config),
    webRoot: webRoot(),
    sources,
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
  }).catch((error: unknown) => {
    endWatching();
    throw error;
  });
  gateway = started;
  return {
    url: started.url,
    summary: () => summaryOf(pipeline, started, lake, config, pressure),
    stop: async (flushing) => {
      endWatching();
      const closed = Promise.allSettled([started.stop(), past?.stop(), history.stop(), alerts.stop()]);
      await endRecording(pipeline, lake, flushing);
      for (const end of await closed) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** Shows recorded moments, if anything is recorded and that is wanted. */
function timeMachineOf(
  config: Config,
  pipeline: Pipeline,
  lake: LakeHost | undefined,
  log: LimitedLog,
): TimeMachine | undefined {
  if (lake === undefined || config.past.processes === 0) return undefined;
  return new TimeMachine({
    ...{ config, lake: lake.folder, log, clock: pipeline.micros },
    clockMs: () => performance.now(),
  });
}

/** Ends the feeds, then what records them. */
async function endRecording(
  pipeline: Pipeline | undefined,
  lake: LakeHost | undefined,
  flushing?: () => void,
): Promise<void> {
  lake?.leaving();
  if (pipeline !== undefined) pipeline.leaving(lake?.goodbye ?? pipeline.micros());
  try {
    await pipeline?.stop();
  } finally {
    if (lake !== undefined) {
      flushing?.();
      await lake.stop(pipeline?.rowTotals() ?? []);
    }
  }
}

function memoryOf(config: Config, thread: ThreadWatch): MemoryReading {
  const { heap } = thread.read();
  return {
    heapUsed: heap.usedBytes,
    heapLimit: heap.limitBytes,
    rss: residentBytes(),
    budget: budgetBytes(config),
  };
}

function summaryOf(
  pipeline: Pipeline,
  gateway: Gateway,
  lake: LakeHost | undefined,
  config: Config,
  pressure: PressureWatch,
): RunSummary {
  const now = pipeline.micros();
  return {
    venues: pipeline.board.rows(now),
    routes: pipeline.market.routes({ limit: 1 }, now).total,
    clients: gateway.clients(),
    memory: { rss: residentBytes(), budget: budgetBytes(config) },
    lake: lake === undefined ? null : lakeSummaryOf(lake.report()),
    alarms: [...(lake?.report().troubles ?? []), ...pressure.alarms()].map(({ message }) => message),
  };
}

/** The built page, when there is one. */
function webRoot(): string | undefined {
  const path = fileURLToPath(new URL('../../web', import.meta.url));
  return existsSync(path) ? path : undefined;
}
