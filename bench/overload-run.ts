import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TrueQuote } from '../src/simulator/index.ts';
import { CLOSE_CODES } from '../src/wire/stream.ts';
import { DelayHistogram } from './delay-histogram.ts';
import { ClientProcess } from './overload-clients.ts';
import type { OverloadOptions } from './overload-options.ts';
import { type Phase, phasesOf } from './overload-phases.ts';
import type { ClientReport } from './overload-protocol.ts';
import { reconcile } from './overload-reconcile.ts';
import type { DelayResult, PhaseResult, RunResult, StallResult } from './overload-result.ts';
import { getJson, publishedBy, Sampler } from './overload-sampler.ts';
import { closedAll, type Stalled, stallClients } from './overload-stall.ts';
import { type Rig, startRig } from './overload-target.ts';
import { pageTopics, sharedSymbols, smallTopics } from './overload-topics.ts';
import { verdictsOf } from './overload-verdicts.ts';
import { compareViews } from './overload-views.ts';
import { loadAverage, readProcess, readThreads } from './proc.ts';
import { slopeOf } from './slope.ts';

/** How fast a slow client reads. */
const SLOW_BYTES_PER_SECOND = 16_384;
const SETTLE_MS = 3_000;
/** From the last quote until every client must have seen it; shorter than the silence that makes quotes invalid. */
const LAST_MS = 2_000;

/** Runs one server under load and takes all figures. The folder with lake and journal goes at the end, unless it is to be kept. */
export async function runOverload(options: OverloadOptions): Promise<RunResult> {
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'spreadscope-overload-')));
  await mkdir(folder, { recursive: true });
  try {
    const rig = await startRig(options, folder);
    return await new Run(options, rig).all();
  } finally {
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #options: OverloadOptions;
  readonly #rig: Rig;
  readonly #sampler: Sampler;
  readonly #healthy = new ClientProcess();
  readonly #slow = new ClientProcess();
  readonly #storm: ClientProcess | undefined;
  readonly #phases: PhaseResult[] = [];
  readonly #stalls: StallResult[] = [];
  #symbols: readonly string[] = [];
  #slowOpen = false;
  #trouble: string | undefined;
  #stormTimes: RunResult['storm'];

  constructor(options: OverloadOptions, rig: Rig) {
    this.#options = options;
    this.#rig = rig;
    const { server, simulator } = rig;
    this.#sampler = new Sampler({ pid: server.pid, url: server.url, simulatorUrl: simulator.url });
    if (options.storm > 0) this.#storm = new ClientProcess();
  }

  /** Plays all phases. A server that dies or takes no client any more is a result too: the run ends there, and the books are balanced all the same. */
  async all(): Promise<RunResult> {
    let at = 'opening';
    try {
      await this.#open();
      for (const phase of phasesOf(this.#options)) {
        at = phase.name;
        if (this.#rig.server.ended() !== undefined) break;
        await this.#play(phase);
      }
    } catch (error) {
      this.#trouble = `${at}: ${error instanceof Error ? error.message : String(error)}`;
    }
    return this.#finish();
  }

  async #open(): Promise<void> {
    const { clients, stalled, slow } = this.#options;
    await wait(SETTLE_MS);
    this.#symbols = sharedSymbols(await this.#truth());
    await this.#healthy.open(this.#stream, this.#pages(clients - stalled - slow));
    await wait(SETTLE_MS);
  }

  get #stream(): string {
    return `${this.#rig.server.url.replace('http', 'ws')}/api/v1/stream`;
  }

  #pages(count: number): ReturnType<typeof pageTopics>[] {
    return Array.from({ length: count }, (_, i) => pageTopics(this.#symbols, i));
  }

  async #truth(): Promise<TrueQuote[]> {
    const reply = await fetch(`${this.#rig.simulator.url}/_sim/quotes`);
    return ((await reply.json()) as { readonly quotes: TrueQuote[] }).quotes;
  }

  async #play(phase: Phase): Promise<void> {
    if (phase.slow) await this.#openSlow();
    const { rate, stalled } = this.#options;
    if (phase.storm === true) await this.#openStorm();
    const stall = phase.stall ? await stallClients(this.#stream, this.#stallPages(stalled)) : undefined;
    await this.#rig.fault({ venue: '*', kind: 'overload', factor: phase.factor });
    await wait(SETTLE_MS);
    const before = await this.#reading();
    this.#name(phase.name);
    stall?.freeze();
    if (phase.drop === true) await this.#rig.fault({ venue: '*', kind: 'drop', ms: 500 });
    if (phase.storm === true) await this.#playStorm();
    await wait(phase.seconds * 1000);
    this.#name('');
    const after = await this.#reading();
    const seconds = (after.time - before.time) / 1000;
    const share = (pick: 'server' | 'simulator' | 'clients'): number =>
      (after[pick] - before[pick]) / seconds;
    this.#phases.push({
      ...{ name: phase.name, from: before.time, to: after.time, askedRate: rate * phase.factor },
      madeRate: (after.published - before.published) / seconds,
      cpu: { server: share('server'), simulator: share('simulator'), clients: share('clients') },
    });
    if (stall !== undefined) await this.#endStall(stall);
  }

  /** Mostly small ones: each client costs the machine its reading too. */
  #stormPages(): ReturnType<typeof pageTopics>[] {
    const { storm } = this.#options;
    return Array.from({ length: storm }, (_, i) => [...smallTopics(this.#symbols, i), { topic: 'venues' }]);
  }

  /** The last one takes little. */
  #stallPages(stalled: number): ReturnType<typeof pageTopics>[] {
    return this.#pages(stalled).map((topics, i) =>
      i === stalled - 1 ? smallTopics(this.#symbols, i) : topics,
    );
  }

  async #openSlow(): Promise<void> {
    if (this.#slowOpen || this.#options.slow === 0) return;
    this.#slowOpen = true;
    await this.#slow.open(this.#stream, this.#pages(this.#options.slow), SLOW_BYTES_PER_SECOND);
  }

  async #openStorm(): Promise<void> {
    const firstMs = (await this.#storm?.open(this.#stream, this.#stormPages())) ?? Number.NaN;
    this.#stormTimes = { clients: this.#options.storm, firstMs, returnMs: Number.NaN };
  }

  async #playStorm(): Promise<void> {
    const returnMs = (await this.#storm?.storm()) ?? Number.NaN;
    if (this.#stormTimes !== undefined) this.#stormTimes = { ...this.#stormTimes, returnMs };
  }

  async #endStall(stall: Stalled): Promise<void> {
    await closedAll(stall);
    this.#stalls.push(...(await stall.end()));
  }

  #name(phase: string): void {
    this.#sampler.phase = phase;
    this.#healthy.phase(phase);
    if (this.#slowOpen) this.#slow.phase(phase);
  }

  async #reading() {
    const cpu = (pid: number): number => readProcess(pid)?.cpuSeconds ?? Number.NaN;
    return {
      time: Date.now(),
      published: (await publishedBy(this.#rig.simulator.url)) ?? Number.NaN,
      server: cpu(this.#rig.server.pid),
      simulator: cpu(this.#rig.simulator.pid),
      clients:
        cpu(this.#healthy.pid) + cpu(this.#slow.pid) + (this.#storm === undefined ? 0 : cpu(this.#storm.pid)),
    };
  }

  async #finish(): Promise<RunResult> {
    const { server, simulator, journal, lake } = this.#rig;
    const died = server.ended();
    const trouble = this.#trouble;
    await this.#rig.fault({ venue: '*', kind: 'silent' });
    await wait(LAST_MS);
    const truth = await this.#truth();
    const [healthy, slow] = [await this.#healthy.report(), await this.#slow.report()];
    const bounds = await getJson(`${server.url}/api/v1/bounds`);
    const metrics = await textOf(`${server.url}/metrics`);
    const threads = died === undefined ? readThreads(server.pid) : [];
    await this.#sampler.stop();
    await Promise.all([this.#healthy, this.#slow, this.#storm].map((each) => each?.end()));
    const stop = died === undefined ? await server.stop() : { ms: 0, how: died };
    const simulatorEnd = await simulator.stop();
    if (simulatorEnd.how !== 'exit 0') throw new Error(`the simulator ended with ${simulatorEnd.how}`);
    const { samples } = this.#sampler;
    const result: Omit<RunResult, 'verdicts'> = {
      ...{ options: this.#options, load: loadAverage(), phases: this.#phases, stalls: this.#stalls, samples },
      ...{
        delays: delaysOf(healthy),
        seconds: healthy.seconds,
        threads,
        stop,
        died,
        trouble,
        bounds,
        metrics,
      },
      rss: rssOf(samples),
      closedByServer: codesIn(metrics),
      slow: { delays: delaysOf(slow), codes: slow.closes.map(({ code }) => code), resyncs: slow.resyncs },
      healthy: {
        ...{ clients: healthy.ports.length, messages: healthy.messages, bytes: healthy.bytes },
        ...{ codes: healthy.closes.map(({ code }) => code), silentGaps: healthy.silentGaps },
        ...{ resyncs: healthy.resyncs, ownLoopMaxMs: healthy.ownLoopMaxMs },
      },
      storm: this.#stormTimes,
      views: compareViews(healthy.views, truth),
      ledger: this.#options.target === 'naive' ? [] : await reconcile(journal, lake),
      complaints: complaintsIn(server.lines.map(({ text }) => text)),
    };
    return { ...result, verdicts: verdictsOf(result) };
  }
}

function delaysOf(report: ClientReport): DelayResult[] {
  return report.phases.map(({ name, exchange, delivery }) => ({
    phase: name,
    exchange: new DelayHistogram(exchange).figures(),
    delivery: new DelayHistogram(delivery).figures(),
  }));
}

function rssOf(samples: RunResult['samples']): RunResult['rss'] {
  const rss = samples.map((sample) => sample.rss / 1e6);
  const from = samples[0]?.time ?? 0;
  // The first third is the growing up of heaps and caches.
  const late = Math.floor(samples.length / 3);
  const minutes = samples.map((sample) => (sample.time - from) / 60_000);
  return {
    max: Math.max(...rss),
    end: rss.at(-1) ?? 0,
    growth: slopeOf(minutes.slice(late), rss.slice(late)),
  };
}

/** The codes with which clients were closed, each as often as it was, out of the server's metrics: its log is limited by kind. */
function codesIn(metrics: string): number[] {
  const closed = metrics.matchAll(/^spreadscope_clients_closed_total\{reason="(\w+)"\} (\d+)$/gm);
  return [...closed].flatMap(([, reason = '', count]) => {
    const code = Object.entries(CLOSE_CODES).find(([name]) => name === reason)?.[1].code;
    return code === undefined ? [] : Array.from({ length: Number(count) }, () => code);
  });
}

function complaintsIn(lines: readonly string[]): string[] {
  // Of a heap that is full, the fatal line says all; the stack below it is the engine's own.
  return lines.filter((line) => !line.includes('"level":"info"') && !/^\s*\d+: 0x|^$/.test(line)).slice(-40);
}

async function textOf(url: string): Promise<string> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return reply.ok ? await reply.text() : '';
  } catch (error) {
    // Neither the rival nor every version has this page.
    if (error instanceof Error) return '';
    throw error;
  }
}
