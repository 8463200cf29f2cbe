import { type Duck, sqlFile } from './duck.ts';
import type { PartFile } from './partitions.ts';

/** How much before a moment a recording is read; times µs. */
export interface Lead {
  /** About as many quotes, */
  readonly rows: number;
  /** but at least this long. */
  readonly leastUs: number;
  readonly before: number;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

const STEPS = 40;

/**
 * Where to begin so that about `lead.rows` quotes are left before the lead's moment, from what the files say of themselves: their quotes are taken to be spread evenly over each piece.
 * @returns µs, not before `from`
 * @throws what the engine throws
 */
export async function beginningOf(
  duck: Duck,
  quotes: readonly PartFile[],
  from: number,
  { rows, leastUs, before }: Lead,
): Promise<number> {
  if (quotes.length === 0) return from;
  const pieces = await piecesOf(duck, quotes);
  let [low, high] = [from, before];
  for (let step = 0; step < STEPS && high - low > 1; step++) {
    const middle = (low + high) / 2;
    if (rowsWithin(pieces, middle, before) > rows) low = middle;
    else high = middle;
  }
  return Math.max(from, Math.min(Math.ceil(high), before - leastUs));
}

function rowsWithin(pieces: readonly Piece[], from: number, to: number): number {
  let rows = 0;
  for (const piece of pieces) {
    const shared = Math.min(to, piece.to) - Math.max(from, piece.from);
    if (shared < 0) continue;
    rows += piece.to === piece.from ? piece.rows : (piece.rows * shared) / (piece.to - piece.from);
  }
  return rows;
}

/** The row groups. */
async function piecesOf(duck: Duck, quotes: readonly PartFile[]): Promise<Piece[]> {
  const rows = await duck.rows(
    `SELECT epoch_us(stats_min_value::TIMESTAMPTZ)::DOUBLE, epoch_us(stats_max_value::TIMESTAMPTZ)::DOUBLE, row_group_num_rows::DOUBLE
       FROM parquet_metadata([${quotes.map(({ path }) => sqlFile(path)).join(', ')}]) WHERE path_in_schema = 'receive_time'`,
  );
  return rows.map(([from, to, count]) => ({ from: Number(from), to: Number(to), rows: Number(count) }));
}
