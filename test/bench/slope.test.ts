import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DelayHistogram } from '../../bench/delay-histogram.ts';
import { quantile, slopeOf } from '../../bench/slope.ts';

const minutes = Array.from({ length: 120 }, (_, i) => i / 60);
/** Noise without a trend, the same in each run. */
const noise = minutes.map((_, i) => Math.sin(i * 12.9898) * 3 + Math.sin(i * 1.7) * 2);

test('the slope of a straight line is the line’s, and the interval is that point', () => {
  const { slope, low, high } = slopeOf(
    minutes,
    minutes.map((x) => 300 + 7 * x),
  );
  for (const value of [slope, low, high]) assert.ok(Math.abs(value - 7) < 1e-9, `${value}`);
});

test('noise without a trend has an interval with zero in it, a trend beneath the same noise has not', () => {
  const flat = slopeOf(minutes, noise);
  assert.ok(flat.low < 0 && flat.high > 0, JSON.stringify(flat));
  const rising = slopeOf(
    minutes,
    minutes.map((x, i) => 20 * x + (noise[i] ?? 0)),
  );
  assert.ok(rising.low > 0 && rising.low < 20 && rising.high > 20, JSON.stringify(rising));
});

test('a few spikes do not move the slope, as they would move a fitted line', () => {
  const spiked = minutes.map((x, i) => 100 + 2 * x + (i > 100 && i % 5 === 0 ? 500 : 0));
  assert.ok(Math.abs(slopeOf(minutes, spiked).slope - 2) < 0.5);
});

test('a series too short for a trend has none', () => {
  assert.ok(Number.isNaN(slopeOf([1, 2, 3], [1, 2, 3]).slope));
});

test('quantiles of delays are those of the sorted list to within 2 %, and merging is adding', () => {
  const delays = Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 10_000) ** 2 / 100 + 50);
  const [one, two] = [new DelayHistogram(), new DelayHistogram()];
  delays.forEach((delay, i) => {
    (i % 2 === 0 ? one : two).add(delay);
  });
  one.merge(two.counts());
  const sorted = [...delays].sort((a, b) => a - b);
  const { count, p50, p99, p999 } = one.figures();
  assert.equal(count, delays.length);
  for (const [got, q] of [
    [p50, 0.5],
    [p99, 0.99],
    [p999, 0.999],
  ] as const) {
    const exact = quantile(sorted, q) / 1000;
    assert.ok(Math.abs(got - exact) <= 0.021 * exact, `${q}: ${got}, exactly ${exact}`);
  }
});
