import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import { Market } from '../../src/market/market.ts';
import type { OpportunityFollower, OpportunityTable } from '../../src/market/opportunities.ts';
import { ROLLING, type StatisticsShape, wholeRange } from '../../src/market/statistics.ts';
import type { RouteFigures } from '../../src/market/statistics-figures.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { type NaiveEnded, type NaiveSample, naiveStatistics } from './naive-statistics.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000;
const MAX_AGE = 20;
const FEES = [0.001, 0.0005] as const;
const THRESHOLDS = { openNet: 0.001, closeNet: 0.0005 };

interface Row {
  /** µs after the start. */
  readonly time: number;
  readonly venue: 0 | 1;
  readonly ended: boolean;
  readonly bid: number;
  readonly ask: number;
}

class Ended implements OpportunityFollower {
  readonly list: NaiveEnded[] = [];
  closed({ columns, placeOf }: OpportunityTable, slot: number): void {
    this.list.push({
      direction: ((placeOf[slot] as number) & 1) as 0 | 1,
      start: columns.start[slot] as number,
      end: columns.end[slot] as number,
      peak: columns.peakNet[slot] as number,
    });
  }
}

function run(
  rows: readonly Row[],
  shape: StatisticsShape,
  followers: readonly OpportunityFollower[] = [],
): Market {
  const market = new Market({
    instrumentCapacity: 4,
    symbolCapacity: 1,
    maxQuoteAgeMs: MAX_AGE * 1000,
    analysis: {
      ...FREE,
      statistics: { bandPercent: 90, shape },
      pairs: 1,
      thresholds: THRESHOLDS,
      opportunities: { openCapacity: 4 },
      followers,
    },
  });
  for (const venue of [0, 1] as const) {
    const names = { nativeId: `X${venue}`, symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ instrument: venue, venue: venueAt(venue), takerFee: FEES[venue], ...names });
  }
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  for (const row of rows) {
    const time = START * SECOND + row.time;
    columns.instrument[0] = row.venue;
    columns.kind[0] = row.ended ? QuoteKind.ended : QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.venueTime[0] = Number.NaN;
    columns.sequence[0] = Number.NaN;
    columns.receiveTime[0] = time;
    columns.bid[0] = row.bid;
    columns.ask[0] = row.ask;
    columns.bidSize[0] = 1;
    columns.askSize[0] = 1;
    market.applyQuotes(columns, 0, 1, 0, time);
  }
  return market;
}

/** What was true at each whole second, looked up again in all rows: what came before it counts. */
function samplesOf(rows: readonly Row[], until: number): NaiveSample[] {
  const samples: NaiveSample[] = [];
  const first = rows[0];
  if (first === undefined) return samples;
  for (let second = Math.floor(first.time / SECOND) + 1; second <= until; second++) {
    const legs = ([0, 1] as const).map((venue) => {
      const last = rows.findLast((row) => row.venue === venue && row.time < second * SECOND);
      if (last === undefined || last.ended || last.time + MAX_AGE * SECOND < second * SECOND)
        return undefined;
      return last;
    });
    const [low, high] = legs;
    if (low === undefined || high === undefined) continue;
    samples.push({
      second: START + second,
      ...{ bidLow: low.bid, askLow: low.ask, bidHigh: high.bid, askHigh: high.ask },
    });
  }
  return samples;
}

const STEP = fc.record({
  gap: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 900_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 5_000_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(1_000_000, 19_999_999, 20_000_000, 20_000_001, 45_000_000) },
  ),
  venue: fc.constantFrom(0 as const, 1 as const),
  what: fc.nat(99),
  mid: fc.integer({ min: -12, max: 12 }),
});

function rowsOf(steps: readonly { gap: number; venue: 0 | 1; what: number; mid: number }[]): Row[] {
  let time = 0;
  return steps.map(({ gap, venue, what, mid }) => {
    time += gap;
    const middle = 100 + mid / 20;
    return { time, venue, ended: what > 96, bid: middle - 0.01, ask: middle + 0.01 };
  });
}

function close(name: string, actual: number, expected: number, tolerance: number): void {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return;
  // A division by nothing is not known either way.
  if (!Number.isFinite(actual) && !Number.isFinite(expected)) return;
  const distance = Math.abs(actual - expected);
  assert.ok(
    distance <= tolerance * Math.max(1e-3, Math.abs(expected)),
    `${name}: ${actual} is not ${expected}`,
  );
}

function compare(
  actual: RouteFigures,
  expected: ReturnType<typeof naiveStatistics>,
  tolerance: number,
): void {
  for (const [name, value] of Object.entries(expected)) {
    const own = actual[name as keyof RouteFigures];
    if (Array.isArray(value)) assert.deepEqual(own, value, name);
    else close(name, own as number, value as number, tolerance);
  }
}

test('every statistic is what its definition gives, over random markets whose windows roll', () => {
  let compared = 0;
  const shapes = fc.constantFrom<StatisticsShape>(
    { buckets: 3, bucketSeconds: 40, bandSamples: 8, bandSeconds: 5, exact: true },
    { buckets: 5, bucketSeconds: 7, bandSamples: 3, bandSeconds: 30, exact: true },
    wholeRange(3600),
  );
  fc.assert(
    fc.property(
      fc.array(STEP, { minLength: 30, maxLength: 160 }),
      shapes,
      fc.nat(30),
      (steps, shape, rest) => {
        const rows = rowsOf(steps);
        const ended = new Ended();
        const market = run(rows, shape, [ended]);
        const until = Math.floor((rows.at(-1)?.time as number) / SECOND) + rest;
        market.analysis?.settle(1, (START + until) * SECOND);
        const samples = samplesOf(rows, until);
        for (const direction of [0, 1] as const) {
          const figures = market.analysis?.statistics.read(direction, START + until);
          const alone = market.analysis?.statistics.perHour(direction, START + until);
          assert.deepEqual(alone, figures?.opportunitiesPerHour);
          assert.ok(figures);
          const rules = { ...THRESHOLDS, feeLow: FEES[0], feeHigh: FEES[1], percent: 90 };
          compare(
            figures,
            naiveStatistics(samples, ended.list, direction, shape, rules, START + until),
            1e-7,
          );
          compared += figures.samples;
        }
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(compared > 5000, `only ${compared} samples were compared`);
});

/** An hour and a half of two venues that lean apart and come back, from a seed. */
function longMarket(): Row[] {
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const rows: Row[] = [];
  let [mid, lean] = [100, 0];
  for (let time = 0; time < 5400 * SECOND; time += Math.floor(random() * 800_000) + 1) {
    mid *= 1 + (random() - 0.5) * 1e-4;
    lean += -0.02 * lean + (random() - 0.5) * 0.002 + (random() > 0.999 ? 0.01 : 0);
    const venue = random() > 0.5 ? 1 : 0;
    const middle = venue === 1 ? mid * (1.0003 + lean) : mid;
    rows.push({ time, venue, ended: false, bid: middle * 0.9999, ask: middle * 1.0001 });
  }
  return rows;
}

test('the figures of all routes at once are those of the exact ones, within a thousandth', () => {
  const rows = longMarket();
  const [sketch, exact] = [run(rows, ROLLING), run(rows, { ...ROLLING, exact: true })];
  const second = Math.floor((START * SECOND + (rows.at(-1)?.time as number)) / SECOND);
  for (const place of [0, 1]) {
    const one = sketch.analysis?.statistics.read(place, second);
    assert.deepEqual(sketch.analysis?.statistics.perHour(place, second), one?.opportunitiesPerHour);
    const other = exact.analysis?.statistics.read(place, second);
    assert.ok(one !== undefined && other !== undefined && other.samples > 2600);
    if (place === 0) assert.ok(other.opportunities > 10 && other.cycles[0] > 0);
    const { bandLow, bandHigh, cycles, ...figures } = other;
    for (const [name, value] of Object.entries(figures))
      close(name, one[name as keyof typeof figures] as number, value as number, 1e-3);
    assert.deepEqual(one.cycles, cycles);
    // Bands are kept as whole tenths of a basis point.
    assert.ok(Math.abs(one.bandLow - bandLow) <= 0.5001e-5 && Math.abs(one.bandHigh - bandHigh) <= 0.5001e-5);
  }
});

test('DuckDB says the same of the same rows', async () => {
  const rows = longMarket();
  const end = START + 5400;
  const market = run(rows, wholeRange(5400));
  market.analysis?.settle(1, end * SECOND);
  const figures = market.analysis?.statistics.read(0, end);
  assert.ok(figures);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run('CREATE TABLE quotes (t BIGINT, venue INTEGER, bid DOUBLE, ask DOUBLE)');
    const appender = await connection.createAppender('quotes');
    for (const { time, venue, bid, ask } of rows) {
      appender.appendBigInt(BigInt(START * SECOND + time));
      appender.appendInteger(venue);
      appender.appendDouble(bid);
      appender.appendDouble(ask);
      appender.endRow();
    }
    appender.closeSync();
    const sql = `
      WITH grid AS (SELECT range AS s, range * ${SECOND} AS t FROM range(${START + 1}, ${end + 1})),
      sampled AS (
        SELECT g.s, high.bid / low.bid - 1 AS b, high.bid * (1 - ${FEES[1]}) / (low.ask * (1 + ${FEES[0]})) - 1 AS net
        FROM grid g
        ASOF JOIN (SELECT * FROM quotes WHERE venue = 0) low ON g.t > low.t
        ASOF JOIN (SELECT * FROM quotes WHERE venue = 1) high ON g.t > high.t
        WHERE g.t - low.t <= ${MAX_AGE * SECOND} AND g.t - high.t <= ${MAX_AGE * SECOND}),
      steps AS (SELECT s, b, net, lag(b) OVER (ORDER BY s) AS before, lag(s) OVER (ORDER BY s) AS s0 FROM sampled)
      SELECT count(*)::DOUBLE AS samples, avg(b) AS mean, stddev_pop(b) AS deviation, max(b) AS max, min(b) AS min,
        avg((net >= ${THRESHOLDS.openNet})::INTEGER)::DOUBLE AS "timeAbove",
        quantile_disc(net, 0.1) AS "bandLow", quantile_disc(net, 0.9) AS "bandHigh",
        ln(2) / -ln(regr_slope(b, before) FILTER (s0 = s - 1)) AS "halfLifeSeconds",
        sum(b) / sum(abs(b)) AS asymmetry
      FROM steps`;
    const [row] = (await connection.runAndReadAll(sql)).getRowObjects();
    assert.ok(row && figures.samples > 5000);
    for (const [name, value] of Object.entries(row))
      close(name, figures[name as keyof RouteFigures] as number, value as number, 1e-9);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});

test('what is older than the window does not count, even when nothing was said since', () => {
  const rows = longMarket().filter(({ time }) => time < 600 * SECOND);
  const market = run(rows, ROLLING);
  const read = (second: number) => market.analysis?.statistics.read(0, START + second);
  assert.ok((read(600)?.samples ?? 0) > 500);
  const late = read(600 + 3600);
  assert.deepEqual([late?.samples, late?.opportunities], [0, 0]);
  assert.ok(Number.isNaN(late?.mean) && Number.isNaN(late?.bandLow));
});
