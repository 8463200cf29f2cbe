import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Converter } from '../../src/lake/converter.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { ParquetWriter } from '../../src/lake/parquet-writer.ts';
import { RowPool } from '../../src/lake/row-pool.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { type RigQuote, temporaryLake, writeSegment } from './journal-rig.ts';
import { globRows, HOUR_14, type ModelLake, randomLake, sorted } from './lake-model.ts';

let duck: Duck;
let writer: ParquetWriter;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
  writer = new ParquetWriter(duck);
});
after(() => duck.close());

async function inLake(run: (lake: string) => Promise<void>): Promise<void> {
  const lake = temporaryLake();
  try {
    await run(lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

async function assertHolds(lake: string, model: ModelLake): Promise<void> {
  for (const table of ['quotes', 'trades', 'gaps'] as const) {
    const found = model[table].length === 0 ? [] : await globRows(duck, lake, table);
    assert.deepEqual(sorted(found), sorted(model[table]), table);
  }
}

test('plain SQL finds every row of a random journal once, exactly, in the files', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 4 }), async (seed, atOnce) => {
      await inLake(async (lake) => {
        const model = randomLake(seed);
        for (const segment of model.segments) writeSegment(lake, segment);
        const converter = new Converter(lake, realSteps, new RowPool(2000));
        while (listSegments(lake).length > 0)
          await converter.convert(listSegments(lake).slice(0, atOnce), writer);
        await assertHolds(lake, model);
      });
    }),
    { numRuns: 60 },
  );
});

test('rows of a file are in order of symbol, receive time and arrival, also where the clock went back', async () => {
  await inLake(async (lake) => {
    const instruments = [[4, 'okx', 'B-USDT'] as const, [9, 'okx', 'A-USDT'] as const];
    const rows: RigQuote[] = [50, 60, 60, 40, 40, 70].map((offset, i) => ({
      instrument: i % 2 === 0 ? 4 : 9,
      venueTime: Number.NaN,
      receiveTime: HOUR_14 + offset,
      bid: 1,
      bidSize: 1,
      ask: 2,
      askSize: 1,
      sequence: i,
    }));
    const tied = rows.map((row) => ({ ...row, instrument: 4, receiveTime: HOUR_14 + 60 }));
    writeSegment(lake, {
      number: 1,
      createdAt: HOUR_14,
      instruments,
      frames: [
        { kind: 'quotes', venue: 'okx', number: 10, rows },
        {
          kind: 'quotes',
          venue: 'okx',
          number: 11,
          rows: tied.map((row) => ({ ...row, sequence: row.sequence + 10 })),
        },
      ],
    });
    await new Converter(lake, realSteps, new RowPool(100)).convert(listSegments(lake), writer);
    const found = await globRows(duck, lake, 'quotes');
    assert.deepEqual(
      found.map((row) => [row[1], Number(row[3]) - HOUR_14, Number(row[8])]),
      [
        ['A-USDT', 40, 3],
        ['A-USDT', 60, 1],
        ['A-USDT', 70, 5],
        ['B-USDT', 40, 4],
        ['B-USDT', 50, 0],
        ['B-USDT', 60, 2],
        ...[10, 11, 12, 13, 14, 15].map((sequence) => ['B-USDT', 60, sequence]),
      ],
    );
  });
});

test('another reader of Parquet finds the same values, times as dates in UTC, and nulls', async () => {
  await inLake(async (lake) => {
    const instruments = [[1, 'okx', 'A-USDT'] as const];
    const row = {
      instrument: 1,
      receiveTime: HOUR_14 + 1_234_567,
      venueTime: Number.NaN,
      price: 0.1,
      size: Number.NaN,
    };
    writeSegment(lake, {
      number: 3,
      createdAt: HOUR_14,
      instruments,
      frames: [
        {
          kind: 'trades',
          venue: 'okx',
          number: 1,
          rows: [
            { ...row, side: 1, id: 'a'.repeat(64) },
            { ...row, side: 0, id: '123456789012' },
          ],
        },
      ],
    });
    await new Converter(lake, realSteps, new RowPool(100)).convert(listSegments(lake), writer);
    const path = join(lake, 'trades/date=2026-11-23/hour=14/venue=okx/0000000003-0000000003.parquet');
    const bytes = readFileSync(path);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const found = await parquetReadObjects({ file, compressors });
    const expected = {
      symbol: 'A-USDT',
      venue_time: undefined,
      receive_time: new Date((HOUR_14 + 1_234_000) / 1000),
      price: 0.1,
      size: undefined,
    };
    assert.deepEqual(
      found.map((entry) => Object.fromEntries(Object.entries(entry).map(([k, v]) => [k, v ?? undefined]))),
      [
        { ...expected, trade_id: 'a'.repeat(64), side: 'sell' },
        { ...expected, trade_id: '123456789012', side: 'buy' },
      ],
    );
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o750);
  });
});

test('a row group tells which symbols it holds, so that a reader of one symbol skips the others', async () => {
  await inLake(async (lake) => {
    const names = Array.from({ length: 60 }, (_, i) => `S${10 + i}-USDT`);
    const rows: RigQuote[] = Array.from({ length: 120_000 }, (_, i) => ({
      instrument: i % 60,
      venueTime: 1,
      receiveTime: HOUR_14 + i,
      bid: 1,
      bidSize: 1,
      ask: 2,
      askSize: 1,
      sequence: i,
    }));
    writeSegment(lake, {
      number: 1,
      createdAt: HOUR_14,
      instruments: names.map((name, i) => [i, 'okx', name] as const),
      frames: [{ kind: 'quotes', venue: 'okx', number: 10, rows }],
    });
    // The pool is smaller than the segment: it grows rather than to be stuck.
    await new Converter(lake, realSteps, new RowPool(100)).convert(listSegments(lake), writer);
    const groups = await duck.rows(
      `SELECT stats_min_value, stats_max_value FROM parquet_metadata('${lake}/quotes/*/*/*/*.parquet') WHERE path_in_schema = 'symbol' ORDER BY row_group_id`,
    );
    assert.equal(groups.length, 4);
    for (const [i, [from, to]] of groups.entries()) {
      assert.equal(from, names[Math.floor((i * 30_720) / 2000)]);
      assert.equal(to, names[Math.floor((Math.min((i + 1) * 30_720, 120_000) - 1) / 2000)]);
    }
  });
});

test('a row of an instrument that nobody named is counted, and the others are kept', async () => {
  await inLake(async (lake) => {
    const row = { venueTime: 1, receiveTime: HOUR_14, price: 1, size: 1, side: 0, id: '1' };
    writeSegment(lake, {
      number: 1,
      createdAt: HOUR_14,
      instruments: [
        [1, 'okx', 'A-USDT'],
        [2, 'binance', 'A-USDT'],
        [3, 'okx', 'bad\u0000name'],
      ],
      frames: [
        {
          kind: 'trades',
          venue: 'okx',
          number: 1,
          rows: [0, 1, 2, 3, 4_000_000_000].map((instrument) => ({ ...row, instrument })),
        },
      ],
    });
    const did = await new Converter(lake, realSteps, new RowPool(100)).convert(listSegments(lake), writer);
    assert.deepEqual([did.rows, did.refused], [1, 4]);
    assert.equal((await globRows(duck, lake, 'trades')).length, 1);
    assert.deepEqual(readdirSync(join(lake, '_journal')), ['converted.json']);
  });
});
