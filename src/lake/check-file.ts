import { join } from 'node:path';
import { GAP_REASONS } from '../core/lake-status.ts';
import { CLOSE_REASONS } from '../core/opportunity.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import type { Findings, GapTotals } from './check-findings.ts';
import { type Duck, sqlFile, sqlParquet, sqlText } from './duck.ts';
import { isReason } from './gap-rows.ts';
import { HOUR_US } from './layout.ts';
import type { Partition } from './partitions.ts';
import { type LakeTable, TABLE_COLUMNS } from './tables.ts';

/** A file that was read to its end. */
export interface ReadFile {
  readonly path: string;
  readonly rows: number;
  readonly firstSymbol: string | null;
  readonly lastSymbol: string | null;
  /** µs; NaN = it has no row. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** Rows that equal the one before them in every value. */
  readonly repeated: number;
}

/** The column by which rows of a symbol are in order, and which says what hour they belong to. */
const TIME: Readonly<Record<LakeTable, string>> = {
  quotes: 'receive_time',
  trades: 'receive_time',
  opportunities: 'end',
  gaps: 'from',
};
const LONG_NAMES: Readonly<Record<string, string>> = { TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE' };
/** Rows whose fingerprints are held at once: it bounds the memory. */
const COMPARED_ROWS = 2_000_000;

/** Reads every value of a file and says what is wrong with it. Throws what the engine says when it cannot be read. */
export async function checkFile(
  duck: Duck,
  lake: string,
  partition: Partition,
  name: string,
  findings: Findings,
): Promise<ReadFile | undefined> {
  const path = `${partition.folder}/${name}`;
  const file = join(lake, path);
  const odd = await oddColumns(duck, file, partition.table);
  if (odd !== undefined) {
    findings.add('wrong', 'schema', path, odd);
    return undefined;
  }
  const [footer] = await duck.rows(`SELECT num_rows FROM parquet_file_metadata(${sqlFile(file)})`);
  const [told] = await duck.rows(fileSql(file, partition));
  const [rows, disordered, misplaced, senseless, first, last, from, to, repeated] = told ?? [];
  const say = (code: 'rows' | 'order' | 'misplaced' | 'gap', message: string) =>
    findings.add('wrong', code, path, message);
  if (Number(footer?.[0]) !== Number(rows)) say('rows', `${rows} rows, and its footer says ${footer?.[0]}`);
  if (Number(disordered) > 0)
    say('order', `${disordered} rows come before their place by symbol and ${TIME[partition.table]}`);
  if (Number(misplaced) > 0) say('misplaced', `${misplaced} rows are of another hour, or of no time`);
  if (Number(senseless) > 0)
    say(partition.table === 'gaps' ? 'gap' : 'misplaced', `${senseless} rows ${SENSELESS[partition.table]}`);
  return {
    path,
    rows: Number(rows),
    firstSymbol: textOf(first),
    lastSymbol: textOf(last),
    firstTime: Number(from ?? Number.NaN),
    lastTime: Number(to ?? Number.NaN),
    repeated: Number(repeated),
  };
}

/** How many rows of `other` are in `file` too, equal in every value as far as fingerprints of 64 bits tell. Only rows of times that both have are compared. */
export async function countShared(
  duck: Duck,
  lake: string,
  table: LakeTable,
  file: ReadFile,
  other: ReadFile,
): Promise<number> {
  const from = Math.max(file.firstTime, other.firstTime);
  const to = Math.min(file.lastTime, other.lastTime);
  // A file without a row has no times.
  if (!(from <= to)) return 0;
  const rounds = Math.ceil(file.rows / COMPARED_ROWS);
  const prints = ({ path }: ReadFile) =>
    `SELECT ${fingerprint(table)} AS print FROM ${sqlParquet([join(lake, path)])}
     WHERE "${TIME[table]}" BETWEEN make_timestamptz(${from}) AND make_timestamptz(${to})`;
  let shared = 0;
  for (let round = 0; round < rounds; round += 1) {
    const mine = `print % ${rounds} = ${round}`;
    const [row] = await duck.rows(
      `SELECT count(*) FROM (${prints(other)}) WHERE ${mine} AND print IN (SELECT print FROM (${prints(file)}) WHERE ${mine})`,
    );
    shared += Number(row?.[0]);
  }
  return shared;
}

/** The gaps of a venue by reason, out of these files of the gaps table. */
export async function sumGaps(duck: Duck, venue: VenueId, paths: readonly string[]): Promise<GapTotals[]> {
  if (paths.length === 0) return [];
  const sums = await duck.rows(
    `SELECT reason, count(*), sum(epoch_us("to") - epoch_us("from"))::DOUBLE, coalesce(sum(rows_lost), 0)::DOUBLE
     FROM ${sqlParquet(paths)} GROUP BY reason ORDER BY reason`,
  );
  return sums.flatMap(([reason, gaps, duration, rowsLost]) =>
    isReason(reason)
      ? [{ venue, reason, gaps: Number(gaps), duration: Number(duration), rowsLost: Number(rowsLost) }]
      : [],
  );
}

/** What is odd about a file's columns; undefined = nothing. */
async function oddColumns(duck: Duck, file: string, table: LakeTable): Promise<string | undefined> {
  const described = await duck.rows(`DESCRIBE SELECT * FROM ${sqlParquet([file])}`);
  const found = described.map(([name, type]) => `${name} ${type}`).join(', ');
  const wanted = Object.entries(TABLE_COLUMNS[table])
    .map(([name, type]) => `${name} ${LONG_NAMES[type] ?? type}`)
    .join(', ');
  return found === wanted ? undefined : `its columns are ${found}`;
}

const SENSELESS: Readonly<Record<LakeTable, string>> = {
  quotes: 'have no symbol',
  trades: 'have no symbol, or a side that is neither buy nor sell',
  opportunities: 'have no symbol, end before they begin, or have a venue or reason that does not exist',
  gaps: 'end before they begin, or have a reason or stream that does not exist',
};

function senselessSql(table: LakeTable): string {
  if (table === 'gaps') {
    const reasons = GAP_REASONS.map(sqlText).join(', ');
    return `"to" IS NULL OR "to" < "from" OR reason IS NULL OR reason NOT IN (${reasons}) OR stream NOT IN ('quotes', 'trades') OR rows_lost < 0`;
  }
  if (table === 'opportunities') {
    const reasons = CLOSE_REASONS.map(sqlText).join(', ');
    const venues = VENUE_IDS.map(sqlText).join(', ');
    return `symbol IS NULL OR start IS NULL OR "end" < start OR buy NOT IN (${venues}) OR sell NOT IN (${venues}) OR closed_by IS NULL OR closed_by NOT IN (${reasons})`;
  }
  return table === 'trades' ? `symbol IS NULL OR side NOT IN ('buy', 'sell')` : 'symbol IS NULL';
}

/** With one thread the engine hands rows on as they stand in the file, and looks back one row without keeping any. */
function fileSql(file: string, { table, hour }: Partition): string {
  const time = `"${TIME[table]}"`;
  const order = `(symbol IS NULL AND previous_symbol IS NOT NULL) OR symbol < previous_symbol
    OR (symbol IS NOT DISTINCT FROM previous_symbol AND ${time} < previous_time)`;
  const place = `${time} IS NULL OR epoch_us(${time}) < ${hour} OR epoch_us(${time}) >= ${hour + HOUR_US}`;
  return `SELECT count(*), count(*) FILTER (${order}), count(*) FILTER (${place}), count(*) FILTER (${senselessSql(table)}),
      min(symbol), max(symbol), epoch_us(min(${time})), epoch_us(max(${time})), count(*) FILTER (print = previous_print)
    FROM (SELECT *, lag(symbol) OVER () AS previous_symbol, lag(${time}) OVER () AS previous_time, lag(print) OVER () AS previous_print
      FROM (SELECT *, ${fingerprint(table)} AS print FROM ${sqlParquet([file])}))`;
}

/** Takes every column, so that every column is decoded. */
function fingerprint(table: LakeTable): string {
  const columns = Object.keys(TABLE_COLUMNS[table]).map((name) => `"${name}"`);
  return `hash(${columns.join(', ')})`;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
