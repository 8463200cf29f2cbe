import { BIGINT, DOUBLE, type DuckDBType, ENUM, TIMESTAMPTZ, VARCHAR } from '@duckdb/node-api';
import { type Columns, type ColumnType, QuoteKind, TRADE_ID_BYTES } from '../core/records.ts';
import { columnBytes, layColumns } from '../ring/ring.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import type { JournalQuotes, JournalTrades } from './journal-format.ts';
import type { RowSource, SourceColumn } from './parquet-writer.ts';
import { orderRows } from './row-order.ts';
import { TABLE_COLUMNS } from './tables.ts';

const POOL_QUOTES = {
  venueTime: 'f64',
  receiveTime: 'f64',
  bid: 'f64',
  bidSize: 'f64',
  ask: 'f64',
  askSize: 'f64',
  sequence: 'f64',
  rank: 'u32',
} as const satisfies Record<string, ColumnType>;

const POOL_TRADES = {
  venueTime: 'f64',
  receiveTime: 'f64',
  price: 'f64',
  size: 'f64',
  rank: 'u32',
  side: 'u8',
  idLength: 'u8',
  id: `bytes${TRADE_ID_BYTES}`,
} as const satisfies Record<string, ColumnType>;

/** Rows that were counted instead of taken, by why. */
export interface Refused {
  /** Of an instrument that the segment does not name, or names for another venue. */
  unknown: number;
}

/** Which rows of a frame to take, and as what. */
export interface Take {
  /** Rank of an instrument's symbol in `symbols`; −1 = none. */
  readonly ranks: Int32Array;
  /** Receive times [from, to), µs. */
  readonly from: number;
  readonly to: number;
  /** That all of the frame's rows are in that time. */
  readonly whole: boolean;
}

const SIDES = ['buy', 'sell'];
/** Rows of quotes that the pool holds unless it is told otherwise. */
export const POOL_ROWS = 2 ** 19;

/**
 * The one place where rows wait to be written: a fixed block of memory, used for quotes and for trades in turn, whatever the number of symbols.
 */
export class RowPool {
  #memory: ArrayBuffer;
  #quotes: Columns<typeof POOL_QUOTES>;
  #trades: Columns<typeof POOL_TRADES>;
  #order: Uint32Array;
  #starts = new Uint32Array(1024);
  #rows = 0;

  constructor(quoteRows = POOL_ROWS) {
    this.#memory = new ArrayBuffer(columnBytes(POOL_QUOTES, quoteRows));
    this.#quotes = layColumns(POOL_QUOTES, this.quoteRows, this.#memory, 0);
    this.#trades = layColumns(POOL_TRADES, this.tradeRows, this.#memory, 0);
    this.#order = new Uint32Array(this.quoteRows);
  }

  get quoteRows(): number {
    return Math.floor(this.#memory.byteLength / columnBytes(POOL_QUOTES, 1));
  }

  get tradeRows(): number {
    return Math.floor(this.#memory.byteLength / columnBytes(POOL_TRADES, 1));
  }

  get bytes(): number {
    return this.#memory.byteLength + this.#order.byteLength + this.#starts.byteLength;
  }

  get rows(): number {
    return this.#rows;
  }

  clear(): void {
    this.#rows = 0;
  }

  /** Makes room for a single segment that holds more rows than the recorder ever puts into one: better larger than stuck. */
  growTo(quotes: number, trades: number): void {
    const bytes = Math.max(columnBytes(POOL_QUOTES, quotes), columnBytes(POOL_TRADES, trades));
    if (bytes <= this.#memory.byteLength) return;
    this.#memory = new ArrayBuffer(Math.ceil(bytes / 64) * 64);
    this.#quotes = layColumns(POOL_QUOTES, this.quoteRows, this.#memory, 0);
    this.#trades = layColumns(POOL_TRADES, this.tradeRows, this.#memory, 0);
    this.#order = new Uint32Array(this.quoteRows);
  }

  /** Takes the quotes among a frame's rows. */
  addQuotes(from: JournalQuotes, take: Take, refused: Refused): void {
    const [into, { ranks }] = [this.#quotes, take];
    const rows = from.kind.length;
    let at = this.#rows;
    for (let i = 0; i < rows; i += 1) {
      if (from.kind[i] !== QuoteKind.quote) continue;
      const time = from.receiveTime[i] as number;
      if (!take.whole && !(time >= take.from && time < take.to)) continue;
      const rank = ranks[from.instrument[i] as number] ?? -1;
      if (rank < 0) {
        refused.unknown += 1;
        continue;
      }
      into.rank[at] = rank;
      into.receiveTime[at] = time;
      into.venueTime[at] = from.venueTime[i] as number;
      into.bid[at] = from.bid[i] as number;
      into.bidSize[at] = from.bidSize[i] as number;
      into.ask[at] = from.ask[i] as number;
      into.askSize[at] = from.askSize[i] as number;
      into.sequence[at] = from.sequence[i] as number;
      at += 1;
    }
    this.#advance(at, this.quoteRows);
  }

  /** Takes the trades of a frame. */
  addTrades(from: JournalTrades, take: Take, refused: Refused): void {
    const [into, { ranks }] = [this.#trades, take];
    const rows = from.side.length;
    let at = this.#rows;
    for (let i = 0; i < rows; i += 1) {
      const time = from.receiveTime[i] as number;
      if (!take.whole && !(time >= take.from && time < take.to)) continue;
      const rank = ranks[from.instrument[i] as number] ?? -1;
      if (rank < 0) {
        refused.unknown += 1;
        continue;
      }
      into.rank[at] = rank;
      into.receiveTime[at] = time;
      into.venueTime[at] = from.venueTime[i] as number;
      into.price[at] = from.price[i] as number;
      into.size[at] = from.size[i] as number;
      into.side[at] = from.side[i] as number;
      const length = from.idLength[i] as number;
      into.idLength[at] = length;
      const [target, source] = [at * TRADE_ID_BYTES, i * TRADE_ID_BYTES];
      for (let k = 0; k < length; k += 1) into.id[target + k] = from.id[source + k] as number;
      at += 1;
    }
    this.#advance(at, this.tradeRows);
  }

  /** The quotes that were taken, in the order of a file; valid until the next `clear`. */
  quoteSource(symbols: readonly string[]): RowSource {
    const [quotes, order] = [this.#quotes, this.#sort(this.#quotes, symbols.length)];
    return {
      rows: this.#rows,
      columns: sourceColumns('quotes', symbols),
      fill: (columns: ChunkColumns) => {
        columns.codes(0, quotes.rank, order, symbols.length);
        columns.integers(1, quotes.venueTime, order);
        columns.integers(2, quotes.receiveTime, order);
        columns.doubles(3, quotes.bid, order);
        columns.doubles(4, quotes.bidSize, order);
        columns.doubles(5, quotes.ask, order);
        columns.doubles(6, quotes.askSize, order);
        columns.integers(7, quotes.sequence, order);
      },
    };
  }

  /** As `quoteSource`, of the trades. */
  tradeSource(symbols: readonly string[]): RowSource {
    const [trades, order] = [this.#trades, this.#sort(this.#trades, symbols.length)];
    return {
      rows: this.#rows,
      columns: sourceColumns('trades', symbols),
      fill: (columns: ChunkColumns) => {
        columns.codes(0, trades.rank, order, symbols.length);
        columns.integers(1, trades.venueTime, order);
        columns.integers(2, trades.receiveTime, order);
        columns.texts(3, trades.id, trades.idLength, TRADE_ID_BYTES, order);
        columns.doubles(4, trades.price, order);
        columns.doubles(5, trades.size, order);
        columns.codes(6, trades.side, order, SIDES.length);
      },
    };
  }

  #advance(to: number, capacity: number): void {
    if (to > capacity) throw new RangeError(`${to} rows were put into a pool of ${capacity}`);
    this.#rows = to;
  }

  #sort(of: { rank: Uint32Array; receiveTime: Float64Array }, symbols: number): Uint32Array {
    if (this.#starts.length <= symbols) this.#starts = new Uint32Array(2 * symbols);
    orderRows(of.rank, of.receiveTime, this.#rows, symbols, this.#starts, this.#order);
    return this.#order;
  }
}

const TYPES: Readonly<Record<string, DuckDBType>> = {
  VARCHAR,
  TIMESTAMPTZ,
  DOUBLE,
  BIGINT,
};

/** The columns of a table as they are filled; a symbol and a side as codes of an ENUM if their values are given. */
export function sourceColumns(
  table: 'quotes' | 'trades' | 'gaps',
  symbols?: readonly string[],
): SourceColumn[] {
  return Object.entries(TABLE_COLUMNS[table]).map(([name, type]) => {
    if (name === 'symbol' && symbols !== undefined) return { name, type: ENUM(symbols), asText: true };
    if (name === 'side') return { name, type: ENUM(SIDES), asText: true };
    return { name, type: TYPES[type] as DuckDBType };
  });
}
