import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTaken, type Mark, markAfter, missingFrames } from '../../src/lake/taken.ts';
import { temporaryLake, writeSegment } from './journal-rig.ts';
import { readJournal } from './read-journal.ts';

test('what was taken is known number by number, whatever order they came in, as by a plain set', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 60 }), (numbers) => {
      let mark: Mark = { run: 'r', frame: -1, holes: [] };
      const taken = new Set<number>();
      const first = numbers[0] ?? 0;
      for (const number of numbers) {
        // Before a life's first frame there is nothing to miss.
        if (number < first) continue;
        assert.equal(isTaken(mark, number), taken.has(number));
        mark = markAfter(mark, number);
        taken.add(number);
      }
      const greatest = Math.max(first, ...taken);
      assert.equal(missingFrames(mark), taken.size === 0 ? 0 : greatest - first + 1 - taken.size);
    }),
  );
});

test('a hole that an abandoned segment left is filled by the one that writes its frames again; nothing is there twice', () => {
  const lake = temporaryLake();
  const row = (at: number) => ({
    ...{
      instrument: 1,
      venueTime: at,
      receiveTime: at,
      bid: at,
      bidSize: 1,
      ask: at,
      askSize: 1,
      sequence: at,
    },
  });
  const frames = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      kind: 'quotes' as const,
      venue: 'okx' as const,
      number: from + i,
      rows: [row(from + i)],
    }));
  const common = { createdAt: 1, instruments: [[1, 'okx', 'BTC-USDT']] as const };
  try {
    writeSegment(lake, { number: 1, ...common, frames: frames(3, 9) });
    writeSegment(lake, { number: 2, ...common, frames: frames(20, 25) });
    writeSegment(lake, { number: 3, ...common, frames: frames(10, 26) });
    const values = readJournal(lake).quotes.map(({ bid }) => bid);
    assert.deepEqual(
      [...values].sort((a, b) => a - b),
      Array.from({ length: 24 }, (_, i) => 3 + i),
    );
  } finally {
    rmSync(lake, { recursive: true });
  }
});
