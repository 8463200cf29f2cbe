import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type { HistoryReply } from '../../src/wire/api.ts';
import type { OpportunitiesUpdate, RouteUpdate } from '../../src/wire/stream.ts';
import { historyReply, opportunity, routeRow, routeUpdate } from '../e2e/page-data.ts';

async function load<T>(file: string): Promise<T> {
  const path = fileURLToPath(new URL(`../../../web/src/${file}`, import.meta.url));
  const { module } = await runnerImport<T>(path, { configFile: false, logLevel: 'error' });
  return module;
}

interface Lists {
  joined(
    live: OpportunitiesUpdate | null,
    read: readonly Opportunity[],
    filter: object,
    nowMs: number,
  ): readonly Opportunity[];
}

interface Distributions {
  durations(of: readonly Opportunity[]): readonly { readonly label: string; readonly count: number }[];
  hours(of: readonly Opportunity[], utc: boolean): readonly { readonly count: number }[];
}

type Columns = readonly Float64Array[];

interface SeriesModule {
  readonly SeriesBuffer: new () => {
    compose(
      past: HistoryReply | null,
      live: Columns,
      kind: string,
      liveFirst: boolean,
    ): Readonly<Record<'time' | 'value' | 'upper' | 'ask' | 'buyAge', Float64Array>>;
  };
}

interface HistoryModule {
  readonly RouteHistory: new () => { take(update: RouteUpdate): void; columns(): Columns };
}

const NOW_MS = 1_700_000_000_000;
const ALL = { symbol: '', minPeakBps: null, state: 'all', seconds: 3_600 };

test('what closed while it was read as open is closed, and nothing is there twice', async () => {
  const { joined } = await load<Lists>('opportunity-list.ts');
  const closed = opportunity('A-USDT:okx:gate', (NOW_MS - 60_000) * 1000, 20);
  const old = opportunity('B-USDT:okx:gate', (NOW_MS - 7_200_000) * 1000, 99);
  const open = { ...closed, end: null, closedBy: null };
  const high = { ...opportunity('C-USDT:okx:gate', (NOW_MS - 5_000) * 1000, 50), end: null, closedBy: null };
  const totals = { open: 1, opened: 3, closed: 2, refused: 0 };
  const live = { open: [high], closed: [closed], totals, time: NOW_MS * 1000 };
  const read = [open, old];
  const shown = joined(live, read, ALL, NOW_MS).map(({ symbol, end }) => [symbol, end === null]);
  assert.deepEqual(shown, [
    ['C-USDT', true],
    ['A-USDT', false],
  ]);
  const names = (filter: object) =>
    joined(live, read, { ...ALL, ...filter }, NOW_MS).map((one) => one.symbol);
  assert.deepEqual(names({ state: 'open' }), ['C-USDT']);
  assert.deepEqual(names({ minPeakBps: 30 }), ['C-USDT']);
  assert.deepEqual(names({ symbol: 'A-' }), ['A-USDT']);
  assert.deepEqual(names({ seconds: 86_400 }), ['C-USDT', 'A-USDT', 'B-USDT']);
});

test('durations are counted in steps and beginnings by the hour of the chosen clock', async () => {
  const { durations, hours } = await load<Distributions>('distributions.ts');
  const lasting = (durationMs: number) => ({
    ...opportunity('A-USDT:okx:gate', NOW_MS * 1000, 1),
    durationMs,
  });
  const found = durations([0, 0.4, 1, 2.9, 999, 1_000, 5e6].map(lasting)).filter(({ count }) => count > 0);
  assert.deepEqual(
    found.map(({ label, count }) => [label, count]),
    [
      ['0', 2],
      ['1', 2],
      ['300', 1],
      ['1 s', 1],
      ['100 s', 1],
    ],
  );
  assert.equal(hours([lasting(1)], true)[new Date(NOW_MS).getUTCHours()]?.count, 1);
});

test('the past and the live points make one series without a point twice', async () => {
  const { SeriesBuffer } = await load<SeriesModule>('chart/series.ts');
  const { RouteHistory } = await load<HistoryModule>('route-history.ts');
  const row = routeRow('BTC-USDT:okx:binance', 100, 101, 7);
  const history = new RouteHistory();
  for (const second of [8, 9, 10, 11]) {
    history.take(routeUpdate({ ...row, netBps: second }, second * 1e6));
  }
  const past = historyReply([2e6, 4e6, 9e6], [20, null, 90], { to: 9.5e6 });
  const buffer = new SeriesBuffer();
  const banded = buffer.compose(past, history.columns(), 'net', false);
  assert.deepEqual([...banded.time], [2, 4, 9, 10, 11]);
  assert.deepEqual([...banded.value], [20, Number.NaN, 90, 10, 11]);
  assert.deepEqual([...banded.upper], [21, Number.NaN, 91, Number.NaN, Number.NaN]);
  assert.deepEqual([...banded.ask], [Number.NaN, Number.NaN, Number.NaN, 100, 100]);
  const priced = buffer.compose(past, history.columns(), 'net', true);
  assert.deepEqual([...priced.time], [2, 4, 8, 9, 10, 11]);
  assert.deepEqual([...priced.ask].slice(2), [100, 100, 100, 100]);
  assert.deepEqual([...priced.buyAge].slice(2), [300, 300, 300, 300]);
  const gross = buffer.compose(null, history.columns(), 'gross', true);
  assert.ok([...gross.value].every((value) => Math.abs(value - 100) < 1e-9));
});
