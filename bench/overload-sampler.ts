import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { readProcess, readSockets } from './proc.ts';

const EVERY_MS = 1_000;
/** Two hours; what is later is left out. */
const MOST_SAMPLES = 7_200;
const SS = ['/usr/bin/ss', '/bin/ss', '/usr/sbin/ss', '/sbin/ss'].find((path) => existsSync(path));
/** `ss` walks all sockets: not every second. */
const SS_EVERY = 5;

export interface Sample {
  /** ms since the epoch. */
  readonly time: number;
  readonly phase: string;
  readonly rss: number;
  readonly files: number;
  readonly sendBytes: number;
  readonly receiveBytes: number;
  /** Memory that the kernel holds for the server's stream sockets (`ss -tm`); null = not looked at. */
  readonly kernelBytes: number | null;
  /** Messages that the simulator published so far. */
  readonly published: number | null;
  /** How long the server took to answer a small request, ms; null = it did not within a second. */
  readonly answerMs: number | null;
}

export interface Watched {
  readonly pid: number;
  readonly url: string;
  readonly simulatorUrl: string;
}

/** Looks at the server once a second. */
export class Sampler {
  readonly samples: Sample[] = [];
  phase = '';
  readonly #watched: Watched;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#done = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && this.samples.length < MOST_SAMPLES) {
      await Promise.all([this.#look(), wait(EVERY_MS, undefined, { ref: false })]);
    }
  }

  async #look(): Promise<void> {
    const { pid, url, simulatorUrl } = this.#watched;
    const process = readProcess(pid);
    if (process === undefined) return;
    const port = Number(new URL(url).port);
    const { sendBytes, receiveBytes } = readSockets(port);
    const { phase } = this;
    const from = performance.now();
    const [answer, published] = await Promise.all([
      getJson(`${url}/api/v1/status`).then((reply) =>
        reply === undefined ? null : performance.now() - from,
      ),
      publishedBy(simulatorUrl),
    ]);
    this.samples.push({
      ...{ time: Date.now(), phase, rss: process.rss, files: process.files, sendBytes, receiveBytes },
      kernelBytes: this.samples.length % SS_EVERY === 0 ? kernelBytes(port) : null,
      published,
      answerMs: answer,
    });
  }
}

/** Messages that a simulator published so far; null when it does not answer. */
export async function publishedBy(simulatorUrl: string): Promise<number | null> {
  const status = (await getJson(`${simulatorUrl}/_sim/status`)) as
    | { readonly published: { readonly quotes: number; readonly trades: number } }
    | undefined;
  return status === undefined ? null : status.published.quotes + status.published.trades;
}

/** The JSON of a small reply; undefined when there is none within a second. */
export async function getJson(url: string): Promise<unknown> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return reply.ok ? await reply.json() : undefined;
  } catch (error) {
    // A server that is too busy, or dead, is a finding and not the end of the measurement.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** What the kernel holds for the server's sockets, sent and received, with its own overhead. */
function kernelBytes(port: number): number | null {
  if (SS === undefined) return null;
  const text = execFileSync(SS, ['-tmnH', 'sport', '=', `:${port}`], { encoding: 'utf8', maxBuffer: 1e8 });
  let total = 0;
  for (const [, received, sent, queued] of text.matchAll(/skmem:\(r(\d+),rb\d+,t(\d+),tb\d+,f\d+,w(\d+)/g)) {
    total += Number(received) + Math.max(Number(sent), Number(queued));
  }
  return total;
}
