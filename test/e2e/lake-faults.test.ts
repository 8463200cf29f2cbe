import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { StatusReply } from '../../src/wire/api.ts';
import {
  difference,
  findMissing,
  loadJournal,
  type PlainSql,
  plainSql,
  startRecording,
  temporaryFolder,
  viewGaps,
  viewLake,
} from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const RATE = 20_000;
const SYMBOLS = 40;
/** From the end of a trouble to recording again. */
const CURED_WITHIN_MS = 5_000;

const root = process.getuid?.() === 0;
const NO_ROOT = root ? false : 'mounting a small disk and limiting a process need root';
const NO_STRACE = existsSync('/usr/bin/strace')
  ? false
  : 'faults of the disk are made with strace, which is not installed';

type Program = Awaited<ReturnType<typeof startRecording>>;
type Simulator = Awaited<ReturnType<typeof startSimulatorProcess>>;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sql: PlainSql;

before(async () => {
  sql = await plainSql();
});
after(() => sql.close());
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function startRig(
  lake: string,
  flags: readonly string[] = [],
  under: readonly string[] = [],
): Promise<{ simulator: Simulator; program: Program; journal: string }> {
  const journal = join(folder.path, 'journal.ndjson');
  const simulator = await startSimulatorProcess([
    ...['--symbols', `${SYMBOLS}`, '--rate', `${RATE}`, '--journal', journal],
  ]);
  const program = await startRecording(simulator.url, lake, ['--symbols', `${SYMBOLS}`, ...flags], under);
  await until(async () => (await program.status()).rates.quotes > RATE * 0.7, 30_000, 'the full rate');
  return { simulator, program, journal };
}

function codes(status: StatusReply): string[] {
  return status.alarms.map(({ code }) => code);
}

/** Waits for an alarm; and that it goes, with recording going on, within the time that is promised. */
async function alarm(program: Program, code: string, withinMs: number): Promise<void> {
  await until(async () => codes(await program.status()).includes(code), withinMs, `the alarm ${code}`);
}

async function recordsAgain(program: Program): Promise<void> {
  const from = await program.status();
  const recorded = (status: StatusReply): number => status.lake?.recorded.quotes ?? 0;
  await until(
    async () => {
      const now = await program.status();
      return now.lake?.recording === true && recorded(now) > recorded(from) + RATE / 4;
    },
    CURED_WITHIN_MS,
    'recording again',
  );
}

/** The live side goes on at its rate. */
async function flows(program: Program, forMs: number): Promise<void> {
  const from = await program.status();
  const started = performance.now();
  await wait(forMs);
  const to = await program.status();
  const rate = ((to.totals.quotes - from.totals.quotes) * 1000) / (performance.now() - started);
  assert.ok(rate > RATE * 0.7, `${Math.round(rate)} quotes a second`);
}

/** Ends everything; every row that was sent is in the lake, or counted as lost in a gap of its venue and stream. Answers the rows lost, and how long the stop took. */
async function reconcile(
  rig: { simulator: Simulator; program: Program; journal: string },
  lake: string,
): Promise<{ missing: number; stopMs: number }> {
  const stopMs = await rig.program.stop();
  await rig.simulator.stop();
  await loadJournal(sql, rig.journal);
  await viewLake(sql, lake);
  await viewGaps(sql, lake);
  const { missing, foreign } = await difference(sql);
  assert.equal(foreign, 0, 'rows are there twice, or were never sent');
  const lost = await sql.rows(
    `SELECT venue, stream, sum(rows_lost)::INT AS rows FROM gaps WHERE rows_lost > 0 GROUP BY ALL ORDER BY ALL`,
  );
  await findMissing(sql);
  const sent = await sql.rows(
    `SELECT venue, stream, count(*)::INT AS rows FROM missing GROUP BY ALL ORDER BY ALL`,
  );
  assert.deepEqual(sent, lost);
  return { missing, stopMs };
}

test('a full disk: the live side goes on, an alarm says so, recording goes on by itself when there is room, and each lost row is counted', {
  skip: NO_ROOT,
}, async (t) => {
  const disk = join(folder.path, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk]);
  try {
    const lake = join(disk, 'lake');
    // Small buffers, so that rows are lost within seconds.
    const flags = ['--set', 'lake.buffer=4MB', '--set', 'rings.quotes=4096', '--set', 'rings.trades=1024'];
    const rig = await startRig(lake, flags);
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 1_000_000));
    await alarm(rig.program, 'LAKE_DISK_FULL', 5_000);
    assert.ok(codes(await rig.program.status()).length > 0);
    await flows(rig.program, 9_000);
    assert.equal((await rig.program.status()).lake?.recording, false);
    rmSync(join(disk, 'filler'));
    await recordsAgain(rig.program);
    await flows(rig.program, 2_000);
    const { missing: lost } = await reconcile(rig, lake);
    t.diagnostic(`${lost} rows lost, all of them counted`);
    assert.ok(lost > 0, 'nothing was lost: the test tests nothing');
  } finally {
    execFileSync('umount', ['-l', disk]);
    await folder.remove();
  }
});

function strace(inject: string): string[] {
  return [
    'strace',
    '-D',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'trace=fdatasync',
    '-e',
    `inject=fdatasync:${inject}`,
  ];
}

test('a disk that reports errors on sync: what was not synced is written again, and no row is lost', {
  skip: NO_STRACE,
}, async () => {
  try {
    const lake = join(folder.path, 'lake');
    // Each thread's calls are counted for itself.
    const rig = await startRig(lake, [], strace('error=EIO:when=6..8'));
    await until(async () => ((await rig.program.status()).lake?.errors.sync ?? 0) > 0, 30_000, 'an error');
    await flows(rig.program, 8_000);
    await until(async () => (await rig.program.status()).lake?.recording === true, 30_000, 'recording again');
    await recordsAgain(rig.program);
    assert.equal((await reconcile(rig, lake)).missing, 0);
  } finally {
    await folder.remove();
  }
});

test('a disk that stalls for 5 s: an alarm within two, the live side goes on, and no row is lost', {
  skip: NO_STRACE,
}, async () => {
  try {
    const lake = join(folder.path, 'lake');
    const rig = await startRig(lake, [], strace('delay_enter=5000000:when=15'));
    await alarm(rig.program, 'LAKE_DISK_STALLED', 60_000);
    await flows(rig.program, 3_000);
    await until(async () => (await rig.program.status()).lake?.recording === true, 10_000, 'recording again');
    await recordsAgain(rig.program);
    assert.equal((await reconcile(rig, lake)).missing, 0);
  } finally {
    await folder.remove();
  }
});

test('a stop while the disk stalls waits for it, 15 s at most, and loses nothing', {
  skip: NO_STRACE,
}, async (t) => {
  try {
    const lake = join(folder.path, 'lake');
    const rig = await startRig(lake, [], strace('delay_enter=4000000:when=15'));
    await alarm(rig.program, 'LAKE_DISK_STALLED', 60_000);
    const { missing, stopMs } = await reconcile(rig, lake);
    assert.equal(missing, 0);
    assert.ok(stopMs < 15_000, `${stopMs} ms`);
    t.diagnostic(`the stop took ${Math.round(stopMs)} ms`);
  } finally {
    await folder.remove();
  }
});

test('a system without a file left to open: an alarm, no row lost, and on it goes by itself', {
  skip: NO_ROOT,
}, async () => {
  try {
    const lake = join(folder.path, 'lake');
    const rig = await startRig(lake, ['--set', 'lake.partSeconds=1']);
    const limit = (files: number): void => {
      execFileSync('prlimit', ['--pid', `${rig.program.child.pid}`, `--nofile=${files}:`]);
    };
    // Nobody can ask meanwhile: a request needs a file too.
    limit(8);
    await wait(3_000);
    limit(4096);
    await recordsAgain(rig.program);
    const { lake: after } = await rig.program.status();
    assert.ok((after?.errors.write ?? 0) > 0, 'no open failed: the test tests nothing');
    await flows(rig.program, 1_000);
    assert.equal((await reconcile(rig, lake)).missing, 0);
  } finally {
    await folder.remove();
  }
});
