import { DuckDBInstance } from '@duckdb/node-api';

export interface LedgerRow {
  readonly venue: string;
  readonly stream: 'quotes' | 'trades';
  /** Rows of the simulator's journal. */
  readonly sent: number;
  /** Rows of the Parquet files. */
  readonly recorded: number;
  /** Rows that the lake's gaps say are lost. */
  readonly lost: number;
  /** Rows that were sent and are not recorded, and recorded ones that nobody sent. */
  readonly missing: number;
  readonly foreign: number;
}

const STREAMS = {
  quotes: { kind: 'quote', id: 'sequence::BIGINT', values: ['bid', 'bid_size', 'ask', 'ask_size'] },
  trades: { kind: 'trade', id: 'trade_id', values: ['price', 'size', 'side'] },
} as const;
type Stream = keyof typeof STREAMS;

interface Side {
  readonly rows: number;
  readonly mark: string;
}

/**
 * Compares a simulator's journal with the Parquet files of a lake, by venue and stream, with nothing of ours between: rows are counted and their hashes summed (whatever their order, and in little memory); only where
 * these differ is row compared with row.
 */
export async function reconcile(journal: string, lake: string): Promise<LedgerRow[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '4GB' });
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    const ledger: LedgerRow[] = [];
    for (const stream of ['quotes', 'trades'] as const) {
      const sent = sidesOf(await rows(totals(sentRows(journal, stream), stream)));
      const recorded = sidesOf(await rows(totals(lakeRows(lake, stream), stream)));
      const lost = await lostRows(rows, lake, stream);
      for (const venue of new Set([...sent.keys(), ...recorded.keys()])) {
        const [left, right] = [sent.get(venue), recorded.get(venue)];
        const equal = left?.mark === right?.mark && left?.rows === right?.rows;
        const gone = async (from: string, without: string): Promise<number> =>
          equal ? 0 : Number((await rows(difference(stream, venue, from, without)))[0]?.rows);
        ledger.push({
          ...{ venue, stream, sent: left?.rows ?? 0, recorded: right?.rows ?? 0, lost: lost.get(venue) ?? 0 },
          missing: await gone(sentRows(journal, stream), lakeRows(lake, stream)),
          foreign: await gone(lakeRows(lake, stream), sentRows(journal, stream)),
        });
      }
    }
    return ledger;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function columns(stream: Stream): string {
  return ['symbol', 'venue_time', ...STREAMS[stream].values, 'id'].join(', ');
}

function sentRows(journal: string, stream: Stream): string {
  const types = `{kind: 'VARCHAR', venue: 'VARCHAR', symbol: 'VARCHAR', sequence: 'BIGINT', "venueTime": 'BIGINT', bid: 'DOUBLE', "bidSize": 'DOUBLE', ask: 'DOUBLE', "askSize": 'DOUBLE', id: 'VARCHAR', price: 'DOUBLE', size: 'DOUBLE', side: 'VARCHAR'}`;
  const values =
    stream === 'quotes'
      ? 'bid, "bidSize" AS bid_size, ask, "askSize" AS ask_size, sequence AS id'
      : 'price, size, side, id';
  return `SELECT venue, symbol, "venueTime" AS venue_time, ${values} FROM read_json('${journal}', format = 'newline_delimited', columns = ${types}) WHERE kind = '${STREAMS[stream].kind}'`;
}

function lakeRows(lake: string, stream: Stream): string {
  const { id, values } = STREAMS[stream];
  const named = values.map((value) => (value === 'side' ? 'side::VARCHAR AS side' : value)).join(', ');
  return `SELECT venue, symbol::VARCHAR AS symbol, epoch_us(venue_time) AS venue_time, ${named}, ${id} AS id FROM read_parquet('${lake}/${stream}/**/*.parquet', hive_partitioning = true)`;
}

function totals(from: string, stream: Stream): string {
  return `SELECT venue, count(*)::DOUBLE AS rows, sum(hash(${columns(stream)}))::VARCHAR AS mark FROM (${from}) GROUP BY venue`;
}

function sidesOf(rows: readonly Record<string, unknown>[]): Map<string, Side> {
  return new Map(rows.map((row) => [String(row.venue), { rows: Number(row.rows), mark: String(row.mark) }]));
}

function difference(stream: Stream, venue: string, from: string, without: string): string {
  const some = (rows: string): string => `SELECT ${columns(stream)} FROM (${rows}) WHERE venue = '${venue}'`;
  return `SELECT count(*)::DOUBLE AS rows FROM (${some(from)} EXCEPT ALL ${some(without)})`;
}

/** The rows that gaps tell as lost; a lake without gaps has no files of them. */
async function lostRows(
  rows: (sql: string) => Promise<Record<string, unknown>[]>,
  lake: string,
  stream: Stream,
): Promise<Map<string, number>> {
  const files = await rows(`SELECT count(*)::INT AS files FROM glob('${lake}/gaps/**/*.parquet')`);
  if (Number(files[0]?.files) === 0) return new Map();
  const lost = await rows(
    `SELECT venue, sum(rows_lost)::DOUBLE AS rows FROM read_parquet('${lake}/gaps/**/*.parquet', hive_partitioning = true) WHERE rows_lost > 0 AND stream = '${stream}' GROUP BY venue`,
  );
  return new Map(lost.map((row) => [String(row.venue), Number(row.rows)]));
}
