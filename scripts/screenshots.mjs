// npm run screenshots: the page over simulated exchanges with a recorded day behind it, as pictures in docs/images/<page>-<dark|light>-<desktop|phone>.png.
// Arguments are parts of names: `npm run screenshots -- grid phone` takes these alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { build } from './build.mjs';
import { install, ROOT, run, tool } from './fresh.mjs';

const SYMBOLS = 40;
const PAST = { hours: 25, everyUs: 4_000_000 };
/** So that statistics, opportunities and alerts are there. */
const LIVE_MS = 150_000;
const SETTLE_MS = 2_500;
const MOST_BYTES = 300_000;
const DEVICES = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const VENUES = ['binance', 'bybit', 'okx', 'gate', 'kucoin', 'bitget', 'mexc', 'bingx'];
const CONFIG = `
verdict: { minSamples: 60, minMinutes: 1, excellentCrossings: 3, weakPeakBelow: 0.0005 }
identity: { sustainedSeconds: 1 }
alerts:
  venueCoins: 50
  rules:
    - { name: wide, minNetBps: 12, lastingMs: 500, cooldown: 60, sinks: [page, log] }
    - { name: down, on: venue-down, lastingMs: 1000, sinks: [page] }
venues: { ${VENUES.map((venue) => `${venue}: { takerFee: 0.0005 }`).join(', ')} }
`;

/** Each page's address, and what is there once it has something to show. */
const pages = (route) => ({
  screener: ['#/', 'tr[data-route] .band-bar'],
  route: [`#/route/${route}?range=6h`, '#route .findings dl'],
  grid: ['#/grid?span=1h', '[data-card] canvas'],
  matrix: ['#/matrix/BTC-USDT', '.matrix td[data-route]'],
  opportunities: ['#/opportunities', 'tr[data-opportunity]'],
  venues: ['#/venues', 'tr[data-venue-row]'],
  bounds: ['#/bounds', 'tr[data-bound]'],
  alerts: ['#/alerts', '#alerts tbody tr'],
  identity: ['#/identity', 'tr[data-pair]'],
});

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The program as a user starts it; answers the URL it says, and how to end it. */
async function program(args, pattern) {
  const child = spawn(process.execPath, [join(ROOT, 'bin/spreadscope'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  running.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = pattern.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
        running.delete(child);
      },
    };
  }
  throw new Error(`spreadscope ${args[0]} ended before it could be reached`);
}

const json = async (url, init) => (await fetch(url, init)).json();

async function until(what, reached) {
  for (const end = Date.now() + 60_000; Date.now() < end; await wait(200)) if (await reached()) return;
  throw new Error(`not within a minute: ${what}`);
}

/** Runs the program until all venues are live. */
async function start(via, more) {
  const flags = ['--config', join(folder, 'config.yaml'), '--symbols', String(SYMBOLS), '--port', '0'];
  const server = await program(['start', '--via', via, ...flags, ...more], /^spreadscope (\S+)/);
  await until('eight live venues', async () => {
    const { venues } = await json(`${server.url}/api/v1/venues`);
    return venues.every(({ state, subscriptions }) => state === 'live' && subscriptions.live >= SYMBOLS - 1);
  });
  return server;
}

/** What the venues say now, with a day before it. */
async function recordDay(via, lake) {
  const first = await start(via, ['--no-record']);
  const { quotes } = await json(`${via}/_sim/quotes`);
  await first.stop();
  const markets = quotes.filter(({ symbol, bid, ask }) => symbol.endsWith('-USDT') && bid > 0 && ask > bid);
  const { writePast } = await import('../dist/bench/synthetic-past.js');
  const to = Date.now() * 1000;
  const from = to - PAST.hours * 3_600_000_000;
  return await writePast(lake, markets, { from, to, everyUs: PAST.everyUs });
}

async function takeAll(url, wanted) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  });
  const { routes } = await json(`${url}/api/v1/routes?limit=1&only=ETH-USDT,SOL-USDT,XRP-USDT,BTC-USDT`);
  for (const [device, options] of Object.entries(DEVICES)) {
    for (const colorScheme of ['dark', 'light']) {
      const page = await browser.newPage({ ...options, colorScheme });
      for (const [name, [address, shown]] of Object.entries(pages(routes[0].id))) {
        const file = `${name}-${colorScheme}-${device}.png`;
        if (!wanted.every((part) => file.includes(part))) continue;
        await take(page, `${url}/${address}`, shown, join(ROOT, 'docs/images', file));
      }
      await page.close();
    }
  }
  await browser.close();
}

async function take(page, url, shown, path) {
  await page.goto('about:blank');
  await page.goto(url);
  await page.locator(shown).first().waitFor({ timeout: 30_000, state: 'attached' });
  // Charts read their past after the page is there.
  await page.waitForLoadState('networkidle');
  await wait(SETTLE_MS);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${(size / 1000).toFixed(0).padStart(4)} kB  ${path.slice(ROOT.length + 1)}`);
  if (size > MOST_BYTES) console.log(`          more than ${MOST_BYTES / 1000} kB`);
}

install();
build();
run(tool('tsc'), ['-p', 'tsconfig.json'], 'compiling the writer of the past');
// A plain name: the page shows where decisions are kept. It must not be there yet, for it is removed at the end.
const folder = join(tmpdir(), 'spreadscope');
mkdirSync(folder);
mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
try {
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
  const lake = join(folder, 'lake');
  const simulator = await program(
    ['sim', '--port', '0', '--symbols', String(SYMBOLS), '--rate', '4000'],
    /^simulator (\S+)/,
  );
  const fault = (what) => json(`${simulator.url}/_sim/fault`, { method: 'POST', body: JSON.stringify(what) });
  console.error(
    `· ${(await recordDay(simulator.url, lake)).toLocaleString('en-US')} quotes of a day are recorded`,
  );
  const server = await start(simulator.url, [
    '--lake',
    lake,
    '--set',
    `identity.file=${folder}/identities.json`,
  ]);
  await fault({ venue: 'gate', kind: 'reprice' });
  await fault({ venue: 'kucoin', kind: 'drop', ms: 2_500 });
  console.error(`· watching for ${LIVE_MS / 1000} s`);
  await wait(LIVE_MS);
  await takeAll(server.url, process.argv.slice(2));
  await server.stop();
  await simulator.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
