import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { type Config, defaultConfig } from '../../src/app/config.ts';
import { configuredMarket } from '../../src/app/configured-market.ts';
import { allowances, lakeShares, type Share, sharesOf } from '../../src/app/memory-budget.ts';
import { type Running, startSpreadscope } from '../../src/app/start.ts';
import type { BoundsReply, MemoryReply, ReadyReply, StatusReply, VenuesReply } from '../../src/wire/api.ts';
import { startSimulatorProcess, until } from '../e2e/simulated.ts';
import { parseMetrics } from './prometheus.ts';

const QUIET = { info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'spreadscope-ledger-'));
let simulator: Awaited<ReturnType<typeof startSimulatorProcess>>;
let config: Config;
let running: Running;
let memoryPercent = 10;

before(async () => {
  simulator = await startSimulatorProcess(['--symbols', '20', '--rate', '2000']);
  const flags = { via: simulator.url, 'server.port': '0', 'lake.folder': folder, 'feed.workers': '2' };
  config = defaultConfig(
    Object.entries({ ...flags, 'rings.quotes': '65536', symbolsPerVenue: '20', 'limits.clients': '64' }).map(
      ([path, text]) => ({ path, flag: `--${path}`, text }),
    ),
  );
  const memory = () => ({ heapUsed: 1, heapLimit: 100, rss: memoryPercent, budget: 100 });
  running = await startSpreadscope(config, { log: QUIET, memory });
  const lived = async (): Promise<boolean> => {
    const { venues } = await get<VenuesReply>('api/v1/venues');
    const { lake } = await get<StatusReply>('api/v1/status');
    const { bounds } = await get<BoundsReply>('api/v1/bounds');
    const told = bounds.some(({ name }) => name.startsWith('lake.conversion'));
    return told && venues.every(({ state }) => state === 'live') && (lake?.recorded.quotes ?? 0) > 0;
  };
  await until(
    lived,
    60_000,
    'every venue is live, rows are on the disk, and every thread has told its bounds',
  );
});

after(async () => {
  await running.stop();
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const text = async (path: string): Promise<string> => (await fetch(`${running.url}/${path}`)).text();
const get = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;

/** The shares as they are computed before anything is started. */
function shares(): Share[] {
  return [...sharesOf(config, configuredMarket(config).bounds(), 2), ...lakeShares(config)];
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;

test('the shares before the start are the ledger after it, line by line, and with the allowance they fit the budget', async () => {
  const { budget, total, allowance, bounds } = await get<BoundsReply>('api/v1/bounds');
  const lines = bounds.map(({ name, capacityBytes }) => ({ name, bytes: capacityBytes }));
  assert.deepEqual(lines.sort(byName), shares().sort(byName));
  assert.equal(new Set(lines.map(({ name }) => name)).size, lines.length);
  const allowed = allowances(config).reduce((sum, { bytes }) => sum + bytes, 0);
  const sum = lines.reduce((all, { bytes }) => all + bytes, 0);
  assert.deepEqual([total, allowance], [sum, allowed]);
  assert.ok(total + allowance <= budget, `${total} + ${allowance} > ${budget}`);
});

test('the memory that is written down is that of the process, under its budget', async () => {
  const { budget, time, rss } = await get<MemoryReply>('api/v1/memory');
  const status = await get<StatusReply>('api/v1/status');
  assert.deepEqual([budget, rss.length], [status.memory.budget, time.length]);
  // Both are of this process, which is far from either end.
  for (const bytes of rss) assert.ok(bytes > 30e6 && bytes < 4e9, `${bytes}`);
  assert.ok(Math.abs((time[0] ?? 0) / 1000 - Date.now()) < 600_000);
});

test('every line says who cleans it, and holds no more than it may', async () => {
  const { bounds } = await get<BoundsReply>('api/v1/bounds');
  for (const line of bounds) {
    assert.match(line.name, /^[a-z]+\d*\.[a-z-]+$/);
    assert.ok(line.cleanedBy.length > 3, line.name);
    assert.ok(line.used <= line.capacity, `${line.name}: ${line.used} of ${line.capacity}`);
    assert.ok(line.usedBytes <= line.capacityBytes, line.name);
    assert.ok(line.used <= line.peak && line.peak <= line.capacity, `${line.name}: peak ${line.peak}`);
  }
  const used = (name: string): number => bounds.find((line) => line.name === name)?.used ?? -1;
  assert.equal(used('app.instruments'), 160);
  assert.equal(used('feed0.ownership') + used('feed1.ownership'), 160);
});

test('the metrics say what the API says, and counters only grow', async () => {
  const first = parseMetrics(await text('metrics'));
  const [status, { venues }, ledger] = [
    await get<StatusReply>('api/v1/status'),
    await get<VenuesReply>('api/v1/venues'),
    await get<BoundsReply>('api/v1/bounds'),
  ];
  const last = parseMetrics(await text('metrics'));
  for (const [key, value] of first.counters) {
    assert.ok((last.counters.get(key) ?? -1) >= value, `${key} fell from ${value}`);
  }
  /** What was read in between lies in between. */
  const between = (name: string, labels: string, value: number): void => {
    const key = `spreadscope_${name}${labels}`;
    const [low, high] = [first.samples.get(key), last.samples.get(key)];
    assert.ok(low !== undefined && high !== undefined, `${key} is missing`);
    assert.ok(low <= value && value <= high, `${key}: ${low} ≤ ${value} ≤ ${high}`);
  };
  const sum = (metrics: typeof first, name: string): number =>
    [...metrics.samples].reduce((all, [key, n]) => all + (key.startsWith(`spreadscope_${name}{`) ? n : 0), 0);
  for (const kind of ['frames', 'quotes', 'trades'] as const) {
    const total = status.totals[kind];
    assert.ok(sum(first, `${kind}_total`) <= total && total <= sum(last, `${kind}_total`), kind);
  }
  for (const { venue, epoch, instruments, reconnects, state, passedFrames } of venues) {
    const labels = `{venue="${venue}"}`;
    between('epoch', labels, epoch);
    between('instruments', labels, instruments);
    between('reconnects_total', labels, reconnects);
    between('passed_frames_total', labels, passedFrames);
    between('venue_live', labels, Number(state === 'live'));
    between('venue_state', `{venue="${venue}",state="${state}"}`, 1);
  }
  for (const { name, capacity, capacityBytes, peak } of ledger.bounds) {
    between('bound_capacity_bytes', `{bound="${name}"}`, capacityBytes);
    between('bound_capacity', `{bound="${name}"}`, capacity);
    between('bound_peak', `{bound="${name}"}`, peak);
  }
  between('memory_budget_bytes', '', status.memory.budget);
  between('memory_allowance_bytes', '', ledger.allowance);
  between('recording', '', 1);
  const stored = sum(first, 'recorded_rows_total');
  assert.ok(stored <= (status.lake?.recorded.quotes ?? 0) + (status.lake?.recorded.trades ?? 0));
  for (const thread of ['main', 'feed0', 'feed1'])
    assert.ok(last.samples.has(`spreadscope_loop_delay_seconds{thread="${thread}",quantile="0.99"}`), thread);
});

test('no metric has a symbol in it, however many there are', async () => {
  const { families, samples } = parseMetrics(await text('metrics'));
  assert.ok(families.size > 50);
  const labels = new Set(
    [...samples.keys()].flatMap((key) => [...key.matchAll(/(\w+)="/g)].map(([, name]) => name)),
  );
  const known = [
    'venue',
    'reason',
    'ring',
    'consumer',
    'thread',
    'bound',
    'state',
    'stream',
    'quantile',
    'mode',
    'version',
    'node',
  ];
  assert.deepEqual(
    [...labels].filter((label) => !known.includes(label ?? '')),
    [],
  );
  assert.equal(
    [...samples.keys()].some((key) => /BTC|USDT/.test(key)),
    false,
  );
});

test('it is alive and ready', async () => {
  assert.equal(await text('healthz'), '{"alive":true}');
  assert.deepEqual(await get<ReadyReply>('readyz'), { ready: true, reasons: [] });
  const { headers } = await fetch(`${running.url}/metrics`);
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
});

test('when memory is short the program leaves work, and says so wherever one may look', async () => {
  const status = (): Promise<StatusReply> => get<StatusReply>('api/v1/status');
  assert.deepEqual((await status()).alarms, []);
  memoryPercent = 99;
  await until(async () => (await status()).alarms.length > 0, 10_000, 'an alarm');
  const [alarm] = (await status()).alarms;
  assert.equal(alarm?.code, 'MEMORY_PRESSURE');
  assert.match(alarm?.message ?? '', /99 %/);
  assert.ok(running.summary().alarms.some((message) => message === alarm?.message));
  const { samples } = parseMetrics(await text('metrics'));
  assert.equal(samples.get('spreadscope_memory_pressure'), 4);
  assert.equal(samples.get('spreadscope_shed_total{reason="history"}'), 1);
  const history = await fetch(`${running.url}/api/v1/history?symbol=BTC-USDT&buy=okx&sell=binance`);
  assert.equal(history.status, 503);
  const stream = new WebSocket(`${running.url.replace('http', 'ws')}/api/v1/stream`);
  const [error] = (await once(stream, 'error')) as [Error];
  assert.match(error.message, /503/);
  // The recorder and the venues go on.
  const before = (await status()).lake?.recorded.quotes ?? 0;
  await until(
    async () => ((await status()).lake?.recorded.quotes ?? 0) > before,
    10_000,
    'more rows on the disk',
  );
  assert.deepEqual(await get<ReadyReply>('readyz'), { ready: true, reasons: [] });
});
