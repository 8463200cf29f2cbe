/**
 * The market alone: ns per quote at 8 venues × 1,000 symbols (every quote recomputes 14 routes) against the same with divisions and without stored
 * reciprocals, bytes allocated per quote, and the time of one ranking of all 56,000 routes. Then the same while time goes on as it does at 100,000 quotes a second, without and with
 * windows of every instrument, what a sample of them takes, and the time of reading a route's whole window. Asserts the routes that come out, and the samples.
 *
 *   npm run bench -- market
 */
import assert from 'node:assert/strict';
import { analysisOptions } from '../src/app/analysis-options.ts';
import { defaultConfig } from '../src/app/config.ts';
import { windowSeries } from '../src/app/window-series.ts';
import { QUOTE_SCHEMA, type QuoteColumns } from '../src/core/records.ts';
import { VENUE_COUNT, venueAt } from '../src/core/venue-ids.ts';
import type { AnalysisOptions } from '../src/market/analysis.ts';
import { Market } from '../src/market/market.ts';
import type { WindowOptions } from '../src/market/window-arena.ts';
import { columnBytes, layColumns } from '../src/ring/ring.ts';
import { median, printTable } from './harness.ts';

const SYMBOLS = 1000;
const INSTRUMENTS = SYMBOLS * VENUE_COUNT;
const ROWS = 65_536;
const PASSES = 20;
const FEE = 0.001;
const NOW = 1_700_000_000_000_000;

function makeRows(): QuoteColumns {
  const columns = layColumns(QUOTE_SCHEMA, ROWS, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, ROWS)), 0);
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let i = 0; i < ROWS; i++) {
    // Prices are short decimals, as venues send them.
    const mid = Math.round((100 + random()) * 1e4);
    columns.instrument[i] = Math.floor(random() * INSTRUMENTS);
    columns.epoch[i] = 1;
    columns.receiveTime[i] = NOW;
    columns.bid[i] = (mid - 100) / 1e4;
    columns.ask[i] = (mid + 100) / 1e4;
    columns.bidSize[i] = random() + 0.1;
    columns.askSize[i] = random() + 0.1;
  }
  return columns;
}

function makeMarket(windows?: WindowOptions, analysis?: AnalysisOptions): Market {
  const market = new Market({
    instrumentCapacity: INSTRUMENTS,
    symbolCapacity: SYMBOLS,
    windows,
    analysis,
  });
  for (let i = 0; i < INSTRUMENTS; i++) {
    const base = `S${Math.floor(i / VENUE_COUNT)}`;
    const names = { nativeId: `${base}USDT`, base, quote: 'USDT', symbol: `${base}-USDT` };
    market.list({ instrument: i, venue: venueAt(i % VENUE_COUNT), takerFee: FEE, ...names });
  }
  return market;
}

/** What is made of spreads; a route opens from `openNet` on. */
function analysed(openNet: number): AnalysisOptions {
  return {
    ...analysisOptions(defaultConfig(), []),
    pairs: SYMBOLS * 28,
    thresholds: { openNet, closeNet: openNet / 2 },
    opportunities: { openCapacity: 65_536 },
  };
}

/** The rival: plain columns and divisions, net spread alone. Answers the table. */
function divide(columns: QuoteColumns, passes: number): Float64Array {
  const bid = new Float64Array(INSTRUMENTS).fill(Number.NaN);
  const ask = new Float64Array(INSTRUMENTS).fill(Number.NaN);
  const net = new Float64Array(INSTRUMENTS * VENUE_COUNT).fill(Number.NaN);
  for (let i = 0; i < ROWS * passes; i++) {
    const slot = i & (ROWS - 1);
    const cell = columns.instrument[slot] as number;
    const first = cell - (cell % VENUE_COUNT);
    bid[cell] = columns.bid[slot] as number;
    ask[cell] = columns.ask[slot] as number;
    for (let v = 0; v < VENUE_COUNT; v++) {
      if (first + v === cell) continue;
      const there = first + v;
      net[cell * VENUE_COUNT + v] =
        ((bid[there] as number) * (1 - FEE)) / ((ask[cell] as number) * (1 + FEE)) - 1;
      net[there * VENUE_COUNT + (cell % VENUE_COUNT)] =
        ((bid[cell] as number) * (1 - FEE)) / ((ask[there] as number) * (1 + FEE)) - 1;
    }
  }
  return net;
}

function timed(run: () => void, rounds: number): number {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    run();
    if (round > 0) times.push(performance.now() - start);
  }
  return median(times);
}

/** ns per quote of two markets that are told the same, in turn, at so many quotes a second. */
function besideEachOther(markets: readonly Market[], columns: QuoteColumns, perSecond: number): number[] {
  const times = markets.map((): number[] => []);
  let now = NOW;
  for (let pass = 0; pass < 120; pass++) {
    now += (ROWS / perSecond) * 1e6;
    for (let i = 0; i < ROWS; i++) columns.receiveTime[i] = now - Math.floor(((ROWS - i) / perSecond) * 1e6);
    markets.forEach((market, m) => {
      const start = performance.now();
      market.applyQuotes(columns, 0, ROWS, ROWS - 1, now);
      if (pass >= 20) times[m]?.push(((performance.now() - start) * 1e6) / ROWS);
    });
  }
  return times.map(median);
}

const columns = makeRows();
const market = makeMarket();
const apply = (): void => {
  for (let pass = 0; pass < PASSES; pass++) market.applyQuotes(columns, 0, ROWS, ROWS - 1, NOW);
};
const quoteNs = (timed(apply, 7) * 1e6) / (ROWS * PASSES);
const divideNs = (timed(() => divide(columns, PASSES), 7) * 1e6) / (ROWS * PASSES);
const heapBefore = process.memoryUsage().heapUsed;
apply();
const bytes = Math.max(0, process.memoryUsage().heapUsed - heapBefore) / (ROWS * PASSES);
assert.ok(bytes < 1, `a quote allocates ${bytes} bytes`);

const expected = divide(columns, 1)
  .filter((value) => !Number.isNaN(value))
  .sort();
const best = market.routes({ limit: 50 }, NOW);
assert.equal(best.total, expected.length);
best.routes.forEach((route, i) => {
  const want = (expected[expected.length - 1 - i] as number) * 10_000;
  assert.ok(Math.abs(route.netBps - want) < 1e-6, `${route.id}: ${route.netBps} is not ${want}`);
});
const WINDOWS = { spanMs: 3_600_000, resolutionMs: 1000, bytes: 20e6 };
const windowed = makeMarket(WINDOWS);
const [plainNs = 0, windowNs = 0] = besideEachOther([makeMarket(), windowed], columns, 100_000);
const end = NOW + ((120 * ROWS) / 100_000) * 1e6;
const bound = windowed.bounds().find(({ name }) => name === 'market.windows');
const sampleBytes = ((bound?.used ?? 0) * 256) / (((end - NOW) / 1e6) * INSTRUMENTS);
const kept = windowed.window('S1-USDT', 'okx');
assert.ok(kept !== undefined && kept.time.length > 60);
kept.bid.forEach((bid, i) => {
  assert.ok(
    columns.bid.includes(bid) && (i === 0 || (kept.time[i] as number) > (kept.time[i - 1] as number)),
  );
});
const heapWindowed = process.memoryUsage().heapUsed;
besideEachOther([windowed], columns, 100_000);
const windowedBytes = Math.max(0, process.memoryUsage().heapUsed - heapWindowed) / (ROWS * 120);
assert.ok(windowedBytes < 1, `a quote with windows allocates ${windowedBytes} bytes`);

/** A market in which two legs spoke once a second for an hour. */
function hourOfOneRoute(): Market {
  const market = new Market({ instrumentCapacity: 64, symbolCapacity: 1, windows: WINDOWS });
  const names = { nativeId: 'S1', base: 'S1', quote: 'USDT', symbol: 'S1-USDT', takerFee: FEE };
  market.list({ ...names, instrument: 0, venue: 'okx' });
  market.list({ ...names, instrument: 1, venue: 'gate' });
  for (let i = 0; i < 7200; i++) {
    columns.instrument[i] = i % 2;
    columns.receiveTime[i] = NOW + Math.floor(i / 2) * 1_000_000 + i;
    market.applyQuotes(columns, i, 1, ROWS - 1, columns.receiveTime[i] as number);
  }
  return market;
}

/** Nothing is over 2 %; over 0.1 % nearly every quote opens or closes something. */
const [quiet, wild] = [makeMarket(undefined, analysed(0.02)), makeMarket(undefined, analysed(0.001))];
const [bareNs = 0, quietNs = 0, wildNs = 0] = besideEachOther([makeMarket(), quiet, wild], columns, 100_000);
assert.equal(quiet.analysis?.opportunities.opened, 0);
const wildTable = wild.analysis?.opportunities;
assert.ok(wildTable !== undefined && wildTable.opened > 100_000 && wildTable.refused === 0);
const openNow = wild.routes({ limit: 1, minNetBps: 10 }, end).total;
assert.ok(
  wildTable.open >= openNow && openNow > 1000,
  `${wildTable.open} open, ${openNow} over the threshold`,
);
const opensPerQuote = wildTable.opened / (120 * ROWS);

const hour = hourOfOneRoute();
const readSeries = (): number => {
  const now = NOW + 3_600_000_000;
  const legs = { buy: hour.window('S1-USDT', 'okx'), sell: hour.window('S1-USDT', 'gate') };
  assert.equal(legs.buy?.time.length, 3600);
  const route = { symbol: 'S1-USDT', buy: 'okx', sell: 'gate', kind: 'net' } as const;
  const query = { ...route, points: 200, from: NOW, to: now, now };
  const rule = { fees: { buy: FEE, sell: FEE }, maxAge: 60_000_000 };
  return windowSeries(legs, query, rule).reduce((sum, { time }) => sum + time.length, 0);
};
assert.equal(readSeries(), 200);
const seriesMs = timed(readSeries, 100);
const ms = (limit: number, sort: 'net' | 'notional' | 'age'): string =>
  `${timed(() => market.routes({ limit, sort }, NOW), 50).toFixed(3)} ms`;
const often = (): number => wild.routes({ limit: 50, sort: 'opportunities', identity: 'all' }, end).total;
assert.ok(often() > 10_000);
const oftenMs = `${timed(often, 50).toFixed(3)} ms`;
printTable([
  ['one quote, 14 routes', `${quoteNs.toFixed(0)} ns`],
  ['with divisions, prices alone, no validity', `${divideNs.toFixed(0)} ns`],
  ['with opportunities, statistics and identities, nothing open', `+ ${(quietNs - bareNs).toFixed(0)} ns`],
  [
    `the same, ${opensPerQuote.toFixed(1)} opportunities opened by each quote`,
    `+ ${(wildNs - bareNs).toFixed(0)} ns`,
  ],
  ['allocated per quote', `${bytes.toFixed(2)} bytes`],
  ['best 50 of 56,000 routes by net', ms(50, 'net')],
  ['best 50 by notional', ms(50, 'notional')],
  ['freshest 50', ms(50, 'age')],
  ['50 with the most opportunities an hour', oftenMs],
  ['best 1,000 by net', ms(1000, 'net')],
  ['one quote at 100,000 a second, no windows', `${plainNs.toFixed(0)} ns`],
  ['with windows of all 8,000', `${windowNs.toFixed(0)} ns`],
  ['a sample in a window takes', `${sampleBytes.toFixed(1)} bytes`],
  ['allocated per quote with windows', `${windowedBytes.toFixed(2)} bytes`],
  ["a route's whole hour in 200 points", `${seriesMs.toFixed(2)} ms`],
]);
