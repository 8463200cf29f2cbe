import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUOTE_SCHEMA, type QuoteColumns, QuoteKind } from '../../src/core/records.ts';
import { Market } from '../../src/market/market.ts';
import { WATCHED_ROUTES, WATCHED_SAMPLES } from '../../src/market/watch.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';

const MS = 1000;
const START = 1_700_000_000_000_000;
const columns: QuoteColumns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);

function quote(
  market: Market,
  instrument: number,
  bid: number,
  now: number,
  kind: QuoteKind = QuoteKind.quote,
): void {
  columns.instrument[0] = instrument;
  columns.kind[0] = kind;
  columns.epoch[0] = 1;
  columns.receiveTime[0] = now;
  columns.bid[0] = bid;
  columns.ask[0] = bid + 1;
  columns.bidSize[0] = 1;
  columns.askSize[0] = 1;
  market.applyQuotes(columns, 0, 1, 0, now);
}

function marketOf(symbols: number): Market {
  const market = new Market({ instrumentCapacity: 2 * symbols, symbolCapacity: symbols });
  for (let i = 0; i < symbols; i++) {
    const common = { symbol: `S${i}-USDT`, base: `S${i}`, quote: 'USDT', takerFee: 0 };
    market.list({ ...common, instrument: 2 * i, venue: 'okx', nativeId: `S${i}-USDT` });
    market.list({ ...common, instrument: 2 * i + 1, venue: 'gate', nativeId: `S${i}_USDT` });
  }
  return market;
}

test('a watched route keeps samples at least 50 ms apart, the newest figures winning, and nulls where a leg was invalid', () => {
  const market = marketOf(1);
  quote(market, 0, 100, START);
  assert.equal(market.past('S0-USDT', 'okx', 'gate'), undefined);
  assert.equal(market.watch('S0-USDT', 'okx', 'gate', START), true);
  quote(market, 1, 102, START + 10 * MS);
  quote(market, 1, 103, START + 60 * MS);
  quote(market, 0, 101, START + 70 * MS);
  quote(market, 1, 0, START + 120 * MS, QuoteKind.ended);
  const past = market.past('S0-USDT', 'okx', 'gate');
  assert.deepEqual(past?.time, [START, START + 60 * MS, START + 120 * MS]);
  assert.deepEqual(
    [past.ask, past.bid],
    [
      [101, 102, null],
      [102, 103, null],
    ],
  );
  assert.equal(past.netBps[2], null);
  const [first = null, second = null] = past.netBps;
  assert.ok(first !== null && Math.abs(first - (102 / 101 - 1) * 10_000) < 1e-9);
  assert.ok(second !== null && Math.abs(second - (103 / 102 - 1) * 10_000) < 1e-9);
});

test('the tail keeps the newest samples once it is full', () => {
  const market = marketOf(1);
  quote(market, 0, 100, START);
  quote(market, 1, 100, START);
  market.watch('S0-USDT', 'gate', 'okx', START);
  const last = START + (WATCHED_SAMPLES + 9) * 50 * MS;
  for (let i = 1; i <= WATCHED_SAMPLES + 9; i++) {
    quote(market, 0, 100 + i, START + i * 50 * MS);
    if (i === 600) quote(market, 1, 100, START + i * 50 * MS);
  }
  const past = market.past('S0-USDT', 'gate', 'okx');
  assert.equal(past?.time.length, WATCHED_SAMPLES);
  assert.equal(past.time[0], START + 10 * 50 * MS);
  assert.equal(past.time.at(-1), last);
  assert.deepEqual([past.bid[0], past.bid.at(-1)], [110, 100 + WATCHED_SAMPLES + 9]);
});

test('a clock set back starts the tail anew, so that times always rise', () => {
  const market = marketOf(1);
  market.watch('S0-USDT', 'okx', 'gate', START);
  quote(market, 0, 100, START + 100 * MS);
  quote(market, 0, 100, START - 3_600_000 * MS);
  assert.deepEqual(market.past('S0-USDT', 'okx', 'gate')?.time, [START - 3_600_000 * MS]);
});

test('when every place is taken the least recently watched gives way, but none that is looked at now', () => {
  const market = marketOf(WATCHED_ROUTES + 1);
  const watch = (i: number, now: number): boolean => market.watch(`S${i}-USDT`, 'okx', 'gate', now);
  for (let i = 0; i < WATCHED_ROUTES; i++) assert.equal(watch(i, START + i), true);
  for (let again = 0; again < 50; again++) assert.equal(watch(WATCHED_ROUTES, START + 1000 + again), false);
  const later = START + 10_000 * MS;
  assert.equal(watch(0, later), true);
  assert.equal(watch(WATCHED_ROUTES, later), true);
  assert.equal(market.past('S1-USDT', 'okx', 'gate'), undefined);
  assert.notEqual(market.past('S0-USDT', 'okx', 'gate'), undefined);
  const bound = market.bounds().find((reading) => reading.name === 'market.watched-routes');
  assert.deepEqual([bound?.used, bound?.refused, bound?.evicted], [WATCHED_ROUTES, 1, 1]);
  // The evicted route's symbol is sampled no more, and the newcomer's is.
  quote(market, 2 * WATCHED_ROUTES, 5, later + 60 * MS);
  assert.equal(market.past(`S${WATCHED_ROUTES}-USDT`, 'okx', 'gate')?.time.length, 2);
});
