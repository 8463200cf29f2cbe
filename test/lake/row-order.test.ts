import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderRows } from '../../src/lake/row-order.ts';
import { groupSize, isDue } from '../../src/lake/segment-group.ts';
import type { SegmentOutline } from '../../src/lake/segment-scan.ts';

test('rows come by symbol, time and arrival, as a plain stable sort puts them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ rank: fc.nat(5), time: fc.nat(6) }), { maxLength: 60 }),
      fc.boolean(),
      (rows, forward) => {
        const times = rows.map(({ time }) => time);
        if (forward) times.sort((a, b) => a - b);
        const order = new Uint32Array(60);
        orderRows(
          Uint32Array.from(rows, ({ rank }) => rank),
          Float64Array.from(times),
          rows.length,
          6,
          new Uint32Array(7).fill(99),
          order,
        );
        const expected = rows
          .map(({ rank }, i) => ({ rank, time: times[i] as number, i }))
          .sort((a, b) => a.rank - b.rank || a.time - b.time || a.i - b.i);
        assert.deepEqual(
          [...order.subarray(0, rows.length)],
          expected.map(({ i }) => i),
        );
      },
    ),
  );
});

function outline(rows: number, createdAt: number): SegmentOutline {
  const quotes = new Uint32Array(8);
  quotes[2] = rows;
  return {
    file: { number: 1, path: '', bytes: 0 },
    createdAt,
    quotes,
    trades: new Uint32Array(8),
    rows,
    minTime: createdAt,
  };
}

const LIMITS = { quoteRows: 100, tradeRows: 50 };

test('as many segments are converted together as fit the pool, and one at least', () => {
  const of = (...rows: number[]) =>
    groupSize(
      rows.map((n) => outline(n, 0)),
      LIMITS,
    );
  assert.deepEqual([of(), of(40, 60, 1), of(40, 61), of(500), of(500, 1)], [0, 2, 1, 1, 1]);
});

test('segments are due when they fill a group, when they are a minute old, or when no clock makes sense of them', () => {
  const minute = 60_000_000;
  const due = (rows: number[], now: number) =>
    isDue(
      rows.map((n) => outline(n, minute)),
      now,
      LIMITS,
    );
  assert.equal(due([], 0), false);
  assert.equal(due([10, 20], minute + minute - 1), false);
  assert.equal(due([10, 20], minute + minute), true);
  assert.equal(due([60, 41], minute), true);
  assert.equal(due([10], -minute), true);
  assert.equal(isDue([outline(1, Number.NaN)], 0, LIMITS), true);
});
