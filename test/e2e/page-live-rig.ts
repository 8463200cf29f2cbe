import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { RoutesReply, VenuesReply } from '../../src/wire/api.ts';
import { CHROMIUM_FLAGS, CHROMIUM_PATH, WIDE } from './page-rig.ts';
import { startRecording } from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const SYMBOLS = 30;
/** Shorter than any venue's silence that makes its quotes invalid. */
const QUIET_MS = 7_000;
const ROUNDS = 6;
const CONFIG = `
alerts:
  venueCoins: 1000
  rules:
    - { name: wide, minNetBps: 0, cooldown: 5, sinks: [page, log] }
opportunities: { openNetBps: 0, closeNetBps: -5 }
identity: { sustainedSeconds: 1 }
limits: { clients: 8 }
`;

type Program = Awaited<ReturnType<typeof startRecording>>;
type Simulator = Awaited<ReturnType<typeof startSimulatorProcess>>;

/** The whole program over the simulated exchanges, and its page in Chromium. The exchanges can be held still, so that page and API can be compared. */
export class LiveRig {
  readonly page: Page;
  readonly #folder: string;
  readonly #simulator: Simulator;
  readonly #browser: Browser;
  #program: Program;

  private constructor(
    parts: { readonly folder: string; readonly simulator: Simulator; readonly browser: Browser },
    program: Program,
    page: Page,
  ) {
    this.#folder = parts.folder;
    this.#simulator = parts.simulator;
    this.#browser = parts.browser;
    this.#program = program;
    this.page = page;
  }

  static async start(): Promise<LiveRig> {
    const folder = await mkdtemp(join(tmpdir(), 'spreadscope-live-'));
    await writeFile(join(folder, 'config.yaml'), CONFIG);
    const simulator = await startSimulatorProcess([
      '--symbols',
      `${SYMBOLS}`,
      '--rate',
      '3000',
      '--scenario',
      'crossed',
    ]);
    const program = await startRecording(simulator.url, join(folder, 'lake'), flagsOf(folder));
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    const page = await browser.newPage({ viewport: WIDE });
    page.setDefaultTimeout(20_000);
    await page.addInitScript(KEEP_CLOSE_CODES);
    const rig = new LiveRig({ folder, simulator, browser }, program, page);
    const live = async (): Promise<boolean> =>
      (await rig.get<VenuesReply>('venues')).venues.every(({ state }) => state === 'live');
    await until(live, 30_000, 'eight live venues');
    // Two tickers are other coins on one venue.
    await simulator.fault({ venue: 'gate', kind: 'reprice' });
    await simulator.fault({ venue: 'kucoin', kind: 'reprice', factor: 1000 });
    return rig;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#program.stop();
    await this.#simulator.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    const reply = await fetch(`${this.#program.url}/api/v1/${path}`);
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  }

  async open(hash: string): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.#program.url}/${hash}`);
  }

  /** The venues say nothing, or speak again. */
  async hold(still: boolean): Promise<void> {
    // A silence that ends at once ends the one before; healing would end the other coins too.
    await this.#simulator.fault({ venue: '*', kind: 'silent', ...(still ? {} : { ms: 0 }) });
    if (still) return;
    const speaks = async (): Promise<boolean> => {
      const { routes } = await this.get<RoutesReply>('routes?limit=1');
      return (routes[0]?.buyAgeMs ?? Number.POSITIVE_INFINITY) < 1000;
    };
    await until(speaks, 20_000, 'the venues speak again');
  }

  /**
   * Holds the venues still and compares until nothing differs: while no message comes, page and API must come to say the same. If the machine was too slow for the time that
   * venues may be silent, they speak for a moment and are held again. `first` runs in each round, before the comparing.
   */
  async agree(compare: () => Promise<readonly string[]>, first?: () => Promise<void>): Promise<void> {
    let differences: readonly string[] = ['nothing was compared'];
    for (let round = 0; round < ROUNDS; round++) {
      await this.hold(true);
      const end = performance.now() + QUIET_MS;
      await first?.();
      do {
        differences = await compare();
      } while (differences.length > 0 && performance.now() < end);
      await this.hold(false);
      if (differences.length === 0) return;
    }
    assert.deepEqual(differences, []);
  }

  /** The server goes at once, or in peace. */
  async endProgram(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ended = once(this.#program.child, 'close');
    this.#program.child.kill(signal);
    await ended;
  }

  /** And comes back where it was, with what it has recorded. */
  async startProgram(): Promise<void> {
    const { port } = new URL(this.#program.url);
    this.#program = await startRecording(this.#simulator.url, join(this.#folder, 'lake'), [
      ...flagsOf(this.#folder),
      ...['--port', port],
    ]);
  }

  /** The close codes of the page's sockets so far. */
  async closeCodes(): Promise<readonly number[]> {
    return await this.page.evaluate('window.closeCodes');
  }
}

function flagsOf(folder: string): string[] {
  return [
    ...['--config', join(folder, 'config.yaml'), '--symbols', `${SYMBOLS}`],
    ...['--set', `identity.file=${join(folder, 'identities.json')}`],
  ];
}

const KEEP_CLOSE_CODES = `
window.closeCodes = [];
window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener('close', (event) => window.closeCodes.push(event.code));
  }
};`;
