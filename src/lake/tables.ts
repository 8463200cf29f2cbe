/**
 * The lake's tables as they stand in Parquet. `venue`, `date` and `hour` (UTC, of the row's receive time; a gap's `from`) are in the folder's name
 * (`date=2026-11-23/hour=14/venue=okx`), so every engine that knows hive partitions sees them as columns. Absent is null.
 */
export const LAKE_TABLES = ['quotes', 'trades', 'opportunities', 'gaps'] as const;
export type LakeTable = (typeof LAKE_TABLES)[number];

/** Column names and DuckDB types, in file order. Times are µs, UTC. */
export const TABLE_COLUMNS = {
  quotes: {
    symbol: 'VARCHAR',
    venue_time: 'TIMESTAMPTZ',
    receive_time: 'TIMESTAMPTZ',
    bid: 'DOUBLE',
    bid_size: 'DOUBLE',
    ask: 'DOUBLE',
    ask_size: 'DOUBLE',
    sequence: 'BIGINT',
  },
  trades: {
    symbol: 'VARCHAR',
    venue_time: 'TIMESTAMPTZ',
    receive_time: 'TIMESTAMPTZ',
    trade_id: 'VARCHAR',
    price: 'DOUBLE',
    size: 'DOUBLE',
    /** The taker's: `buy` or `sell`. */
    side: 'VARCHAR',
  },
  /** Nothing writes it yet; queries see an empty table. */
  opportunities: {
    symbol: 'VARCHAR',
    buy: 'VARCHAR',
    sell: 'VARCHAR',
    start: 'TIMESTAMPTZ',
    end: 'TIMESTAMPTZ',
    duration_ms: 'DOUBLE',
    peak_net_bps: 'DOUBLE',
    peak_time: 'TIMESTAMPTZ',
    mean_net_bps: 'DOUBLE',
    size: 'DOUBLE',
    notional: 'DOUBLE',
    closed_by: 'VARCHAR',
  },
  gaps: {
    /** Null = every symbol of the venue. */
    symbol: 'VARCHAR',
    from: 'TIMESTAMPTZ',
    to: 'TIMESTAMPTZ',
    reason: 'VARCHAR',
    /** `quotes` or `trades`; null = both. */
    stream: 'VARCHAR',
    /** Null = not known. */
    rows_lost: 'BIGINT',
  },
} as const satisfies Record<LakeTable, Readonly<Record<string, string>>>;
