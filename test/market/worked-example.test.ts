import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SURVIVAL_MS } from '../../src/core/opportunity.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { addEdge, noSurvival, survivalCurve } from '../../src/core/survival.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import { Market } from '../../src/market/market.ts';
import { wholeRange } from '../../src/market/statistics.ts';
import type { RouteFigures } from '../../src/market/statistics-figures.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;
/** Percent, as in docs/STATISTICS.md. */
const BASIS = [0.4, 0.12, -0.2, -0.4, 0.02, 0.45, 0, 0.3];
const PAGE = readFileSync(new URL('../../../docs/STATISTICS.md', import.meta.url), 'utf8');

/** Eight seconds of two venues without fees and without a width, each sampled once. */
function figures(): RouteFigures {
  const market = new Market({
    ...{ instrumentCapacity: 2, symbolCapacity: 1 },
    analysis: {
      ...FREE,
      ...{ statistics: { bandPercent: 97, shape: wholeRange(20) }, pairs: 1 },
      ...{
        thresholds: { openNet: 0.001, closeNet: 0.0005 },
        opportunities: { openCapacity: 4 },
        followers: [],
      },
    },
  });
  for (const venue of [0, 1]) {
    const names = { nativeId: `X${venue}`, symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ instrument: venue, venue: venueAt(venue), takerFee: 0, ...names });
  }
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const tell = (time: number, instrument: number, price: number): void => {
    columns.instrument[0] = instrument;
    columns.kind[0] = QuoteKind.quote;
    columns.epoch[0] = 1;
    columns.receiveTime[0] = time;
    columns.bid[0] = price;
    columns.ask[0] = price;
    columns.bidSize[0] = 1;
    columns.askSize[0] = 1;
    market.applyQuotes(columns, 0, 1, 0, time);
  };
  tell(START - 0.5 * SECOND, 0, 100);
  for (const [i, percent] of BASIS.entries()) tell(START + (i - 0.4) * SECOND, 1, 100 * (1 + percent / 100));
  tell(START + (BASIS.length - 1) * SECOND + 1, 0, 100);
  const read = market.analysis?.statistics.read(0, START / SECOND + BASIS.length);
  assert.ok(read !== undefined);
  return read;
}

const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(4))} %`;

test('the worked example of each statistic is what the program computes', () => {
  const f = figures();
  const rows: Record<string, string> = {
    bands: `${percent(f.bandLow)} and ${percent(f.bandHigh)}`,
    'mean, deviation, max, min': [f.mean, f.deviation, f.max, f.min].map(percent).join(', '),
    'mean and parity crossings': `${f.meanCrossingsPerMinute} and ${f.parityCrossingsPerMinute} a minute`,
    cycles: `${f.cycles.join(', ')}; ${f.meanCycleSeconds} s`,
    'time above': percent(f.timeAbove),
    'opportunities an hour, mean and max peak, high peaks, mean duration': `${f.opportunitiesPerHour}, ${percent(f.meanPeak)}, ${percent(f.maxPeak)}, ${percent(f.highPeaks)}, ${f.meanDurationSeconds} s`,
    'half-life': `${Number(f.halfLifeSeconds.toFixed(3))} s`,
    asymmetry: String(Number(f.asymmetry.toFixed(3))),
  };
  const table = new Map(
    PAGE.slice(0, PAGE.indexOf('## Verdicts'))
      .split('\n')
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
      .map(([, name = '', , example = '']) => [name, example]),
  );
  for (const [name, example] of Object.entries(rows)) assert.equal(table.get(name), example, name);
  // By hand, from the list alone.
  const mean = BASIS.reduce((sum, one) => sum + one, 0) / BASIS.length;
  assert.ok(Math.abs(f.mean * 100 - mean) < 1e-9);
  assert.ok(Math.abs(f.asymmetry - (mean * 8) / BASIS.reduce((sum, one) => sum + Math.abs(one), 0)) < 1e-9);
  assert.equal(f.timeAbove, BASIS.filter((one) => one >= 0.1).length / 8);
});

test('the worked example of survival is what the program computes', () => {
  const sums = noSurvival();
  const edge = (startNetBps: number, after10: number | null) => ({
    ...{ openBps: 10, startNetBps },
    survivalBps: SURVIVAL_MS.map((ms) => (ms < 10 ? startNetBps : ms === 10 ? after10 : null)),
  });
  addEdge(sums, edge(20, 16));
  addEdge(sums, edge(12, null));
  const curve = survivalCurve(sums);
  const at = SURVIVAL_MS.indexOf(10);
  assert.match(PAGE, /over the threshold ½, left 8 bps, share 16 ÷ 32 = ½, half-life 10 ms/);
  assert.deepEqual(
    [curve.overThreshold[at], curve.leftBps[at], curve.leftShare[at], curve.halfLifeMs],
    [0.5, 8, 0.5, 10],
  );
});
