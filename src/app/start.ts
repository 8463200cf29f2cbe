import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Log } from '../core/log.ts';
import { systemClock } from '../feed/clock.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import { budgetBytes, type Config } from './config.ts';
import { takerFeeOf } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { LakeHost } from './lake-host.ts';
import { summaryOf as lakeSummaryOf } from './lake-summary.ts';
import { type LimitedLog, limitedLog } from './limited-log.ts';
import { lakeShares } from './memory-budget.ts';
import { Pipeline } from './pipeline.ts';
import type { MemoryReading } from './pressure.ts';
import { PressureWatch } from './pressure-watch.ts';
import { residentBytes } from './resident-memory.ts';
import type { RunSummary } from './run-summary.ts';
import { joinSources } from './sources.ts';
import { ThreadWatch } from './thread-watch.ts';
import { VERSION } from './version.ts';

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
  const lake = config.lake.enabled ? new LakeHost({ config, log, clock: systemClock().micros }) : undefined;
  let pipeline: Pipeline | undefined;
  try {
    pipeline = new Pipeline(config, {
      log,
      consumers: lake === undefined ? [] : [lake.consumer],
      observer: lake,
      shares: lake === undefined ? [] : lakeShares(config),
    });
    const { hosts } = pipeline;
    lake?.begin(hosts, () => hosts.flatMap((host) => host.statuses));
    const history = historyOf(config, pipeline, lake);
    return await serve({ config, log, pipeline, lake, history, memory: options.memory });
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
  readonly history: HistoryReader | undefined;
  readonly memory: (() => MemoryReading) | undefined;
}

/** Who answers what was recorded. */
function historyOf(
  config: Config,
  { index }: Pipeline,
  lake: LakeHost | undefined,
): HistoryReader | undefined {
  if (lake === undefined) return undefined;
  return new HistoryReader({
    lake: lake.folder,
    maxQuoteAgeMs: config.maxQuoteAgeMs,
    feeOf: (symbol, venue) =>
      index.all().find((one) => one.symbol === symbol && one.venue === venue)?.takerFee ??
      takerFeeOf(config, venue),
  });
}

/** Opens the page and the API on what runs. */
async function serve({ config, log, pipeline, lake, history, memory }: Parts): Promise<Running> {
  let gateway: Gateway | undefined;
  const thread = new ThreadWatch(() => performance.now());
  const pressure = new PressureWatch({
    read: memory ?? (() => memoryOf(config, thread)),
    clock: pipeline.micros,
    apply: (isShed) => {
      lake?.pauseMerging(isShed('compaction'));
      history?.close(isShed('history'));
      gateway?.press({ halved: isShed('updates'), shut: isShed('clients') });
    },
    log,
  });
  const endWatching = (): void => {
    pressure.stop();
    thread.stop();
  };
  const sources = joinSources({ config, pipeline, lake, history, pressure, thread, log }, () => gateway);
  const started = await startGateway({
    host: config.server.host,
    port: config.server.port,
    webRoot: webRoot(),
    sources,
    clock: pipeline.micros,
    limits: {
      ...DEFAULT_LIMITS,
      clients: config.limits.clients,
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
      const closed = Promise.all([started.stop(), history?.stop()]);
      await endRecording(pipeline, lake, flushing);
      await closed;
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
  await pipeline?.stop();
  flushing?.();
  await lake?.stop(pipeline?.rowTotals() ?? []);
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
