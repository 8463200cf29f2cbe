import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import { DEFAULT_LIMITS } from '../gateway/limits.ts';
import { openRecording, type Recording } from '../lake/recording.ts';
import { type Config, tokenOf } from './config.ts';
import { takerFeeOf } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { playedOf, type ReplayServerOptions, replaySources } from './replay-sources.ts';
import { VERSION } from './version.ts';

/** A recording that is being played, with the page on it. */
export interface ReplayServer {
  readonly url: string;
  /** In the time of the recording, µs. */
  now(): number;
  rows(): number;
  /** Of the first row, µs. */
  readonly from: number;
  /** Resolves when all that came until the moment is applied; never, when the reading fails before. */
  readonly reached: Promise<void>;
  /** How much of what came until then is applied, 0 to 1. */
  progress(): number;
  setSpeed(speed: number): void;
  /** Resolves when the end of the range is reached; the page stays until `stop`. Rejects with what the reading throws. */
  readonly ended: Promise<void>;
  /** Ends everything, whatever became of the reading; rejects with what the reading threw. */
  stop(): Promise<void>;
}

/**
 * Serves the page and the API on a recording, with its clock: what is shown is what a live run showed then, under these rules.
 * @throws NO_LAKE, FILE_UNREADABLE, BAD_REQUEST when nothing was recorded then, PORT_IN_USE, LISTEN_FAILED
 */
export async function startReplay(config: Config, options: ReplayServerOptions): Promise<ReplayServer> {
  const scratch = mkdtempSync(join(tmpdir(), 'spreadscope-replay-'));
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', remove);
  const abort = new AbortController();
  let recording: Recording | undefined;
  let gateway: Gateway | undefined;
  let history: HistoryReader | undefined;
  const close = async (): Promise<void> => {
    abort.abort(new Error('the replay was stopped'));
    try {
      await Promise.all([gateway?.stop(), history?.stop()]);
    } finally {
      recording?.close();
      remove();
      process.off('exit', remove);
    }
  };
  try {
    recording = await openRecording(options.lake, scratch, { ...options, trades: true }, abort.signal);
    const played = playedOf(config, recording, options);
    const { pace } = played;
    history = new HistoryReader({
      ...{ lake: options.lake, maxQuoteAgeMs: config.maxQuoteAgeMs },
      feeOf: (symbol, venue) => played.market.takerFee(symbol, venue) ?? takerFeeOf(config, venue),
    });
    const sources = replaySources(config, played, options, history, () => gateway);
    gateway = await startGateway({
      ...{ host: config.server.host, port: config.server.port, names: config.server.names },
      ...{ token: tokenOf(config), webRoot: webRoot(), sources, clock: () => pace.now },
      ...{
        limits: { ...DEFAULT_LIMITS, clients: config.limits.clients },
        log: options.log,
        version: VERSION,
      },
    });
    const { recorded, rows } = played;
    const reading = recorded
      .read(
        rows.columns,
        async (count) => {
          await pace.take(count, abort.signal);
          played.alerts.settle();
        },
        abort.signal,
      )
      .then(() => pace.pass(abort.signal))
      .then(() => played.alerts.leave());
    // Whoever stops it does not wait for the end.
    const over = reading.catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    });
    return {
      ...{ url: gateway.url, now: () => pace.now, rows: () => pace.applied, ended: over },
      ...{
        from: recording.first,
        reached: pace.reached,
        progress: () => pace.progress,
        setSpeed: (speed: number) => pace.setSpeed(speed),
      },
      stop: async () => {
        abort.abort(new Error('the replay was stopped'));
        try {
          await over;
        } finally {
          await close();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The built page, when there is one. */
function webRoot(): string | undefined {
  const path = fileURLToPath(new URL('../../web', import.meta.url));
  return existsSync(path) ? path : undefined;
}
