import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BoundReading } from '../core/bounds.ts';
import type { Log } from '../core/log.ts';
import { startGateway } from '../gateway/gateway.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import { budgetBytes, type Config } from './config.ts';
import { Pipeline } from './pipeline.ts';
import type { RunSummary } from './run-summary.ts';
import { joinSources } from './sources.ts';
import { VERSION } from './version.ts';

/** A collector with its page, running. */
export interface Running {
  /** Where the page and the API are. */
  readonly url: string;
  summary(): RunSummary;
  /** Ends every connection, then the server; nothing is left open. */
  stop(): Promise<void>;
}

/**
 * Starts everything; resolves when the page can be opened, while the venues are still being connected.
 * @throws MEMORY_BUDGET, PORT_IN_USE, LISTEN_FAILED
 */
export async function startSpreadscope(config: Config, options: { readonly log: Log }): Promise<Running> {
  const { log } = options;
  const pipeline = new Pipeline(config, { log });
  let gatewayBounds: () => readonly BoundReading[] = () => [];
  try {
    const gateway = await startGateway({
      host: config.server.host,
      port: config.server.port,
      webRoot: webRoot(),
      sources: joinSources(pipeline, config, () => gatewayBounds()),
      clock: pipeline.micros,
      limits: {
        ...DEFAULT_LIMITS,
        clients: config.limits.clients,
        outboxBytes: config.stream.outboxBytes,
        updatesPerSecond: config.stream.updatesPerSecond,
      },
      log,
      version: VERSION,
    });
    gatewayBounds = () => gateway.bounds();
    return {
      url: gateway.url,
      summary: () => summaryOf(pipeline, gateway.clients(), budgetBytes(config)),
      stop: async () => {
        await Promise.all([gateway.stop(), pipeline.stop()]);
      },
    };
  } catch (error) {
    await pipeline.stop();
    throw error;
  }
}

function summaryOf(pipeline: Pipeline, clients: number, budget: number): RunSummary {
  const now = pipeline.micros();
  return {
    venues: pipeline.board.rows(now),
    routes: pipeline.market.routes({ limit: 1 }, now).total,
    clients,
    memory: { rss: process.memoryUsage.rss(), budget },
  };
}

/** The built page, when there is one. */
function webRoot(): string | undefined {
  const path = fileURLToPath(new URL('../../web', import.meta.url));
  return existsSync(path) ? path : undefined;
}
