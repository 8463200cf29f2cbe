import assert from 'node:assert/strict';
import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SpreadscopeError } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/log.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { type FileSteps, realSteps } from '../../src/lake/file-steps.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { findLake } from '../../src/lake/lake-folder.ts';
import { type LakeSnapshot, snapshotLake } from '../../src/lake/lake-snapshot.ts';
import { HOUR_US, partitionFolder } from '../../src/lake/layout.ts';
import { allPartitions, filesOf } from '../../src/lake/partitions.ts';
import { convertCopy } from '../../src/lake/tail-parquet.ts';
import { temporaryLake, writeSegment } from './journal-rig.ts';
import { globRows, HOUR_14, type ModelLake, randomLake, sorted } from './lake-model.ts';

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
const TABLES = ['quotes', 'trades', 'gaps'] as const;
const NEVER = new AbortController().signal;

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

class Died extends Error {}

/** Steps of which the n-th and all later ones do not happen. */
function dyingAt(n: number): { steps: FileSteps; count: () => number } {
  let count = 0;
  const counted = Object.entries(realSteps).map(([name, step]) => [
    name,
    (...args: never[]) => {
      count += 1;
      if (count >= n) throw new Died(`at step ${n}`);
      return (step as (...all: never[]) => unknown)(...args);
    },
  ]);
  return { steps: Object.fromEntries(counted) as FileSteps, count: () => count };
}

/** Converts and merges until a step does not happen; answers how many did. */
async function keepUntil(lake: string, n: number): Promise<number> {
  const dying = dyingAt(n);
  const keeper = new Keeper({
    lake,
    clock: () => HOUR_14 + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => false,
    poolRows: 60,
    pieceRows: 60,
    fileRows: 60,
    steps: dying.steps,
  });
  try {
    await keeper.recover();
    await keeper.finish();
    await keeper.compactAll(true, () => {});
  } catch (error) {
    assert.ok(error instanceof Died, String(error));
  } finally {
    await keeper.close();
  }
  return dying.count();
}

/** Every file of the snapshot and of the converted tail under one folder, for a plain glob. */
function gather({ files }: LakeSnapshot, tail: string, into: string): void {
  const link = (from: string, path: string) => {
    const to = join(into, path.replace(/\.merged$/, '.m.parquet'));
    mkdirSync(dirname(to), { recursive: true });
    linkSync(from, to);
  };
  for (const { folder, name, path } of files) link(path, join(folder, name));
  for (const { folder } of allPartitions(tail))
    for (const { name } of filesOf(tail, folder).visible)
      link(join(tail, folder, name), `${folder}/${name}.t.parquet`);
}

async function assertHolds(folder: string, model: ModelLake, at: string): Promise<void> {
  for (const table of TABLES) {
    const there = readdirSync(folder).includes(table);
    assert.deepEqual(
      sorted(there ? await globRows(duck, folder, table) : []),
      sorted(model[table]),
      `${table} ${at}`,
    );
  }
}

function hashOf(lake: string): Map<string, string> {
  const names = readdirSync(lake, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, 'base64')];
    }),
  );
}

test('whatever a keeper was at, a snapshot with its converted tail holds every row once, and the lake is as it was', async () => {
  const model = randomLake(21, 1);
  let steps = Number.POSITIVE_INFINITY;
  // Every seventh step: over the segments and folders each kind of step is met in every place.
  for (let n = 1; n <= steps; n += 7) {
    const lake = temporaryLake();
    const scratch = mkdtempSync(join(tmpdir(), 'snapshot-'));
    try {
      for (const segment of model.segments) writeSegment(lake, segment);
      const did = await keepUntil(lake, n);
      if (did < n) steps = did;
      const before = hashOf(lake);
      const tail = join(scratch, 'tail');
      const snapshot = snapshotLake(lake, tail, 1_000_000);
      await convertCopy(tail, snapshot.files, NEVER);
      mkdirSync(join(scratch, 'all'));
      gather(snapshot, tail, join(scratch, 'all'));
      await assertHolds(join(scratch, 'all'), model, `at step ${n}`);
      assert.deepEqual(hashOf(lake), before);
    } finally {
      rmSync(lake, { recursive: true });
      rmSync(scratch, { recursive: true });
    }
  }
  assert.ok(steps > 100, `only ${steps} steps`);
});

test('a lake whose folders change one after another without a rest is listed, each file of it once', async () => {
  const lake = temporaryLake();
  const scratch = mkdtempSync(join(tmpdir(), 'snapshot-'));
  const venues = ['okx', 'gate', 'binance', 'bybit'] as const;
  const hours = Array.from({ length: 24 }, (_, hour) => HOUR_14 - hour * HOUR_US);
  const folders = hours.flatMap((hour) => venues.map((venue) => partitionFolder('quotes', hour, venue)));
  for (const folder of folders) mkdirSync(join(lake, folder), { recursive: true });
  const end = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(join(import.meta.dirname, 'restless-keeper.js'), {
    workerData: { folders: folders.map((folder) => join(lake, folder)), end },
  });
  try {
    await once(worker, 'message');
    for (let i = 0; i < 20; i += 1) {
      const { files } = snapshotLake(lake, join(scratch, 'tail'), 1e6);
      assert.deepEqual(files.map(({ folder }) => folder).sort(), [...folders].sort());
    }
  } finally {
    Atomics.store(end, 0, 1);
    Atomics.notify(end, 0);
    await once(worker, 'exit');
    rmSync(lake, { recursive: true });
    rmSync(scratch, { recursive: true });
  }
});

test('a journal with more rows than may be is left out, and its rows are told', () => {
  const lake = temporaryLake();
  const tail = join(lake, 'tail');
  try {
    const model = randomLake(15, 1);
    for (const segment of model.segments) writeSegment(lake, segment);
    const { journal } = snapshotLake(lake, tail, 10);
    assert.equal(journal.copied, false);
    assert.ok(journal.rows > 10);
    assert.deepEqual(readdirSync(join(tail, '_journal')), []);
  } finally {
    rmSync(lake, { recursive: true });
  }
});

test('a file of the lake that is a link out of it is refused, and so is a folder; a link within it is not', async () => {
  const lake = temporaryLake();
  const other = temporaryLake();
  try {
    const model = randomLake(13, 1);
    for (const segment of model.segments) writeSegment(lake, segment);
    await keepUntil(lake, Number.POSITIVE_INFINITY);
    const tail = join(other, 'tail');
    const [partition] = allPartitions(lake);
    assert.ok(partition);
    const [file] = filesOf(lake, partition.folder).visible;
    assert.ok(file);
    const inside = join(lake, partition.folder, '0000009998-0000009998.parquet');
    symlinkSync(join(lake, partition.folder, file.name), inside);
    assert.equal(
      snapshotLake(lake, tail, 1e6).files.some(({ path }) => path.includes('9998')),
      true,
    );
    const refused = (error: unknown) => error instanceof SpreadscopeError && error.code === 'QUERY_REFUSED';
    const out = join(lake, partition.folder, '0000009999-0000009999.parquet');
    symlinkSync('/etc/passwd', out);
    assert.throws(() => snapshotLake(lake, tail, 1e6), refused);
    rmSync(out);
    const folder = join(other, 'venue=gate');
    mkdirSync(folder);
    linkSync(join(lake, partition.folder, file.name), join(folder, '0000000001-0000000001.parquet'));
    symlinkSync(folder, join(lake, dirname(partition.folder), 'venue=gate'));
    assert.throws(() => snapshotLake(lake, tail, 1e6), refused);
  } finally {
    rmSync(lake, { recursive: true });
    rmSync(other, { recursive: true });
  }
});

test('a folder that holds no lake is told from one that does', () => {
  const lake = temporaryLake();
  const noLake = (error: unknown) => error instanceof SpreadscopeError && error.code === 'NO_LAKE';
  try {
    for (const folder of [lake, join(lake, 'nowhere'), '/etc/passwd'])
      assert.throws(() => findLake(folder), noLake);
    mkdirSync(join(lake, 'quotes'));
    assert.equal(findLake(lake), lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
});
