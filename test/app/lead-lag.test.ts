import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { recordedLeadLag } from '../../src/app/lead-lag.ts';
import { MOST_CHANGES } from '../../src/lake/mid-changes.ts';
import { type RigQuote, temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';

const NEVER = new AbortController().signal;
const VENUES = ['binance', 'okx', 'gate'] as const;

/** Quotes of one venue that sees a common price `delayMs` late, about every `everyMs`; its clock is `clockMs` behind ours. */
function quotesOf(
  instrument: number,
  options: {
    readonly count: number;
    readonly everyMs: number;
    readonly delayMs: number;
    readonly clockMs: number;
  },
): RigQuote[] {
  let seed = 7 + instrument;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  let ms = 5000;
  return Array.from({ length: options.count }, () => {
    ms += Math.max(1, Math.round(2 * options.everyMs * random()));
    const mid = priceAt(ms - options.delayMs);
    const receiveTime = HOUR_14 + ms * 1000;
    return {
      ...{ instrument, receiveTime, venueTime: receiveTime - options.clockMs * 1000 },
      ...{ bid: mid - 0.01, bidSize: 1, ask: mid + 0.01, askSize: 1, sequence: Number.NaN },
    };
  });
}

/** A walk, the same whenever it is asked. */
const PRICES: number[] = [];
let walking = 1;
function priceAt(ms: number): number {
  while (PRICES.length <= ms) {
    walking = (Math.imul(walking, 1_664_525) + 1_013_904_223) >>> 0;
    PRICES.push((PRICES.at(-1) ?? 100) * (1 + 2e-5 * (walking / 2 ** 32 - 0.5)));
  }
  return PRICES[ms] ?? 100;
}

function lakeOf(quotes: readonly (readonly RigQuote[])[]): string {
  const lake = temporaryLake();
  writeSegment(lake, {
    ...{ number: 1, createdAt: HOUR_14 },
    instruments: VENUES.map((venue, i) => [i, venue, 'X-USDT'] as const),
    frames: quotes.map((rows, i) => ({
      kind: 'quotes' as const,
      venue: VENUES[i] ?? 'okx',
      number: 10 + i,
      rows,
    })),
  });
  return lake;
}

test('a recording tells who is first, by how much, and each venue’s clock apart from it', async (t) => {
  const lake = lakeOf([
    quotesOf(0, { count: 3000, everyMs: 40, delayMs: 0, clockMs: 35 }),
    quotesOf(1, { count: 2500, everyMs: 50, delayMs: 120, clockMs: -900 }),
  ]);
  t.after(() => rmSync(lake, { recursive: true }));
  const range = { from: HOUR_14, to: HOUR_14 + 3_599_000_000 };
  const { legs, pairs } = await recordedLeadLag(lake, { symbol: 'X-USDT', ...range }, NEVER);
  assert.deepEqual(
    legs.map(({ venue, changes, cut }) => [venue, changes, cut]),
    [
      ['binance', 2999, false],
      ['okx', 2499, false],
    ],
  );
  const offsets = legs.map(({ clockOffsetMs }) => Math.round(clockOffsetMs?.p50 ?? Number.NaN));
  assert.deepEqual(offsets, [35, -900]);
  assert.equal(pairs.length, 1);
  const [pair] = pairs;
  assert.deepEqual([pair?.a, pair?.b], ['binance', 'okx']);
  assert.ok(Math.abs((pair?.leadMs ?? 0) - 120) < 20, `${pair?.leadMs}`);
  assert.ok((pair?.ratio ?? 0) > 1 && pair?.agreement === 1);
  const one = await recordedLeadLag(lake, { symbol: 'X-USDT', ...range, venues: ['okx'] }, NEVER);
  assert.deepEqual([one.legs.length, one.pairs.length], [1, 0]);
  const none = await recordedLeadLag(lake, { symbol: 'Y-USDT', ...range }, NEVER);
  assert.deepEqual(none, { legs: [], pairs: [] });
});

test('of a leg with too many changes the latest are compared, and that is said', async (t) => {
  const lake = lakeOf([
    quotesOf(0, { count: MOST_CHANGES + 5000, everyMs: 8, delayMs: 0, clockMs: 0 }),
    quotesOf(1, { count: 6000, everyMs: 40, delayMs: 60, clockMs: 0 }),
  ]);
  t.after(() => rmSync(lake, { recursive: true }));
  const range = { from: HOUR_14, to: HOUR_14 + 3_599_000_000 };
  const { legs, pairs } = await recordedLeadLag(lake, { symbol: 'X-USDT', ...range }, NEVER);
  assert.deepEqual([legs[0]?.changes, legs[0]?.cut, legs[1]?.cut], [MOST_CHANGES - 1, true, false]);
  // The other leg is compared over the same time.
  assert.ok((legs[1]?.from ?? 0) >= (legs[0]?.from ?? Infinity));
  assert.ok(Math.abs((pairs[0]?.leadMs ?? 0) - 60) < 12, `${pairs[0]?.leadMs}`);
});
