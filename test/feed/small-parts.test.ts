import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backoff } from '../../src/feed/backoff.ts';
import { LagHistogram } from '../../src/feed/lag-histogram.ts';
import { RateWindow } from '../../src/feed/rate-window.ts';
import { RecentTrades } from '../../src/feed/recent-trades.ts';
import { DEFAULT_TUNING } from '../../src/feed/tuning.ts';

test('a rate window never lets more than the limit into any span, and does let that many', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 10, max: 5_000 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }),
      (count, perMs, waits) => {
        const window = new RateWindow({ count, perMs });
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          if (window.take(now)) taken.push(now);
        }
        for (let i = count; i < taken.length; i += 1) {
          assert.ok((taken[i] as number) - (taken[i - count] as number) >= perMs);
        }
      },
    ),
    { numRuns: 500, seed: 1 },
  );
  const window = new RateWindow({ count: 9, perMs: 1_000 });
  let taken = 0;
  for (let now = 0; now < 21_000; now += 25) if (window.take(now)) taken += 1;
  assert.ok(taken >= 150, `${taken} of at most 180 in 20 s`);
});

test('headroom is the share of the limit that is left', () => {
  const window = new RateWindow({ count: 4, perMs: 100 });
  assert.equal(window.headroom(0), 1);
  window.take(0);
  assert.equal(window.headroom(50), 0.75);
  assert.equal(window.headroom(200), 1);
});

test('backoff doubles up to its cap, with full jitter, and is forgotten after a minute of life', () => {
  const backoff = new Backoff(DEFAULT_TUNING, () => 1);
  const waits = Array.from({ length: 9 }, () => backoff.next(Number.NaN));
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(backoff.next(59_999), 30_000);
  assert.equal(backoff.next(60_000), 500);
  const low = new Backoff(DEFAULT_TUNING, () => 0);
  assert.equal(low.next(Number.NaN), 0);
});

test('lag quantiles are right to a bucket against sorted samples', () => {
  const lag = new LagHistogram(1_000);
  const receive = new Float64Array(1);
  const fields = Float64Array.of(0, 0);
  const samples = Array.from({ length: 5_000 }, (_, i) => 50 + ((i * 7_919) % 100_003) * 3);
  for (const micros of samples) {
    receive[0] = 1e15 + micros;
    fields[1] = 1e15;
    lag.add(receive, fields, 1);
  }
  samples.sort((a, b) => a - b);
  for (const share of [0.1, 0.5, 0.9, 0.99]) {
    const exact = (samples[Math.floor(share * samples.length)] as number) / 1000;
    const told = lag.quantileMs(share) as number;
    assert.ok(told >= exact * 0.99 && told <= exact * 1.27, `${share}: ${told} for ${exact}`);
  }
});

test('lag forgets the past, ignores absent times and takes a venue clock ahead of ours as no lag', () => {
  const lag = new LagHistogram(1_000);
  lag.add(Float64Array.of(5e15), Float64Array.of(Number.NaN), 0);
  assert.equal(lag.quantileMs(0.5), null);
  lag.add(Float64Array.of(5e15), Float64Array.of(6e15), 0);
  assert.ok((lag.quantileMs(0.5) as number) < 0.01);
  lag.add(Float64Array.of(5e15), Float64Array.of(0), 0);
  assert.ok((lag.quantileMs(1) as number) > 1e6);
  lag.turn(1_000);
  assert.notEqual(lag.quantileMs(0.5), null);
  lag.turn(2_000);
  assert.equal(lag.quantileMs(0.5), null);
});

test('recent trades tell repetitions from different trades', () => {
  const recent = new RecentTrades(2 ** 12);
  const fields = new Float64Array(3);
  const seen = (instrument: number, id: string, time: number): boolean => {
    const bytes = Buffer.from(`--${id}`);
    fields[2] = time;
    return recent.repeats(instrument, fields, 2, bytes, 2, id.length);
  };
  for (let i = 0; i < 1_000; i += 1)
    assert.equal(seen(i % 7, `90000000000000${i}`, 1e15 + i), false, `trade ${i}`);
  let repeated = 0;
  for (let i = 900; i < 1_000; i += 1) if (seen(i % 7, `90000000000000${i}`, 1e15 + i)) repeated += 1;
  assert.ok(repeated > 80, `${repeated} of 100 recognised`);
  assert.equal(seen(1, 'x', 1e15), false);
  assert.equal(seen(1, 'x', 1e15 + 1), false, 'the same id at another time');
  assert.equal(seen(2, 'x', 1e15), false, 'the same id of another instrument');
});
