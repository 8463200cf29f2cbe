import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { defaultConfig } from '../../src/app/config.ts';
import { Pipeline, type PipelineOptions } from '../../src/app/pipeline.ts';
import type { Log } from '../../src/core/log.ts';
import { collect, spawnProgram } from '../cli/run.ts';

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The simulator as a user starts it, in a process of its own. */
export async function startSimulatorProcess(flags: readonly string[]) {
  const child = spawnProgram(['sim', '--port', '0', ...flags]);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const [, url] = await out.match(/^simulator (\S+)\n/);
  return {
    url: url as string,
    fault: async (fault: Readonly<Record<string, unknown>>): Promise<void> => {
      const reply = await fetch(`${url}/_sim/fault`, { method: 'POST', body: JSON.stringify(fault) });
      if (!reply.ok) throw new Error(`fault ${JSON.stringify(fault)}: ${await reply.text()}`);
    },
    get: async (path: string): Promise<unknown> => (await fetch(`${url}/_sim/${path}`)).json(),
    stop: async (): Promise<void> => {
      const ended = once(child, 'close') as Promise<[number | null]>;
      child.kill('SIGTERM');
      const [code] = await ended;
      if (code !== 0) throw new Error(`the simulator ended with ${code}: ${err.text()}`);
    },
  };
}

/** A pipeline over the simulator, without a gateway. */
export function startPipeline(
  url: string,
  flags: Record<string, string> = {},
  options: Partial<PipelineOptions> = {},
): Pipeline {
  const given = Object.entries({ via: url, ...flags }).map(([path, text]) => ({
    path,
    flag: `--${path}`,
    text,
  }));
  return new Pipeline(defaultConfig(given), { log: SILENT, ...options });
}

/** Waits until a state that others bring about is reached; fails when it takes longer than `withinMs`. */
export async function until(
  reached: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(5);
  }
}
