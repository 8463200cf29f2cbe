import { join } from 'node:path';
import { type Duck, sqlParquet, sqlText } from './duck.ts';
import type { FileSteps } from './file-steps.ts';
import { hourOf, IN_PROGRESS, MERGED, type Part, type PartitionFiles, partName } from './layout.ts';
import { COMPACTED_STYLE, copyOptions, type FileStyle, PART_STYLE } from './parquet-writer.ts';
import { bytesOf, filesOf, type Partition } from './partitions.ts';
import { nameStaged, rowsOf, type Staged, settleStaged } from './publish.ts';
import { settleFolder } from './settle.ts';
import { type LakeTable, TABLE_COLUMNS } from './tables.ts';

export interface Compaction {
  readonly rows: number;
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** A range of symbols, both ends included; `nulls`: rows without one too. Of one symbol with too many rows a range of time, µs, the end not included; undefined = open. */
interface Piece {
  readonly from: string;
  readonly to: string;
  readonly nulls: boolean;
  readonly rows: number;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface CompactOptions {
  /** Called before each piece; conversion goes first. */
  readonly between?: () => Promise<void>;
  /** Rows that are sorted at once, at most but for rows of one and the same time. */
  readonly pieceRows?: number | undefined;
  /** Rows of a file at most, if it is of more than one piece. */
  readonly fileRows?: number | undefined;
  /** Parts that are merged at once, at least 2. */
  readonly fanIn?: number | undefined;
}

/** Rows that are sorted at once. The engine takes some 50 MB for as many, much of it beside its limit: 70 MB for twice, 160 MB for eight times as many. */
const PIECE_ROWS = 2 ** 16;
/** Pieces are joined to files of so many rows, which takes no more memory. */
const FILE_ROWS = 2 ** 19;
/** Parts that are merged at once. Each piece looks into each of them, some 2 ms, so that 700 parts at once took four times as long as in two steps. */
const FAN_IN = 28;

/** How long after its end an hour is left alone: rows arrive late. */
const REST_US = 120_000_000;
/** What a table's rows of one symbol are in the order of. */
const TIME_COLUMN: Readonly<Record<LakeTable, string>> = {
  quotes: 'receive_time',
  trades: 'receive_time',
  opportunities: 'end',
  gaps: 'from',
};

/** The first hour that may not be compacted yet (µs): rows of it may still come, or wait in the journal. */
export function openHour(now: number, oldestWaiting: number): number {
  return Math.min(hourOf(now - REST_US), hourOf(oldestWaiting));
}

/** Whether a folder has files to merge. */
export function isScattered(lake: string, folder: string): boolean {
  return partsOf(filesOf(lake, folder).visible).length > 1;
}

/**
 * Merges the parts of one folder into one, sorting `pieceRows` rows at once, so that memory stays the same whatever there is to merge. Of more than `fanIn` parts it merges some neighbours only: it is to be called
 * while the folder is scattered. Cut off at any instant, it begins again. Throws what the disk or the engine throws, and if the rows before and after differ: the folder then holds the same rows as before.
 */
export async function compactFolder(
  lake: string,
  partition: Partition,
  duck: Duck,
  steps: FileSteps,
  options: CompactOptions = {},
): Promise<Compaction | undefined> {
  const { between = async () => {}, pieceRows = PIECE_ROWS, fileRows = FILE_ROWS } = options;
  settleFolder(steps, lake, partition.folder);
  const folder = join(lake, partition.folder);
  const chosen = chooseParts(filesOf(lake, partition.folder).visible, options.fanIn ?? FAN_IN);
  if (chosen.length < 2) return undefined;
  const inputs = chosen.map(({ name }) => join(folder, name));
  const parts = chosen.map(({ part }) => part);
  const files = groupPieces(await planPieces(partition.table, duck, inputs, pieceRows), fileRows);
  const extents = await extentsOf(duck, inputs);
  const staged = files.map((pieces, i) => ({
    path: join(folder, partName(pieceOf(parts, i, files.length))),
    rows: pieces.reduce((sum, { rows }) => sum + rows, 0),
  }));
  const unfinished = new Set<string>();
  const write = async (sql: string, path: string): Promise<void> => {
    unfinished.add(path);
    await duck.run(sql);
  };
  try {
    for (const [i, pieces] of files.entries()) {
      const whole = `${staged[i]?.path}${IN_PROGRESS}`;
      const sorted = pieces.map((_, at) =>
        pieces.length === 1 ? whole : `${staged[i]?.path}.${at}${IN_PROGRESS}`,
      );
      for (const [at, piece] of pieces.entries()) {
        await between();
        const having = inputs.filter((_, input) => mayHave(extents[input], piece));
        const to = sorted[at] ?? whole;
        const style = pieces.length === 1 ? COMPACTED_STYLE : PART_STYLE;
        await write(mergeSql(partition.table, having, piece, to, style), to);
      }
      if (pieces.length === 1) continue;
      await between();
      await write(joinSql(partition.table, sorted, whole), whole);
      for (const path of sorted) steps.remove(path);
    }
    await settleStaged(duck, steps, staged);
    await assertSameRows(duck, inputs, staged, partition.folder);
  } catch (error) {
    // Half a merge takes room that conversion may need.
    for (const path of unfinished) steps.remove(path);
    throw error;
  }
  const bytesBefore = inputs.reduce((sum, path) => sum + bytesOf(path), 0);
  for (const path of inputs) steps.rename(path, path + MERGED);
  nameStaged(steps, staged);
  for (const path of inputs) steps.remove(path + MERGED);
  steps.syncFolder(folder);
  return {
    rows: staged.reduce((sum, { rows }) => sum + rows, 0),
    filesBefore: inputs.length,
    filesAfter: staged.length,
    bytesBefore,
    bytesAfter: staged.reduce((sum, { path }) => sum + bytesOf(path), 0),
  };
}

type PartFile = PartitionFiles['visible'][number];

/** All parts; of more than `fanIn` the first neighbours with the fewest files, as many as leave `fanIn` parts for later or `fanIn` themselves. */
function chooseParts(files: readonly PartFile[], fanIn: number): readonly PartFile[] {
  const parts = partsOf(files);
  if (parts.length < 2) return [];
  if (parts.length <= fanIn) return files;
  const width = Math.min(fanIn, parts.length - fanIn + 1);
  let window = parts.slice(0, width).flat().length;
  let least = { from: 0, files: window };
  for (let from = 1; from + width <= parts.length; from += 1) {
    window += (parts[from + width - 1]?.length ?? 0) - (parts[from - 1]?.length ?? 0);
    if (window < least.files) least = { from, files: window };
  }
  return parts.slice(least.from, least.from + width).flat();
}

/** The files of each part, in order. */
function partsOf(files: readonly PartFile[]): PartFile[][] {
  const parts: PartFile[][] = [];
  for (const file of files) {
    const last = parts.at(-1);
    const before = last?.[0]?.part;
    if (before?.first === file.part.first && before.last === file.part.last) last?.push(file);
    else parts.push([file]);
  }
  return parts;
}

/** The first and last symbol of a file; undefined if none of its rows has one. */
interface Extent {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly nulls: boolean;
}

async function extentsOf(duck: Duck, inputs: readonly string[]): Promise<(Extent | undefined)[]> {
  const found = await duck.rows(
    `SELECT file_index, min(symbol), max(symbol), count(*) > count(symbol) FROM ${sqlParquet(inputs)} GROUP BY file_index`,
  );
  const extents: (Extent | undefined)[] = inputs.map(() => undefined);
  const textOf = (value: unknown): string | undefined => (value === null ? undefined : String(value));
  for (const [index, from, to, nulls] of found)
    extents[Number(index)] = { from: textOf(from), to: textOf(to), nulls: nulls === true };
  return extents;
}

/** Whether a file may have rows of a piece. Compares as the engine does, by the bytes of UTF-8. */
function mayHave(extent: Extent | undefined, { from, to, nulls }: Piece): boolean {
  if (extent === undefined) return false;
  if (nulls && extent.nulls) return true;
  if (extent.from === undefined || extent.to === undefined) return false;
  return !isBefore(extent.to, from) && !isBefore(to, extent.from);
}

function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

async function assertSameRows(
  duck: Duck,
  inputs: readonly string[],
  outputs: readonly Staged[],
  folder: string,
): Promise<void> {
  const before = await rowsOf(duck, inputs);
  const after = outputs.reduce((sum, { rows }) => sum + rows, 0);
  if (before !== after) throw new Error(`${folder}: ${before} rows became ${after}`);
}

/** Cuts the symbols into ranges of at most `pieceRows` rows, and a symbol with more by time, so that about as many are in each. */
async function planPieces(
  table: LakeTable,
  duck: Duck,
  inputs: readonly string[],
  pieceRows: number,
): Promise<Piece[]> {
  const counts = await duck.rows(
    `SELECT symbol, count(*) FROM ${sqlParquet(inputs)} GROUP BY symbol ORDER BY symbol NULLS FIRST`,
  );
  const pieces: Piece[] = [];
  let piece: Piece | undefined;
  for (const [symbol, count] of counts) {
    const [name, rows] = [symbol === null ? '' : String(symbol), Number(count)];
    if (piece !== undefined && piece.rows + rows <= pieceRows)
      piece = { ...piece, to: name, rows: piece.rows + rows };
    else {
      if (piece !== undefined) pieces.push(piece);
      piece = { from: name, to: name, nulls: symbol === null, rows };
    }
    if (rows <= pieceRows) continue;
    pieces.push(...(await cutByTime(table, duck, inputs, { ...piece, rows }, pieceRows)));
    piece = undefined;
  }
  if (piece !== undefined) pieces.push(piece);
  return pieces;
}

/** Pieces of one symbol, in the order of time. Rows of one and the same time stay together. */
async function cutByTime(
  table: LakeTable,
  duck: Duck,
  inputs: readonly string[],
  whole: Piece,
  pieceRows: number,
): Promise<Piece[]> {
  const parts = Math.ceil(whole.rows / pieceRows);
  const shares = Array.from({ length: parts - 1 }, (_, i) => (i + 1) / parts);
  const time = `epoch_us("${TIME_COLUMN[table]}")`;
  const from = `FROM ${sqlParquet(inputs)} WHERE ${conditionOf(table, whole)}`;
  const [found] = await duck.rows(`SELECT approx_quantile(${time}::DOUBLE, [${shares.join(', ')}]) ${from}`);
  const cuts = [...new Set(listOf(found?.[0]).map((cut) => Math.round(cut)))].sort((a, b) => a - b);
  const ranges = [...cuts, undefined].map((until, i) => ({ since: cuts[i - 1], until }));
  const pieces: Piece[] = [];
  for (const range of ranges) {
    const piece = { ...whole, ...range };
    const [counted] = await duck.rows(
      `SELECT count(*) FROM ${sqlParquet(inputs)} WHERE ${conditionOf(table, piece)}`,
    );
    const rows = Number(counted?.[0]);
    if (rows > 0) pieces.push({ ...piece, rows });
  }
  return pieces;
}

function listOf(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || !('items' in value) || !Array.isArray(value.items))
    return [];
  return (value.items as readonly unknown[]).map(Number).filter(Number.isFinite);
}

/** Rows without a time are the first of their symbol. */
function conditionOf(table: LakeTable, { from, to, nulls, since, until }: Piece): string {
  const range = `symbol BETWEEN ${sqlText(from)} AND ${sqlText(to)}`;
  const time = `"${TIME_COLUMN[table]}"`;
  const late = since === undefined ? '' : ` AND ${time} >= make_timestamptz(${since})`;
  const early = until === undefined ? '' : ` AND ${time} < make_timestamptz(${until})`;
  const within =
    since === undefined && until !== undefined
      ? ` AND (${time} IS NULL OR (true${early}))`
      : `${late}${early}`;
  return `(${nulls ? `symbol IS NULL OR ${range}` : range})${within}`;
}

/** Neighbours with at most `fileRows` rows together. */
function groupPieces(pieces: readonly Piece[], fileRows: number): Piece[][] {
  const files: Piece[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    rows += piece.rows;
    if (rows > fileRows) {
      files.push([]);
      rows = piece.rows;
    }
    files.at(-1)?.push(piece);
  }
  return files;
}

function columnsOf(table: LakeTable): string {
  return Object.keys(TABLE_COLUMNS[table])
    .map((name) => `"${name}"`)
    .join(', ');
}

/** One file of others, in their order: the engine's one thread reads one after the other. */
function joinSql(table: LakeTable, sorted: readonly string[], to: string): string {
  return `COPY (SELECT ${columnsOf(table)} FROM ${sqlParquet(sorted)}) TO ${sqlText(to)} ${copyOptions(COMPACTED_STYLE)}`;
}

/** Files come in order of arrival, so that their place in the list and the row's place in its file settle ties. */
function mergeSql(
  table: LakeTable,
  inputs: readonly string[],
  piece: Piece,
  to: string,
  style: FileStyle,
): string {
  const order = `symbol NULLS FIRST, "${TIME_COLUMN[table]}" NULLS FIRST, file_index, file_row_number`;
  return `COPY (SELECT ${columnsOf(table)} FROM ${sqlParquet(inputs, ', file_row_number = true')} WHERE ${conditionOf(table, piece)} ORDER BY ${order}) TO ${sqlText(to)} ${copyOptions(style)}`;
}

function pieceOf(parts: readonly Part[], index: number, pieces: number): Part {
  return {
    first: Math.min(...parts.map(({ first }) => first)),
    last: Math.max(...parts.map(({ last }) => last)),
    piece: index + 1,
    pieces,
  };
}
