import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { type HistoryOptions, readHistory } from '../../src/lake/history.ts';
import type { HistoryHead, HistoryRequest } from '../../src/lake/history-request.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { listSegments } from '../../src/lake/segment.ts';
import {
  BUY,
  type ModelPoint,
  modelGaps,
  modelSeries,
  type Recording,
  randomRecording,
  SELL,
  SYMBOL,
} from './history-model.ts';
import { chance, temporaryLake, writeSegment } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

function requestOf(recording: Recording, more: Partial<HistoryRequest> = {}): HistoryRequest {
  return {
    ...{ symbol: SYMBOL, buy: BUY, sell: SELL, kind: 'net', fees: { buy: 0.001, sell: 0.0008 } },
    ...{ from: recording.start, to: recording.end + 90_000_000, now: recording.end + 100_000_000 },
    ...more,
  };
}

interface Answer {
  readonly head: HistoryHead;
  readonly points: readonly ModelPoint[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

async function answerOf(
  lake: string,
  request: HistoryRequest,
  options: HistoryOptions = {},
): Promise<Answer> {
  const answer = { points: [] as ModelPoint[], lower: [] as number[], upper: [] as number[] };
  let head: HistoryHead | undefined;
  await readHistory(
    lake,
    request,
    duck,
    {
      begin: (it) => {
        head = it;
      },
      points: (it) => {
        for (const [i, time] of it.time.entries()) answer.points.push([time, it.value[i] ?? 0]);
        answer.lower.push(...it.lower);
        answer.upper.push(...it.upper);
      },
    },
    options,
  );
  assert.ok(head);
  return { head, ...answer };
}

/** Equal but for the last bits of a double. */
function assertSame(found: readonly ModelPoint[], expected: readonly ModelPoint[], what: string): void {
  const text = ([time, value]: ModelPoint) => `${time} ${value.toPrecision(9)}`;
  assert.deepEqual(found.map(text), expected.map(text), what);
}

function keeperOf(lake: string, recording: Recording, isRecording: boolean): Keeper {
  return new Keeper({
    lake,
    clock: () => recording.end + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => isRecording,
    poolRows: 40,
    pieceRows: 40,
    fileRows: 40,
  });
}

async function withLake(recording: Recording, run: (lake: string) => Promise<void>): Promise<void> {
  const lake = temporaryLake();
  try {
    for (const segment of recording.segments) writeSegment(lake, segment);
    await run(lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

async function assertAnswers(lake: string, recording: Recording, seed: number, what: string): Promise<void> {
  const random = chance(seed);
  const span = recording.end - recording.start;
  for (const kind of ['net', 'gross', 'basis'] as const) {
    const from = recording.start + Math.floor(random() * span * 0.6) * Number(kind !== 'net');
    const to = kind === 'gross' ? from + Math.floor((random() * span) / 2) : recording.end + 90_000_000;
    const request = requestOf(recording, { kind, from, to });
    const few = kind === 'basis' ? { legRows: 7 } : {};
    const { head, points } = await answerOf(lake, request, few);
    assertSame(points, modelSeries(recording, request), `seed ${seed}, ${what}, ${kind}`);
    const gaps = head.gaps.map((gap) => `${gap.venue} ${gap.from} ${gap.to} ${gap.reason}`).sort();
    assert.deepEqual(
      [...new Set(gaps)],
      [...new Set(modelGaps(recording, request))],
      `seed ${seed}, ${what}, gaps`,
    );
  }
}

test('a history is what the rules say, whether its rows are in the journal, in parts or in merged files', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const closed = seed % 2 === 0;
    const recording = randomRecording(seed, { ties: seed % 3 !== 0, closed });
    await withLake(recording, async (lake) => {
      await assertAnswers(lake, recording, seed, 'journal');
      const keeper = keeperOf(lake, recording, !closed);
      try {
        await keeper.recover();
        for (let ticks = 0; ticks < 3; ticks += 1) await keeper.tick();
        await assertAnswers(lake, recording, seed, 'partly converted');
        if (closed) await keeper.finish();
        else
          for (let left = Number.NaN; left !== listSegments(lake).length; ) {
            left = listSegments(lake).length;
            await keeper.tick();
          }
        await assertAnswers(lake, recording, seed, 'converted');
        await keeper.compactAll(true, () => {});
        await assertAnswers(lake, recording, seed, 'merged');
      } finally {
        await keeper.close();
      }
    });
  }
});

test('beside conversion and merging, every answer is the same', async () => {
  const recording = randomRecording(77, { ties: true, closed: true }, 500);
  const request = requestOf(recording);
  const expected = modelSeries(recording, request);
  await withLake(recording, async (lake) => {
    const keeper = keeperOf(lake, recording, false);
    let working = true;
    const work = (async () => {
      await keeper.recover();
      await keeper.finish();
      await keeper.compactAll(true, () => {});
      working = false;
    })();
    let answers = 0;
    // Few rows at a time: the lake changes within one answer.
    for (; working; answers += 1)
      assertSame((await answerOf(lake, request, { legRows: 16 })).points, expected, `answer ${answers}`);
    await work;
    await keeper.close();
    assert.deepEqual(listSegments(lake), []);
    assert.ok(answers > 3, `only ${answers} answers`);
  });
});

test('values at ticks are those of an ASOF JOIN over the files', async () => {
  const recording = randomRecording(5, { ties: false, closed: true }, 500);
  const request = requestOf(recording);
  await withLake(recording, async (lake) => {
    const keeper = keeperOf(lake, recording, false);
    await keeper.recover();
    await keeper.finish();
    await keeper.close();
    const rows = await duck.rows(`
      WITH quotes AS (SELECT venue, receive_time AS t, bid, ask,
          coalesce(bid > 0 AND ask >= bid AND bid_size > 0 AND ask_size > 0, false) AS sound
        FROM read_parquet('${lake}/quotes/**/*.parquet', hive_partitioning = true) WHERE symbol = '${SYMBOL}'),
      buy AS (SELECT * FROM quotes WHERE venue = '${BUY}'), sell AS (SELECT * FROM quotes WHERE venue = '${SELL}'),
      ticks AS (SELECT t.t AS now, b.*, s.* FROM (SELECT t FROM buy UNION ALL SELECT t FROM sell) t
        ASOF JOIN buy b ON b.t <= t.t ASOF JOIN sell s ON s.t <= t.t),
      gaps AS (SELECT venue, "from", "to" FROM read_parquet('${lake}/gaps/**/*.parquet', hive_partitioning = true)
        WHERE (symbol IS NULL OR symbol = '${SYMBOL}') AND stream IS DISTINCT FROM 'trades')
      SELECT epoch_us(now), bid_1 * (1 - 0.0008) / (ask * (1 + 0.001)) - 1 FROM ticks
      WHERE sound AND sound_1 AND now - t <= INTERVAL 60 SECOND AND now - t_1 <= INTERVAL 60 SECOND
        AND NOT EXISTS (SELECT 1 FROM gaps WHERE gaps.venue = ticks.venue
          AND ((now >= "from" AND t <= "from" AND t <> "to") OR (now >= "to" AND t < "to")))
        AND NOT EXISTS (SELECT 1 FROM gaps WHERE gaps.venue = ticks.venue_1
          AND ((now >= "from" AND t_1 <= "from" AND t_1 <> "to") OR (now >= "to" AND t_1 < "to")))
      ORDER BY now`);
    const { points } = await answerOf(lake, request);
    const valued = points.filter(([, value]) => !Number.isNaN(value));
    assert.ok(rows.length > 100);
    assertSame(
      valued,
      rows.map(([time, value]) => [Number(time), Number(value)] as const),
      'ASOF JOIN',
    );
  });
});

test('bands are nearest ranks over the last valid points, and thinning keeps each bucket\u2019s extremes and breaks', async () => {
  const recording = randomRecording(9, { ties: true, closed: false }, 700);
  await withLake(recording, async (lake) => {
    for (const [bandWindow, bandPercent, points] of [
      [200, 97, 40],
      [7, 80, 10],
      [1, 97, 2],
      [5000, 97.5, 400],
    ] as const) {
      const request = requestOf(recording, { bandWindow, bandPercent });
      const whole = await answerOf(lake, request);
      const bands = modelBands(whole.points, bandWindow, bandPercent);
      assert.deepEqual(
        whole.upper,
        bands.map(([, upper]) => upper),
      );
      assert.deepEqual(
        whole.lower,
        bands.map(([lower]) => lower),
      );
      const thin = await answerOf(lake, { ...request, points });
      const kept = modelThin(whole.points, request, points);
      assert.deepEqual(
        thin.points,
        kept.map((i) => whole.points[i]),
      );
      assert.deepEqual(
        thin.upper,
        kept.map((i) => whole.upper[i]),
      );
      assert.deepEqual(
        thin.lower,
        kept.map((i) => whole.lower[i]),
      );
    }
  });
});

function modelBands(points: readonly ModelPoint[], window: number, percent: number): [number, number][] {
  const valid: number[] = [];
  return points.map(([, value]) => {
    if (Number.isNaN(value)) return [Number.NaN, Number.NaN];
    valid.push(value);
    const last = valid.slice(-window).sort((a, b) => a - b);
    const rank = (p: number) => last.find((_, i) => (i + 1) * 100 >= p * last.length - 1e-6) ?? Number.NaN;
    return [rank(100 - percent), rank(percent)];
  });
}

function modelThin(points: readonly ModelPoint[], { from, to }: HistoryRequest, wanted: number): number[] {
  const buckets = Math.floor(wanted / 2);
  const width = (to - from) / buckets;
  const kept = new Set<number>();
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const inside = [...points.keys()].filter((i) => {
      const time = points[i]?.[0] ?? 0;
      return time >= from + bucket * width && (bucket === buckets - 1 || time < from + (bucket + 1) * width);
    });
    const value = (i: number) => points[i]?.[1] ?? Number.NaN;
    const valid = inside.filter((i) => !Number.isNaN(value(i)));
    const values = valid.map(value);
    for (const extreme of [Math.min(...values), Math.max(...values)]) {
      const i = valid.find((one) => value(one) === extreme);
      if (i !== undefined) kept.add(i);
    }
    const last = inside.filter((i) => Number.isNaN(value(i))).at(-1);
    if (last !== undefined) kept.add(last);
  }
  return [...kept].sort((a, b) => a - b);
}

test('a range says which part was never recorded, and an unknown symbol has an empty history', async () => {
  const recording = randomRecording(3, { ties: true, closed: true });
  await withLake(recording, async (lake) => {
    const hour = HOUR_US;
    const request = requestOf(recording, {
      from: recording.start - hour,
      to: recording.end + hour,
      now: recording.end + 2 * hour,
    });
    const firstLast = (venue: string) => {
      const times = recording.rows.filter((row) => row.venue === venue).map((row) => row.receiveTime);
      return [Math.min(...times), Math.max(...times)] as const;
    };
    const expected = [BUY, SELL].flatMap((venue) => {
      const [since, last] = firstLast(venue);
      return [
        { from: request.from, to: since, venue },
        { from: last, to: request.to, venue },
      ];
    });
    const { head } = await answerOf(lake, request);
    assert.deepEqual(head.unrecorded, expected);
    const unknown = await answerOf(lake, { ...request, symbol: 'NO-USDT' });
    assert.deepEqual([unknown.points, unknown.head.unrecorded], [[], expected]);
    const elsewhere = await answerOf(lake, { ...request, buy: 'gate' });
    assert.deepEqual(elsewhere.points, []);
    assert.deepEqual(elsewhere.head.unrecorded[0], { from: request.from, to: request.to, venue: 'gate' });
  });
});

test('a venue that is not recorded any more says nothing about the time after, however young its last quote is', async () => {
  const names = [
    [0, BUY, SYMBOL],
    [1, SELL, SYMBOL],
  ] as const;
  const quote = (instrument: number, seconds: number) => ({
    ...{ instrument, venueTime: Number.NaN, receiveTime: HOUR_14 + seconds * 1_000_000 },
    ...{ bid: 100, bidSize: 1, ask: 100, askSize: 1, sequence: seconds },
  });
  const lake = temporaryLake();
  try {
    const [first, second] = [10, 40].map((seconds) => HOUR_14 + seconds * 1_000_000);
    writeSegment(lake, {
      ...{ number: 1, createdAt: first ?? 0, instruments: names, venues: [BUY, SELL] },
      frames: [
        { kind: 'quotes', venue: BUY, number: 10, rows: [quote(0, 0), quote(0, 5)] },
        { kind: 'quotes', venue: SELL, number: 11, rows: [quote(1, 6)] },
      ],
    });
    const request: HistoryRequest = {
      ...{ symbol: SYMBOL, buy: BUY, sell: SELL, kind: 'gross', fees: { buy: 0, sell: 0 } },
      ...{ from: HOUR_14 + 6_000_000, to: HOUR_14 + 40_000_000, now: HOUR_14 + 50_000_000 },
    };
    // Both end with the same frame: the last value holds until somebody looks again.
    const before = await answerOf(lake, request);
    assert.deepEqual(before.points, [[HOUR_14 + 6_000_000, 0]]);
    assert.deepEqual(before.head.unrecorded, [
      { from: first, to: request.to, venue: BUY },
      { from: first, to: request.to, venue: SELL },
    ]);
    writeSegment(lake, {
      ...{ number: 2, createdAt: second ?? 0, instruments: names, venues: [SELL] },
      frames: [{ kind: 'quotes', venue: SELL, number: 20, rows: [quote(1, 20), quote(1, 30)] }],
    });
    const after = await answerOf(lake, request);
    assert.deepEqual(after.points, [
      [HOUR_14 + 6_000_000, 0],
      [first, Number.NaN],
    ]);
    assert.deepEqual(after.head.unrecorded, [{ from: first, to: request.to, venue: BUY }]);
  } finally {
    rmSync(lake, { recursive: true });
  }
});

test('clocks that go back do not disorder an answer', async () => {
  const names = [
    [0, BUY, SYMBOL],
    [1, SELL, SYMBOL],
  ] as const;
  const start = HOUR_14;
  const quote = (instrument: number, at: number, bid: number) => ({
    ...{
      instrument,
      venueTime: Number.NaN,
      receiveTime: start + at,
      bid,
      bidSize: 1,
      ask: bid,
      askSize: 1,
      sequence: bid,
    },
  });
  const lake = temporaryLake();
  try {
    const parts = [
      [0, 5, 5, 3],
      [4, 9, 9, 8],
    ].map((times, part) => times.map((at, i) => quote(0, at * 1000, 100 + 10 * part + i)));
    for (const [i, rows] of parts.entries())
      writeSegment(lake, {
        ...{ number: i + 1, createdAt: start, instruments: names },
        frames: [
          { kind: 'quotes', venue: BUY, number: 10 * (i + 1), rows },
          { kind: 'quotes', venue: SELL, number: 10 * (i + 1) + 1, rows: i === 0 ? [quote(1, 0, 100)] : [] },
        ],
      });
    const request: HistoryRequest = {
      ...{ symbol: SYMBOL, buy: BUY, sell: SELL, kind: 'basis', fees: { buy: 0, sell: 0 } },
      ...{ from: start, to: start + 9000, now: start + 9000 },
    };
    // By time; those of one time as they came.
    const bids = [100, 103, 110, 101, 102, 113, 111, 112];
    const expected = [0, 3, 4, 5, 5, 8, 9, 9].map(
      (at, i) => [start + at * 1000, 100 / (bids[i] ?? 0) - 1] as const,
    );
    expected.splice(1, 0, expected[0] ?? [0, 0]);
    expected.splice(0, 1);
    for (const legRows of [3, 100])
      assertSame((await answerOf(lake, request, { legRows })).points, expected, 'journal');
    const keeper = new Keeper({
      ...{ lake, clock: () => start + HOUR_US, log: SILENT, retention: { days: null, maxBytes: null } },
      ...{ memoryMb: 128, isRecording: () => false, poolRows: 5, pieceRows: 5, fileRows: 5 },
    });
    await keeper.recover();
    await keeper.finish();
    await keeper.close();
    for (const legRows of [3, 100])
      assertSame((await answerOf(lake, request, { legRows })).points, expected, 'parts');
  } finally {
    rmSync(lake, { recursive: true });
  }
});

test('an answer that nobody wants any more ends with the reason', async () => {
  const recording = randomRecording(4, { ties: true, closed: true });
  await withLake(recording, async (lake) => {
    const controller = new AbortController();
    const gone = new Error('gone');
    let batches = 0;
    const reading = readHistory(
      lake,
      requestOf(recording),
      duck,
      {
        begin: () => controller.abort(gone),
        points: () => {
          batches += 1;
        },
      },
      { signal: controller.signal },
    );
    await assert.rejects(reading, gone);
    assert.equal(batches, 0);
  });
});
