import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CLOSE_REASONS, SURVIVAL_MS } from '../../src/core/opportunity.ts';
import { addEdge, delayFor, noSurvival, SURVIVAL_GROUPS, survivalCurve } from '../../src/core/survival.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import { checkLake } from '../../src/lake/check.ts';
import { Converter } from '../../src/lake/converter.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import {
  findRecorded,
  opportunityFiles,
  type RecordedWish,
  type SurvivalGroup,
  sumSurvival,
} from '../../src/lake/opportunity-query.ts';
import { type ClosedOpportunity, readOpportunityRows } from '../../src/lake/opportunity-rows.ts';
import { ParquetWriter } from '../../src/lake/parquet-writer.ts';
import { Recorder } from '../../src/lake/recorder.ts';
import { RowPool } from '../../src/lake/row-pool.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { temporaryLake } from './journal-rig.ts';
import { MemoryJournal } from './memory-journal.ts';

/** 2026-11-23 14:59:50 UTC: an hour ends soon. */
const START = Date.UTC(2026, 10, 23, 14, 59, 50) * 1000;

function randomRows(count: number): ClosedOpportunity[] {
  let seed = 11;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => {
    const buy = pick(VENUE_IDS);
    const sell = pick(VENUE_IDS.filter((venue): venue is VenueId => venue !== buy));
    const start = START + Math.floor(random() * 20_000_000);
    const durationMs = Math.floor(random() * 6_000_000) / 1000;
    return {
      ...{ symbol: `${pick(['A', 'B', '币安人生', 'LONGCOINNAME'])}-USDT`, buy, sell, start, durationMs },
      end: start + Math.round(durationMs * 1000),
      ...{ openBps: 10, startNetBps: 10 + random(), peakNetBps: 12 + random(), peakTime: start + 1 },
      ...{ meanNetBps: random() * 10, timeMeanNetBps: random() * 10, ticks: 1 + Math.floor(random() * 99) },
      ...{ size: random(), notional: random() * 1e3, peakSize: random(), peakNotional: random() * 1e3 },
      ...{ buyAgeMs: random() * 100, sellAgeMs: 0 },
      buyVenueTime: random() > 0.5 ? null : start - 5,
      sellVenueTime: random() > 0.5 ? null : start - 7,
      closedBy: pick(CLOSE_REASONS),
      survivalBps: SURVIVAL_MS.map((ms) => (ms < durationMs ? random() * 20 : null)),
    };
  });
}

/** A recorder without rings and a disk in memory. */
function recorderOn(disk: MemoryJournal, clock: { ms: number }): Recorder {
  return new Recorder({
    ...{ rings: [], venues: [], instrumentCapacity: 64, files: disk, nextSegment: 0, run: 'r' },
    ...{ firstGaps: [], began: START, fromStart: true },
    clock: () => START + clock.ms * 1000,
    ms: () => clock.ms,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    limits: { poolBytes: 1 << 22 },
  });
}

async function recorded(
  rows: readonly ClosedOpportunity[],
  check: (lake: string, duck: Duck) => Promise<void>,
  atOnce = 100,
) {
  const disk = new MemoryJournal();
  const clock = { ms: 0 };
  const recorder = recorderOn(disk, clock);
  for (let i = 0; i < rows.length; i += atOnce) {
    recorder.opportunities(rows.slice(i, i + atOnce));
    clock.ms += 30;
    recorder.tick();
    for (let k = 0; k < 8; k++) await turn();
  }
  const ended = recorder.stop([], START + clock.ms * 1000, 60_000);
  const ticking = setInterval(() => (clock.ms += 300), 1);
  assert.deepEqual((await ended).safe, true);
  clearInterval(ticking);
  const lake = temporaryLake();
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  try {
    disk.lay(lake);
    await new Converter(lake, realSteps, new RowPool(100)).convert(
      listSegments(lake),
      new ParquetWriter(duck),
    );
    await check(lake, duck);
  } finally {
    duck.close();
    rmSync(lake, { recursive: true });
  }
}

test('DuckDB finds every recorded opportunity once, with every value, in the folder of its end and its venue', async () => {
  const rows = randomRows(700);
  await recorded(rows, async (lake, duck) => {
    const found = await duck.rows(
      `SELECT symbol, buy, sell, epoch_us(start), epoch_us("end"), epoch_us(peak_time), epoch_us(buy_venue_time), epoch_us(sell_venue_time), closed_by,
         duration_ms, open_bps, start_net_bps, peak_net_bps, mean_net_bps, time_mean_net_bps, ticks, size, notional, peak_size, peak_notional, buy_age_ms, sell_age_ms,
         ${SURVIVAL_MS.map((ms) => `net_${ms}ms`).join(', ')}, hour, venue
       FROM read_parquet('${lake}/opportunities/*/*/*/*.parquet', hive_partitioning = true)`,
    );
    const key = (row: readonly unknown[]): string => row.map(String).join('|');
    const expected = rows.map((row) =>
      key([
        ...[
          row.symbol,
          row.buy,
          row.sell,
          row.start,
          row.end,
          row.peakTime,
          row.buyVenueTime,
          row.sellVenueTime,
        ],
        ...[row.closedBy, row.durationMs, row.openBps, row.startNetBps, row.peakNetBps, row.meanNetBps],
        ...[row.timeMeanNetBps, row.ticks, row.size, row.notional, row.peakSize, row.peakNotional],
        ...[row.buyAgeMs, row.sellAgeMs, ...row.survivalBps],
        ...[row.end >= START + 10_000_000 ? 15 : 14, row.buy],
      ]),
    );
    assert.deepEqual(found.map(key).sort(), expected.sort());
    const { wrong } = await checked(lake);
    assert.deepEqual(wrong, []);
  });
});

const WISHES: readonly RecordedWish[] = [
  {},
  { from: START + 8_000_000 },
  { to: START + 5_000_000 },
  { from: START + 3_000_000, to: START + 9_000_000, symbol: 'A-USDT' },
  { buy: 'okx', minPeakBps: 12.5 },
  { symbol: 'B-USDT', buy: 'gate', sell: 'bybit' },
  { symbol: 'none' },
];

/** The definition of a wish, once more. */
function wanted(rows: readonly ClosedOpportunity[], wish: RecordedWish): ClosedOpportunity[] {
  const { from = -Infinity, to = Infinity, symbol, buy, sell, minPeakBps = -Infinity } = wish;
  return rows.filter(
    (row) =>
      row.end >= from &&
      row.start <= to &&
      row.peakNetBps >= minPeakBps &&
      (symbol ?? row.symbol) === row.symbol &&
      (buy ?? row.buy) === row.buy &&
      (sell ?? row.sell) === row.sell,
  );
}

test('recorded opportunities are found again by time, symbol, venues and peak, the latest first', async () => {
  const rows = randomRows(500);
  await recorded(rows, async (lake, duck) => {
    const files = (from: number) => opportunityFiles(lake, from);
    for (const wish of WISHES) {
      const found = await findRecorded(files, duck, wish, 1000);
      const expected = wanted(rows, wish).sort(
        (a, b) => b.end - a.end || b.start - a.start || (a.symbol < b.symbol ? -1 : 1),
      );
      assert.deepEqual(found.rows, expected, JSON.stringify(wish));
      assert.deepEqual((await findRecorded(files, duck, wish, 3)).rows, expected.slice(0, 3));
    }
    const { until } = await findRecorded(files, duck, {}, 1);
    assert.equal(until, Math.max(...rows.map(({ end }) => end)));
    // None of this hour is read for what came after it.
    assert.equal(opportunityFiles(lake, START + 3.6e9 + 10_000_000).length, 0);
  });
});

test('survival by every grouping is that of counting by hand', async () => {
  const rows = randomRows(600);
  await recorded(rows, async (lake, duck) => {
    const files = (from: number) => opportunityFiles(lake, from);
    const keys = {
      all: () => '',
      venues: (row: ClosedOpportunity) => `${row.buy}:${row.sell}`,
      symbol: (row: ClosedOpportunity) => row.symbol,
      route: (row: ClosedOpportunity) => `${row.symbol}:${row.buy}:${row.sell}`,
    };
    for (const by of SURVIVAL_GROUPS) {
      for (const wish of WISHES) {
        const found = (await sumSurvival(files, duck, wish, by, 10_000)).rows;
        const all = wanted(rows, wish);
        const groups = new Set(all.map(keys[by]));
        assert.equal(found.length, groups.size, `${by} ${JSON.stringify(wish)}`);
        for (const { symbol, buy, sell, sums } of found) {
          const key = [symbol, buy, sell].filter((name) => name !== null).join(':');
          const own = all.filter((row) => keys[by](row) === key);
          assert.equal(sums.count, own.length);
          const curve = survivalCurve(sums);
          SURVIVAL_MS.forEach((_, i) => {
            const over = own.filter(({ survivalBps, openBps }) => (survivalBps[i] ?? -1) >= openBps).length;
            assert.equal(curve.overThreshold[i], over / own.length);
            const left = own.reduce((sum, { survivalBps }) => sum + Math.max(0, survivalBps[i] ?? 0), 0);
            const start = own.reduce((sum, { startNetBps }) => sum + startNetBps, 0);
            assert.ok(Math.abs((curve.leftShare[i] ?? -1) - left / start) < 1e-9);
            assert.ok(Math.abs((curve.leftBps[i] ?? -1) - left / own.length) < 1e-9);
          });
        }
      }
    }
  });
});

test('those that whoever asks has already are left out one by one', async () => {
  const rows = randomRows(600);
  await recorded(rows, async (lake, duck) => {
    const files = (from: number) => opportunityFiles(lake, from);
    const own = rows.filter((_, i) => i % 5 === 0);
    const keys = own.map(({ symbol, buy, sell, start, end }) => [symbol, buy, sell, start, end].join(':'));
    const known = { from: Math.min(...own.map(({ end }) => end)), keys };
    const rest = (await sumSurvival(files, duck, { known }, 'all', 1)).rows[0]?.sums;
    const expected = noSurvival();
    for (const [i, row] of rows.entries()) if (i % 5 !== 0) addEdge(expected, row);
    assert.equal(rest?.count, 480);
    assert.deepEqual(rest?.over, expected.over);
    // Of what ended earlier none is known.
    const all = await sumSurvival(files, duck, { known: { from: START + 3.6e9, keys } }, 'all', 1);
    assert.equal(all.rows[0]?.sums.count, 600);
  });
});

test('groups that are asked for come beside the largest', async () => {
  const rows = randomRows(600);
  await recorded(rows, async (lake, duck) => {
    const files = (from: number) => opportunityFiles(lake, from);
    const all = (await sumSurvival(files, duck, {}, 'route', 10_000)).rows;
    const keyOf = ({ symbol, buy, sell }: SurvivalGroup): string => `${symbol}:${buy}:${sell}`;
    const [least] = all.slice(-1);
    assert.ok(least !== undefined);
    const some = (await sumSurvival(files, duck, {}, 'route', 3, [keyOf(least), 'none:okx:gate'])).rows;
    assert.deepEqual(some[0], least);
    assert.deepEqual(some.slice(1, 4), all.slice(0, 3));
  });
});

test('the half-life lies on the line between the delays around it', () => {
  const edge = (left: readonly number[]) => ({
    openBps: 1,
    startNetBps: 10,
    survivalBps: SURVIVAL_MS.map((_, i) => left[i] ?? null),
  });
  const curveOf = (...edges: ReturnType<typeof edge>[]) => {
    const sums = noSurvival();
    for (const one of edges) addEdge(sums, one);
    return survivalCurve(sums);
  };
  // 8 of 10 after 2 ms, 4 of 10 after 5 ms: 5 of 10 three quarters of the way.
  assert.equal(curveOf(edge([9, 8, 4])).halfLifeMs, 2 + 0.75 * 3);
  assert.equal(curveOf(edge([])).halfLifeMs, 0.5);
  assert.equal(curveOf(edge(SURVIVAL_MS.map(() => 6)), edge(SURVIVAL_MS.map(() => 5))).halfLifeMs, null);
  assert.deepEqual([delayFor(0), delayFor(3), delayFor(50), delayFor(5001)], [0, 2, 5, -1]);
});

async function checked(lake: string): Promise<{ wrong: string[] }> {
  const report = await checkLake(lake);
  return {
    wrong: report.findings.filter(({ level }) => level === 'wrong').map(({ message }) => message),
  };
}

test('all that may be open can close at once, and none of it is lost', async () => {
  const counted = async (lake: string, duck: Duck) => {
    const found = await duck.rows(`SELECT count(*) FROM '${lake}/opportunities/*/*/*/*.parquet'`);
    assert.deepEqual(found, [[3000n]]);
  };
  await recorded(randomRows(3000), counted, 3000);
});

test('a recorder whose disk stands still keeps the last ones, and counts those it had to leave', async () => {
  const disk = new MemoryJournal();
  disk.fault = () => new Promise(() => undefined);
  const clock = { ms: 0 };
  const recorder = recorderOn(disk, clock);
  const rows = randomRows(20_000);
  recorder.opportunities(rows);
  const line = recorder.bounds().find(({ name }) => name === 'lake.opportunities');
  const pool = recorder.bounds().find(({ name }) => name === 'lake.journal-frames');
  const { opportunities } = recorder.status();
  assert.deepEqual([line?.used, line?.peak, line?.lost], [1024, 1024, opportunities.lost]);
  assert.equal(opportunities.recorded, 0);
  // What is neither lost nor waits is in frames, which are as large as their JSON.
  const framed = rows.length - 1024 - opportunities.lost;
  const json = JSON.stringify(rows.slice(0, framed)).length;
  assert.ok(opportunities.lost > 0);
  assert.ok(Math.abs((pool?.usedBytes ?? 0) / json - 1) < 0.05, `${pool?.usedBytes} of ${json}`);
});

test('what is no opportunity in a frame is passed over and counted', async () => {
  const [good] = randomRows(1);
  assert.ok(good);
  const bad = [
    { ...good, closedBy: 'mood' },
    { ...good, buy: 'nowhere' },
    { ...good, end: 'later' },
    { ...good, survivalBps: [1] },
    null,
  ];
  const { rows, refused } = readOpportunityRows([...bad, good]);
  assert.deepEqual([rows.length, refused], [1, 5]);
  assert.deepEqual(readOpportunityRows('nonsense'), { rows: [], refused: 1 });
});
