import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ownership } from '../../src/feed/ownership.ts';

const OLD = 1;
const NEW = 2;

/** Plays two connections that bring the same order of quotes, the newer from its subscription on, interleaved as told; answers what was let through. */
function play(steps: readonly boolean[], joinsAt: number): { told: number[]; passed: boolean } {
  const ownership = new Ownership(1);
  ownership.give(0, OLD);
  ownership.appoint(0, NEW);
  const place = new Float64Array(1);
  const told: number[] = [];
  const next = { [OLD]: 1, [NEW]: joinsAt };
  // The owner has told something: an heir of one that never did speaks at once.
  for (const heirsTurn of [false, ...steps]) {
    const epoch = heirsTurn ? NEW : OLD;
    place[0] = next[epoch];
    next[epoch] += 1;
    if (ownership.admits(0, epoch, place)) told.push(place[0]);
  }
  return { told, passed: ownership.owner[0] === NEW };
}

test('however two streams interleave, the quotes let through follow one another without a hole or a repetition', () => {
  let handedOver = 0;
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 8 }),
      (steps, joinsAt) => {
        const { told, passed } = play(steps, joinsAt);
        assert.deepEqual(
          told,
          told.map((_, i) => i + 1),
        );
        if (passed) handedOver += 1;
      },
    ),
    { numRuns: 2_000, seed: 1 },
  );
  assert.ok(handedOver > 500, `only ${handedOver} runs handed over`);
});

test('an epoch that is neither owner nor heir is not let through, and neither are its trades', () => {
  const ownership = new Ownership(2);
  ownership.give(0, 7);
  assert.equal(ownership.admits(0, 6, Float64Array.of(1)), false);
  assert.equal(ownership.admitsTrade(0, 6), false);
  ownership.leave(0, 6);
  assert.equal(ownership.owner[0], 7);
  ownership.leave(0, 7);
  assert.equal(ownership.admits(0, 7, Float64Array.of(2)), false);
  assert.equal(ownership.owner[0], 0);
});

test('without places to compare, the heir takes over with its first quote', () => {
  const ownership = new Ownership(1);
  ownership.give(0, OLD);
  assert.equal(ownership.admits(0, OLD, Float64Array.of(Number.NaN)), true);
  ownership.appoint(0, NEW);
  assert.equal(ownership.admits(0, NEW, Float64Array.of(Number.NaN)), true);
  assert.equal(ownership.admits(0, OLD, Float64Array.of(Number.NaN)), false);
  assert.equal(ownership.admitsTrade(0, OLD), true, 'the elder’s trades count until it ends');
  ownership.leave(0, OLD);
  assert.equal(ownership.admitsTrade(0, OLD), false);
});

test('an order that begins anew during a hand-over does not silence the instrument for good', () => {
  const ownership = new Ownership(1);
  ownership.give(0, OLD);
  ownership.admits(0, OLD, Float64Array.of(1e9));
  ownership.appoint(0, NEW);
  let told = 0;
  for (let i = 1; i < 20_000; i += 1) if (ownership.admits(0, NEW, Float64Array.of(i))) told += 1;
  assert.ok(told > 5_000);
});
