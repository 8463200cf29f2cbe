import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SpreadscopeError } from '../core/errors.ts';
import { historyToParquet } from '../lake/csv-to-parquet.ts';
import { openDuck } from '../lake/duck.ts';
import type { Config } from './config.ts';
import { type HistoryColumns, type HistoryHead, type RouteHistory, readRouteHistory } from './history.ts';
import {
  CSV_HEADER,
  csvLine,
  headLines,
  IsoTimes,
  jsonColumn,
  linesOf,
  microsLine,
  ndjsonLine,
  type PointLine,
} from './history-text.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Points that JSON may have: its columns stand one after the other, so all are kept until the end. */
export const MAX_JSON_POINTS = 2 ** 22;
const IN_PROGRESS = '.inprogress';
const PARQUET_ENGINE_MB = 256;

export type Progress = (done: number, total: number) => void;

/**
 * Writes a route's history to a stream as it is read; the stream is waited for, and left open.
 * @throws NO_LAKE, BAD_REQUEST; what the stream says
 */
export async function writeHistory(
  config: Config,
  wanted: RouteHistory,
  format: Exclude<ExportFormat, 'parquet'>,
  out: Writable,
  progress?: Progress,
): Promise<void> {
  const write = async (text: string) => {
    if (text !== '' && !out.write(text)) await once(out, 'drain');
  };
  if (format === 'json') return await writeJson(config, wanted, write, progress);
  const line = format === 'csv' ? csvLine(new IsoTimes()) : ndjsonLine;
  const head = await writeLines(
    config,
    wanted,
    { header: format === 'csv' ? CSV_HEADER : '', line },
    write,
    progress,
  );
  if (format === 'ndjson') await write(headLines(head));
}

async function writeLines(
  config: Config,
  wanted: RouteHistory,
  { header, line }: { readonly header: string; readonly line: PointLine },
  write: (text: string) => Promise<void>,
  progress?: Progress,
): Promise<HistoryHead> {
  let head: HistoryHead = { gaps: [], unrecorded: [] };
  await readRouteHistory(
    config,
    wanted,
    {
      begin: async (it) => {
        head = it;
        await write(header);
      },
      points: (points) => write(linesOf(points, line)),
    },
    progress,
  );
  return head;
}

async function writeJson(
  config: Config,
  wanted: RouteHistory,
  write: (text: string) => Promise<void>,
  progress?: Progress,
): Promise<void> {
  const kept: HistoryColumns[] = [];
  let head: HistoryHead = { gaps: [], unrecorded: [] };
  let count = 0;
  const points = (batch: HistoryColumns) => {
    count += batch.time.length;
    if (count > MAX_JSON_POINTS)
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `that is more than ${MAX_JSON_POINTS} points, too many for JSON; give --points, a shorter range or another --format`,
      );
    kept.push(batch);
  };
  const begin = (it: HistoryHead) => {
    head = it;
  };
  await readRouteHistory(config, wanted, { begin, points }, progress);
  const { symbol, buy, sell, kind, from, to } = wanted;
  await write(JSON.stringify({ route: `${symbol}:${buy}:${sell}`, kind, from, to }).slice(0, -1));
  for (const name of ['time', 'value', 'upper', 'lower'] as const) {
    await write(`,"${name}":[`);
    for (const text of jsonColumn(kept, name)) await write(text);
    await write(']');
  }
  await write(`,"gaps":${JSON.stringify(head.gaps)},"unrecorded":${JSON.stringify(head.unrecorded)}}\n`);
}

/**
 * Writes a route's history to a file, which has its name only once it is whole.
 * @throws FILE_UNWRITABLE and as `writeHistory`
 */
export async function saveHistory(
  config: Config,
  wanted: RouteHistory,
  format: ExportFormat,
  file: string,
  progress?: Progress,
): Promise<void> {
  const unfinished = file + IN_PROGRESS;
  const text = format === 'parquet' ? `${file}.csv${IN_PROGRESS}` : unfinished;
  try {
    await toFile(text, async (out) => {
      if (format !== 'parquet') return await writeHistory(config, wanted, format, out, progress);
      const write = async (lines: string) => {
        if (!out.write(lines)) await once(out, 'drain');
      };
      await writeLines(config, wanted, { header: CSV_HEADER, line: microsLine }, write, progress);
    });
    if (format === 'parquet') await toParquet(text, unfinished);
    await rename(unfinished, file);
  } catch (error) {
    throw error instanceof SpreadscopeError ? error : unwritable(file, error);
  } finally {
    for (const left of new Set([text, unfinished])) await rm(left, { force: true });
  }
}

async function toFile(path: string, write: (out: Writable) => Promise<void>): Promise<void> {
  const out = createWriteStream(path);
  const ended = finished(out);
  // A disk that fails while something else is waited for ends that too.
  const failed = new Promise<never>((_, reject) => {
    ended.catch(reject);
  });
  try {
    await Promise.race([write(out), failed]);
  } catch (error) {
    out.destroy();
    throw error;
  }
  out.end();
  await ended;
}

async function toParquet(csv: string, parquet: string): Promise<void> {
  const engine = await openDuck({ memoryMb: PARQUET_ENGINE_MB, threads: 1 });
  try {
    await historyToParquet(engine, csv, parquet);
  } finally {
    engine.close();
  }
}

function unwritable(file: string, error: unknown): SpreadscopeError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SpreadscopeError('FILE_UNWRITABLE', `${file}: ${reason}`, { cause: error });
}
