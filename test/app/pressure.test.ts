import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pressure, SHED_STEPS, type ShedStep } from '../../src/app/pressure.ts';
import { PressureWatch } from '../../src/app/pressure-watch.ts';

const MB = 1e6;
/** RSS as a percentage of the budget; the heap is small. */
const rss = (percent: number) => ({
  heapUsed: 10 * MB,
  heapLimit: 1000 * MB,
  rss: percent * MB,
  budget: 100 * MB,
});
const names = (pressure: Pressure): ShedStep[] =>
  SHED_STEPS.map(({ name }) => name).filter((name) => pressure.isShed(name));

test('work is left in the stated order, as the resident memory nears the budget', () => {
  const pressure = new Pressure();
  const seen = [50, 91, 92, 94, 95, 97, 98, 98.5, 120].map((percent, i) => {
    pressure.update(rss(percent), i * 500);
    return names(pressure);
  });
  assert.deepEqual(seen, [
    [],
    [],
    ['compaction'],
    ['compaction'],
    ['compaction', 'history'],
    ['compaction', 'history', 'updates'],
    ['compaction', 'history', 'updates'],
    ['compaction', 'history', 'updates', 'clients'],
    ['compaction', 'history', 'updates', 'clients'],
  ]);
});

test('a leap leaves everything at once', () => {
  const pressure = new Pressure();
  assert.equal(pressure.update(rss(99), 0), true);
  assert.equal(pressure.level, 4);
  assert.deepEqual(
    SHED_STEPS.map(({ name }) => pressure.taken(name)),
    [1, 1, 1, 1],
  );
});

test('it comes back one step at a time, each after ten calm seconds well below its mark, and never flutters', () => {
  const pressure = new Pressure();
  pressure.update(rss(97), 0);
  assert.equal(pressure.level, 3);
  // Just below its mark is not well below.
  for (let ms = 500; ms <= 60_000; ms += 500) assert.equal(pressure.update(rss(93), ms), false);
  const levels: string[] = [];
  for (let ms = 60_500; ms <= 120_000; ms += 500)
    if (pressure.update(rss(60), ms)) levels.push(`${ms} ${pressure.level}`);
  assert.deepEqual(levels, ['70500 2', '80500 1', '90500 0']);
  // A moment of pressure begins the calm anew.
  pressure.update(rss(93), 200_000);
  pressure.update(rss(60), 201_000);
  pressure.update(rss(88), 210_000);
  assert.equal(pressure.update(rss(60), 211_500), false);
  assert.equal(pressure.update(rss(60), 221_500), true);
  assert.equal(pressure.taken('compaction'), 2);
});

test('a heap that is full of garbage is no pressure; one that stays full is', () => {
  const heap = (percent: number) => ({ heapUsed: percent, heapLimit: 100, rss: 1, budget: 100 });
  const pressure = new Pressure();
  const levels = [99, 97, 40, 98, 99, 30, 98.5, 98.5, 99].map((percent, i) => {
    pressure.update(heap(percent), i * 500);
    return pressure.level;
  });
  assert.deepEqual(levels, [0, 0, 0, 0, 0, 0, 0, 0, 4]);
});

test('what is left is applied, told as an alarm, logged once, and told again when it comes back', () => {
  const applied: ShedStep[][] = [];
  const lines: string[] = [];
  const keep = (message: string): void => {
    lines.push(message);
  };
  let percent = 96;
  const watch = new PressureWatch({
    read: () => rss(percent),
    clock: () => 1_700_000_000_000_000,
    apply: (isShed) => applied.push(SHED_STEPS.map(({ name }) => name).filter(isShed)),
    log: { info: keep, warn: keep, error: keep },
  });
  try {
    assert.deepEqual(watch.alarms(), []);
    for (let i = 0; i < 5; i += 1) watch.look();
    assert.deepEqual(applied, [['compaction', 'history']]);
    assert.deepEqual(lines, ['memory is short: work is left']);
    const [alarm] = watch.alarms();
    assert.equal(alarm?.code, 'MEMORY_PRESSURE');
    assert.equal(alarm?.since, 1_700_000_000_000_000);
    assert.match(
      alarm?.message ?? '',
      /\(96 % of its limit\): the lake merges no finished hours; requests for history/,
    );
    percent = 99;
    watch.look();
    assert.deepEqual(applied.at(-1), ['compaction', 'history', 'updates', 'clients']);
  } finally {
    watch.stop();
  }
});
