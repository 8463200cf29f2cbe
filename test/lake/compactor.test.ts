import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compactFolder } from '../../src/lake/compactor.ts';
import { type Duck, openDuck, sqlParquet } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { partName } from '../../src/lake/layout.ts';
import { filesOf } from '../../src/lake/partitions.ts';
import { PieceRanges } from '../../src/lake/piece-ranges.ts';
import { temporaryLake } from './journal-rig.ts';

const HOUR = Date.UTC(2026, 10, 23, 14) * 1000;
const FOLDER = 'quotes/date=2026-11-23/hour=14/venue=okx';
const PIECE_ROWS = 1000;

/** Parts of an hour in which one symbol speaks far more often than the others, several times in some µs. */
async function partsOf(duck: Duck, lake: string, count = 5): Promise<string[]> {
  mkdirSync(join(lake, FOLDER), { recursive: true });
  const paths: string[] = [];
  for (let part = 1; part <= count; part++) {
    const path = join(lake, FOLDER, partName({ first: part, last: part, piece: 1, pieces: 1 }));
    await duck.run(`COPY (
      SELECT CASE WHEN i % 3 > 0 THEN 'BUSY-USDT' WHEN i % 5 = 0 THEN 'ÄÖ-USDT' ELSE 'S' || (i % 40) || '-USDT' END AS symbol,
        NULL::TIMESTAMPTZ AS venue_time, make_timestamptz(${HOUR} + ${part}::BIGINT * 1000000 + (i // 4)) AS receive_time,
        i::DOUBLE AS bid, 1.0::DOUBLE AS bid_size, i + 0.5::DOUBLE AS ask, NULL::DOUBLE AS ask_size, i::BIGINT AS sequence
      FROM range(2000) t(i) ORDER BY symbol, receive_time) TO '${path}' (FORMAT parquet)`);
    paths.push(path);
  }
  return paths;
}

const COLUMNS = 'symbol, epoch_us(receive_time), bid, bid_size, ask, ask_size, sequence';
const PARTITION = { table: 'quotes', hour: HOUR, venue: 'okx', folder: FOLDER } as const;

const text = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((row) => row.map(String).join('|'));

async function lakeAndEngine(t: TestContext): Promise<{ lake: string; duck: Duck }> {
  const lake = temporaryLake();
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  t.after(() => {
    duck.close();
    rmSync(lake, { recursive: true });
  });
  return { lake, duck };
}

/** All rows of some parts as they are to be in the end. */
async function inOrder(duck: Duck, parts: readonly string[]): Promise<string[]> {
  return text(
    await duck.rows(
      `SELECT ${COLUMNS} FROM ${sqlParquet(parts, ', file_row_number = true')} ORDER BY symbol NULLS FIRST, receive_time, file_index, file_row_number`,
    ),
  );
}

/** The rows of each visible file, as they lie there. */
async function filesIn(duck: Duck, lake: string): Promise<{ paths: string[]; rows: string[][] }> {
  const paths = filesOf(lake, FOLDER).visible.map(({ name }) => join(lake, FOLDER, name));
  const rows: string[][] = [];
  for (const path of paths)
    rows.push(
      text(
        await duck.rows(
          `SELECT ${COLUMNS} FROM ${sqlParquet([path], ', file_row_number = true')} ORDER BY file_row_number`,
        ),
      ),
    );
  return { paths, rows };
}

test('an hour is merged in pieces of bounded size, also where one symbol has more rows than a piece: every row once, in order, and found again', async (t) => {
  const { lake, duck } = await lakeAndEngine(t);
  const parts = await partsOf(duck, lake);
  const expected = await inOrder(duck, parts);
  const done = await compactFolder(lake, PARTITION, duck, realSteps, { pieceRows: PIECE_ROWS, fileRows: 0 });
  assert.equal(done?.rows, 10_000);
  const { paths, rows } = await filesIn(duck, lake);
  assert.deepEqual(rows.flat(), expected);
  const sizes = rows.map(({ length }) => length);
  assert.ok(Math.max(...sizes) <= 1.3 * PIECE_ROWS, `${sizes}`);
  assert.ok(paths.length >= 10 && paths.length <= 16, `${paths.length} pieces`);

  const ranges = new PieceRanges();
  const busy = await ranges.pick(duck, paths, 'BUSY-USDT');
  const [count] = await duck.rows(`SELECT count(*) FROM ${sqlParquet(busy)} WHERE symbol = 'BUSY-USDT'`);
  assert.equal(Number(count?.[0]), expected.filter((row) => row.startsWith('BUSY-')).length);
  assert.ok(busy.length >= 6 && busy.length < paths.length);
  assert.equal((await ranges.pick(duck, paths, 'S7-USDT')).length, 1);
});

test('of many parts some neighbours are merged at a time; the rows and their order are the same in the end, and no piece opens a file that has none of its rows', async (t) => {
  const { lake, duck } = await lakeAndEngine(t);
  const parts = await partsOf(duck, lake, 23);
  // Rows without a symbol are a venue's own; a part may have no others.
  await duck.run(
    `COPY (SELECT * REPLACE (NULL::VARCHAR AS symbol) FROM ${sqlParquet([parts[20] ?? ''])}) TO '${parts[21]}' (FORMAT parquet)`,
  );
  const expected = await inOrder(duck, parts);
  const opened: number[] = [];
  const run = duck.run.bind(duck);
  t.mock.method(duck, 'run', async (sql: string) => {
    opened.push(sql.split('.parquet').length - 2);
    await run(sql);
  });
  const left: number[] = [];
  const options = { pieceRows: PIECE_ROWS, fileRows: 4 * PIECE_ROWS, fanIn: 4 };
  for (;;) {
    const files = filesOf(lake, FOLDER).visible.length;
    const done = await compactFolder(lake, PARTITION, duck, realSteps, options);
    if (done === undefined) break;
    const { visible } = filesOf(lake, FOLDER);
    assert.equal(visible.length, files - done.filesBefore + done.filesAfter);
    left.push(new Set(visible.map(({ part }) => part.first)).size);
  }
  // Four neighbours that nothing was merged into yet, from the left, as long as there are so many; then as many as leave four.
  assert.deepEqual(left.slice(0, 5), [20, 17, 14, 11, 8]);
  assert.equal(left.at(-1), 1);
  const { rows } = await filesIn(duck, lake);
  assert.deepEqual(rows.flat(), expected);
  assert.deepEqual(filesOf(lake, FOLDER).inProgress, []);
  const sizes = rows.map(({ length }) => length);
  assert.ok(Math.max(...sizes) <= 4 * PIECE_ROWS && sizes.length < 20, `${sizes}`);
  const last = opened.slice(-10);
  assert.ok(Math.max(...last) <= 12, `files opened for the last pieces: ${last}`);
});
