/**
 * One route-day out of a full lake to chart arrays (2,000 points with bands): ours, cold (a new engine) and warm, against plain DuckDB SQL over a glob with an ASOF JOIN, in the
 * same run. Both must give the same extremes of every bucket.
 *
 *   npm run bench -- history
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { VENUE_IDS, type VenueId } from '../src/core/venue-ids.ts';
import { type Duck, openDuck, sqlText } from '../src/lake/duck.ts';
import { readHistory } from '../src/lake/history.ts';
import type { HistoryPoints, HistoryRequest } from '../src/lake/history-request.ts';
import { HOUR_US, partitionFolder, partName } from '../src/lake/layout.ts';
import { COMPACTED_STYLE, copyOptions } from '../src/lake/parquet-writer.ts';
import { bytesUnder } from '../src/lake/partitions.ts';
import { median, printTable } from './harness.ts';

const DAY = Date.UTC(2026, 10, 23) * 1000;
const DAY_US = 24 * HOUR_US;
const SYMBOLS = 1000;
/** Quotes a second of the busiest symbol; the n-th has an n-th of it. */
const BUSIEST = 10;
const POINTS = 2000;
const BUCKETS = POINTS / 2;
const ROUNDS = 7;
/** As the history thread has it. */
const ENGINE = { memoryMb: 48, threads: 1 };
const FEE = 0.001;
const BUY: VenueId = 'okx';
const SELL: VenueId = 'binance';
const NAME = partName({ first: 1, last: 60, piece: 1, pieces: 1 });

/** One hour of one venue as the keeper leaves it: sorted by symbol and time, in one file. Times differ between venues, so that no two ticks are at one µs. */
function hourSql(venue: VenueId, hour: number, path: string): string {
  const v = VENUE_IDS.indexOf(venue);
  const ticks = `CAST(greatest(20, 3600 * ${BUSIEST} / (s + 1)) AS BIGINT)`;
  return `COPY (
    WITH symbols AS (SELECT s, 'C' || lpad(s::VARCHAR, 4, '0') || '-USDT' AS symbol, ${ticks} AS n FROM range(${SYMBOLS}) r(s)),
    rows AS (SELECT symbol, s, i, ${hour} + 8 * CAST(floor((i + random() * 0.99) * ${HOUR_US / 8} / n) AS BIGINT) + ${v} AS t FROM (SELECT *, unnest(range(n)) AS i FROM symbols)),
    prices AS (SELECT *, round(100 + s + 3 * sin(t / 2e9 + s) + 0.02 * sin(t / 7e6 + ${v}) + random() * 0.03, 2) AS bid FROM rows)
    SELECT symbol, make_timestamptz(t - 3000) AS venue_time, make_timestamptz(t) AS receive_time, bid, round(random() * 5 + 0.0001, 4) AS bid_size,
      round(bid + 0.01, 2) AS ask, round(random() * 5 + 0.0001, 4) AS ask_size, t AS "sequence" FROM prices ORDER BY symbol, t
  ) TO ${sqlText(path)} ${copyOptions(COMPACTED_STYLE)}`;
}

/** Gaps of that hour, none of them of the routes that are read: they must be looked at all the same. */
function gapsSql(hour: number, path: string): string {
  return `COPY (SELECT 'C0' || lpad((100 + i)::VARCHAR, 3, '0') || '-USDT' AS symbol, make_timestamptz(${hour} + i * 1000000) AS "from", make_timestamptz(${hour} + i * 1000000 + 500000) AS "to",
    'connection' AS reason, NULL::VARCHAR AS stream, NULL::BIGINT AS rows_lost FROM range(50) r(i)) TO ${sqlText(path)} ${copyOptions(COMPACTED_STYLE)}`;
}

async function makeLake(lake: string): Promise<void> {
  const duck = await openDuck({ memoryMb: 4096, threads: availableParallelism() });
  for (const venue of VENUE_IDS) {
    for (let hour = DAY; hour < DAY + DAY_US; hour += HOUR_US) {
      for (const table of ['quotes', 'gaps'] as const) {
        const folder = join(lake, partitionFolder(table, hour, venue));
        mkdirSync(folder, { recursive: true });
        const path = join(folder, NAME);
        await duck.run(table === 'quotes' ? hourSql(venue, hour, path) : gapsSql(hour, path));
      }
    }
  }
  duck.close();
}

interface Chart {
  readonly columns: HistoryPoints;
  readonly ticks: number;
  readonly quotes: number;
}

async function ours(engine: Duck, lake: string, symbol: string): Promise<Chart> {
  const request: HistoryRequest = {
    ...{ symbol, buy: BUY, sell: SELL, kind: 'net', fees: { buy: FEE, sell: FEE }, points: POINTS },
    ...{ from: DAY, to: DAY + DAY_US - 1, now: DAY + 2 * DAY_US },
  };
  const parts: HistoryPoints[] = [];
  const totals = await readHistory(lake, request, engine, {
    begin: () => {},
    points: (points) => {
      parts.push(points);
    },
  });
  const join = (name: keyof HistoryPoints) => Float64Array.from(parts.flatMap((part) => [...part[name]]));
  const columns = { time: join('time'), value: join('value'), upper: join('upper'), lower: join('lower') };
  return { columns, ticks: totals.ticks, quotes: totals.quotes };
}

/** Least and greatest value of each bucket, and how many ticks there are: without bands, for a rolling percentile in SQL takes minutes. */
async function rival(engine: Duck, lake: string, symbol: string): Promise<unknown[][]> {
  const day = new Date(DAY / 1000).toISOString().slice(0, 10);
  const leg = (venue: VenueId) =>
    `(SELECT receive_time AS t, bid, ask FROM read_parquet('${lake}/quotes/**/*.parquet', hive_partitioning = true)
      WHERE date = '${day}' AND venue = '${venue}' AND symbol = '${symbol}' AND bid > 0 AND ask >= bid AND bid_size > 0 AND ask_size > 0)`;
  const width = (DAY_US - 1) / BUCKETS;
  return await engine.rows(`
    WITH buy AS MATERIALIZED ${leg(BUY)}, sell AS MATERIALIZED ${leg(SELL)},
    ticks AS (SELECT t FROM buy UNION ALL SELECT t FROM sell),
    joined AS (SELECT epoch_us(ticks.t) AS t, s.bid * (1 - ${FEE}) / (b.ask * (1 + ${FEE})) - 1 AS value
      FROM ticks ASOF JOIN buy b ON b.t <= ticks.t ASOF JOIN sell s ON s.t <= ticks.t
      WHERE ticks.t - b.t <= INTERVAL 60 SECOND AND ticks.t - s.t <= INTERVAL 60 SECOND)
    SELECT least(${BUCKETS - 1}, floor((t - ${DAY}) / ${width}))::INTEGER AS bucket, min(value), max(value), arg_min(t, value), arg_max(t, value), count(*)::INTEGER
    FROM joined GROUP BY bucket ORDER BY bucket`);
}

function assertAgree({ columns, ticks }: Chart, rows: unknown[][]): void {
  assert.equal(
    ticks,
    rows.reduce((sum, row) => sum + Number(row[5]), 0),
  );
  const width = (DAY_US - 1) / BUCKETS;
  const extremes = new Map<number, { least: number; greatest: number }>();
  for (const [i, time] of columns.time.entries()) {
    const value = columns.value[i] as number;
    if (Number.isNaN(value)) continue;
    const bucket = Math.min(BUCKETS - 1, Math.floor((time - DAY) / width));
    const { least, greatest } = extremes.get(bucket) ?? { least: value, greatest: value };
    extremes.set(bucket, { least: Math.min(least, value), greatest: Math.max(greatest, value) });
  }
  assert.equal(extremes.size, rows.length);
  for (const [bucket, least, greatest] of rows) {
    const found = extremes.get(Number(bucket));
    assert.ok(
      found !== undefined && Math.abs(found.least - Number(least)) < 1e-12,
      `least of bucket ${String(bucket)}`,
    );
    assert.ok(Math.abs(found.greatest - Number(greatest)) < 1e-12, `greatest of bucket ${String(bucket)}`);
  }
}

async function timed<T>(run: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const start = performance.now();
  const answer = await run();
  return { ms: performance.now() - start, answer };
}

async function cold<T>(
  options: Parameters<typeof openDuck>[0],
  run: (engine: Duck) => Promise<T>,
): Promise<{ ms: number; answer: T }> {
  let engine: Duck | undefined;
  try {
    return await timed(async () => {
      engine = await openDuck(options);
      return await run(engine);
    });
  } finally {
    engine?.close();
  }
}

async function compareOn(lake: string, symbol: string, what: string): Promise<string[]> {
  const theirs = { memoryMb: 4096, threads: availableParallelism() };
  const warmEngine = await openDuck(ENGINE);
  const times = { cold: [] as number[], warm: [] as number[], rival: [] as number[] };
  let quotes = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const first = await cold(ENGINE, (engine) => ours(engine, lake, symbol));
    const warm = await timed(() => ours(warmEngine, lake, symbol));
    const other = await cold(theirs, (engine) => rival(engine, lake, symbol));
    if (round === 0) {
      assertAgree(first.answer, other.answer);
      assert.deepEqual(warm.answer, first.answer);
      quotes = first.answer.quotes;
      continue;
    }
    times.cold.push(first.ms);
    times.warm.push(warm.ms);
    times.rival.push(other.ms);
  }
  warmEngine.close();
  const [coldMs, warmMs, rivalMs] = [median(times.cold), median(times.warm), median(times.rival)];
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    what,
    quotes.toLocaleString('en-US'),
    ms(coldMs),
    ms(warmMs),
    ms(rivalMs),
    (rivalMs / coldMs).toFixed(2),
  ];
}

const lake = mkdtempSync(join(tmpdir(), 'bench-history-'));
try {
  console.log(
    `writing a lake of ${VENUE_IDS.length} × ${SYMBOLS} instruments for a day; the n-th busiest symbol has ${BUSIEST}/n quotes a second`,
  );
  await makeLake(lake);
  console.log(`${(bytesUnder(lake) / 1e6).toFixed(0)} MB`);
  printTable([
    ['one route-day to 2,000 points', 'quotes', 'cold', 'warm', 'DuckDB SQL', 'SQL ÷ cold'],
    await compareOn(lake, 'C0000-USDT', 'busiest route (10/s a leg)'),
    await compareOn(lake, 'C0009-USDT', '10th (1/s a leg)'),
    await compareOn(lake, 'C0099-USDT', '100th (0.1/s a leg)'),
  ]);
  console.log(
    `ours: 1 thread of the engine a leg, ${ENGINE.memoryMb} MiB, with bands; SQL: ${availableParallelism()} threads, 4 GiB, without. Target: < 300 ms`,
  );
} finally {
  rmSync(lake, { recursive: true });
}
