import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FramePool, type WaitingFrame } from '../../src/lake/frame-pool.ts';
import { FrameKind } from '../../src/lake/journal-format.ts';
import { JournalFullError, type JournalLimits, JournalWriter } from '../../src/lake/journal-writer.ts';
import { chance, temporaryLake } from './journal-rig.ts';
import { failure, MemoryJournal, type Step } from './memory-journal.ts';
import { readJournal } from './read-journal.ts';

const LIMITS: JournalLimits = {
  syncMs: 250,
  segmentMs: 1000,
  segmentBytes: 4000,
  journalBytes: 1e9,
  journalSegments: 1e6,
};

function rig(limits: Partial<JournalLimits> = {}) {
  const disk = new MemoryJournal();
  const pool = new FramePool(1 << 20);
  const clock = { ms: 0 };
  const safe: WaitingFrame[] = [];
  const troubles: unknown[] = [];
  const writer = new JournalWriter({
    files: disk,
    pool,
    nextSegment: 3,
    run: 'r',
    clock: () => 1_000_000 + clock.ms * 1000,
    ms: () => clock.ms,
    knowledge: () => ({ venues: ['okx'], instruments: [[1, 'okx', 'BTC-USDT']], openGaps: [] }),
    onSafe: (frames) => safe.push(...frames),
    onTrouble: (error) => troubles.push(error),
    onWorking: () => undefined,
    limits: { ...LIMITS, ...limits },
  });
  const add = (text: string): void => {
    const row = { venue: 'okx', symbol: text, stream: null, from: 0, to: 0, reason: 'clock', rowsLost: 0 };
    assert.ok(pool.addJson(FrameKind.gaps, 1, 1_000_000 + clock.ms * 1000, [row]));
  };
  /** Lets everything happen that can happen now. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 60; i += 1) await turn();
  };
  return { disk, pool, clock, safe, troubles, writer, add, settle };
}

function read(disk: MemoryJournal, powerCut = false): ReturnType<typeof readJournal> {
  const lake = temporaryLake();
  try {
    disk.lay(lake, powerCut);
    return readJournal(lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

function texts(disk: MemoryJournal, powerCut = false): (string | null)[] {
  return read(disk, powerCut).gaps.map(({ symbol }) => symbol);
}

test('what is written is there after the end of the program at once, after a power cut once it is synced, and only then is it let go of', async () => {
  const { disk, clock, add, settle, writer, safe, pool } = rig();
  add('a');
  writer.kick();
  await settle();
  assert.deepEqual(texts(disk), ['a']);
  assert.deepEqual(texts(disk, true), []);
  assert.equal(safe.length, 0);
  assert.equal(pool.length, 1);
  clock.ms += 250;
  writer.kick();
  await settle();
  assert.deepEqual(texts(disk, true), ['a']);
  assert.equal(safe.length, 1);
  assert.equal(pool.length, 0);
});

test('writing goes on while a sync takes its time', async () => {
  const { disk, clock, add, settle, writer } = rig();
  let release: (() => void) | undefined;
  add('a');
  writer.kick();
  await settle();
  disk.fault = (step) =>
    step === 'sync' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
  clock.ms += 250;
  writer.kick();
  await settle();
  add('b');
  clock.ms += 5000;
  writer.kick();
  await settle();
  assert.deepEqual(texts(disk), ['a', 'b']);
  assert.equal(writer.waitingMs(), 5000);
  disk.fault = () => undefined;
  release?.();
  await settle();
  assert.equal(writer.waitingMs(), 0);
});

test('a segment ends at its age and at its size, says so, and is closed', async () => {
  const { disk, clock, add, settle, writer } = rig();
  for (let i = 0; i < 40; i += 1) {
    add(`${i}`.padEnd(200, '.'));
    clock.ms += 300;
    writer.kick();
    await settle();
  }
  assert.ok(await writer.finish(10_000));
  assert.equal(disk.open, 0);
  assert.ok(disk.segments.size > 3);
  const { gaps, numbers } = read(disk, true);
  assert.equal(gaps.length, 40);
  // Every number once, none missing.
  const from = numbers[0] ?? 0;
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => from + i),
  );
});

test('whatever the disk does and when, every frame is there once and in order in the end, and what was called safe outlives a power cut', async () => {
  const steps: readonly Step[] = ['create', 'append', 'sync', 'names', 'remove', 'close', 'size'];
  for (let seed = 0; seed < 60; seed += 1) {
    const random = chance(seed);
    const { disk, clock, add, settle, writer, safe } = rig();
    const bad = steps.filter(() => random() < 0.5);
    const rate = random() * 0.4;
    let faulty = true;
    disk.fault = (step) => (faulty && bad.includes(step) && random() < rate ? failure('EIO') : undefined);
    let added = 0;
    for (let round = 0; round < 60; round += 1) {
      for (let n = Math.floor(random() * 3); n > 0; n -= 1) {
        add(`${added}`.padEnd(10 + Math.floor(random() * 300), '.'));
        added += 1;
      }
      clock.ms += Math.floor(random() * 400);
      writer.kick();
      await settle();
      if (random() < 0.8) continue;
      const rows = safe.filter(({ kind }) => kind === FrameKind.gaps).length;
      assert.ok(texts(disk, true).length >= rows, `seed ${seed}: ${rows} were called safe`);
    }
    faulty = false;
    clock.ms += 2000;
    const finished = writer.finish(1e9);
    for (let i = 0; i < 40; i += 1) {
      clock.ms += 1000;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(await finished);
    const { gaps, numbers } = read(disk, true);
    assert.deepEqual(
      gaps.map(({ symbol }) => Number.parseInt(symbol ?? '', 10)),
      Array.from({ length: added }, (_, i) => i),
      `seed ${seed}`,
    );
    const from = numbers[0] ?? 0;
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => from + i),
      `seed ${seed}: a number is missing`,
    );
    assert.equal(safe.filter(({ kind }) => kind === FrameKind.gaps).length, added);
    assert.equal(disk.open, 0);
  }
});

test('a journal that is full takes no further segment, and goes on when there is room', async () => {
  const { disk, clock, add, settle, writer, troubles } = rig({ journalSegments: 1 });
  add('a');
  writer.kick();
  await settle();
  writer.rotate();
  await settle();
  add('b');
  clock.ms += 300;
  writer.kick();
  await settle();
  assert.ok(troubles[0] instanceof JournalFullError);
  assert.deepEqual(texts(disk), ['a']);
  disk.segments.clear();
  clock.ms += 2000;
  writer.kick();
  await settle();
  assert.deepEqual(texts(disk), ['b']);
});

test('an end that takes too long answers that not everything is durable', async () => {
  const { disk, clock, add, writer } = rig();
  disk.fault = (step) => (step === 'sync' ? failure('EIO') : undefined);
  add('a');
  const finished = writer.finish(100);
  clock.ms += 200;
  assert.equal(await finished, false);
});
