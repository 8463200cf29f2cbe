/**
 * The lake's tables as they stand in Parquet. `venue`, `date` and `hour` (UTC, of the row's receive time; a gap's `from`; an opportunity's `end`) are in the folder's name
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
  /** In the folder of the hour in which it ended, and of the venue that is bought on. Spreads are basis points. */
  opportunities: {
    symbol: 'VARCHAR',
    buy: 'VARCHAR',
    sell: 'VARCHAR',
    start: 'TIMESTAMPTZ',
    end: 'TIMESTAMPTZ',
    peak_time: 'TIMESTAMPTZ',
    buy_venue_time: 'TIMESTAMPTZ',
    sell_venue_time: 'TIMESTAMPTZ',
    closed_by: 'VARCHAR',
    duration_ms: 'DOUBLE',
    open_bps: 'DOUBLE',
    start_net_bps: 'DOUBLE',
    peak_net_bps: 'DOUBLE',
    mean_net_bps: 'DOUBLE',
    time_mean_net_bps: 'DOUBLE',
    ticks: 'BIGINT',
    size: 'DOUBLE',
    notional: 'DOUBLE',
    peak_size: 'DOUBLE',
    peak_notional: 'DOUBLE',
    buy_age_ms: 'DOUBLE',
    sell_age_ms: 'DOUBLE',
    /** Net spread so long after the start; null = it had ended by then. */
    net_1ms: 'DOUBLE',
    net_2ms: 'DOUBLE',
    net_5ms: 'DOUBLE',
    net_10ms: 'DOUBLE',
    net_20ms: 'DOUBLE',
    net_50ms: 'DOUBLE',
    net_100ms: 'DOUBLE',
    net_200ms: 'DOUBLE',
    net_500ms: 'DOUBLE',
    net_1000ms: 'DOUBLE',
    net_2000ms: 'DOUBLE',
    net_5000ms: 'DOUBLE',
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
