import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import type { QueryRequest } from '../../src/app/query.ts';
import { type ErrorCode, SpreadscopeError } from '../../src/core/errors.ts';
import { type Duck, openDuck, sqlText } from '../../src/lake/duck.ts';
import { allPartitions, filesOf } from '../../src/lake/partitions.ts';
import { writeSegment } from '../lake/journal-rig.ts';
import { askLake, convert, hashOf, smallLake, smallSegment } from './query-rig.ts';

let duck: Duck;
/** Three segments in Parquet, two in the journal. */
let lake: string;
/** The same rows, all in Parquet. */
let twin: string;
let hash: string;

before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
  lake = await smallLake(3, 2);
  twin = await smallLake(0, 5);
  await convert(twin, true);
  // A way out of the lake, under a name that nothing reads by itself.
  symlinkSync('/etc/passwd', join(lake, 'out.csv'));
  hash = hashOf(lake);
});

after(() => {
  duck.close();
  for (const folder of [lake, twin]) rmSync(folder, { recursive: true });
});

async function fails(sql: string, code: ErrorCode, more: Partial<QueryRequest> = {}): Promise<string> {
  let message = '';
  await assert.rejects(
    askLake(lake, sql, { tailRows: 0, ...more }),
    (error: unknown) => {
      assert.ok(error instanceof SpreadscopeError, `${sql}: ${String(error)}`);
      message = error.message;
      assert.equal(error.code, code, `${sql}: ${message}`);
      assert.ok(!message.includes('\n'), `${sql}: ${message}`);
      return true;
    },
    sql,
  );
  assert.equal(hashOf(lake), hash, sql);
  return message;
}

/** A file that a query of this lake may read. */
function aFile(): string {
  for (const { table, folder } of allPartitions(lake)) {
    const [file] = filesOf(lake, folder).visible;
    if (table === 'quotes' && file !== undefined) return join(lake, folder, file.name);
  }
  throw new Error('the lake has no file');
}

test('what would write, leave the lake, or change the engine is refused with one line, and the lake is the same to the byte', async () => {
  const file = aFile();
  for (const sql of [
    'INSERT INTO quotes VALUES (1)',
    'CREATE TABLE x AS FROM quotes',
    'UPDATE quotes SET bid = 1',
    'DELETE FROM quotes',
    `COPY quotes TO '${file}'`,
    `COPY (SELECT 1) TO '${file}' (FORMAT parquet, USE_TMP_FILE false)`,
    `COPY quotes TO '${lake}/new.csv'`,
    "CREATE TABLE x (a TEXT); COPY x FROM '/etc/passwd'",
    `EXPLAIN ANALYZE COPY quotes TO '${file}' (USE_TMP_FILE false)`,
    `EXPORT DATABASE '${lake}/new'`,
    `ATTACH '${lake}/new.db'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    'RESET lock_configuration',
    'PRAGMA threads=8',
    'SELECT 1; SELECT 2',
    'CALL enable_logging()',
    'PREPARE p AS SELECT 1',
    'EXECUTE p',
    `WITH a AS (SELECT 1) INSERT INTO quotes FROM a`,
    "FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "FROM glob('/etc/*')",
    `FROM read_text('${lake}/../../../etc/passwd')`,
    `FROM read_csv('${lake}/out.csv')`,
    "FROM read_csv('http://127.0.0.1:1/x.csv')",
    `FROM enable_profiling(save_location = '${lake}/profile.json')`,
    'FROM duckdb_secrets()',
    // By name instead of by function: these reach the engine, which refuses.
    "FROM '/etc/passwd.csv'",
    `FROM '${lake}/out.csv'`,
    `FROM '${lake}/../../../etc/hosts.csv'`,
    `FROM '${file}'`,
    "FROM 'http://127.0.0.1:1/x.csv'",
    "FROM 'quotes/**/*.parquet'",
  ])
    await fails(sql, 'QUERY_REFUSED');
  for (const sql of [
    "SELECT getenv('HOME')",
    "FROM '/etc/passwd'",
    'SELECT * FROM quote',
    "SELECT 'x'::INT",
    'SELECT ?',
  ])
    await fails(sql, 'QUERY_FAILED');
  assert.match(await fails('FROM quote', 'QUERY_FAILED'), /Did you mean "quotes"\?$/);
});

test('what takes too much memory, time or room ends with one line', async () => {
  for (const sql of [
    "SELECT length(repeat('x', 2000000000))",
    'SELECT list(range(1e9::BIGINT))',
    "SELECT string_agg(repeat('x', 1000000), '') FROM range(2000)",
  ])
    await fails(sql, 'QUERY_LIMIT');
  const short = { limits: { timeoutMs: 1500, outputBytes: 1e6 } };
  const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b';
  assert.match(await fails(endless, 'QUERY_LIMIT', short), /longer than 1.5 s/);
  // Worked out while it is prepared, when the process hears nothing.
  const folded = 'SELECT list_sum(list_transform(range(20000000), x -> sin(x) * cos(x) * tan(x)))';
  await fails(folded, 'QUERY_LIMIT', short);
  const large = { limits: { timeoutMs: 60_000, outputBytes: 1_500_000 } };
  assert.match(await fails('FROM range(100000000)', 'QUERY_LIMIT', large), /larger than 1.5 MB/);
});

test('an answer that is cut at its limit of bytes is given up to there', async () => {
  const parts: string[] = [];
  const output = new Writable({
    write: (part: Buffer, _encoding, done) => {
      parts.push(part.toString());
      done();
    },
  });
  await fails('FROM range(100000000)', 'QUERY_LIMIT', {
    output,
    limits: { timeoutMs: 60_000, outputBytes: 1_500_000 },
  });
  assert.equal(parts.join('').length, 1_500_000);
  assert.ok(parts.join('').startsWith('range\n0\n1\n2\n'));
});

test('queries give what plain SQL over the files of the same recording gives, what waits in the journal included, each row once', async () => {
  for (const table of ['quotes', 'trades', 'gaps'])
    await duck.run(
      `CREATE OR REPLACE VIEW ${table} AS FROM read_parquet('${twin}/${table}/**/*.parquet', hive_partitioning = true, hive_types = {hour: BIGINT})`,
    );
  for (const sql of [
    'SELECT count(*) FROM quotes',
    'SELECT venue, symbol, date::VARCHAR, hour, count(*), sum(bid), max(sequence), epoch_us(min(receive_time)) FROM quotes GROUP BY ALL ORDER BY ALL',
    'SELECT symbol, venue, epoch_us(receive_time), bid, bid_size, ask, ask_size, sequence FROM quotes ORDER BY ALL',
    'SELECT symbol, venue, epoch_us(receive_time), price, size, side, trade_id FROM trades ORDER BY ALL',
    'SELECT venue, symbol, epoch_us("from"), epoch_us("to"), reason, stream, rows_lost FROM gaps ORDER BY ALL',
    "SELECT count(*), max(price) FROM trades WHERE date = '2026-11-23' AND hour = 14 AND venue = 'gate'",
    'SELECT DISTINCT typeof(venue), typeof(date), typeof(hour), typeof(symbol), typeof(receive_time), typeof(sequence) FROM quotes',
    'SELECT count(*) FROM trades ASOF JOIN quotes USING (venue, symbol, receive_time)',
    'SELECT count(*) FROM opportunities',
  ]) {
    const { text } = await askLake(lake, sql, { format: 'ndjson' });
    const got = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Object.values(JSON.parse(line) as object).map(String));
    const plain = sql.includes('opportunities') ? [[0]] : await duck.rows(sql);
    const wanted = plain.map((row) => row.map(String));
    assert.deepEqual(got, wanted, sql);
  }
  assert.equal(hashOf(lake), hash);
});

test('a journal that is too long is left out and said so; the lake is read without it', async () => {
  const { text, notes } = await askLake(lake, 'SELECT count(*) AS n FROM quotes', { tailRows: 100 });
  assert.equal(text, 'n\n300\n');
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? '', /^400 rows wait in the journal and are not in the answer/);
});

test('a limit that cuts is said; one that does not is not', async () => {
  const cut = await askLake(lake, 'SELECT symbol FROM quotes', { limit: 3 });
  assert.deepEqual([cut.text.split('\n').length, cut.notes], [5, ['only the first 3 rows: --limit']]);
  assert.deepEqual((await askLake(lake, 'FROM range(3)', { limit: 3 })).notes, []);
});

test('a file that a merge takes away while it is to be read makes us look again, once', async () => {
  const own = await smallLake(1, 1);
  try {
    const move = (by: number) => {
      for (const { folder } of [...allPartitions(own)])
        for (const { name, part } of filesOf(own, folder).visible)
          renameSync(
            join(own, folder, name),
            join(own, folder, name.replace(/^\d{10}/, String(part.first - by).padStart(10, '0'))),
          );
    };
    // The note comes after the listing.
    let left = 1;
    const note = () => {
      if (left > 0) move(1);
      left -= 1;
    };
    const { text } = await askLake(own, 'SELECT count(*) AS n FROM quotes', { tailRows: 0, note });
    assert.equal(text, 'n\n100\n');
    assert.equal(left, -1);
    let at = 0;
    const always = () => {
      at += 1;
      for (const { folder } of [...allPartitions(own)])
        for (const { name } of filesOf(own, folder).visible)
          renameSync(
            join(own, folder, name),
            join(own, folder, name.replace(/-\d{10}/, `-${String(100 + at).padStart(10, '0')}`)),
          );
    };
    await assert.rejects(
      askLake(own, 'SELECT count(*) FROM quotes', { tailRows: 0, note: always }),
      (error: unknown) => error instanceof SpreadscopeError && error.code === 'FILE_UNREADABLE',
    );
  } finally {
    rmSync(own, { recursive: true });
  }
});

test('a damaged file is named, with what lists all of them', async () => {
  const own = await smallLake(1, 0);
  try {
    writeFileSync(
      join(own, 'quotes/date=2026-11-23/hour=14/venue=okx/0000000009-0000000009.parquet'),
      'PAR1',
    );
    await assert.rejects(askLake(own, 'SELECT sum(bid) FROM quotes'), (error: unknown) => {
      assert.ok(error instanceof SpreadscopeError);
      assert.equal(error.code, 'FILE_UNREADABLE');
      assert.match(error.message, /lake check.*0000000009-0000000009\.parquet/);
      assert.ok(error.message.includes(own) && !error.message.includes('spreadscope-query-'));
      return true;
    });
  } finally {
    rmSync(own, { recursive: true });
  }
});

test('a lake may lie in folders that are named like partitions, and with signs that SQL knows', async () => {
  const root = mkdtempSync(join(tmpdir(), 'query-'));
  try {
    const odd = join(root, "venue=okx/date=2020-01-01/it's [a] * lake");
    mkdirSync(odd, { recursive: true });
    writeSegment(odd, smallSegment(1));
    await convert(odd);
    writeSegment(odd, smallSegment(2));
    const { text } = await askLake(
      odd,
      'SELECT venue, date, hour, count(*) AS n FROM quotes GROUP BY ALL ORDER BY ALL',
    );
    assert.equal(text, 'venue,date,hour,n\ngate,2026-11-23,14,100\nokx,2026-11-23,14,100\n');
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('who asks can end it, and nothing is left of any query, however it ended', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'query-'));
  const { TMPDIR } = process.env;
  process.env.TMPDIR = scratch;
  try {
    const controller = new AbortController();
    const reason = new SpreadscopeError('INTERRUPTED', 'stopped');
    const asked = askLake(lake, 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b', {
      signal: controller.signal,
    });
    assert.equal(readdirSync(scratch).length, 1);
    setImmediate(() => controller.abort(reason));
    await assert.rejects(asked, (error: unknown) => error === reason);
    await fails("SELECT length(repeat('x', 2000000000))", 'QUERY_LIMIT');
    await askLake(lake, 'SELECT 1');
    assert.deepEqual(readdirSync(scratch), []);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(scratch, { recursive: true });
  }
});

test('csv, ndjson and json keep hostile text as it is, for a reader that is not ours', async () => {
  const hostile = [
    'plain',
    '',
    ' padded ',
    'a,b',
    'a"b',
    'a\nb',
    'a\r\nb',
    '\u001b[2J\u202e',
    "it's",
    '龙🦆',
    'NULL',
    '\\n',
  ];
  const sql = `SELECT i, unnest([${[...hostile.map(sqlText), 'NULL'].join(', ')}]) AS "a ""b"",\n" FROM (SELECT 1 AS i)`;
  const wanted = [...hostile, null];
  const csv = await askLake(lake, sql);
  const file = join(twin, 'answer.csv');
  writeFileSync(file, csv.text);
  try {
    const read = await duck.rows(
      `SELECT COLUMNS(c -> c <> 'i') FROM read_csv(${sqlText(file)}, header = true, all_varchar = true, quote = '"', escape = '"', delim = ',', allow_quoted_nulls = false, new_line = '\\n', auto_detect = false, columns = {'i': 'VARCHAR', 'text': 'VARCHAR'})`,
    );
    assert.deepEqual(
      read.map((row) => row[0]),
      wanted,
    );
  } finally {
    rmSync(file);
  }
  const name = 'a "b",\n';
  const ndjson = (await askLake(lake, sql, { format: 'ndjson' })).text.trimEnd().split('\n');
  const json = JSON.parse((await askLake(lake, sql, { format: 'json' })).text) as Record<string, unknown>[];
  for (const rows of [ndjson.map((line) => JSON.parse(line) as Record<string, unknown>), json])
    assert.deepEqual(
      rows.map((row) => row[name]),
      wanted,
    );
});
