import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultConfig } from '../../src/app/config.ts';
import { LakeHost } from '../../src/app/lake-host.ts';
import { summaryOf } from '../../src/app/lake-summary.ts';
import { OpportunityOutbox } from '../../src/app/opportunity-outbox.ts';
import type { Instrument } from '../../src/core/instruments.ts';
import type { Log } from '../../src/core/log.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { openDuck } from '../../src/lake/duck.ts';
import { Market } from '../../src/market/market.ts';
import type { OpportunityFollower } from '../../src/market/opportunities.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from '../market/rules.ts';

const START = 1_700_000_000_000_000;

function instrument(number: number): Instrument {
  const symbol = `S${number >> 1}-USDT`;
  return {
    ...{ instrument: number, venue: number % 2 === 0 ? 'binance' : 'okx', symbol, nativeId: `n${number}` },
    ...{ base: `S${number >> 1}`, quote: 'USDT', takerFee: 0 },
  };
}

/** A market with so many open opportunities, each of a symbol of its own on two venues; they close when it is left. */
function openMarket(count: number, follower: OpportunityFollower): Market {
  const market = new Market({
    ...{ instrumentCapacity: 2 * count, symbolCapacity: count, maxQuoteAgeMs: 60_000 },
    analysis: {
      ...{ pairs: Math.max(28, count), thresholds: { openNet: 0.001, closeNet: 0.0005 } },
      opportunities: { openCapacity: count },
      ...FREE,
      followers: [follower],
    },
  });
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  for (let one = 0; one < 2 * count; one += 1) {
    market.list(instrument(one));
    const price = one % 2 === 0 ? 100 : 101;
    columns.instrument[0] = one;
    columns.kind[0] = QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.receiveTime[0] = START + one;
    for (const name of ['bid', 'ask'] as const) columns[name][0] = price;
    for (const name of ['bidSize', 'askSize'] as const) columns[name][0] = 1;
    market.applyQuotes(columns, 0, 1, 0, START + one);
  }
  assert.equal(market.analysis?.opportunities.open, count);
  return market;
}

const nameOf = (number: number): Instrument => instrument(number);

test('as many as may be open can close at once', () => {
  const box = new OpportunityOutbox(3000);
  openMarket(3000, box).leave(START + 1_000_000);
  const symbols = new Set<string>();
  for (let rows = box.take(nameOf); rows.length > 0; rows = box.take(nameOf)) {
    assert.ok(rows.length <= 1024);
    for (const { symbol } of rows) symbols.add(symbol);
  }
  assert.equal(symbols.size, 3000);
  assert.deepEqual([box.bound().peak, box.bound().lost, box.bound().used], [3000, 0, 0]);
});

test('beyond the room the oldest are lost, and counted; so is one of an instrument that nobody knows', () => {
  const box = new OpportunityOutbox(0);
  openMarket(1030, box).leave(START + 1_000_000);
  assert.deepEqual([box.bound().used, box.counts.lost], [1024, 6]);
  const rows = box.take((number) => (number < 20 ? undefined : instrument(number)));
  // Symbols 0 to 5 were lost for want of room, 6 to 9 have no name.
  assert.deepEqual([rows.length, rows[0]?.symbol, box.counts.lost], [1020, 'S10-USDT', 10]);
});

test('what a thread did not say to be on the disk when it ended is lost, and the next begins from nothing', () => {
  const box = new OpportunityOutbox(100);
  const market = openMarket(100, box);
  market.leave(START + 1_000_000);
  assert.equal(box.take(nameOf).length, 100);
  box.heard({ recorded: 60, lost: 5 });
  assert.deepEqual(box.counts, { recorded: 60, lost: 5 });
  box.threadEnded();
  assert.deepEqual(box.counts, { recorded: 60, lost: 40 });
  openMarket(30, box).leave(START + 2_000_000);
  assert.equal(box.take(nameOf).length, 30);
  box.heard({ recorded: 30, lost: 0 });
  openMarket(7, box).leave(START + 3_000_000);
  box.end();
  assert.deepEqual(box.counts, { recorded: 90, lost: 47 });
  assert.equal(box.bound().lost, 47);
});

function hostIn(t: TestContext): { host: LakeHost; lake: string; warned: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'opportunities-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const lake = join(folder, 'lake');
  const config = defaultConfig([{ path: 'lake.folder', flag: '--lake', text: lake }]);
  const warned: string[] = [];
  const log: Log = { info() {}, warn: (message) => warned.push(message), error() {} };
  return { host: new LakeHost({ config, log, clock: () => Date.now() * 1000 }), lake, warned };
}

function closeAll(host: LakeHost, count: number): void {
  host.listed(Array.from({ length: 2 * count }, (_, one) => instrument(one)));
  openMarket(count, host.opportunities).leave(START + 1_000_000);
}

test('what closes before the recorder has begun, all at once when the program ends, is recorded', async (t) => {
  const { host, lake } = hostIn(t);
  host.begin([], () => []);
  closeAll(host, 4096);
  await host.stop([]);
  assert.deepEqual(host.report().opportunities, { recorded: 4096, lost: 0 });
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  t.after(() => duck.close());
  const found = await duck.rows(
    `SELECT count(DISTINCT symbol), count(*) FROM '${lake}/opportunities/*/*/*/*.parquet'`,
  );
  assert.deepEqual(found, [[4096n, 4096n]]);
});

test('without a recorder every one that closed is counted as lost, and an alarm says so', async (t) => {
  const { host, warned } = hostIn(t);
  closeAll(host, 50);
  await host.stop([]);
  const report = host.report();
  assert.equal(summaryOf(report).lost.opportunities, 50);
  assert.deepEqual(
    report.troubles.map(({ code }) => code),
    ['LAKE_ROWS_LOST'],
  );
  assert.match(report.troubles[0]?.message ?? '', /^50 closed opportunities could not be recorded/);
  assert.deepEqual(warned, ['closed opportunities could not be recorded']);
});

test('a recorder that the disk never let begin loses them all, and that is counted', async (t) => {
  const { host, lake } = hostIn(t);
  // No file of that name can be written.
  mkdirSync(join(lake, '_journal', 'state.json'));
  host.begin([], () => []);
  closeAll(host, 5000);
  await host.stop([]);
  assert.deepEqual(host.report().opportunities, { recorded: 0, lost: 5000 });
});
