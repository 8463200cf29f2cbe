import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LossCounter, Stream } from '../../src/lake/loss-counter.ts';

function come(losses: LossCounter, venue: number, number: number, time: number, ms: number): void {
  losses.came(venue, Stream.quotes, Float64Array.of(number), Float64Array.of(time), 0, ms);
}

test('what never comes is counted, whatever overtakes what, and told once it has been quiet', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ kept: fc.boolean(), late: fc.nat(5) }), { maxLength: 80 }), (rows) => {
      const losses = new LossCounter(2, true);
      const kept = rows.flatMap(({ kept: comes, late }, i) =>
        comes ? [{ number: i + 1, at: i + late }] : [],
      );
      kept.sort((a, b) => a.at - b.at || a.number - b.number);
      for (const { number } of kept) come(losses, 1, number, number * 10, 0);
      losses.knownUpTo(1, Stream.quotes, rows.length, 9999, 0);
      const lost = rows.length - kept.length;
      assert.equal(losses.lost(1, Stream.quotes), lost);
      assert.deepEqual(losses.settled(999), []);
      const told = losses.settled(1000);
      assert.equal(
        told.reduce((sum, { rows: n }) => sum + n, 0),
        lost,
      );
      assert.deepEqual(losses.settled(5000), []);
      assert.equal(losses.lost(1, Stream.quotes), lost);
      assert.equal(losses.lost(0, Stream.quotes) + losses.lost(1, Stream.trades), 0);
    }),
  );
});

test('a loss lies between the rows around it', () => {
  const losses = new LossCounter(1, true);
  come(losses, 0, 1, 100, 0);
  come(losses, 0, 5, 130, 0);
  come(losses, 0, 6, 140, 0);
  come(losses, 0, 9, 170, 0);
  assert.deepEqual(losses.settled(0, true), [
    { venue: 0, stream: Stream.quotes, rows: 5, from: 100, to: 170 },
  ]);
});

test('a feed that was started again counts from one, and what the one before lost is still told', () => {
  const losses = new LossCounter(1, true);
  come(losses, 0, 1, 100, 0);
  come(losses, 0, 4, 110, 0);
  losses.restart(0, Stream.quotes);
  come(losses, 0, 1, 200, 0);
  come(losses, 0, 3, 210, 0);
  assert.equal(losses.lost(0, Stream.quotes), 3);
  assert.equal(losses.settled(0, true)[0]?.rows, 3);
  come(losses, 0, 4, 220, 0);
  assert.equal(losses.lost(0, Stream.quotes), 3);
  assert.deepEqual(losses.settled(0, true), []);
});

test('who comes late to a feed that runs takes the first number that comes for the first', () => {
  const losses = new LossCounter(1, false);
  come(losses, 0, 1000, 100, 0);
  come(losses, 0, 1002, 110, 0);
  assert.equal(losses.lost(0, Stream.quotes), 1);
});

test('a ring that was overwritten is told even if no number is missing: a word without a number may be', () => {
  const losses = new LossCounter(1, true);
  come(losses, 0, 1, 100, 0);
  losses.lapped(0, Stream.quotes, 120, 150, 0);
  assert.deepEqual(losses.settled(0, true), [
    { venue: 0, stream: Stream.quotes, rows: 0, from: 120, to: 150 },
  ]);
});

test('while rows are lost all the time, that is told every ten seconds, and in the end each lost row once', () => {
  const losses = new LossCounter(1, true);
  let told = 0;
  let times = 0;
  for (let i = 1; i <= 600; i += 1) {
    come(losses, 0, 2 * i, i, i * 100);
    const settled = losses.settled(i * 100);
    times += settled.length;
    told += settled.reduce((sum, { rows }) => sum + rows, 0);
  }
  assert.ok(times >= 5 && times <= 6, `${times}`);
  told += losses.settled(60_000, true).reduce((sum, { rows }) => sum + rows, 0);
  assert.equal(told, 600);
});
