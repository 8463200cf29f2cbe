import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import { AlertBook, type Fulfilment, TOGETHER } from '../../src/market/alert-book.ts';
import { AlertRules, type RouteCondition } from '../../src/market/alert-rules.ts';
import { Market } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const MS = 1000;
const START = 1_700_000_000 * SECOND;

interface Row {
  /** ms after the start. */
  readonly at: number;
  readonly venue: number;
  readonly mid: number;
  readonly size?: number;
  readonly ended?: boolean;
}

/** What is fulfilled when these rows come: `rule place time net notional`, and how often somebody looks between them. */
function fulfilledBy(
  rows: readonly Row[],
  conditions: readonly RouteCondition[],
  lookEveryMs: number,
): string[] {
  const found: string[] = [];
  const rules = new AlertRules({
    ...{ conditions, openCapacity: 16, isAbout: () => true },
    fulfilled: (rule, place, time, net, notional) =>
      found.push(`${rule} ${place} ${time - START} ${net.toFixed(9)} ${notional.toFixed(6)}`),
  });
  const market = new Market({
    ...{ instrumentCapacity: 8, symbolCapacity: 2 },
    analysis: {
      ...{ ...FREE, pairs: 28, thresholds: { openNet: 0.001, closeNet: 0.0005 } },
      opportunities: { openCapacity: 16 },
      followers: [rules],
    },
  });
  for (let venue = 0; venue < 3; venue++) {
    const names = { nativeId: `X${venue}`, symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ instrument: venue, venue: venueAt(venue), takerFee: 0, ...names });
  }
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const look = (): void => {
    market.settle();
    const { analysis } = market;
    if (analysis !== undefined) rules.settle(analysis.opportunities, analysis.latest);
  };
  let looked = 0;
  for (const { at, venue, mid, size = 1, ended = false } of rows) {
    const time = START + at * MS;
    columns.instrument[0] = venue;
    columns.kind[0] = ended ? QuoteKind.ended : QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.receiveTime[0] = time;
    columns.bid[0] = mid - 0.01;
    columns.ask[0] = mid + 0.01;
    columns.bidSize[0] = size;
    columns.askSize[0] = size;
    market.applyQuotes(columns, 0, 1, 0, time);
    if (at - looked < lookEveryMs) continue;
    looked = at;
    look();
  }
  look();
  return found.sort();
}

const RULE: RouteCondition = { minNet: 0.005, minNotional: 0, lasting: 500 * MS };

test('a rule is fulfilled when the edge has held for as long as it says, not by one that fell in between', () => {
  const rows: Row[] = [
    { at: 0, venue: 0, mid: 100 },
    { at: 1000, venue: 1, mid: 101 },
    { at: 1400, venue: 1, mid: 100.2 },
    { at: 1450, venue: 1, mid: 101 },
    { at: 1900, venue: 2, mid: 100 },
    { at: 1951, venue: 1, mid: 101.1 },
  ];
  // From 1450 on it holds, so at 1950; what the tick at 1951 brought came later. The third venue's route began at 1900.
  assert.deepEqual(
    fulfilledBy(rows, [RULE], 1).map((one) => one.split(' ').slice(0, 3).join(' ')),
    ['0 0 1950000'],
  );
  const last = [...rows, { at: 2401, venue: 0, mid: 100 }];
  assert.deepEqual(
    fulfilledBy(last, [RULE], 10_000).map((one) => one.split(' ').slice(0, 3).join(' ')),
    ['0 0 1950000', '0 5 2400000'],
  );
});

test('notional counts as it is at each tick, and a leg that ends ends it', () => {
  const rule = { ...RULE, minNotional: 500 };
  const wide = { at: 1000, venue: 1, mid: 101, size: 10 };
  const base = [{ at: 0, venue: 0, mid: 100, size: 10 }, wide];
  assert.equal(fulfilledBy([...base, { at: 1600, venue: 2, mid: 100.5 }], [rule], 1).length, 1);
  const thin = { at: 1200, venue: 1, mid: 101, size: 1 };
  assert.equal(fulfilledBy([...base, thin, { at: 1600, venue: 2, mid: 100.5 }], [rule], 1).length, 0);
  const gone = { at: 1499, venue: 1, mid: 1, ended: true };
  assert.equal(fulfilledBy([...base, gone, { at: 1600, venue: 2, mid: 100.5 }], [rule], 1).length, 0);
  const late = { at: 1500, venue: 1, mid: 1, ended: true };
  assert.equal(fulfilledBy([...base, late], [rule], 1).length, 1);
});

test('an edge of an instant fulfils a rule without a duration, once for the opportunity', () => {
  const rule = { minNet: 0.005, minNotional: 0, lasting: 0 };
  const rows: Row[] = [
    { at: 0, venue: 0, mid: 100 },
    { at: 1000, venue: 1, mid: 101 },
    { at: 1001, venue: 1, mid: 100.2 },
    { at: 1002, venue: 1, mid: 101 },
    { at: 1003, venue: 1, mid: 100 },
    { at: 1004, venue: 1, mid: 101 },
  ];
  const times = fulfilledBy(rows, [rule], 1).map((one) => Number(one.split(' ')[2]) / MS);
  assert.deepEqual(times, [1000, 1004]);
});

test('the same rules are fulfilled at the same times, however often somebody looks', () => {
  const row = fc.record({
    at: fc.integer({ min: 1, max: 300 }),
    venue: fc.integer({ min: 0, max: 2 }),
    mid: fc.constantFrom(100, 100.2, 100.6, 101, 102),
    size: fc.constantFrom(0.5, 2, 10),
    ended: fc.boolean().map((value) => value),
  });
  const conditions = [
    { minNet: 0.004, minNotional: 0, lasting: 0 },
    { minNet: 0.005, minNotional: 150, lasting: 200 * MS },
    { minNet: 0.002, minNotional: 0, lasting: 700 * MS },
  ];
  fc.assert(
    fc.property(fc.array(row, { minLength: 5, maxLength: 120 }), (steps) => {
      let at = 0;
      const rows = steps.map((step, i) => {
        at += step.at;
        return { ...step, at, ended: step.ended && i % 5 === 0 };
      });
      const often = fulfilledBy(rows, conditions, 1);
      assert.deepEqual(fulfilledBy(rows, conditions, 250), often);
      assert.deepEqual(fulfilledBy(rows, conditions, 1e9), often);
    }),
    { numRuns: 200 },
  );
});

interface Said {
  readonly routes: number[];
  readonly venues: string[];
}

function bookOf(cooldown: number): { readonly book: AlertBook; readonly said: Said } {
  const said: Said = { routes: [], venues: [] };
  const book = new AlertBook({
    ...{ cooldowns: [cooldown], venueCoins: 5, venueCooldown: 60 * SECOND },
    told: ({ place }) => said.routes.push(place),
    toldVenue: (venue, time, symbols, { net }) =>
      said.venues.push(`${venue} ${(time - START) / MS} ${symbols.join(',')} ${net}`),
  });
  return { book, said };
}

const one = (at: number, symbol: number, buy = 0, sell = 1): Fulfilment => ({
  ...{ rule: 0, place: symbol * 100 + buy * 10 + sell, time: START + at * MS, net: symbol / 100 },
  ...{ notional: 1, symbol, buy, sell },
});

test('forty coins of one venue at once are one alert about the venue, not forty', () => {
  const { book, said } = bookOf(0);
  for (let symbol = 0; symbol < 40; symbol++) book.add(one(10 + symbol, symbol, symbol % 3, 5));
  // A coin that has nothing to do with it.
  book.add(one(20, 77, 1, 2));
  book.settle(START + 400 * MS);
  assert.deepEqual(said, { routes: [], venues: [] }, 'it is not over yet');
  book.settle(START + TOGETHER);
  const all = Array.from({ length: 40 }, (_, symbol) => symbol).join(',');
  assert.deepEqual(said, { routes: [7712], venues: [`5 10 ${all} 0.39`] });
  assert.equal(book.counts.grouped, 40);
  // What follows of that venue within its cooldown is part of it; afterwards it is told again.
  book.add(one(5000, 3, 0, 5));
  book.add(one(5000, 3, 0, 1));
  book.add(one(61_000, 3, 0, 5));
  book.settle(START + 70 * SECOND);
  assert.deepEqual(said.routes, [7712, 301, 305]);
});

test('four coins are four alerts; a coin on many routes is one coin', () => {
  const { book, said } = bookOf(0);
  for (let symbol = 0; symbol < 4; symbol++) book.add(one(10, symbol));
  for (let sell = 2; sell < 8; sell++) book.add(one(10, 3, 0, sell));
  book.settle(START + SECOND);
  assert.deepEqual(said.venues, []);
  assert.equal(said.routes.length, 10);
});

test('at most one of a rule and route within the cooldown', () => {
  const { book, said } = bookOf(10 * SECOND);
  for (const at of [0, 2000, 9999, 10_000, 12_000, 20_000]) book.add(one(at, 1));
  book.add(one(2000, 2));
  book.settle(Infinity);
  assert.deepEqual(said.routes, [101, 201, 101, 101]);
  assert.equal(book.counts.cooled, 3);
});

test('what waits and what is remembered is bounded, and what found no room is counted', () => {
  const { book, said } = bookOf(10 * SECOND);
  for (let symbol = 0; symbol < 5000; symbol++) book.add(one(0, symbol, symbol % 4, 4 + (symbol % 4)));
  assert.equal(book.counts.dropped, 5000 - 1024);
  book.settle(Infinity);
  assert.equal(said.venues.length, 4);
  for (let symbol = 0; symbol < 9000; symbol++) {
    book.add(one(100_000 + symbol * 600, symbol));
    book.settle(START + (100_000 + symbol * 600) * MS + TOGETHER);
  }
  const cooldowns = book.bounds().find(({ name }) => name === 'alerts.cooldowns');
  assert.deepEqual([cooldowns?.used, said.routes.length], [4096, 9000]);
});
