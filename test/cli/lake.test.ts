import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { lockLake } from '../../src/lake/lock.ts';
import { allPartitions, filesOf } from '../../src/lake/partitions.ts';
import { smallLake } from '../app/query-rig.ts';
import { collect, run, spawnProgram } from './run.ts';

let lake: string;
const folder = mkdtempSync(join(tmpdir(), 'spreadscope-lake-cli-'));

before(async () => {
  lake = await smallLake(3, 1);
});
after(() => {
  rmSync(lake, { recursive: true });
  rmSync(folder, { recursive: true });
});

async function fails(args: readonly string[], code: ErrorCode, message: RegExp): Promise<void> {
  const ended = await run(args, '', folder);
  const words = `spreadscope ${args.join(' ')}`;
  assert.equal(ended.out, '', words);
  assert.match(ended.err, /^error [A-Z_]+: [^\n]+\n$/, words);
  assert.ok(ended.err.startsWith(`error ${code}: `), `${words}: ${ended.err}`);
  assert.match(ended.err, message, words);
  assert.equal(ended.code, ERRORS[code].exit, words);
}

test('a folder without a lake, and a word that is no command, end with one line', async () => {
  for (const words of [
    ['lake', 'check'],
    ['lake', 'stat'],
    ['lake', 'compact'],
    ['query', 'SELECT 1'],
  ])
    await fails(words, 'NO_LAKE', /no lake in the folder lake: .*--lake/);
  await fails(['lake'], 'USAGE', /name a command of lake: check, stat, compact/);
  await fails(['lake', 'chekc'], 'USAGE', /did you mean check\?/);
  await fails(['query'], 'USAGE', /missing required argument 'sql'/);
  await fails(['query', 'SELECT 1', '--format', 'xml'], 'USAGE', /table, csv, ndjson, json/);
  await fails(['query', 'SELECT 1', '--limit', '0'], 'USAGE', /--limit takes a whole number/);
});

test('stat counts what there is and what waits, for people and for programs', async () => {
  const { code, out, err } = await run(['lake', 'stat', '--lake', lake]);
  assert.deepEqual([code, err], [0, '']);
  assert.match(
    out,
    /^quotes\n {2}day {9}venue {2}rows {4}MB {2}files {2}bytes\/row\n {2}2026-11-23 {2}gate {4}150 /,
  );
  assert.match(out, /in the journal: 1 segment, 0\.\d\d MB\n {2}venue {2}quotes {2}trades\n/);
  const json = JSON.parse((await run(['lake', 'stat', '--lake', lake, '--json'])).out) as {
    rows: number;
    days: { table: string; rows: number }[];
    journal: { segments: number };
  };
  assert.equal(json.rows, 603);
  assert.equal(json.journal.segments, 1);
});

test('check says that all is well with exit 0, and names what is not with exit 1', async () => {
  const sound = await run(['lake', 'check', '--lake', lake]);
  assert.deepEqual([sound.code, sound.err], [0, '']);
  assert.match(sound.out, /\nquotes +300 +6 /);
  assert.match(sound.out, /\ngate {3}connection +3 +3 min 15 s +9\n/);
  assert.match(sound.out, /\nnothing is wrong\n$/);
  const path = join(lake, 'quotes/date=2026-11-23/hour=14/venue=okx/0000000090-0000000090.parquet');
  writeFileSync(path, 'PAR1 and nothing else');
  try {
    const bad = await run(['lake', 'check', '--lake', lake]);
    assert.equal(bad.code, ERRORS.LAKE_DAMAGED.exit);
    assert.match(bad.out, /^wrong {2}quotes\/date=.*0000000090\.parquet {2}\S/m);
    assert.match(bad.err, /^error LAKE_DAMAGED: [^\n]+\n$/);
    const json = JSON.parse((await run(['lake', 'check', '--lake', lake, '--json'])).out) as {
      wrong: number;
    };
    assert.ok(json.wrong > 0);
  } finally {
    rmSync(path);
  }
});

test('compact leaves a lake alone that another process has, and else converts, merges and says so', async () => {
  const lock = lockLake(lake, { command: 'start', clock: () => Date.now() * 1000 });
  await fails(['lake', 'compact', '--lake', lake], 'LAKE_LOCKED', /process \d+ on .* has it \(start/);
  lock.release();
  const { code, out, err } = await run(['lake', 'compact', '--lake', lake, '--now']);
  assert.deepEqual([code, err], [0, '']);
  assert.match(
    out,
    /^journal: 1 segment became 5 files, 201 rows\nmerged: {2}20 → 5 files, 804 rows\ntables: {2}0\.\d\d → 0\.\d\d MB\n$/,
  );
  for (const { folder: partition } of allPartitions(lake))
    assert.equal(filesOf(lake, partition).visible.length, 1);
  const again = JSON.parse((await run(['lake', 'compact', '--lake', lake, '--json'])).out) as {
    compacted: { filesBefore: number };
  };
  assert.equal(again.compacted.filesBefore, 0);
});

test('a query answers on standard output as csv, and its faults are one line with their exit code', async () => {
  const { code, out, err } = await run([
    'query',
    '--lake',
    lake,
    'SELECT venue, count(*) AS n FROM quotes GROUP BY 1 ORDER BY 1',
  ]);
  assert.deepEqual([code, out, err], [0, 'venue,n\ngate,200\nokx,200\n', '']);
  const table = await run(['query', '--lake', lake, '--format', 'table', '--limit', '1', 'FROM range(3)']);
  assert.equal(table.out, 'range\n─────\n    0\n… 2 more rows (--limit shows more)\n');
  const query = (sql: string, ...more: string[]) => ['query', '--lake', lake, sql, ...more];
  await fails(query(`COPY quotes TO '${lake}/x.csv'`), 'QUERY_REFUSED', /one SELECT/);
  await fails(
    query("FROM read_text('/etc/passwd')"),
    'QUERY_REFUSED',
    /read_text\(\) is out of a query's reach/,
  );
  await fails(query('FROM quote'), 'QUERY_FAILED', /Did you mean "quotes"/);
  await fails(query("SELECT length(repeat('x', 2000000000))"), 'QUERY_LIMIT', /memory/);
  await fails(
    query('SELECT count(*) FROM range(1000000000) a, range(1000000000) b', '--timeout', '1'),
    'QUERY_LIMIT',
    /longer than 1 s.*--timeout/,
  );
});

/** A query that never ends, once its answer has begun to come, with a folder of its own for what it puts aside. */
async function endlessQuery() {
  const scratch = mkdtempSync(join(folder, 'tmp-'));
  const child = spawnProgram(
    ['query', '--lake', lake, '--timeout', '600', 'FROM range(1000000000000)'],
    folder,
    {
      TMPDIR: scratch,
    },
  );
  const err = collect(child.stderr);
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  assert.equal(readdirSync(scratch).length, 1);
  return { child, err, closed, scratch };
}

test('a signal ends a query with one line, and nothing of it is left', async () => {
  const { child, err, closed, scratch } = await endlessQuery();
  child.stdout?.resume();
  child.kill('SIGINT');
  const [code] = await closed;
  assert.deepEqual(
    [code, err.text()],
    [ERRORS.INTERRUPTED.exit, 'error INTERRUPTED: stopped before it was done\n'],
  );
  assert.deepEqual(readdirSync(scratch), []);
});

test('a query whose program was killed clears up after itself', async () => {
  const { child, closed, scratch } = await endlessQuery();
  const [name = ''] = readdirSync(scratch);
  const gone = new Promise<void>((resolve) => {
    const watcher = watch(scratch, () => {
      if (existsSync(join(scratch, name))) return;
      watcher.close();
      resolve();
    });
  });
  child.stdout?.resume();
  child.kill('SIGKILL');
  await Promise.all([closed, gone]);
  assert.deepEqual(readdirSync(scratch), []);
});
