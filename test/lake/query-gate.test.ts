import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ErrorCode, SpreadscopeError } from '../../src/core/errors.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { admit } from '../../src/lake/query-gate.ts';

let duck: Duck;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
});
after(() => duck.close());

async function isRefused(sql: string, code: ErrorCode = 'QUERY_REFUSED'): Promise<void> {
  await assert.rejects(
    admit(duck, sql),
    (error: unknown) => {
      assert.ok(error instanceof SpreadscopeError, `${sql}: ${String(error)}`);
      assert.equal(error.code, code, sql);
      assert.ok(!error.message.includes('\n'), sql);
      return true;
    },
    sql,
  );
}

test('whatever is not one SELECT is refused before it is prepared', async () => {
  for (const sql of [
    'INSERT INTO quotes VALUES (1)',
    'CREATE TABLE x (a INT)',
    'CREATE VIEW x AS SELECT 1',
    'CREATE SECRET (TYPE s3)',
    'UPDATE quotes SET bid = 1',
    'DELETE FROM quotes',
    'MERGE INTO quotes USING trades ON true WHEN MATCHED THEN DELETE',
    'TRUNCATE quotes',
    'DROP VIEW quotes',
    'ALTER VIEW quotes RENAME TO x',
    "COPY quotes TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.parquet' (USE_TMP_FILE false)",
    "COPY x FROM '/etc/passwd'",
    'COPY FROM DATABASE memory TO x',
    "EXPLAIN ANALYZE COPY quotes TO '/tmp/x.csv'",
    'EXPLAIN SELECT 1',
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    'DETACH memory',
    'INSTALL httpfs',
    'LOAD httpfs',
    "LOAD '/tmp/x.duckdb_extension'",
    'UPDATE EXTENSIONS',
    'SET threads = 8',
    'SET VARIABLE x = 1',
    'RESET threads',
    'PRAGMA version',
    "PRAGMA enable_profiling='json'",
    'CALL enable_logging()',
    'CALL pragma_version()',
    'PREPARE p AS SELECT 1',
    'EXECUTE p',
    'DEALLOCATE p',
    'PIVOT quotes ON venue USING max(bid)',
    'BEGIN',
    'CHECKPOINT',
    'VACUUM',
    'USE memory',
    "COMMENT ON VIEW quotes IS 'x'",
    'WITH a AS (SELECT 1) INSERT INTO quotes FROM a',
    'WITH a AS (SELECT 1) DELETE FROM quotes',
    "SELECT 1; COPY quotes TO '/tmp/x.csv'",
    'SELECT 1; SELECT 2',
    'SELECT 1 \0; SELECT 2',
    'SELECT 1 \ud800',
  ])
    await isRefused(sql);
});

test('a function after FROM that is not known to be harmless is refused, wherever it stands and however it is spelt', async () => {
  for (const sql of [
    "FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "FROM glob('/etc/*')",
    'FROM "READ_Blob"(\'/etc/passwd\')',
    "FROM main.read_parquet('x.parquet')",
    "FROM system.main.parquet_metadata('x.parquet')",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (FROM read_csv('/etc/passwd'))",
    "WITH a AS MATERIALIZED (FROM read_csv('/etc/passwd')) FROM quotes",
    "SELECT 1 ORDER BY (SELECT 1 FROM glob('*'))",
    "SELECT 1 LIMIT (SELECT 1 FROM glob('*'))",
    "FROM quotes JOIN read_csv('/etc/passwd') ON true",
    'FROM quotes, LATERAL (FROM read_csv(symbol))',
    "SELECT 1 UNION ALL FROM read_csv('/etc/passwd')",
    "WITH RECURSIVE a AS (SELECT 1 UNION ALL FROM sniff_csv('/etc/passwd')) FROM a",
    "DESCRIBE FROM read_csv('/etc/passwd')",
    "SUMMARIZE FROM read_csv('/etc/passwd')",
    "FROM (PIVOT_LONGER quotes ON bid), read_json('/etc/passwd')".replace('PIVOT_LONGER', 'UNPIVOT'),
    "FROM range((SELECT count(*) FROM glob('*')))",
    "FROM query('SELECT 1')",
    "FROM query_table('quotes')",
    "FROM json_execute_serialized_sql('{}')",
    'FROM enable_logging()',
    "FROM enable_logging(storage = 'file', storage_path = '/tmp/x')",
    "FROM enable_profiling(save_location = '/tmp/x.json')",
    'FROM disable_logging()',
    'FROM checkpoint()',
    'FROM duckdb_secrets()',
    "FROM which_secret('s3://x', 's3')",
    "SELECT write_log('x')",
    "SELECT json_serialize_plan('SELECT 1')",
  ])
    await isRefused(sql);
});

test('what is no SQL, or nothing, has failed', async () => {
  for (const sql of [
    'SELEC 1',
    '',
    ';',
    '-- nothing',
    'SELECT (',
    'WITH x AS (INSERT INTO y VALUES (1) RETURNING *) FROM x',
  ])
    await isRefused(sql, 'QUERY_FAILED');
});

test('reading is admitted, and every table that a query is about is named', async () => {
  for (const [sql, tables] of [
    ['SELECT 1', []],
    ['SELECT 1;', []],
    ['FROM quotes', ['quotes']],
    ['TABLE trades', ['trades']],
    ['VALUES (1)', []],
    ['SELECT * FROM memory.main."Quotes" JOIN trades USING (symbol)', ['quotes', 'trades']],
    ['WITH q AS (FROM quotes) SELECT (SELECT count(*) FROM gaps) FROM q', ['gaps', 'quotes']],
    ['DESCRIBE quotes', ['quotes']],
    ['SUMMARIZE trades', ['trades']],
    ['SHOW TABLES', []],
    ['FROM histogram(quotes, bid)', ['quotes']],
    ["FROM quotes PIVOT (max(bid) FOR venue IN ('okx'))", ['quotes']],
    ['FROM opportunities, range(3), unnest([1])', ['opportunities']],
    ["SELECT list_transform([1], x -> x + 1), COLUMNS(c -> c LIKE 'b%') FROM quotes", ['quotes']],
    ['FROM trades ASOF JOIN quotes USING (venue, symbol, receive_time)', ['quotes', 'trades']],
  ] as const)
    assert.deepEqual([...(await admit(duck, sql))].sort(), tables, sql);
});
