import { BIGINT, DOUBLE, type DuckDBType, ENUM, TIMESTAMPTZ, VARCHAR } from '@duckdb/node-api';
import { type Columns, type ColumnType, QuoteKind, TRADE_ID_BYTES } from '../core/records.ts';
import { columnBytes, layColumns } from '../ring/ring.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import type { JournalQuotes, JournalTrades } from './journal-format.ts';
import type { RowSource, SourceColumn } from './parquet-writer.ts';
import { orderRows } from './row-order.ts';
import { type LakeTable, TABLE_COLUMNS } from './tables.ts';

/** A quote as 7 doubles that lie together: venue time, receive time, bid, bid size, ask, ask size, sequence. */
const QUOTE_WIDTH = 7;
/** A trade as 4: venue time, receive time, price, size. */
const TRADE_WIDTH = 4;
const TIME_AT = 1;

/** What a row takes of the pool's memory. */
const POOL_QUOTE = { rank: 'u32' } as const satisfies Record<string, ColumnType>;
const POOL_TRADE = {
  rank: 'u32',
  side: 'u8',
  idLength: 'u8',
  id: `bytes${TRADE_ID_BYTES}`,
} as const satisfies Record<string, ColumnType>;
const QUOTE_BYTES = QUOTE_WIDTH * 8 + columnBytes(POOL_QUOTE, 1);
const TRADE_BYTES = TRADE_WIDTH * 8 + columnBytes(POOL_TRADE, 1);

type Laid<S extends Record<string, ColumnType>> = Columns<S> & { readonly values: Float64Array };

function lay<S extends Record<string, ColumnType>>(
  memory: ArrayBuffer,
  schema: S,
  width: number,
  rows: number,
): Laid<S> {
  const values = new Float64Array(memory, 0, rows * width);
  return { ...layColumns(schema, rows, memory, values.byteLength), values };
}

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

/** Bytes of a pool of the usual size. */
export function poolBytes(quoteRows = POOL_ROWS): number {
  return quoteRows * (QUOTE_BYTES + 4);
}

/**
 * The one place where rows wait to be written: a fixed block of memory, used for quotes and for trades in turn, whatever the number of symbols.
 */
export class RowPool {
  #memory: ArrayBuffer;
  #quotes: Laid<typeof POOL_QUOTE>;
  #trades: Laid<typeof POOL_TRADE>;
  #order: Uint32Array;
  #starts = new Uint32Array(1024);
  #rows = 0;

  constructor(quoteRows = POOL_ROWS) {
    this.#memory = new ArrayBuffer(quoteRows * QUOTE_BYTES);
    this.#quotes = lay(this.#memory, POOL_QUOTE, QUOTE_WIDTH, this.quoteRows);
    this.#trades = lay(this.#memory, POOL_TRADE, TRADE_WIDTH, this.tradeRows);
    this.#order = new Uint32Array(this.quoteRows);
  }

  get quoteRows(): number {
    return Math.floor(this.#memory.byteLength / QUOTE_BYTES);
  }

  get tradeRows(): number {
    return Math.floor(this.#memory.byteLength / TRADE_BYTES);
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
    const bytes = Math.max(quotes * QUOTE_BYTES, trades * TRADE_BYTES);
    if (bytes <= this.#memory.byteLength) return;
    this.#memory = new ArrayBuffer(Math.ceil(bytes / 64) * 64);
    this.#quotes = lay(this.#memory, POOL_QUOTE, QUOTE_WIDTH, this.quoteRows);
    this.#trades = lay(this.#memory, POOL_TRADE, TRADE_WIDTH, this.tradeRows);
    this.#order = new Uint32Array(this.quoteRows);
  }

  /** Takes the quotes among a frame's rows. */
  addQuotes(from: JournalQuotes, take: Take, refused: Refused): void {
    const [into, { ranks }] = [this.#quotes, take];
    const rows = from.kind.length;
    const values = into.values;
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
      const cell = at * QUOTE_WIDTH;
      values[cell] = from.venueTime[i] as number;
      values[cell + 1] = time;
      values[cell + 2] = from.bid[i] as number;
      values[cell + 3] = from.bidSize[i] as number;
      values[cell + 4] = from.ask[i] as number;
      values[cell + 5] = from.askSize[i] as number;
      values[cell + 6] = from.sequence[i] as number;
      at += 1;
    }
    this.#advance(at, this.quoteRows);
  }

  /** Takes the trades of a frame. */
  addTrades(from: JournalTrades, take: Take, refused: Refused): void {
    const [into, { ranks }] = [this.#trades, take];
    const rows = from.side.length;
    const values = into.values;
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
      const cell = at * TRADE_WIDTH;
      values[cell] = from.venueTime[i] as number;
      values[cell + 1] = time;
      values[cell + 2] = from.price[i] as number;
      values[cell + 3] = from.size[i] as number;
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
    const [quotes, order] = [this.#quotes, this.#sort(this.#quotes, QUOTE_WIDTH, symbols.length)];
    return {
      rows: this.#rows,
      columns: sourceColumns('quotes', symbols),
      fill: (columns: ChunkColumns) => {
        columns.codes(0, quotes.rank, order, symbols.length);
        columns.integers(1, quotes.values, order, QUOTE_WIDTH, 0);
        columns.integers(2, quotes.values, order, QUOTE_WIDTH, 1);
        columns.doubles(3, quotes.values, order, QUOTE_WIDTH, 2);
        columns.doubles(4, quotes.values, order, QUOTE_WIDTH, 3);
        columns.doubles(5, quotes.values, order, QUOTE_WIDTH, 4);
        columns.doubles(6, quotes.values, order, QUOTE_WIDTH, 5);
        columns.integers(7, quotes.values, order, QUOTE_WIDTH, 6);
      },
    };
  }

  /** As `quoteSource`, of the trades. */
  tradeSource(symbols: readonly string[]): RowSource {
    const [trades, order] = [this.#trades, this.#sort(this.#trades, TRADE_WIDTH, symbols.length)];
    return {
      rows: this.#rows,
      columns: sourceColumns('trades', symbols),
      fill: (columns: ChunkColumns) => {
        columns.codes(0, trades.rank, order, symbols.length);
        columns.integers(1, trades.values, order, TRADE_WIDTH, 0);
        columns.integers(2, trades.values, order, TRADE_WIDTH, 1);
        columns.texts(3, trades.id, trades.idLength, TRADE_ID_BYTES, order);
        columns.doubles(4, trades.values, order, TRADE_WIDTH, 2);
        columns.doubles(5, trades.values, order, TRADE_WIDTH, 3);
        columns.codes(6, trades.side, order, SIDES.length);
      },
    };
  }

  #advance(to: number, capacity: number): void {
    if (to > capacity) throw new RangeError(`${to} rows were put into a pool of ${capacity}`);
    this.#rows = to;
  }

  #sort(
    of: { readonly rank: Uint32Array; readonly values: Float64Array },
    width: number,
    symbols: number,
  ): Uint32Array {
    if (this.#starts.length <= symbols) this.#starts = new Uint32Array(2 * symbols);
    orderRows(of.rank, of.values, this.#rows, symbols, this.#starts, this.#order, width, TIME_AT);
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
export function sourceColumns(table: LakeTable, symbols?: readonly string[]): SourceColumn[] {
  return Object.entries(TABLE_COLUMNS[table]).map(([name, type]) => {
    if (name === 'symbol' && symbols !== undefined) return { name, type: ENUM(symbols), asText: true };
    if (name === 'side') return { name, type: ENUM(SIDES), asText: true };
    return { name, type: TYPES[type] as DuckDBType };
  });
}
