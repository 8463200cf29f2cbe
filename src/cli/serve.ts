import type { LoadedConfig } from '../app/config.ts';
import { limitedLog } from '../app/limited-log.ts';
import type { Running } from '../app/start.ts';
import type { Log } from '../core/log.ts';
import { createLog } from './console-log.ts';
import { ReachWatch, StateLines, statusBlock } from './live-status.ts';
import { allowFlush } from './signals.ts';
import { Terminal } from './terminal.ts';

const REPAINT_MS = 1000;
const TELL_AFTER_MS = 1000;

export interface ServeOptions {
  /** Log lines as JSON. */
  readonly json: boolean;
  /** Printed behind the URL. */
  readonly note: string;
  /** Resolves when the run is to end; asked for before anything is started, so that no moment is without it. */
  readonly signal: Promise<void>;
  /** Resolves with the reason when something that the run stands on ended by itself. */
  readonly lost?: Promise<Error>;
}

/** Runs the collector and the page until a signal; then everything is closed and the process ends by itself. */
export async function serve(loaded: LoadedConfig, options: ServeOptions): Promise<void> {
  const { startSpreadscope } = await import('../app/start.ts');
  const terminal = process.stdout.isTTY && !options.json ? new Terminal(process.stdout) : undefined;
  const log = createLog({
    level: loaded.config.log.level,
    json: options.json,
    write: (line) => (terminal === undefined ? process.stderr.write(`${line}\n`) : terminal.line(line)),
  });
  const running = await startSpreadscope(loaded.config, { log });
  announce(running.url, options.note, terminal, log, options.json);
  const stopShowing = show(() => running.summary(), terminal, log);
  try {
    const lost = await Promise.race([options.signal, options.lost ?? options.signal]);
    if (lost instanceof Error) throw lost;
  } finally {
    stopShowing();
    await stop(running, terminal);
    terminal?.line('stopped');
  }
}

/** Says so when the last rows take their time. */
async function stop(running: Running, terminal: Terminal | undefined): Promise<void> {
  const text = 'writing the last rows to Parquet; they are safe in the journal (Ctrl-C leaves them there)';
  let telling: NodeJS.Timeout | undefined;
  try {
    await running.stop(() => {
      allowFlush();
      telling = setTimeout(() => {
        if (terminal === undefined) process.stderr.write(`${text}\n`);
        else terminal.line(text);
      }, TELL_AFTER_MS);
    });
  } finally {
    clearTimeout(telling);
  }
}

function announce(url: string, note: string, terminal: Terminal | undefined, log: Log, json: boolean): void {
  if (json) {
    log.info('spreadscope is running', { url });
  } else if (terminal === undefined) {
    process.stdout.write(`spreadscope ${url}\n`);
  } else {
    terminal.line(`spreadscope ${url}${note} · Ctrl-C stops it`);
  }
}

/** Shows the run once a second until the function it answers is called. */
function show(
  summary: () => Parameters<StateLines['update']>[0],
  terminal: Terminal | undefined,
  log: Log,
): () => void {
  const reach = new ReachWatch(Date.now());
  // A venue that comes and goes would else say so every second.
  const limited = limitedLog(log, () => performance.now());
  const lines = terminal === undefined ? new StateLines(limited) : undefined;
  const once = (): void => {
    const now = summary();
    const unreachable = reach.unreachable(now, Date.now());
    lines?.update(now, unreachable);
    terminal?.paint(statusBlock(now, unreachable));
  };
  once();
  const timer = setInterval(once, REPAINT_MS);
  return () => {
    clearInterval(timer);
    terminal?.close();
  };
}
