import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { GapReason, GapRow } from '../../src/core/lake-status.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { Converter } from '../../src/lake/converter.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { findGaps, type GapSpell, type GapsWish } from '../../src/lake/gap-query.ts';
import { ParquetWriter } from '../../src/lake/parquet-writer.ts';
import { RowPool } from '../../src/lake/row-pool.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { chance, type RigFrame, temporaryLake, writeSegment } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

const VENUES: readonly VenueId[] = ['okx', 'binance', 'gate'];
const REASONS: readonly GapReason[] = ['connection', 'overflow'];
const SEGMENTS = 6;
/** The hour ends in the middle of it. */
const START = HOUR_14 + 3_500_000_000;
const END = START + 200_000_000;
const OPEN_SINCE = END - 30_000_000;

let duck: Duck;
let writer: ParquetWriter;
before(async () => {
  duck = await openDuck({ memoryMb: 64, threads: 1 });
  writer = new ParquetWriter(duck);
});
after(() => duck.close());

function randomGaps(seed: number): GapRow[][] {
  const random = chance(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: SEGMENTS }, (_, segment) =>
    Array.from({ length: 20 }, () => {
      const from = START + segment * 30_000_000 + Math.floor(random() * 30) * 1_000_000;
      return {
        ...{ venue: pick(VENUES), symbol: random() < 0.2 ? null : pick(['A-USDT', 'B-USDT', 'C-USDT']) },
        ...{ stream: null, from, to: from + Math.floor(random() * 4) * 700_000, reason: pick(REASONS) },
        rowsLost: random() < 0.5 ? null : Math.floor(random() * 100),
      };
    }),
  );
}

function lakeOf(gaps: readonly (readonly GapRow[])[]): string {
  const lake = temporaryLake();
  gaps.forEach((rows, i) => {
    const open = { instrument: null, venue: 'mexc', symbol: null, stream: null, from: OPEN_SINCE } as const;
    writeSegment(lake, {
      ...{ number: i + 1, createdAt: START, instruments: [] },
      openGaps: i === SEGMENTS - 1 ? [{ ...open, reason: 'connection' }] : [],
      frames: [{ kind: 'gaps', number: 10 * i + 10, rows } satisfies RigFrame],
    });
  });
  return lake;
}

/** Rows that touch are one: joins pairs until nothing changes. */
function model(rows: readonly GapRow[], { from, to }: GapsWish): Omit<GapSpell, 'symbols' | 'symbolMs'>[] {
  let spells = rows
    .filter((row) => row.to >= from && row.from <= to)
    .map(({ venue, reason, from: begin, to: end, rowsLost }) => ({
      ...{ venue, reason, from: begin, to: end, open: false, rowsLost },
    }));
  for (;;) {
    const [first, second] = firstPair(spells);
    if (first === undefined || second === undefined) break;
    const lost =
      first.rowsLost === null && second.rowsLost === null
        ? null
        : (first.rowsLost ?? 0) + (second.rowsLost ?? 0);
    const both = { from: Math.min(first.from, second.from), to: Math.max(first.to, second.to) };
    spells = [
      ...spells.filter((one) => one !== first && one !== second),
      { ...first, ...both, rowsLost: lost },
    ];
  }
  return spells.map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }));
}

function firstPair<T extends Omit<GapSpell, 'symbols' | 'symbolMs'>>(spells: readonly T[]): readonly T[] {
  for (const a of spells)
    for (const b of spells)
      if (a !== b && a.venue === b.venue && a.reason === b.reason && a.from <= b.to && b.from <= a.to)
        return [a, b];
  return [];
}

const sorted = (spells: readonly Omit<GapSpell, 'symbols' | 'symbolMs'>[]): string[] =>
  spells
    .map(({ venue, reason, from, to, open, rowsLost }) =>
      JSON.stringify([venue, reason, from, to, open, rowsLost]),
    )
    .sort();

const wishOf = (more: Partial<GapsWish> = {}): GapsWish => ({
  ...{ from: START, to: END, now: END + 5, limit: 1000 },
  ...more,
});

for (const converted of [0, 3, SEGMENTS]) {
  test(`gaps that touch are one spell, with their losses, when ${converted} of ${SEGMENTS} segments are in Parquet`, async () => {
    for (const seed of [1, 2, 3]) {
      const gaps = randomGaps(seed);
      const lake = lakeOf(gaps);
      try {
        const segments = listSegments(lake).slice(0, converted);
        if (converted > 0) await new Converter(lake, realSteps, new RowPool(1000)).convert(segments, writer);
        const all = gaps.flat();
        const open = { venue: 'mexc', reason: 'connection', from: OPEN_SINCE, open: true } as const;
        // A journal that is wholly in Parquet has nobody who writes it.
        const still = converted === SEGMENTS ? [] : [{ ...open, to: END, rowsLost: null }];
        const found = await findGaps(lake, duck, wishOf());
        assert.deepEqual(sorted(found.gaps), sorted([...model(all, wishOf()), ...still]), `seed ${seed}`);
        assert.equal(found.more, false);
        const inside = wishOf({ from: START + 40_500_000, to: START + 130_200_000 });
        const part = await findGaps(lake, duck, inside);
        assert.deepEqual(sorted(part.gaps), sorted(model(all, inside)));
        const okx = all.filter(({ venue }) => venue === 'okx');
        const one = await findGaps(lake, duck, wishOf({ venue: 'okx' }));
        assert.deepEqual(sorted(one.gaps), sorted(model(okx, wishOf())));
      } finally {
        rmSync(lake, { recursive: true });
      }
    }
  });
}

test('of more gaps than are asked for the latest are told, and that there were more', async () => {
  const gaps = randomGaps(4);
  const lake = lakeOf(gaps);
  try {
    const all = await findGaps(lake, duck, wishOf());
    const few = await findGaps(lake, duck, wishOf({ limit: 5 }));
    assert.equal(few.more, true);
    const latest = all.gaps.toSorted((a, b) => b.to - a.to || b.from - a.from).slice(0, 5);
    assert.deepEqual(sorted(few.gaps), sorted(latest));
  } finally {
    rmSync(lake, { recursive: true });
  }
});

test('a spell of some symbols says how many, and one of the whole venue says so', async () => {
  const row = (symbol: string | null, at: number): GapRow => ({
    ...{ venue: 'okx', symbol, stream: null, from: START + at, to: START + at + 1000, reason: 'connection' },
    rowsLost: null,
  });
  const rows = [
    row('A-USDT', 0),
    row('B-USDT', 0),
    row('A-USDT', 500),
    row(null, 9_000),
    row('A-USDT', 9_500),
  ];
  const lake = lakeOf([rows, [], [], [], [], []]);
  try {
    // A's second spell lies half in its first: both count, as they were written down.
    const wanted = [
      [2, 3],
      [null, null],
    ];
    const told = async () =>
      (await findGaps(lake, duck, wishOf({ venue: 'okx' }))).gaps.map(({ symbols, symbolMs }) => [
        symbols,
        symbolMs,
      ]);
    assert.deepEqual(await told(), wanted);
    const [first] = listSegments(lake);
    assert.ok(first !== undefined);
    await new Converter(lake, realSteps, new RowPool(1000)).convert([first], writer);
    assert.deepEqual(await told(), wanted);
  } finally {
    rmSync(lake, { recursive: true });
  }
});
