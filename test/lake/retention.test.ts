import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US, partitionFolder } from '../../src/lake/layout.ts';
import { allHours, fullness, mustGo, type Retention, removeHour } from '../../src/lake/retention.ts';
import { temporaryLake } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

const DAY_US = 24 * HOUR_US;
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A lake of files of 1,000 bytes: quotes and trades of two venues in each of these hours. */
function lakeOf(hours: readonly number[]): string {
  const lake = temporaryLake();
  for (const hour of hours)
    for (const table of ['quotes', 'trades'] as const)
      for (const venue of ['okx', 'mexc'] as const) {
        const folder = join(lake, partitionFolder(table, hour, venue));
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, '0000000001-0000000002.parquet'), Buffer.alloc(1000));
      }
  return lake;
}

async function retain(lake: string, now: number, retention: Retention): Promise<Keeper> {
  const keeper = new Keeper({
    lake,
    clock: () => now,
    log: SILENT,
    retention,
    memoryMb: 64,
    poolRows: 100,
    pieceRows: 100,
  });
  await keeper.recover();
  await keeper.tick();
  await keeper.close();
  return keeper;
}

test('an hour goes when it ended as many days ago as rows are kept, and not before', () => {
  const retention = { days: 2, maxBytes: null };
  assert.equal(mustGo(HOUR_14, HOUR_14 + HOUR_US + 2 * DAY_US - 1, 0, retention), false);
  assert.equal(mustGo(HOUR_14, HOUR_14 + HOUR_US + 2 * DAY_US, 0, retention), true);
});

test('by bytes, hours go while the lake is larger than it may be, but never the current one or one of the future', () => {
  const retention = { days: null, maxBytes: 100 };
  assert.equal(mustGo(HOUR_14, HOUR_14 + HOUR_US, 101, retention), true);
  assert.equal(mustGo(HOUR_14, HOUR_14 + HOUR_US, 100, retention), false);
  assert.equal(mustGo(HOUR_14, HOUR_14 + HOUR_US - 1, 1e9, retention), false);
  assert.equal(mustGo(HOUR_14 + DAY_US, HOUR_14, 1e9, retention), false);
  assert.equal(mustGo(HOUR_14, HOUR_14 + DAY_US, 1e9, { days: null, maxBytes: null }), false);
});

test('nearly full is 85 % of the disk or of the limit, whichever comes first', () => {
  const disk = { freeBytes: 150, totalBytes: 1000, lakeBytes: 10 };
  assert.equal(fullness(disk, null).warn, true);
  assert.equal(fullness({ ...disk, freeBytes: 151 }, null).warn, false);
  assert.deepEqual(fullness({ ...disk, freeBytes: 900 }, 11), { part: 10 / 11, of: 'limit', warn: true });
  assert.equal(fullness({ freeBytes: 0, totalBytes: 0, lakeBytes: 5 }, null).warn, false);
});

test('the oldest hours of all tables go first, with the folders that they leave empty', async () => {
  const hours = [HOUR_14 - DAY_US, HOUR_14 - HOUR_US, HOUR_14];
  const lake = lakeOf(hours);
  const keeper = await retain(lake, HOUR_14 + 1, { days: null, maxBytes: 9000 });
  assert.deepEqual(allHours(lake), hours.slice(1));
  assert.deepEqual(readdirSync(join(lake, 'quotes')), ['date=2026-11-23']);
  const { removed, disk, troubles } = keeper.status();
  assert.deepEqual(removed, { files: 4, bytes: 4000 });
  assert.equal(disk.lakeBytes, 8000);
  assert.ok(troubles.some(({ code }) => code === 'LAKE_NEARLY_FULL'));
  rmSync(lake, { recursive: true });
});

test('the current hour stays, however small the limit', async () => {
  const lake = lakeOf([HOUR_14 - HOUR_US, HOUR_14]);
  await retain(lake, HOUR_14 + 1, { days: 0, maxBytes: 1 });
  assert.deepEqual(allHours(lake), [HOUR_14]);
  rmSync(lake, { recursive: true });
});

test('a file that is none of the lake’s is not removed, nor does it stop anything', async () => {
  const lake = lakeOf([HOUR_14 - DAY_US, HOUR_14 - HOUR_US, HOUR_14]);
  const folder = join(lake, partitionFolder('quotes', HOUR_14 - DAY_US, 'okx'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  writeFileSync(join(folder, '0000000001-0000000002.parquet.merged'), 'x');
  await retain(lake, HOUR_14 + 1, { days: null, maxBytes: 1 });
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
  assert.ok(!existsSync(join(lake, partitionFolder('trades', HOUR_14 - HOUR_US, 'okx'))));
  assert.deepEqual(removeHour(realSteps, lake, HOUR_14 - DAY_US), { files: 0, bytes: 0 });
  rmSync(lake, { recursive: true });
});
