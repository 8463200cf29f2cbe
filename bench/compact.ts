/**
 * One hour of a venue in 60 parts to few files: rows per second and peak memory of the whole process, against one `COPY (SELECT … ORDER BY)` over all parts. Each runs in a process
 * of its own, so that the peaks are its own; each result is read back. An hour at 100,000 rows a second on eight venues has 700 parts of each.
 *
 *   npm run bench -- compact [--parts 700] [--rounds 1]
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compactFolder, isScattered } from '../src/lake/compactor.ts';
import { openDuck, sqlParquet, sqlText } from '../src/lake/duck.ts';
import { realSteps } from '../src/lake/file-steps.ts';
import { partitionFolder, partName } from '../src/lake/layout.ts';
import { COMPACTED_STYLE, copyOptions, PART_STYLE, ParquetWriter } from '../src/lake/parquet-writer.ts';
import { bytesUnder } from '../src/lake/partitions.ts';
import { RowPool } from '../src/lake/row-pool.ts';
import { readFlags, whole } from './flags.ts';
import { median, perSecond, printTable } from './harness.ts';
import { HOUR_14, quoteRows, symbolNames } from './lake-rows.ts';

const { values, positionals } = readFlags({
  parts: { type: 'string', default: '60' },
  rounds: { type: 'string', default: '3' },
});
const PARTS = whole('parts', values.parts);
const ROUNDS = whole('rounds', values.rounds);
const PART_ROWS = 65_536;
const ROWS = PARTS * PART_ROWS;
/** Rows of a part lie so close that all are of one hour. */
const GAP_US = Math.floor(3_600_000_000 / PARTS / PART_ROWS);
const SYMBOLS = 1000;
const FOLDER = partitionFolder('quotes', HOUR_14, 'okx');
const WAYS = ['parts', 'ours', 'COPY'] as const;

async function makeParts(lake: string): Promise<void> {
  const duck = await openDuck({ memoryMb: 256, threads: 1 });
  const writer = new ParquetWriter(duck);
  const pool = new RowPool(PART_ROWS);
  const names = symbolNames(SYMBOLS);
  const ranks = Int32Array.from(names, (_, i) => i);
  mkdirSync(join(lake, FOLDER), { recursive: true });
  for (let part = 0; part < PARTS; part += 1) {
    const rows = quoteRows(PART_ROWS, SYMBOLS, HOUR_14 + part * GAP_US * PART_ROWS, GAP_US, part + 1);
    pool.clear();
    pool.addQuotes(rows, { ranks, from: 0, to: 0, whole: true }, { unknown: 0 });
    const name = partName({ first: part + 1, last: part + 1, piece: 1, pieces: 1 });
    await writer.write(pool.quoteSource(names), join(lake, FOLDER, name), PART_STYLE);
  }
  duck.close();
}

/** Runs one way and prints what it took. The engine may take 256 MiB for ours, what it likes for the other. */
async function run(way: string, lake: string): Promise<void> {
  if (way === 'parts') return await makeParts(lake);
  const folder = join(lake, FOLDER);
  const duck = await openDuck({
    memoryMb: way === 'ours' ? 256 : 8192,
    threads: 1,
    tempFolder: join(lake, '_temp'),
  });
  const start = performance.now();
  if (way === 'ours') {
    const partition = { table: 'quotes', hour: HOUR_14, venue: 'okx', folder: FOLDER } as const;
    while ((await compactFolder(lake, partition, duck, realSteps)) !== undefined);
    assert.ok(!isScattered(lake, FOLDER));
  } else {
    const inputs = readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
    const out = join(folder, 'merged');
    await duck.run(
      `COPY (SELECT * FROM ${sqlParquet(inputs)} ORDER BY symbol, receive_time) TO ${sqlText(out)} ${copyOptions(COMPACTED_STYLE)}`,
    );
    for (const path of inputs) rmSync(path);
    realSteps.rename(out, join(folder, partName({ first: 1, last: PARTS, piece: 1, pieces: 1 })));
  }
  const seconds = (performance.now() - start) / 1000;
  duck.close();
  console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS * 1024 }));
}

async function verify(lake: string): Promise<void> {
  const duck = await openDuck({ memoryMb: 8192, threads: 1 });
  const files = readdirSync(join(lake, FOLDER))
    .sort()
    .map((name) => join(lake, FOLDER, name));
  const [found] = await duck.rows(`
    SELECT count(*), sum(sequence), count(*) FILTER (symbol < before OR (symbol = before AND receive_time < last))
    FROM (SELECT *, lag(symbol) OVER w AS before, lag(receive_time) OVER w AS last
      FROM ${sqlParquet(files, ', file_row_number = true')} WINDOW w AS (ORDER BY file_index, file_row_number))`);
  const sequences = PARTS * (PART_ROWS * 1e9 + (PART_ROWS * (PART_ROWS - 1)) / 2);
  assert.deepEqual(found?.map(Number), [ROWS, sequences, 0]);
  duck.close();
}

function child(way: string, lake: string): { seconds: number; peak: number } {
  const { stdout, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), way, lake, '--parts', values.parts],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  assert.equal(status, 0, way);
  return way === 'parts'
    ? { seconds: 0, peak: 0 }
    : (JSON.parse(stdout) as { seconds: number; peak: number });
}

async function compareAll(): Promise<void> {
  const seconds = { ours: [] as number[], COPY: [] as number[] };
  const peaks = { ours: 0, COPY: 0 };
  const sizes = { parts: 0, ours: 0, COPY: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ['ours', 'COPY'] as const) {
      const lake = mkdtempSync(join(tmpdir(), 'bench-compact-'));
      child('parts', lake);
      sizes.parts = bytesUnder(join(lake, FOLDER)) / ROWS;
      const took = child(way, lake);
      await verify(lake);
      seconds[way].push(took.seconds);
      peaks[way] = Math.max(peaks[way], took.peak);
      sizes[way] = bytesUnder(join(lake, FOLDER)) / ROWS;
      rmSync(lake, { recursive: true });
    }
  }
  const line = (name: string, way: 'ours' | 'COPY') => [
    name,
    perSecond(ROWS / median(seconds[way])),
    `${Math.round(peaks[way] / 1e6)} MB`,
    sizes[way].toFixed(2),
  ];
  printTable([
    ['', 'rows/s', 'peak memory', 'bytes/row'],
    line('spreadscope', 'ours'),
    line('DuckDB COPY (… ORDER BY)', 'COPY'),
    ['(the parts)', '', '', sizes.parts.toFixed(2)],
  ]);
  console.log(
    `ours ÷ COPY: ${(median(seconds.COPY) / median(seconds.ours)).toFixed(2)} of its speed, ${(peaks.ours / peaks.COPY).toFixed(2)} of its memory`,
  );
}

const [way, lake] = positionals;
if (way === undefined || lake === undefined) await compareAll();
else if (WAYS.some((known) => known === way)) await run(way, lake);
