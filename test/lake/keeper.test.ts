import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Log } from '../../src/core/log.ts';
import { isScattered } from '../../src/lake/compactor.ts';
import { type Duck, openDuck, sqlParquet } from '../../src/lake/duck.ts';
import { type FileSteps, realSteps } from '../../src/lake/file-steps.ts';
import { compactLake, Keeper, type KeeperOptions } from '../../src/lake/keeper.ts';
import { HOUR_US, parsePartName } from '../../src/lake/layout.ts';
import { allPartitions, filesOf } from '../../src/lake/partitions.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { temporaryLake, writeSegment } from './journal-rig.ts';
import { globRows, HOUR_14, type ModelLake, randomLake, sorted } from './lake-model.ts';

const TABLES = ['quotes', 'trades', 'gaps'] as const;
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
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

function keeperOf(lake: string, more: Partial<KeeperOptions> = {}): Keeper {
  return new Keeper({
    lake,
    clock: () => HOUR_14 + 5 * HOUR_US,
    log: SILENT,
    retention: { days: null, maxBytes: null },
    memoryMb: 128,
    isRecording: () => false,
    // So few that most segments are converted alone, and merged into several pieces.
    poolRows: 60,
    pieceRows: 60,
    ...more,
  });
}

/** Converts and merges everything. */
async function keepAll(keeper: Keeper): Promise<void> {
  try {
    await keeper.recover();
    await keeper.finish();
    await keeper.compactAll(true, () => {});
  } finally {
    await keeper.close();
  }
}

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

async function assertHolds(lake: string, model: ModelLake): Promise<void> {
  for (const table of TABLES) {
    const found = hasFiles(lake, table) ? await globRows(duck, lake, table) : [];
    assert.deepEqual(sorted(found), sorted(model[table]), table);
  }
}

/** A plain glob works, and finds no row that is not there or more often than it is. */
async function assertNothingTwice(lake: string, model: ModelLake): Promise<void> {
  for (const table of TABLES) {
    if (!hasFiles(lake, table)) continue;
    const left = new Map<string, number>();
    for (const row of sorted(model[table])) left.set(row, (left.get(row) ?? 0) + 1);
    for (const row of sorted(await globRows(duck, lake, table))) {
      const times = left.get(row) ?? 0;
      assert.ok(times > 0, `${table}: ${row} is there too often`);
      left.set(row, times - 1);
    }
  }
}

/** Once the journal is empty, the files that count hold every row. */
async function assertVisible(lake: string, model: ModelLake): Promise<void> {
  if (listSegments(lake).length > 0) return;
  for (const table of TABLES) {
    const paths = [...allPartitions(lake)]
      .filter((partition) => partition.table === table)
      .flatMap(({ folder }) => filesOf(lake, folder).visible.map(({ name }) => join(lake, folder, name)));
    const rows = paths.length === 0 ? [[0]] : await duck.rows(`SELECT count(*) FROM ${sqlParquet(paths)}`);
    assert.equal(Number(rows[0]?.[0]), model[table].length, table);
  }
}

function hasFiles(lake: string, table: string): boolean {
  return readdirSync(lake, { recursive: true }).some((name) =>
    new RegExp(`^${table}/.*\\.parquet$`).test(String(name)),
  );
}

test('cut off at any step of conversion or compaction, the lake holds every row once after the next start, and never a row twice', async () => {
  const model = randomLake(21, 1);
  let steps = Number.POSITIVE_INFINITY;
  // Every third step, so that the test ends soon; over the segments and folders each kind of step is met in every place.
  for (let n = 1; n <= steps; n += 3) {
    await inLake(async (lake) => {
      for (const segment of model.segments) writeSegment(lake, segment);
      const dying = dyingAt(n);
      const keeper = keeperOf(lake, { steps: dying.steps, fanIn: 2 });
      await keepAll(keeper).then(
        () => {
          steps = dying.count();
          const { filesBefore, filesAfter } = keeper.status().compacted;
          assert.ok(filesBefore >= 4 && filesAfter >= 4, 'there was hardly anything to merge');
        },
        (error: unknown) => assert.ok(error instanceof Died, String(error)),
      );
      await assertNothingTwice(lake, model);
      await assertVisible(lake, model);
      await keepAll(keeperOf(lake));
      await assertHolds(lake, model);
      assert.deepEqual(listSegments(lake), []);
      for (const { folder } of allPartitions(lake)) {
        const files = filesOf(lake, folder);
        assert.deepEqual(
          [files.inProgress, files.superseded, files.displaced, files.strange],
          [[], [], [], []],
        );
      }
    });
  }
  assert.ok(steps > 100, `only ${steps} steps`);
});

test('cut off twice, at steps of any two lives, nothing is lost or doubled', async () => {
  const model = randomLake(15, 1);
  for (let n = 3; n < 420; n += 83) {
    for (let m = 2; m < 40; m += 7) {
      await inLake(async (lake) => {
        for (const segment of model.segments) writeSegment(lake, segment);
        for (const at of [n, m])
          await keepAll(keeperOf(lake, { steps: dyingAt(at).steps })).catch((error: unknown) =>
            assert.ok(error instanceof Died, String(error)),
          );
        await assertNothingTwice(lake, model);
        await keepAll(keeperOf(lake));
        await assertHolds(lake, model);
      });
    }
  }
});

test('a segment is deleted only when the parts that hold its rows, and their names, are durable', async () => {
  await inLake(async (lake) => {
    const model = randomLake(13, 2);
    for (const segment of model.segments) writeSegment(lake, segment);
    const dirty = new Set<string>();
    const steps: FileSteps = {
      ...realSteps,
      makeFolder: (path) => {
        realSteps.makeFolder(path);
        dirty.add(dirname(path));
      },
      rename: (from, to) => {
        assert.ok(!dirty.has(from), `${from} got its name before its bytes were durable`);
        realSteps.rename(from, to);
        dirty.add(dirname(to));
      },
      setMode: (path, mode) => {
        realSteps.setMode(path, mode);
        dirty.add(path);
      },
      write: (path, text) => {
        realSteps.write(path, text);
        dirty.add(path);
      },
      sync: (path) => {
        realSteps.sync(path);
        dirty.delete(path);
      },
      syncFolder: (path) => {
        realSteps.syncFolder(path);
        dirty.delete(path);
      },
      remove: (path) => {
        if (path.endsWith('.seg') || path.endsWith('.merged')) assert.deepEqual([...dirty], [], path);
        realSteps.remove(path);
      },
    };
    await keepAll(keeperOf(lake, { steps }));
    await assertHolds(lake, model);
  });
});

test('a full disk, at whatever step, is told, waited out and forgotten', async () => {
  const model = randomLake(14, 1);
  for (let n = 1; n < 60; n += 3) {
    await inLake(async (lake) => {
      for (const segment of model.segments) writeSegment(lake, segment);
      let now = HOUR_14 + 5 * HOUR_US;
      let count = 0;
      const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const failing = Object.entries(realSteps).map(([name, step]) => [
        name,
        (...args: never[]) => {
          count += 1;
          if (count >= n && count < n + 3) throw full;
          return (step as (...all: never[]) => unknown)(...args);
        },
      ]);
      const keeper = keeperOf(lake, { steps: Object.fromEntries(failing) as FileSteps, clock: () => now });
      const codes = new Set<string>();
      for (let round = 0; round < 60; round += 1) {
        await keeper.tick();
        for (const { code } of keeper.status().troubles) codes.add(code);
        now += 1_000_000;
      }
      const { troubles, errors, backlog } = keeper.status();
      await keeper.close();
      for (const { folder } of allPartitions(lake))
        assert.deepEqual(filesOf(lake, folder).inProgress, [], 'half a file takes room');
      await assertHolds(lake, model);
      assert.deepEqual(listSegments(lake), []);
      assert.equal(backlog.segments, 0);
      assert.equal(codes.has('LAKE_DISK_FULL'), errors > 0);
      assert.ok(!troubles.some(({ code }) => code === 'LAKE_DISK_FULL'));
    });
  }
});

test('while somebody records, the last segment of the journal is left alone, and the others until they are due', async () => {
  await inLake(async (lake) => {
    const model = randomLake(15, 2);
    for (const segment of model.segments) writeSegment(lake, segment);
    const first = model.segments[0]?.createdAt ?? 0;
    let now = first + 59_000_000;
    const keeper = keeperOf(lake, {
      isRecording: () => true,
      clock: () => now,
      poolRows: 100_000,
      pieceRows: 100_000,
    });
    await keeper.recover();
    await keeper.tick();
    assert.equal(listSegments(lake).length, model.segments.length);
    assert.equal(keeper.status().backlog.segments, model.segments.length - 1);
    now += 1_000_000;
    assert.equal(await keeper.tick(), true);
    assert.deepEqual(
      listSegments(lake).map(({ number }) => number),
      [model.segments.at(-1)?.number],
    );
    await keeper.finish();
    assert.deepEqual(listSegments(lake), []);
    await keeper.close();
    await assertHolds(lake, model);
  });
});

test('a finished hour is merged into files of few rows each, in order; a late part joins them', async () => {
  await inLake(async (lake) => {
    const quote = { venueTime: 1, bid: 1, bidSize: 1, ask: 2, askSize: 1 };
    const names = Array.from({ length: 10 }, (_, i) => `S${i}-USDT`);
    const write = (number: number, from: number) =>
      writeSegment(lake, {
        number,
        createdAt: HOUR_14,
        instruments: names.map((name, i) => [i, 'okx', name] as const),
        frames: [
          {
            kind: 'quotes',
            venue: 'okx',
            number: number * 10,
            rows: Array.from({ length: 200 }, (_, i) => ({
              ...quote,
              instrument: i % 10,
              receiveTime: HOUR_14 + Math.floor((from + i) / 50),
              sequence: from + i,
            })),
          },
        ],
      });
    write(1, 0);
    const options = {
      lake,
      clock: () => HOUR_14 + HOUR_US + 180_000_000,
      log: SILENT,
      memoryMb: 128,
      poolRows: 100,
      pieceRows: 100,
      fileRows: 0,
    };
    await compactLake(options, { now: false });
    for (const [number, from] of [
      [2, 200],
      [4, 400],
    ] as const) {
      write(number, from);
      const keeper = keeperOf(lake);
      await keeper.finish();
      await keeper.close();
    }
    const folder = join(lake, 'quotes/date=2026-11-23/hour=14/venue=okx');
    assert.equal(readdirSync(folder).length, 3);
    const seen: string[] = [];
    const status = await compactLake(options, { now: false, progress: (name) => seen.push(name) });
    assert.deepEqual(seen, ['quotes/date=2026-11-23/hour=14/venue=okx']);
    assert.deepEqual(status.compacted, { rows: 600, filesBefore: 3, filesAfter: 10 });
    for (const name of readdirSync(folder)) {
      const part = parsePartName(name);
      assert.deepEqual([part?.first, part?.last, part?.pieces], [1, 4, 10], name);
    }
    const rows = await globRows(duck, lake, 'quotes');
    assert.deepEqual(
      rows.map((row) => [row[1], Number(row[8])]),
      names.flatMap((name, s) => Array.from({ length: 60 }, (_, i) => [name, 10 * i + s])),
    );
    assert.equal((await compactLake(options, { now: true })).compacted.filesBefore, 0);
  });
});

test('finished hours are not merged while that must wait, though rows are converted, and are afterwards', async () => {
  await inLake(async (lake) => {
    const model = randomLake(16, 3);
    for (const segment of model.segments) writeSegment(lake, segment);
    const later = (model.segments.at(-1)?.createdAt ?? 0) + 3 * HOUR_US;
    let may = false;
    const keeper = keeperOf(lake, { isRecording: () => false, clock: () => later, mayMerge: () => may });
    await keeper.recover();
    while (await keeper.tick());
    assert.deepEqual(listSegments(lake), []);
    assert.equal(keeper.status().compacted.filesBefore, 0);
    may = true;
    while (await keeper.tick());
    assert.ok(keeper.status().compacted.filesBefore > 0);
    await keeper.close();
    await assertHolds(lake, model);
  });
});

/** A keeper of a lake with one scattered hour, whose merges ask `mayMerge`; one more segment, which is not written yet; and what merges all and looks whether it is all there. */
async function mergingKeeper(lake: string, more: Partial<KeeperOptions>) {
  const model = randomLake(16, 3);
  const last = model.segments.at(-1);
  assert.ok(last !== undefined);
  for (const segment of model.segments.slice(0, -1)) writeSegment(lake, segment);
  const clock = { now: last.createdAt + 3 * HOUR_US };
  const first = keeperOf(lake);
  await first.finish();
  await first.close();
  const keeper = keeperOf(lake, {
    clock: () => clock.now,
    pauseMs: 1,
    pieceRows: 5,
    ...more,
  });
  await keeper.recover();
  const mergeAll = async (): Promise<void> => {
    while (await keeper.tick());
    // What came late is merged with the next hour.
    clock.now += HOUR_US;
    while (await keeper.tick());
    await keeper.close();
    await assertHolds(lake, model);
    for (const { folder } of allPartitions(lake)) assert.ok(!isScattered(lake, folder), folder);
  };
  return { last, keeper, mergeAll };
}

test('a merge that has to wait does so between two pieces; rows are converted meanwhile, and then it goes on', async () => {
  await inLake(async (lake) => {
    const seen: string[] = [];
    let asked = 0;
    const mayMerge = (): boolean => {
      asked += 1;
      // The first asks for the merge itself, the second for its first piece.
      if (asked === 3) writeSegment(lake, last);
      if (asked >= 3 && asked <= 6)
        seen.push(`${listSegments(lake).length} ${keeper.status().compacted.filesBefore}`);
      return asked < 3 || asked > 5;
    };
    const { last, keeper, mergeAll } = await mergingKeeper(lake, { mayMerge });
    await keeper.tick();
    // While it waits nothing of the merge is there, and the segment that came is converted.
    assert.deepEqual(seen, ['1 0', '0 0', '0 0', '0 0']);
    assert.ok(keeper.status().compacted.filesBefore > 0);
    await mergeAll();
  });
});

test('a merge that has to wait for too long, or for which nobody waits, leaves the lake as it was and begins anew', async () => {
  await inLake(async (lake) => {
    let [asked, hurried, waits] = [0, false, true];
    const mayMerge = (): boolean => {
      asked += 1;
      if (asked === 1003) hurried = true;
      return !waits || asked < 3 || asked === 1001 || asked === 1002;
    };
    const { last, keeper, mergeAll } = await mergingKeeper(lake, { mayMerge, isHurried: () => hurried });
    const files = readdirSync(lake, { recursive: true }).sort();
    for (const [first, most] of [
      [0, 1000],
      [1000, 1003],
    ] as const) {
      asked = first;
      await keeper.tick();
      assert.ok(asked > first + 2 && asked <= most, `asked ${asked} times`);
      assert.deepEqual(readdirSync(lake, { recursive: true }).sort(), files);
      assert.equal(keeper.status().compacted.filesBefore, 0);
      assert.deepEqual(keeper.status().troubles, []);
    }
    [hurried, waits] = [false, false];
    writeSegment(lake, last);
    await mergeAll();
  });
});

test('an hour is not merged before it has ended, unless that is asked for', async () => {
  await inLake(async (lake) => {
    const model = randomLake(16, 3);
    for (const [i, segment] of model.segments.entries()) {
      writeSegment(lake, segment);
      if (i % 2 === 0) continue;
      const keeper = keeperOf(lake);
      await keeper.finish();
      await keeper.close();
    }
    const options = { lake, clock: () => HOUR_14 + 100, log: SILENT, memoryMb: 128 };
    assert.equal((await compactLake(options, { now: false })).compacted.filesBefore, 0);
    assert.ok((await compactLake(options, { now: true })).compacted.filesBefore > 0);
    await assertHolds(lake, model);
    for (const { folder } of allPartitions(lake)) assert.equal(filesOf(lake, folder).visible.length, 1);
  });
});

test('a damaged file of a finished hour is told, and neither it nor the others are lost', async () => {
  await inLake(async (lake) => {
    const model = randomLake(17, 3);
    const half = Math.floor(model.segments.length / 2);
    for (const part of [model.segments.slice(0, half), model.segments.slice(half)]) {
      for (const segment of part) writeSegment(lake, segment);
      const keeper = keeperOf(lake, { poolRows: 100_000, pieceRows: 100_000 });
      await keeper.finish();
      await keeper.close();
    }
    const [partition] = [...allPartitions(lake)].filter(({ folder }) => isScattered(lake, folder));
    assert.ok(partition !== undefined);
    const [name] = filesOf(lake, partition.folder).visible.map((file) => file.name);
    const path = join(lake, partition.folder, String(name));
    writeFileSync(path, 'PAR1 this is no Parquet file PAR1');
    let now = HOUR_14 + 5 * HOUR_US;
    const keeper = keeperOf(lake, { clock: () => now });
    const codes = new Set<string>();
    for (let i = 0; i < 40; i += 1) {
      await keeper.tick();
      for (const { code } of keeper.status().troubles) codes.add(code);
      now += 1_000_000;
    }
    assert.ok(codes.has('LAKE_DISK_ERROR'));
    await keeper.close();
    const left = [...allPartitions(lake)].filter(({ folder }) => isScattered(lake, folder));
    assert.deepEqual(
      left.map(({ folder }) => folder),
      [partition.folder],
    );
    assert.ok(filesOf(lake, partition.folder).visible.some((file) => file.name === name));
  });
});
