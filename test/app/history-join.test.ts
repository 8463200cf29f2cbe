import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { HistoryReader } from '../../src/app/history-reader.ts';
import { recentLegs } from '../../src/app/recent-legs.ts';
import { WindowHistory } from '../../src/app/window-history.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import type { HistoryAnswer, HistoryQuery } from '../../src/gateway/sources.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { readHistory } from '../../src/lake/history.ts';
import type { HistoryHead, HistoryRequest, RecentLegs } from '../../src/lake/history-request.ts';
import { Market } from '../../src/market/market.ts';
import { leastWindowBytes } from '../../src/market/window-arena.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { BUY, type ModelPoint, type ModelRow, modelSeries, SELL, SYMBOL } from '../lake/history-model.ts';
import { chance, temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';

const SECOND = 1_000_000;
const RESOLUTION = SECOND;
const AGE = 20 * SECOND;
const FEES = { buy: 0.001, sell: 0.0008 };
const LENGTH = 300 * SECOND;
const NOW = HOUR_14 + LENGTH + 5 * SECOND;

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

interface Told {
  readonly lake: string;
  readonly rows: readonly ModelRow[];
  readonly market: Market;
}

/** Five minutes of two legs, with ends, unsound quotes and silences, told to a lake and to a market whose windows hold only a part of them. */
function tell(seed: number): Told {
  const rows = randomRows(chance(seed));
  const lake = temporaryLake();
  after(() => rmSync(lake, { recursive: true }));
  writeSegment(lake, {
    ...{ number: 1, createdAt: HOUR_14 },
    instruments: [
      [0, BUY, SYMBOL],
      [1, SELL, SYMBOL],
    ],
    frames: ([BUY, SELL] as const).map((venue, i) => ({
      ...{ kind: 'quotes' as const, venue, number: 5 + i },
      rows: rows.filter((row) => row.venue === venue),
    })),
  });
  return { lake, rows, market: marketOf(rows) };
}

function randomRows(random: () => number): ModelRow[] {
  const rows: ModelRow[] = [];
  let time = HOUR_14;
  for (let order = 0; ; order += 1) {
    time += 1 + Math.floor(random() * 400_000);
    if (random() < 0.008) time += Math.floor(random() * 30) * SECOND;
    if (time > HOUR_14 + LENGTH) return rows;
    const instrument = random() < 0.6 ? 0 : 1;
    const what = random();
    const kind = what < 0.03 ? 1 + Math.floor(random() * 3) : QuoteKind.quote;
    const bid = what < 0.05 ? Number.NaN : Number((100 + random()).toFixed(3));
    rows.push({
      ...{ instrument, kind, venue: instrument === 0 ? BUY : SELL, symbol: SYMBOL, order },
      ...{ receiveTime: time, venueTime: Number.NaN, sequence: order },
      ...{ bid, ask: Number((bid + random()).toFixed(3)), bidSize: 1, askSize: 1 },
    });
  }
}

function marketOf(rows: readonly ModelRow[]): Market {
  const windows = { spanMs: 3_600_000, resolutionMs: RESOLUTION / 1000, bytes: leastWindowBytes(64) };
  const market = new Market({ instrumentCapacity: 64, symbolCapacity: 32, windows });
  for (const [instrument, venue] of ([BUY, SELL] as const).entries()) {
    const names = { nativeId: SYMBOL, symbol: SYMBOL, base: 'BTC', quote: 'USDT' };
    market.list({ ...names, instrument, venue, takerFee: 0 });
  }
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  for (const row of rows) {
    columns.instrument[0] = row.instrument;
    columns.kind[0] = row.kind ?? QuoteKind.quote;
    columns.epoch[0] = 1;
    for (const name of ['venueTime', 'receiveTime', 'bid', 'bidSize', 'ask', 'askSize', 'sequence'] as const)
      columns[name][0] = row[name];
    market.applyQuotes(columns, 0, 1, 0, row.receiveTime);
  }
  return market;
}

/** All rows before the seam, and of each leg and second from it on the last. */
function thinned(rows: readonly ModelRow[], seam: number): ModelRow[] {
  return rows.filter((row, i) => {
    const slot = Math.floor(row.receiveTime / RESOLUTION);
    const isLast = !rows.some(
      (other, j) => j > i && other.venue === row.venue && Math.floor(other.receiveTime / RESOLUTION) === slot,
    );
    return row.receiveTime < seam || isLast;
  });
}

function queryOf(more: Partial<HistoryQuery> = {}): HistoryQuery {
  return {
    ...{ symbol: SYMBOL, buy: BUY, sell: SELL, kind: 'net', points: 100 },
    ...{ from: HOUR_14, to: NOW, now: NOW },
    ...more,
  };
}

function modelOf(rows: readonly ModelRow[], query: HistoryQuery): ModelPoint[] {
  const recording = { segments: [], rows, gapRows: [], gaps: [], start: HOUR_14, end: NOW };
  return modelSeries(recording, { ...query, to: Math.min(query.to, NOW), fees: FEES, maxQuoteAge: AGE });
}

async function joined(lake: string, query: HistoryQuery, recent: RecentLegs) {
  const request: HistoryRequest = { ...query, fees: FEES, maxQuoteAge: AGE, points: undefined, recent };
  const points: ModelPoint[] = [];
  let head: HistoryHead | undefined;
  await readHistory(lake, request, duck, {
    begin: (it) => {
      head = it;
    },
    points: ({ time, value }) => {
      for (const [i, at] of time.entries()) points.push([at, value[i] ?? 0]);
    },
  });
  assert.ok(head);
  return { points, head };
}

const textOf = ([time, value]: ModelPoint) => `${time} ${(1 + value).toPrecision(12)}`;

test('lake and memory make one series: that of the recorded quotes, from the seam on the last of each second, none twice and none missing', async () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const { lake, rows, market } = tell(seed);
    const middle = recentLegs(market, queryOf(), RESOLUTION, AGE)?.from ?? 0;
    assert.ok(middle > HOUR_14 + 60 * SECOND && middle < NOW - 30 * SECOND, 'the seam is within the range');
    const shape = [
      queryOf(),
      queryOf({ kind: 'gross', from: HOUR_14 + 100 * SECOND }),
      queryOf({ kind: 'basis', from: middle + 25 * SECOND, points: 20 }),
      queryOf({ from: middle - 5 * SECOND, to: middle + 10 * SECOND, points: 10 }),
    ][seed % 4] as HistoryQuery;
    const recent = recentLegs(market, shape, RESOLUTION, AGE);
    assert.equal(recent?.from, middle);
    const { points, head } = await joined(lake, shape, recent);
    const until = shape.to;
    const expected = modelOf(
      // A second that the range ends in has one sample, and that may be later.
      thinned(rows, middle).filter(({ receiveTime }) => receiveTime <= until),
      shape,
    );
    assert.ok(expected.length > 10);
    assert.deepEqual(points.map(textOf), expected.map(textOf), `seed ${seed}`);
    assert.deepEqual(
      head.unrecorded.filter(({ from }) => from >= middle),
      [],
    );
  }
});

test('every tick, and points closer than samples, are the lake’s alone, and so is what no window holds', () => {
  const { market } = tell(9);
  const seam = recentLegs(market, queryOf(), RESOLUTION, AGE)?.from ?? 0;
  const none = [
    queryOf({ points: undefined }),
    queryOf({ points: 400 }),
    queryOf({ to: seam - 1, points: 10 }),
    queryOf({ now: seam + SECOND, points: 10 }),
    queryOf({ sell: 'gate' }),
    queryOf({ symbol: 'ETH-USDT' }),
  ];
  for (const query of none) assert.equal(recentLegs(market, query, RESOLUTION, AGE), undefined);
  assert.ok(recentLegs(market, queryOf({ points: 305 }), RESOLUTION, AGE));
});

async function pointsOf({ batches }: HistoryAnswer): Promise<ModelPoint[]> {
  const points: ModelPoint[] = [];
  for await (const { time, value } of batches)
    for (const [i, at] of time.entries()) points.push([at, value[i] ?? 0]);
  return points;
}

const feeOf = (_: string, venue: string) => (venue === BUY ? FEES.buy : FEES.sell);

test('the reader says which part came from where, and bands and buckets go on over the seam', async () => {
  const { lake, rows, market } = tell(11);
  const reader = new HistoryReader({
    ...{ lake, maxQuoteAgeMs: AGE / 1000, feeOf },
    recentOf: (query, maxAge) => recentLegs(market, query, RESOLUTION, maxAge),
  });
  try {
    const signal = new AbortController().signal;
    const query = queryOf({ points: 60 });
    const answer = await reader.read(query, signal);
    const seam = answer.sources[1]?.from ?? 0;
    assert.deepEqual(answer.sources, [
      { from: HOUR_14, to: seam, source: 'lake' },
      { from: seam, to: NOW, source: 'memory' },
    ]);
    const points = await pointsOf(answer);
    const all = modelOf(thinned(rows, seam), query);
    const known = new Set(all.map(textOf));
    assert.ok(points.every((point) => known.has(textOf(point))));
    assert.equal(new Set(points.map(textOf)).size, points.length);
    // Each bucket of the range has its least and greatest.
    const bucketOf = (time: number) =>
      Math.min(29, Math.floor((time - query.from) / ((NOW - query.from) / 30)));
    for (let bucket = 0; bucket < 30; bucket += 1) {
      const inIt = (list: readonly ModelPoint[]) =>
        list
          .filter(([time, value]) => bucketOf(time) === bucket && !Number.isNaN(value))
          .map(([, value]) => value);
      const [found, expected] = [inIt(points), inIt(all)];
      assert.equal(found.length === 0, expected.length === 0);
      if (expected.length === 0) continue;
      assert.ok(Math.abs(Math.max(...found) - Math.max(...expected)) < 1e-12);
      assert.ok(Math.abs(Math.min(...found) - Math.min(...expected)) < 1e-12);
    }
    const every = await reader.read(queryOf({ points: undefined }), signal);
    assert.deepEqual(every.sources, [{ from: HOUR_14, to: NOW, source: 'lake' }]);
    assert.deepEqual((await pointsOf(every)).map(textOf), modelOf(rows, queryOf()).map(textOf));
  } finally {
    await reader.stop();
  }
});

test('without a lake the windows answer what they cover, with their gaps, and the rest is unrecorded', async () => {
  const { rows, market } = tell(14);
  const history = new WindowHistory({ market, maxQuoteAgeMs: AGE / 1000, feeOf });
  const query = queryOf({ points: undefined, to: NOW + SECOND });
  const answer = await history.read(query, new AbortController().signal);
  const covered = { buy: market.window(SYMBOL, BUY), sell: market.window(SYMBOL, SELL) };
  const since = { buy: covered.buy?.coveredFrom ?? 0, sell: covered.sell?.coveredFrom ?? 0 };
  const kept = thinned(rows, 0).filter(
    ({ venue, receiveTime }) => receiveTime >= (venue === BUY ? since.buy : since.sell),
  );
  assert.ok(kept.length > 100);
  assert.deepEqual((await pointsOf(answer)).map(textOf), modelOf(kept, query).map(textOf));
  assert.deepEqual(answer.unrecorded, [
    { from: HOUR_14, to: since.buy, venue: BUY },
    { from: NOW, to: NOW + SECOND, venue: BUY },
    { from: HOUR_14, to: since.sell, venue: SELL },
    { from: NOW, to: NOW + SECOND, venue: SELL },
  ]);
  assert.deepEqual(answer.sources, [{ from: HOUR_14, to: NOW + SECOND, source: 'memory' }]);
  const ends = kept.filter(({ kind }) => kind !== QuoteKind.quote);
  assert.ok(ends.length > 0);
  for (const gap of answer.gaps)
    assert.ok(ends.some(({ venue, receiveTime }) => venue === gap.venue && receiveTime === gap.from));
  assert.equal(history.bounds()[0]?.used, 0);
});

test('places for answers without a lake are bounded and given back by whoever goes away', async () => {
  const { market } = tell(14);
  const history = new WindowHistory({ market, maxQuoteAgeMs: AGE / 1000, feeOf });
  const gone = Array.from({ length: 12 }, () => new AbortController());
  const asked = gone.map(({ signal }) => history.read(queryOf(), signal));
  const settled = Promise.allSettled(asked);
  await Promise.all(asked.slice(0, 4));
  await assert.rejects(history.read(queryOf(), new AbortController().signal), { code: 'HISTORY_BUSY' });
  for (const controller of gone) controller.abort(new Error('gone'));
  assert.equal((await settled).filter(({ status }) => status === 'rejected').length, 8);
  assert.deepEqual([history.bounds()[0]?.used, history.bounds()[0]?.refused], [0, 1]);
});
