import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import type { TrueQuote } from '../src/simulator/index.ts';
import { type Program, startProgram } from './overload-process.ts';
import { getJson } from './overload-sampler.ts';
import { subscribed } from './overload-target.ts';
import { type Market, writePast } from './synthetic-past.ts';

const BROWSER_FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const DAY_US = 86_400_000_000;
/** Symbols with a recorded day, on all venues; a quote every two seconds. */
const RECORDED_SYMBOLS = 20;
const EVERY_US = 2_000_000;
const SETTLE_MS = 5_000;

export interface PageRig {
  readonly simulator: Program;
  readonly server: Program;
  readonly browser: Browser;
  /** A symbol with a recorded day. */
  readonly symbol: string;
  readonly rows: number;
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Venues, server and browser, each a process of its own, with a recorded day before the present. @param rate messages a second @param symbols of each venue */
export async function startPageRig(folder: string, rate: number, symbols: number): Promise<PageRig> {
  const simulator = await startProgram(
    ['sim', '--port', '0', '--symbols', `${symbols}`, '--rate', `${rate}`],
    /^simulator (\S+)/,
    folder,
  );
  const start = (more: readonly string[]): Promise<Program> =>
    startProgram(
      ['start', '--json', '--via', simulator.url, '--port', '0', '--symbols', `${symbols}`, ...more],
      /spreadscope is running.*"url":"([^"]+)"/,
      folder,
    );
  const lake = join(folder, 'lake');
  const first = await start(['--no-record']);
  await subscribed(simulator.url, first);
  const markets = await recordedMarkets(simulator.url);
  await first.stop();
  const to = Date.now() * 1000;
  const rows = await writePast(lake, markets, { from: to - DAY_US, to, everyUs: EVERY_US });
  const server = await start(['--lake', lake]);
  await subscribed(simulator.url, server);
  await wait(SETTLE_MS);
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  return {
    ...{ simulator, server, browser, rows, symbol: markets[0]?.symbol ?? '' },
    fault: async (fault) => {
      const body = JSON.stringify(fault);
      const reply = await fetch(`${simulator.url}/_sim/fault`, { method: 'POST', body });
      if (!reply.ok) throw new Error(`fault ${body}: ${await reply.text()}`);
    },
  };
}

/** The markets of the busiest symbols that all venues list. */
async function recordedMarkets(simulatorUrl: string): Promise<Market[]> {
  const reply = await fetch(`${simulatorUrl}/_sim/quotes`);
  const { quotes } = (await reply.json()) as { readonly quotes: readonly TrueQuote[] };
  const bySymbol = new Map<string, Market[]>();
  for (const { venue, symbol, bid, ask } of quotes) {
    if (bid === null || ask === null || ask <= bid) continue;
    const known = bySymbol.get(symbol) ?? [];
    known.push({ venue, symbol, bid, ask });
    bySymbol.set(symbol, known);
  }
  const everywhere = [...bySymbol.values()].filter((markets) => markets.length === 8);
  return everywhere.slice(0, RECORDED_SYMBOLS).flat();
}

/** Messages a second that the server reads; NaN when it does not say. */
export async function messageRate(url: string): Promise<number> {
  const status = (await getJson(`${url}/api/v1/status`)) as
    | { readonly rates: { readonly frames: number } }
    | undefined;
  return status?.rates.frames ?? Number.NaN;
}
