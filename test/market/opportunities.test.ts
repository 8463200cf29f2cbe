import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import {
  CLOSE_REASONS,
  copyOpportunity,
  type OpportunityColumns,
  opportunityColumns,
  survivalColumns,
} from '../../src/core/opportunity.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import { Market } from '../../src/market/market.ts';
import type { OpportunityFollower } from '../../src/market/opportunities.ts';
import { RecentOpportunities } from '../../src/market/recent-opportunities.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { type NaiveRow, naiveOpportunities } from './naive-opportunities.ts';
import { FREE } from './rules.ts';

const START = 1_700_000_000_000_000;
const FEES = [0.001, 0.0005, 0.002, 0, 0.001, 0.001, 0.0015, 0.001];
const MAX_AGE_MS = 3000;
const THRESHOLDS = { openNet: 0.001, closeNet: 0.0005 };
const KINDS = { ended: QuoteKind.ended, silent: QuoteKind.silent, unlisted: QuoteKind.unlisted };

function marketOf(
  followers: readonly OpportunityFollower[],
  venues: number,
  more: { readonly openCapacity?: number; readonly pairs?: number } = {},
): Market {
  const market = new Market({
    instrumentCapacity: 16,
    symbolCapacity: 2,
    maxQuoteAgeMs: MAX_AGE_MS,
    analysis: {
      pairs: more.pairs ?? 28,
      thresholds: THRESHOLDS,
      opportunities: { openCapacity: more.openCapacity ?? 64 },
      ...FREE,
      followers,
    },
  });
  for (let venue = 0; venue < venues; venue++) {
    const names = { nativeId: `X${venue}`, symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ instrument: venue, venue: venueAt(venue), takerFee: FEES[venue] as number, ...names });
  }
  return market;
}

function feed(market: Market, rows: readonly NaiveRow[]): void {
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  for (const row of rows) {
    columns.instrument[0] = row.venue;
    columns.kind[0] = row.ended === undefined ? QuoteKind.quote : KINDS[row.ended];
    columns.epoch[0] = 1;
    columns.venueTime[0] = row.time - 7;
    columns.receiveTime[0] = row.time;
    columns.bid[0] = row.bid;
    columns.bidSize[0] = row.bidSize;
    columns.ask[0] = row.ask;
    columns.askSize[0] = row.askSize;
    columns.sequence[0] = Number.NaN;
    market.applyQuotes(columns, 0, 1, 0, row.time);
  }
}

/** All that closed, as plain objects. */
class Closed implements OpportunityFollower {
  readonly columns: OpportunityColumns = opportunityColumns(4096);
  count = 0;
  closed(table: { readonly columns: OpportunityColumns }, slot: number): void {
    copyOpportunity(table.columns, slot, this.columns, this.count);
    this.count++;
  }

  all() {
    const c = this.columns;
    return Array.from({ length: this.count }, (_, i) => ({
      buy: c.buy[i] as number,
      sell: c.sell[i] as number,
      start: c.start[i] as number,
      end: c.end[i] as number,
      startNet: c.startNet[i] as number,
      peakNet: c.peakNet[i] as number,
      peakTime: c.peakTime[i] as number,
      meanNet: c.meanNet[i] as number,
      timeMeanNet: c.timeMeanNet[i] as number,
      ticks: c.ticks[i] as number,
      size: c.size[i] as number,
      notional: c.notional[i] as number,
      peakSize: c.peakSize[i] as number,
      peakNotional: c.peakNotional[i] as number,
      buyAge: c.buyAge[i] as number,
      sellAge: c.sellAge[i] as number,
      survival: survivalColumns(c).map((column) => column[i] as number),
      closedBy: CLOSE_REASONS[c.closedBy[i] as number] ?? '',
    }));
  }
}

interface Step {
  readonly gap: number;
  readonly venue: number;
  readonly what: number;
  readonly mid: number;
  readonly size: number;
}

/** A random walk of several venues, with everything that ends a leg. */
function rowsOf(steps: readonly Step[], venues: number): NaiveRow[] {
  let time = START;
  return steps.map(({ gap, venue, what, mid, size }): NaiveRow => {
    time += gap;
    const row = { time, venue: venue % venues, bidSize: size, askSize: size + 1 };
    const [bid, ask] = [100 + mid / 20 - 0.02, 100 + mid / 20 + 0.02];
    if (what < 80) return { ...row, bid, ask };
    if (what < 84) return { ...row, bid: 0, ask };
    if (what < 86) return { ...row, bid: ask + 1, ask };
    const ended = what < 92 ? 'ended' : what < 96 ? 'silent' : 'unlisted';
    return { ...row, bid: Number.NaN, ask: Number.NaN, ended };
  });
}

const GAPS = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 900_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 2000, 5000, 2_999_999, 3_000_000, 3_000_001, 9_000_000) },
);
const STEPS = fc.array(
  fc.record({
    gap: GAPS,
    venue: fc.nat(7),
    what: fc.nat(99),
    mid: fc.integer({ min: -10, max: 10 }),
    size: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 2, maxLength: 120 },
);

const byRoute = (
  a: { start: number; buy: number; sell: number; ticks: number },
  b: { start: number; buy: number; sell: number; ticks: number },
): number => a.start - b.start || a.buy - b.buy || a.sell - b.sell || a.ticks - b.ticks;

function same(actual: object, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const own: unknown = (actual as Record<string, unknown>)[name];
    // A sum of products, in another order of additions.
    if (name === 'timeMeanNet' || name === 'meanNet')
      assert.ok(
        Math.abs((own as number) - (value as number)) < 1e-12,
        `${name}: ${String(own)} ${String(value)}`,
      );
    else assert.deepEqual(own, value, name);
  }
}

test('opportunities are those that the definitions give, over random markets', () => {
  let total = 0;
  fc.assert(
    fc.property(STEPS, fc.integer({ min: 2, max: 8 }), (steps, venues) => {
      const rows = rowsOf(steps, venues);
      const closed = new Closed();
      const market = marketOf([closed], venues);
      feed(market, rows);
      const stop = (rows.at(-1)?.time as number) + 500;
      market.leave(stop);
      const expected = naiveOpportunities(rows, FEES.slice(0, venues), MAX_AGE_MS * 1000, THRESHOLDS, stop);
      const actual = closed.all().sort(byRoute);
      assert.equal(actual.length, expected.length);
      for (const [i, one] of expected.sort(byRoute).entries()) same(actual[i] as object, one);
      total += expected.length;
    }),
    { numRuns: 400 },
  );
  assert.ok(total > 1000, `only ${total} opportunities were compared`);
});

const quote = (time: number, venue: number, bid: number, ask: number): NaiveRow => ({
  ...{ time: START + time, venue, bid, ask, bidSize: 2, askSize: 3 },
});

test('one that lived 3 ms is there', () => {
  const closed = new Closed();
  const market = marketOf([closed], 2);
  feed(market, [quote(0, 0, 99, 100), quote(1000, 1, 101, 102), quote(4000, 1, 99, 100)]);
  const [one, ...more] = closed.all();
  assert.equal(more.length, 0);
  assert.ok(one);
  assert.deepEqual([one.start, one.end, one.closedBy], [START + 1000, START + 4000, 'spread']);
  assert.deepEqual([one.buy, one.sell, one.ticks, one.size, one.notional], [0, 1, 1, 2, 200]);
});

test('when too many are open those beyond are counted once each, and a free place is used again', () => {
  const closed = new Closed();
  const market = marketOf([closed], 3, { openCapacity: 1 });
  feed(market, [quote(0, 0, 99, 100), quote(1, 1, 102, 103), quote(2, 2, 102, 103)]);
  const table = market.analysis?.opportunities;
  assert.ok(table);
  assert.deepEqual([table.open, table.opened, table.refused], [1, 2, 1]);
  // More ticks of the one left out are no more refusals.
  feed(market, [quote(3, 2, 102.5, 103), quote(4, 2, 102.25, 103)]);
  assert.equal(table.refused, 1);
  feed(market, [{ ...quote(5, 1, 99, 100), ended: 'ended' }]);
  assert.equal(table.open, 0);
  // It stays left out until it has closed; what opens then has a place.
  feed(market, [quote(6, 2, 99, 100), quote(7, 2, 102, 103)]);
  assert.deepEqual([table.open, table.refused, closed.count], [1, 1, 1]);
  assert.equal(table.bound().refused, 1);
});

test('pairs beyond the limit are refused and counted, and the others work', () => {
  const closed = new Closed();
  const market = marketOf([closed], 3, { pairs: 1 });
  const pairs = market.bounds().find(({ name }) => name === 'market.pairs');
  assert.deepEqual([pairs?.used, pairs?.refused], [1, 2]);
  feed(market, [quote(0, 0, 99, 100), quote(1, 1, 102, 103), quote(2, 2, 102, 103), quote(3, 1, 99, 100)]);
  assert.deepEqual(
    closed.all().map(({ buy, sell }) => [buy, sell]),
    [[0, 1]],
  );
});

test('a clock that is set back makes no negative time', () => {
  const closed = new Closed();
  const market = marketOf([closed], 2);
  feed(market, [
    quote(5000, 0, 99, 100),
    quote(6000, 1, 102, 103),
    quote(2000, 1, 103, 104),
    quote(2500, 1, 99, 100),
  ]);
  const [one] = closed.all();
  assert.ok(one);
  assert.deepEqual([one.start, one.end, one.peakTime], [START + 6000, START + 6000, START + 6000]);
  assert.equal(one.timeMeanNet, one.meanNet);
});

test('the recent ones are found by what is asked for, and the oldest make room', () => {
  const recent = new RecentOpportunities(2);
  const market = marketOf([recent], 2);
  const nameOf = (instrument: number) => ({ symbol: 'X-USDT', venue: venueAt(instrument) });
  for (let i = 0; i < 3; i++)
    feed(market, [
      quote(i * 10_000, 0, 99, 100),
      quote(i * 10_000 + 1, 1, 102 + i, 103 + i),
      quote(i * 10_000 + 5000, 1, 99, 100),
    ]);
  const found = recent.find({}, nameOf);
  assert.deepEqual(
    found.map(({ start }) => start - START),
    [20_001, 10_001],
  );
  assert.equal(recent.find({ limit: 1 }, nameOf).length, 1);
  assert.equal(recent.find({ minPeakBps: (found[0]?.peakNetBps ?? 0) - 1 }, nameOf).length, 1);
  assert.equal(recent.find({ symbol: 'Y-USDT' }, nameOf).length, 0);
  assert.equal(recent.find({ to: START + 15_000 }, nameOf).length, 1);
  assert.equal(recent.find({ from: START + 16_000 }, nameOf).length, 1);
  assert.equal(recent.since, START + 15_000);
  assert.deepEqual([recent.bound().used, recent.bound().evicted], [2, 1]);
});

/** Rows in turn of the venues, so that none grows too old, whose prices cross now and then and whose quotes end now and then. */
function denseRows(count: number, venues: number): NaiveRow[] {
  let seed = 5;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  let time = START;
  return Array.from({ length: count }, (_, i) => {
    time += 1 + Math.floor(random() * 300_000);
    const mid = 100 + random() * 0.8;
    const row = { time, venue: i % venues, bid: mid - 0.01, ask: mid + 0.01, bidSize: 1, askSize: 1 };
    return random() < 0.03 ? { ...row, ended: 'ended' as const } : row;
  });
}

/** The definition in SQL: at each tick of either leg the latest rows of both, hysteresis as the last signal that was one, and each run of the state as an opportunity. */
const OPPORTUNITIES_SQL = `
  WITH routes AS (SELECT b.v AS buy, s.v AS sell, b.fee AS buy_fee, s.fee AS sell_fee FROM fees b, fees s WHERE b.v <> s.v),
  ticks AS (
    SELECT buy, sell, buy_fee, sell_fee, t,
      last_value(CASE WHEN v = buy THEN n END IGNORE NULLS) OVER w AS buy_row,
      last_value(CASE WHEN v = sell THEN n END IGNORE NULLS) OVER w AS sell_row
    FROM routes JOIN quotes ON v IN (buy, sell)
    WINDOW w AS (PARTITION BY buy, sell ORDER BY t ROWS UNBOUNDED PRECEDING)),
  priced AS (
    SELECT k.buy, k.sell, k.t, s.bid * (1 - sell_fee) / (b.ask * (1 + buy_fee)) - 1 AS net,
      b.n IS NULL OR s.n IS NULL OR b.ended OR s.ended AS invalid
    FROM ticks k LEFT JOIN quotes b ON b.n = buy_row LEFT JOIN quotes s ON s.n = sell_row),
  states AS (
    SELECT *, coalesce(last_value(CASE WHEN invalid OR net < ${THRESHOLDS.closeNet} THEN 0 WHEN net >= ${THRESHOLDS.openNet} THEN 1 END IGNORE NULLS)
      OVER (PARTITION BY buy, sell ORDER BY t ROWS UNBOUNDED PRECEDING), 0) AS open
    FROM priced),
  runs AS (
    SELECT *, sum(CASE WHEN open <> before THEN 1 ELSE 0 END) OVER (PARTITION BY buy, sell ORDER BY t ROWS UNBOUNDED PRECEDING) AS run
    FROM (SELECT *, lag(open, 1, 0) OVER (PARTITION BY buy, sell ORDER BY t) AS before,
            lead(t) OVER (PARTITION BY buy, sell ORDER BY t) AS next FROM states))
  SELECT buy, sell, min(t)::DOUBLE, max(next)::DOUBLE, count(*)::DOUBLE, arg_min(net, t), max(net), avg(net),
    sum(net * (next - t)) / sum(next - t)
  FROM runs WHERE open = 1 GROUP BY buy, sell, run HAVING max(next) IS NOT NULL AND count(next) = count(*)
  ORDER BY buy, sell, min(t)`;

test('DuckDB finds the same opportunities in the same rows', async () => {
  const venues = 4;
  const rows = denseRows(4000, venues);
  const closed = new Closed();
  const market = marketOf([closed], venues);
  feed(market, rows);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const fees = FEES.slice(0, venues).map((fee, v) => `(${v}, ${fee})`);
    await connection.run(`CREATE TABLE fees AS SELECT * FROM (VALUES ${fees.join(', ')}) AS f(v, fee)`);
    const values = rows.map(
      ({ time, venue, bid, ask, ended }, n) =>
        `(${n}, ${time}, ${venue}, ${bid}, ${ask}, ${ended !== undefined})`,
    );
    await connection.run(
      `CREATE TABLE quotes AS SELECT n, t::BIGINT AS t, v, bid::DOUBLE AS bid, ask::DOUBLE AS ask, ended
       FROM (VALUES ${values.join(', ')}) AS q(n, t, v, bid, ask, ended)`,
    );
    const found = await (await connection.runAndReadAll(OPPORTUNITIES_SQL)).getRows();
    const own = closed
      .all()
      .sort((a, b) => a.buy - b.buy || a.sell - b.sell || a.start - b.start)
      .filter(({ closedBy }) => closedBy !== 'stopped');
    assert.ok(own.length > 300, `${own.length} opportunities`);
    assert.equal(found.length, own.length);
    for (const [i, one] of own.entries()) {
      const [buy, sell, start, end, ticks, ...nets] = (found[i] ?? []).map(Number);
      assert.deepEqual([buy, sell, start, end, ticks], [one.buy, one.sell, one.start, one.end, one.ticks]);
      for (const [k, net] of [one.startNet, one.peakNet, one.meanNet, one.timeMeanNet].entries())
        assert.ok(Math.abs((nets[k] ?? Number.NaN) - net) < 1e-9, `${nets[k]} is not ${net}`);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
