import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteFigures } from '../../src/market/statistics-figures.ts';
import { verdictOf } from '../../src/market/verdict.ts';
import { FREE } from './rules.ts';

const GOOD: RouteFigures = {
  ...{ samples: 3000, bandLow: -0.001, bandHigh: 0.004, mean: 0, deviation: 0.001, max: 0.01, min: -0.01 },
  ...{ meanCrossingsPerMinute: 6, parityCrossingsPerMinute: 6, cycles: [9, 6, 3], meanCycleSeconds: 10 },
  ...{ timeAbove: 0.1, opportunities: 100, opportunitiesPerHour: 120, meanPeak: 0.006, maxPeak: 0.02 },
  ...{ highPeaks: 0.3, meanDurationSeconds: 2, halfLifeSeconds: 4, asymmetry: 0 },
};

const name = (more: Partial<RouteFigures>): string => verdictOf({ ...GOOD, ...more }, FREE.verdict).name;

test('the rules are asked in their order, and each decides by its own figures', () => {
  assert.equal(name({}), 'excellent');
  assert.equal(name({ samples: 999, meanCrossingsPerMinute: 0 }), 'not-enough-data');
  assert.equal(name({ samples: 1000 }), 'excellent');
  assert.equal(name({ meanCrossingsPerMinute: 0.99, timeAbove: 0.9 }), 'trending');
  assert.equal(name({ meanCrossingsPerMinute: 1, timeAbove: 0.51, meanPeak: 0 }), 'does-not-close');
  assert.equal(name({ timeAbove: 0.5, meanPeak: 0.0039, highPeaks: 0.09 }), 'weak');
  // Either figure saves it from being weak.
  assert.equal(name({ meanPeak: 0.004, highPeaks: 0.09 }), 'fair');
  assert.equal(name({ meanPeak: 0.0039, highPeaks: 0.1 }), 'fair');
  // All four are wanted for the best.
  for (const short of [
    { meanCrossingsPerMinute: 5 },
    { opportunitiesPerHour: 100 },
    { meanPeak: 0.005 },
    { highPeaks: 0.2 },
  ])
    assert.equal(name(short), 'fair');
});

test('a route that never opened is weak, and the reason carries the figures and the version of the rules', () => {
  const none = { opportunities: 0, opportunitiesPerHour: 0, meanPeak: Number.NaN, highPeaks: Number.NaN };
  const { reason, version } = verdictOf({ ...GOOD, ...none }, FREE.verdict);
  assert.equal(name(none), 'weak');
  assert.match(reason, /mean peak is 0 %, and 0 % of the peaks/);
  assert.equal(version, '1');
  const trending = verdictOf({ ...GOOD, meanCrossingsPerMinute: 0.25 }, FREE.verdict).reason;
  assert.match(trending, /0\.25 times a minute, fewer than 1/);
});

test('other rules give other verdicts', () => {
  const rules = { ...FREE.verdict, version: 'mine', minSamples: 5000 };
  assert.deepEqual(verdictOf(GOOD, rules), {
    name: 'not-enough-data',
    reason: '3000 seconds with both quotes; it takes 5000',
    version: 'mine',
  });
});
