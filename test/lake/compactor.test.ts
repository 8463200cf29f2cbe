import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
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
async function partsOf(duck: Duck, lake: string): Promise<string[]> {
  mkdirSync(join(lake, FOLDER), { recursive: true });
  const paths: string[] = [];
  for (let part = 1; part <= 5; part++) {
    const path = join(lake, FOLDER, partName({ first: part, last: part, piece: 0, pieces: 1 }));
    await duck.run(`COPY (
      SELECT CASE WHEN i % 3 > 0 THEN 'BUSY-USDT' WHEN i % 5 = 0 THEN 'ÄÖ-USDT' ELSE 'S' || (i % 40) || '-USDT' END AS symbol,
        NULL::TIMESTAMPTZ AS venue_time, make_timestamptz(${HOUR} + ${part}::BIGINT * 1000000 + (i // 4)) AS receive_time,
        i::DOUBLE AS bid, 1.0::DOUBLE AS bid_size, i + 0.5::DOUBLE AS ask, NULL::DOUBLE AS ask_size, i::BIGINT AS sequence
      FROM range(2000) t(i) ORDER BY symbol, receive_time) TO '${path}' (FORMAT parquet)`);
    paths.push(path);
  }
  return paths;
}

test('an hour is merged in pieces of bounded size, also where one symbol has more rows than a piece: every row once, in order, and found again', async (t) => {
  const lake = temporaryLake();
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  t.after(() => {
    duck.close();
    rmSync(lake, { recursive: true });
  });
  const parts = await partsOf(duck, lake);
  const columns = 'symbol, epoch_us(receive_time), bid, bid_size, ask, ask_size, sequence';
  const expected = await duck.rows(
    `SELECT ${columns} FROM ${sqlParquet(parts, ', file_row_number = true')} ORDER BY symbol, receive_time, file_index, file_row_number`,
  );
  const partition = { table: 'quotes', hour: HOUR, venue: 'okx', folder: FOLDER } as const;
  const done = await compactFolder(lake, partition, duck, realSteps, async () => {}, PIECE_ROWS);
  assert.equal(done?.rows, 10_000);
  const paths = filesOf(lake, FOLDER).visible.map(({ name }) => join(lake, FOLDER, name));
  const found = [];
  const sizes: number[] = [];
  for (const path of paths) {
    const rows = await duck.rows(
      `SELECT ${columns} FROM ${sqlParquet([path])} ORDER BY file_row_number`.replace(
        '= false)',
        '= false, file_row_number = true)',
      ),
    );
    sizes.push(rows.length);
    found.push(...rows);
  }
  const text = (rows: readonly (readonly unknown[])[]): string[] =>
    rows.map((row) => row.map(String).join('|'));
  assert.deepEqual(text(found), text(expected));
  assert.ok(Math.max(...sizes) <= 1.3 * PIECE_ROWS, `${sizes}`);
  assert.ok(paths.length >= 10 && paths.length <= 16, `${paths.length} pieces`);

  const ranges = new PieceRanges();
  const busy = await ranges.pick(duck, paths, 'BUSY-USDT');
  const [count] = await duck.rows(`SELECT count(*) FROM ${sqlParquet(busy)} WHERE symbol = 'BUSY-USDT'`);
  assert.equal(Number(count?.[0]), text(expected).filter((row) => row.startsWith('BUSY-')).length);
  assert.ok(busy.length >= 6 && busy.length < paths.length);
  assert.equal((await ranges.pick(duck, paths, 'S7-USDT')).length, 1);
});
