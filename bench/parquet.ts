/**
 * From the journal's rows to a sorted Parquet file: rows per second of wall and of processor time, and bytes per row, against DuckDB (load a table, COPY … ORDER BY) and
 * hyparquet-writer (rows sorted by our counting sort). Each starts from the same rows in order of arrival; each file is read back by DuckDB before a figure is printed.
 *
 *   npm run bench -- parquet
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIGINT, DOUBLE, DuckDBDataChunk, ENUM, TIMESTAMPTZ } from '@duckdb/node-api';
import { fileWriter, parquetWrite } from 'hyparquet-writer';
import { CHUNK_ROWS, ChunkColumns } from '../src/lake/chunk-columns.ts';
import { type Duck, openDuck, sqlText } from '../src/lake/duck.ts';
import type { JournalQuotes } from '../src/lake/journal-format.ts';
import { copyOptions, PART_STYLE, ParquetWriter } from '../src/lake/parquet-writer.ts';
import { orderRows } from '../src/lake/row-order.ts';
import { RowPool } from '../src/lake/row-pool.ts';
import { median, perSecond, printTable } from './harness.ts';
import { HOUR_14, quoteRows, symbolNames } from './lake-rows.ts';

const ROWS = 2 ** 19;
const SYMBOLS = 1000;
const ROUNDS = 5;

interface Contestant {
  readonly name: string;
  /** As text, for the sum of times. */
  readonly micros: string;
  write(path: string): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-parquet-'));
const names = symbolNames(SYMBOLS);
const rows = quoteRows(ROWS, SYMBOLS, HOUR_14, 100);

async function ours(): Promise<Contestant> {
  const writer = new ParquetWriter(await openDuck({ memoryMb: 256, threads: 1 }));
  const pool = new RowPool(ROWS);
  const ranks = Int32Array.from({ length: SYMBOLS }, (_, i) => i);
  return {
    name: 'spreadscope',
    micros: 'epoch_us(receive_time)',
    write: async (path) => {
      pool.clear();
      pool.addQuotes(rows, { ranks, from: 0, to: 0, whole: true }, { unknown: 0 });
      await writer.write(pool.quoteSource(names), path, PART_STYLE);
    },
  };
}

/** The table is filled by chunks of whole columns, its fastest way in. */
async function duckCopy(): Promise<Contestant> {
  const duck = await openDuck({ memoryMb: 2048, threads: 1 });
  const types = [ENUM(names), TIMESTAMPTZ, TIMESTAMPTZ, DOUBLE, DOUBLE, DOUBLE, DOUBLE, BIGINT];
  await duck.run(`CREATE TYPE symbols AS ENUM (${names.map(sqlText).join(', ')})`);
  return {
    name: 'DuckDB COPY … ORDER BY',
    micros: 'epoch_us(receive_time)',
    write: async (path) => {
      await duck.run(
        'CREATE OR REPLACE TABLE quotes (symbol symbols, venue_time TIMESTAMPTZ, receive_time TIMESTAMPTZ, bid DOUBLE, bid_size DOUBLE, ask DOUBLE, ask_size DOUBLE, sequence BIGINT)',
      );
      const appender = await duck.connection.createAppender('quotes');
      const columns = new ChunkColumns();
      for (let at = 0; at < ROWS; at += CHUNK_ROWS) {
        const chunk = DuckDBDataChunk.create(types);
        columns.begin(chunk, at, Math.min(CHUNK_ROWS, ROWS - at));
        fill(columns, rows);
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      await duck.run(
        `COPY (SELECT * REPLACE (symbol::VARCHAR AS symbol) FROM quotes ORDER BY quotes.symbol, receive_time) TO ${sqlText(path)} ${copyOptions(PART_STYLE)}`,
      );
    },
  };
}

const arrival = Uint32Array.from({ length: ROWS }, (_, i) => i);

function fill(columns: ChunkColumns, from: JournalQuotes): void {
  columns.codes(0, from.instrument, arrival, SYMBOLS);
  columns.integers(1, from.venueTime, arrival);
  columns.integers(2, from.receiveTime, arrival);
  columns.doubles(3, from.bid, arrival);
  columns.doubles(4, from.bidSize, arrival);
  columns.doubles(5, from.ask, arrival);
  columns.doubles(6, from.askSize, arrival);
  columns.integers(7, from.sequence, arrival);
}

/** Snappy, the one codec it brings; times as plain 64-bit integers, which is less work than its timestamps. */
function hyparquet(): Contestant {
  const order = new Uint32Array(ROWS);
  const starts = new Uint32Array(SYMBOLS + 1);
  const doubles = (source: Float64Array) => Float64Array.from(order, (row) => source[row] as number);
  const whole = (source: Float64Array) => BigInt64Array.from(order, (row) => BigInt(source[row] as number));
  return {
    name: 'hyparquet-writer (snappy)',
    micros: 'receive_time',
    write: async (path) => {
      orderRows(rows.instrument, rows.receiveTime, ROWS, SYMBOLS, starts, order);
      const writer = fileWriter(path);
      await parquetWrite({
        writer,
        rowGroupSize: PART_STYLE.groupRows,
        columnData: [
          {
            name: 'symbol',
            data: Array.from(order, (row) => names[rows.instrument[row] as number]),
            type: 'STRING',
          },
          { name: 'venue_time', data: whole(rows.venueTime), type: 'INT64' },
          { name: 'receive_time', data: whole(rows.receiveTime), type: 'INT64' },
          { name: 'bid', data: doubles(rows.bid), type: 'DOUBLE' },
          { name: 'bid_size', data: doubles(rows.bidSize), type: 'DOUBLE' },
          { name: 'ask', data: doubles(rows.ask), type: 'DOUBLE' },
          {
            name: 'ask_size',
            data: Array.from(doubles(rows.askSize), (size) => (Number.isNaN(size) ? undefined : size)),
            type: 'DOUBLE',
            nullable: true,
          },
          { name: 'sequence', data: whole(rows.sequence), type: 'INT64' },
        ],
      });
    },
  };
}

/** Sums that differ if a value differs, and a sum over neighbours that differs if the order does. */
async function verify(duck: Duck, path: string, micros: string): Promise<void> {
  const [found] = await duck.rows(`
    SELECT count(*), sum(CAST(round(bid * 100) AS BIGINT)), sum(CAST(round(ask_size * 100) AS BIGINT)), count(ask_size), sum(sequence),
      sum(t - ${HOUR_14}), count(*) FILTER (symbol < before OR (symbol = before AND t < last))
    FROM (SELECT *, ${micros} AS t, lag(symbol) OVER (ORDER BY file_row_number) AS before, lag(${micros}) OVER (ORDER BY file_row_number) AS last
      FROM read_parquet(${sqlText(path)}, file_row_number = true))`);
  const sum = (values: Float64Array, scale: number) =>
    values.reduce((all, value) => all + (Number.isNaN(value) ? 0 : Math.round(value * scale)), 0);
  const sized = rows.askSize.reduce((all, value) => all + (Number.isNaN(value) ? 0 : 1), 0);
  const times = rows.receiveTime.reduce((all, value) => all + (value - HOUR_14), 0);
  assert.deepEqual(found?.map(Number), [
    ROWS,
    sum(rows.bid, 100),
    sum(rows.askSize, 100),
    sized,
    sum(rows.sequence, 1),
    times,
    0,
  ]);
}

const contestants = [await ours(), await duckCopy(), hyparquet()];
const figures = contestants.map(() => ({ wall: [] as number[], cpu: [] as number[], bytes: 0 }));
const reader = await openDuck({ memoryMb: 1024, threads: 1 });
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [i, contestant] of contestants.entries()) {
    const path = join(folder, `${i}.parquet`);
    rmSync(path, { force: true });
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await contestant.write(path);
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    await verify(reader, path, contestant.micros);
    const figure = figures[i];
    if (figure === undefined || round === 0) continue;
    figure.wall.push(ROWS / (wall / 1000));
    figure.cpu.push(ROWS / ((user + system) / 1e6));
    figure.bytes = statSync(path).size / ROWS;
  }
}
rmSync(folder, { recursive: true });
const own = median(figures[0]?.cpu ?? []);
printTable([
  ['', 'rows/s', 'rows per second of processor', 'ours ÷ this', 'bytes/row'],
  ...contestants.map(({ name }, i) => {
    const { wall = [], cpu = [], bytes = 0 } = figures[i] ?? {};
    const rate = median(cpu);
    return [name, perSecond(median(wall)), perSecond(rate), (own / rate).toFixed(2), bytes.toFixed(2)];
  }),
]);
