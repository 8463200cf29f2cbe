import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import type { RouteUpdate } from '../../src/wire/stream.ts';
import { routeRow, routeUpdate } from '../e2e/page-data.ts';

/** The page's sources are not part of the server's program, so they are loaded as Vite loads them. */
async function load<T>(file: string): Promise<T> {
  const path = fileURLToPath(new URL(`../../../web/src/${file}`, import.meta.url));
  const { module } = await runnerImport<T>(path, { configFile: false, logLevel: 'error' });
  return module;
}

interface Format {
  price(value: number | null): string;
  amount(value: number | null): string;
  age(ms: number | null): string;
  duration(ms: number | null): string;
  signedBps(value: number | null): string;
}

interface History {
  readonly length: number;
  take(update: RouteUpdate): void;
  breakLine(): void;
  columns(): [Float64Array, Float64Array, Float64Array, Float64Array];
}

interface HistoryModule {
  readonly HISTORY_POINTS: number;
  readonly RouteHistory: new () => History;
}

const ROW = routeRow('BTC-USDT:okx:binance', 100, 101, 7);

test('prices keep what venues send over ten orders of magnitude', async () => {
  const { price } = await load<Format>('format.ts');
  assert.deepEqual(
    [0.000000012345, 0.00001234, 0.5, 1, 117.31, 65_432.12, 123_456.789, null, Number.NaN].map(price),
    [
      '0.0000000123450',
      '0.0000123400',
      '0.500000',
      '1.00000',
      '117.310',
      '65,432.12',
      '123,456.789',
      '–',
      '–',
    ],
  );
});

test('sizes, ages, durations and signs read as people write them', async () => {
  const { amount, age, duration, signedBps } = await load<Format>('format.ts');
  assert.deepEqual([0, 0.00123456, 12.3456, 12_345.6, 1_234_567].map(amount), [
    '0',
    '0.001235',
    '12.35',
    '12,346',
    '1.235M',
  ]);
  assert.deepEqual([0, 300, 9_949, 45_000, 180_000, 7_200_000].map(age), [
    '0.0 s',
    '0.3 s',
    '9.9 s',
    '45 s',
    '3 min',
    '2 h',
  ]);
  assert.deepEqual([42_000, 185_000, 15_120_000].map(duration), ['42 s', '3 min 5 s', '4 h 12 min']);
  assert.deepEqual([1.25, -0.04, -15.94].map(signedBps), ['+1.3', '0.0', '−15.9']);
});

test('the history keeps the newest points in order however many come', async () => {
  const { RouteHistory, HISTORY_POINTS } = await load<HistoryModule>('route-history.ts');
  const history = new RouteHistory();
  const total = HISTORY_POINTS * 3 + 17;
  for (let i = 1; i <= total; i++) history.take(routeUpdate({ ...ROW, netBps: i }, i * 1e6));
  const [time, net] = history.columns();
  const newest = Array.from({ length: HISTORY_POINTS }, (_, i) => total - HISTORY_POINTS + 1 + i);
  assert.deepEqual([...time], newest);
  assert.deepEqual([...net], newest);
  assert.equal(time.buffer.byteLength, HISTORY_POINTS * 2 * 8);
});

test('a snapshot replaces what it overlaps and a blind time is a gap', async () => {
  const { RouteHistory } = await load<HistoryModule>('route-history.ts');
  const history = new RouteHistory();
  for (const second of [1, 2, 3]) history.take(routeUpdate({ ...ROW, netBps: second }, second * 1e6));
  const past = { time: [3e6, 4e6], netBps: [30, null], ask: [1, null], bid: [1, null] };
  history.take(routeUpdate({ ...ROW, netBps: 5 }, 5e6, past));
  assert.deepEqual([...history.columns()[1]], [1, 2, 30, Number.NaN, 5]);
  history.breakLine();
  history.breakLine();
  const later = { time: [60e6], netBps: [60], ask: [1], bid: [1] };
  history.take(routeUpdate({ ...ROW, netBps: 61 }, 61e6, later));
  const [time, net] = history.columns();
  assert.deepEqual([...net].slice(4), [5, Number.NaN, Number.NaN, 60, 61]);
  assert.ok(time.every((value, index) => index === 0 || value >= (time[index - 1] as number)));
});
