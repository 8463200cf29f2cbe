import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { StatusReply } from '../../src/wire/api.ts';
import { collect, spawnProgram } from '../cli/run.ts';

/** DuckDB by itself, with nothing of ours in it; the judge of what is in a lake. */
export async function plainSql() {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  return {
    rows: async (sql: string): Promise<Record<string, unknown>[]> => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    },
    run: async (sql: string): Promise<void> => {
      await connection.run(sql);
    },
    /** The one number that a statement answers. */
    count: async (sql: string): Promise<number> => {
      const reader = await connection.runAndReadAll(sql);
      return Number(reader.getRows()[0]?.[0]);
    },
    close: (): void => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export type PlainSql = Awaited<ReturnType<typeof plainSql>>;

export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'spreadscope-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** `spreadscope start` over a simulator, recording, in a process of its own; `under` is a program that runs it. */
export async function startRecording(
  via: string,
  lake: string,
  flags: readonly string[] = [],
  under: readonly string[] = [],
) {
  const args = ['start', '--via', via, '--port', '0', '--lake', lake, ...flags];
  const child = spawnProgram(args, undefined, {}, under);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [, url = ''] = await Promise.race([
    out.match(/^spreadscope (\S+)\n/),
    ended.then(([code]): never => {
      throw new Error(`spreadscope ended with ${code}: ${err.text()}`);
    }),
  ]);
  return {
    child,
    url,
    errors: () => err.text(),
    status: async (): Promise<StatusReply> => {
      const reply = await fetch(`${url}/api/v1/status`);
      return (await reply.json()) as StatusReply;
    },
    /** Ends it in peace; answers how long that took. */
    stop: async (): Promise<number> => {
      const from = performance.now();
      child.kill('SIGTERM');
      const [code, signal] = await ended;
      if (code !== 0) throw new Error(`spreadscope ended with ${code ?? signal}: ${err.text()}`);
      return performance.now() - from;
    },
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Makes tables `sent_quotes` and `sent_trades` of a simulator's journal, `published` the time when a row was sent, also of venues that do not tell it (that of the row before). */
export async function loadJournal(sql: PlainSql, path: string): Promise<void> {
  const columns = `{kind: 'VARCHAR', venue: 'VARCHAR', symbol: 'VARCHAR', sequence: 'BIGINT', "venueTime": 'BIGINT', bid: 'DOUBLE', "bidSize": 'DOUBLE', ask: 'DOUBLE', "askSize": 'DOUBLE', id: 'VARCHAR', price: 'DOUBLE', size: 'DOUBLE', side: 'VARCHAR'}`;
  await sql.run(
    `CREATE OR REPLACE TEMP TABLE lines AS SELECT *, last_value("venueTime" IGNORE NULLS) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS published FROM (SELECT *, row_number() OVER () AS n FROM read_json('${path}', format = 'newline_delimited', columns = ${columns}))`,
  );
  await sql.run(
    `CREATE OR REPLACE TABLE sent_quotes AS SELECT venue, symbol, "venueTime" AS venue_time, bid, "bidSize" AS bid_size, ask, "askSize" AS ask_size, sequence, published FROM lines WHERE kind = 'quote'`,
  );
  await sql.run(
    `CREATE OR REPLACE TABLE sent_trades AS SELECT venue, symbol, "venueTime" AS venue_time, id AS trade_id, price, size, side, published FROM lines WHERE kind = 'trade'`,
  );
}

/** Makes views `quotes`, `trades` and `gaps` of all Parquet files of a lake, as any program would see them; times as µs. */
export async function viewLake(sql: PlainSql, lake: string): Promise<void> {
  const files = (table: string): string =>
    `read_parquet('${lake}/${table}/**/*.parquet', hive_partitioning = true, filename = true, file_row_number = true)`;
  await sql.run(
    `CREATE OR REPLACE VIEW quotes AS SELECT venue, symbol, epoch_us(venue_time) AS venue_time, epoch_us(receive_time) AS receive_time, bid, bid_size, ask, ask_size, sequence, filename, file_row_number FROM ${files('quotes')}`,
  );
  await sql.run(
    `CREATE OR REPLACE VIEW trades AS SELECT venue, symbol, epoch_us(venue_time) AS venue_time, epoch_us(receive_time) AS receive_time, trade_id, price, size, side, filename, file_row_number FROM ${files('trades')}`,
  );
}

export async function viewGaps(sql: PlainSql, lake: string): Promise<void> {
  await sql.run(
    `CREATE OR REPLACE VIEW gaps AS SELECT venue, symbol, epoch_us("from") AS "from", epoch_us("to") AS "to", reason, stream, rows_lost FROM read_parquet('${lake}/gaps/**/*.parquet', hive_partitioning = true)`,
  );
}

const QUOTE = 'venue, symbol, venue_time, bid, bid_size, ask, ask_size, sequence';
const TRADE = 'venue, symbol, venue_time, trade_id, price, size, side';

/** Rows that were sent and are not in the lake, and rows of the lake that nobody sent, each as often as it occurs. */
export async function difference(sql: PlainSql): Promise<{ missing: number; foreign: number }> {
  const both = async (left: string, right: string): Promise<number> =>
    (await sql.count(
      `SELECT count(*) FROM (SELECT ${QUOTE} FROM ${left}quotes EXCEPT ALL SELECT ${QUOTE} FROM ${right}quotes)`,
    )) +
    (await sql.count(
      `SELECT count(*) FROM (SELECT ${TRADE} FROM ${left}trades EXCEPT ALL SELECT ${TRADE} FROM ${right}trades)`,
    ));
  return { missing: await both('sent_', ''), foreign: await both('', 'sent_') };
}

/** Makes the table `missing`: rows that were sent and are not in the lake, with the time when they were sent. No two rows of a market are equal. */
export async function findMissing(sql: PlainSql): Promise<void> {
  const part = (table: string, columns: string): string => {
    const same = columns.split(', ').map((name) => `s.${name} IS NOT DISTINCT FROM t.${name}`);
    return `SELECT s.venue, '${table}' AS stream, s.published FROM sent_${table} s ANTI JOIN ${table} t ON ${same.join(' AND ')}`;
  };
  await sql.run(
    `CREATE OR REPLACE TABLE missing AS ${part('quotes', QUOTE)} UNION ALL ${part('trades', TRADE)}`,
  );
}

/** Rows of a file that come before the row above them: by symbol, then by time. */
export async function unsorted(sql: PlainSql, table: 'quotes' | 'trades'): Promise<number> {
  return sql.count(
    `SELECT count(*) FROM (SELECT symbol, receive_time, lag(symbol) OVER w AS s, lag(receive_time) OVER w AS t FROM ${table} WINDOW w AS (PARTITION BY filename ORDER BY file_row_number)) WHERE symbol < s OR (symbol = s AND receive_time < t)`,
  );
}

/** Whether the table has any Parquet file: a glob that matches none is an error to DuckDB. */
export async function glob(lake: string, table: string): Promise<boolean> {
  try {
    const names = await readdir(join(lake, table), { recursive: true });
    return names.some((name) => name.endsWith('.parquet'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
