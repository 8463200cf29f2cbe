import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { ReplayRows } from '../../src/app/replay-rows.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/log.ts';
import { type Duck, openDuck, sqlParquet } from '../../src/lake/duck.ts';
import { Keeper } from '../../src/lake/keeper.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { allPartitions, type PartFile } from '../../src/lake/partitions.ts';
import { readSnapshot } from '../../src/lake/read-snapshot.ts';
import { openRecording, type Recording } from '../../src/lake/recording.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { type RigFrame, type RigQuote, temporaryLake, writeSegment } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

/*
 * Who reads a lake while its keeper converts and merges what is read. The truth is what was written: quote n, of venue n % 2, came n seconds after 14:00.
 */
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
const NEVER = new AbortController().signal;
const VENUES = ['binance', 'okx'] as const;
const PER_SEGMENT = 10;
const SEGMENTS = 6;
const ALL = Array.from({ length: PER_SEGMENT * SEGMENTS }, (_, n) => n);

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

function temporary(t: TestContext): { lake: string; scratch: string } {
  const lake = temporaryLake();
  const scratch = mkdtempSync(join(tmpdir(), 'read-snapshot-'));
  t.after(() => {
    for (const folder of [lake, scratch]) rmSync(folder, { recursive: true });
  });
  return { lake, scratch };
}

function write(lake: string, segment: number): void {
  const frames = VENUES.map((venue, v): RigFrame => {
    const rows = ALL.filter((n) => Math.floor(n / PER_SEGMENT) === segment && n % 2 === v).map(
      (n): RigQuote => ({
        ...{ instrument: v, receiveTime: HOUR_14 + n * 1e6, venueTime: Number.NaN, sequence: n },
        ...{ bid: 100, bidSize: 1, ask: 101, askSize: 1 },
      }),
    );
    return { kind: 'quotes', venue, number: 10 * segment + v + 1, rows };
  });
  const instruments = VENUES.map((venue, v) => [v, venue, 'X-USDT'] as const);
  writeSegment(lake, { number: segment, createdAt: HOUR_14, instruments, frames });
}

/** Converts what there is, and merges if it is told to. */
async function keep(lake: string, merge: boolean, pieceRows?: number): Promise<void> {
  const keeper = new Keeper({
    ...{ lake, clock: () => HOUR_14 + 5 * HOUR_US, log: SILENT, memoryMb: 128, poolRows: 60 },
    ...{ retention: { days: null, maxBytes: null }, isRecording: () => false },
    ...{ pieceRows, fileRows: pieceRows },
  });
  try {
    await keeper.finish();
    if (merge) await keeper.compactAll(true, () => {});
  } finally {
    await keeper.close();
  }
}

/** A lake of which each of the first segments was converted for itself and the others wait. */
async function halfConverted(lake: string, converted: number): Promise<void> {
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    write(lake, segment);
    if (segment < converted) await keep(lake, false);
  }
}

async function numbersIn(files: readonly PartFile[]): Promise<number[]> {
  const rows = await duck.rows(
    `SELECT sequence::DOUBLE FROM ${sqlParquet(files.map(({ path }) => path))} ORDER BY sequence`,
  );
  return rows.map(([number]) => Number(number));
}

async function numbersOf(recording: Recording): Promise<number[]> {
  const { columns } = new ReplayRows();
  const numbers: number[] = [];
  const take = (count: number): void => {
    numbers.push(...columns.sequence.slice(0, count));
  };
  await recording.read(columns, take, NEVER);
  return numbers;
}

async function opened(t: TestContext, lake: string, scratch: string, to: number): Promise<Recording> {
  const recording = await openRecording(lake, scratch, { from: HOUR_14, to }, NEVER);
  t.after(() => recording.close());
  return recording;
}

const changed = (error: unknown): boolean =>
  error instanceof SpreadscopeError && error.code === 'FILE_UNREADABLE' && /ask again/.test(error.message);

test('what is converted after the lake was listed is not read twice', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, 3);
  const later = join(scratch, 'later');
  cpSync(lake, later, { recursive: true });
  await keep(later, false);
  const reading = readSnapshot(lake, join(scratch, 'tail'), NEVER, numbersIn);
  // It was listed when the call came back; the copy of its journal is still to be converted.
  cpSync(later, lake, { recursive: true });
  for (const { path } of listSegments(lake)) rmSync(path);
  assert.deepEqual(await reading, ALL);
});

test('who missed a file that was merged lists anew, and gets each row once', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, 3);
  let tries = 0;
  const found = await readSnapshot(lake, join(scratch, 'tail'), NEVER, async (files) => {
    tries += 1;
    if (tries === 1) await keep(lake, true);
    return await numbersIn(files);
  });
  assert.deepEqual(found, ALL);
  assert.equal(tries, 2);
});

test('a lake whose files never stay is told from one that cannot be read', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, 3);
  const tail = join(scratch, 'tail');
  let tries = 0;
  const losing = async (files: readonly PartFile[]): Promise<void> => {
    tries += 1;
    const [file] = files;
    assert.ok(file !== undefined && existsSync(file.path));
    rmSync(file.path);
    await numbersIn(files);
  };
  await assert.rejects(readSnapshot(lake, tail, NEVER, losing), changed);
  assert.equal(tries, 5);
  const failing = async (): Promise<never> => await Promise.reject(new Error('of another kind'));
  await assert.rejects(readSnapshot(lake, tail, NEVER, failing), /of another kind/);
});

test('a recording that was opened is read whole and in order, whatever is converted and merged meanwhile', async (t) => {
  for (const [converted, pieceRows] of [
    [SEGMENTS, undefined],
    [SEGMENTS, 7],
    [3, undefined],
    [3, 7],
    [0, 7],
  ] as const) {
    const { lake, scratch } = temporary(t);
    await halfConverted(lake, converted);
    const recording = await opened(t, lake, scratch, HOUR_14 + HOUR_US);
    await keep(lake, true, pieceRows);
    assert.deepEqual(await numbersOf(recording), ALL, `${converted} converted, pieces of ${pieceRows}`);
  }
});

test('what came after a recording was opened is not in it, though it was merged with what was', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, 4);
  const until = ALL.filter((n) => n < 4 * PER_SEGMENT);
  const recording = await opened(t, lake, scratch, HOUR_14 + until.length * 1e6 - 1);
  await keep(lake, true);
  assert.deepEqual(await numbersOf(recording), until);
});

test('a recording of which rows were removed says so', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, SEGMENTS);
  const recording = await opened(t, lake, scratch, HOUR_14 + HOUR_US);
  const [partition] = allPartitions(lake);
  assert.ok(partition);
  rmSync(join(lake, partition.folder), { recursive: true });
  await assert.rejects(numbersOf(recording), changed);
});

test('what holds some of the tail and not all of it is not read', async (t) => {
  const { lake, scratch } = temporary(t);
  await halfConverted(lake, 2);
  const recording = await opened(t, lake, scratch, HOUR_14 + HOUR_US);
  // The tail was made into one part of the last four segments; here the lake merges the third with the first two.
  const waiting = [3, 4, 5].map((number) => join(lake, '_journal', `rows-000000000${number}.seg`));
  for (const path of waiting) rmSync(path);
  await keep(lake, true);
  await assert.rejects(numbersOf(recording), changed);
});
