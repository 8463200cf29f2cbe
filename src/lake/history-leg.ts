import type { DuckDBConnection } from '@duckdb/node-api';
import type { VenueId } from '../core/venue-ids.ts';
import { sqlParquet, sqlText } from './duck.ts';
import { type FolderView, readFolders } from './history-folders.ts';
import { LEG_ROWS, type LegRows, RowBuffer } from './history-rows.ts';
import type { JournalTail } from './history-tail.ts';
import { HOUR_US, partitionFolder } from './layout.ts';
import { hoursOf } from './partitions.ts';
import type { PieceRanges } from './piece-ranges.ts';
import { quoteColumns, readQuotes } from './quote-chunk.ts';

export interface LegWish {
  readonly venue: VenueId;
  readonly symbol: string;
  /** The side that the route needs of this leg. */
  readonly price: 'bid' | 'ask';
  /** µs, both included. */
  readonly from: number;
  readonly to: number;
}

/** Hours that one load looks into at most: each is a file or more, and all of it is read again if one of them goes away meanwhile. */
const HOURS_AT_ONCE = 24;

/**
 * Reads the quotes of one instrument in a range, in the order of time, a bounded number at a time; quotes of one time in the order of arrival. Parquet and the journal's tail are
 * read as one: each row once, none missing, whatever is converted, merged or removed meanwhile (an hour that retention takes away while it is read is not there any more).
 */
export class LegReader {
  readonly #lake: string;
  readonly #connection: DuckDBConnection;
  readonly #tail: JournalTail;
  readonly #wish: LegWish;
  readonly #pieces: PieceRanges;
  readonly #limit: number;
  /** Two, for one is still in use while the next is filled. */
  readonly #buffers: [RowBuffer, RowBuffer] = [new RowBuffer(), new RowBuffer()];
  #at: number;

  constructor(
    lake: string,
    connection: DuckDBConnection,
    tail: JournalTail,
    wish: LegWish,
    pieces: PieceRanges,
    limit = LEG_ROWS,
  ) {
    this.#lake = lake;
    this.#connection = connection;
    this.#tail = tail;
    this.#wish = wish;
    this.#pieces = pieces;
    this.#limit = limit;
    this.#at = wish.from;
  }

  /**
   * The next rows, perhaps none, and the time before which all are told; undefined after the last. They are valid until the call after the next.
   * @throws what the disk and the engine throw
   */
  async next(): Promise<LegRows | undefined> {
    if (this.#at > this.#wish.to) return undefined;
    this.#buffers.reverse();
    const buffer = this.#buffers[0];
    const hours = hoursOf(this.#lake, 'quotes')
      .filter((hour) => hour + HOUR_US > this.#at && hour <= this.#wish.to)
      .slice(0, HOURS_AT_ONCE + 1);
    // What is in no folder is in the journal: the load ends where the first hour beyond begins, or with the range.
    const end = Math.min(this.#wish.to + 1, hours[HOURS_AT_ONCE] ?? Number.POSITIVE_INFINITY);
    const folders = hours
      .slice(0, HOURS_AT_ONCE)
      .map((hour) => partitionFolder('quotes', hour, this.#wish.venue));
    const told = await readFolders(this.#lake, folders, (view) => this.#load(buffer, view, end));
    this.#at = told;
    return buffer.take(told);
  }

  /** Fills the buffer with the rows from `#at` on; answers the time before which it holds all. */
  async #load(buffer: RowBuffer, view: FolderView, before: number): Promise<number> {
    buffer.clear();
    const paths = await this.#pathsOf(view);
    let end = before;
    if (paths.length > 0) {
      await this.#parquet(buffer, paths, end, false);
      // Of one file, rows beyond the limit are later than those before; of several, the clock may have gone back between them.
      if (buffer.rows > this.#limit && view.isScattered()) {
        buffer.clear();
        await this.#parquet(buffer, paths, end, true);
      }
      if (buffer.rows > this.#limit) end = this.#later(buffer.lastTime);
    }
    return this.#addTail(buffer, view, end);
  }

  /** The files that may hold the symbol's rows. */
  async #pathsOf(view: FolderView): Promise<string[]> {
    const rows = async (sql: string) => (await this.#connection.runAndReadAll(sql)).getRows();
    const paths: string[] = [];
    for (const set of view.sets()) paths.push(...(await this.#pieces.pick({ rows }, set, this.#wish.symbol)));
    return paths;
  }

  /** Adds what the journal holds before `end`; answers an earlier end if that is more than fits. */
  #addTail(buffer: RowBuffer, view: FolderView, before: number): number {
    const { venue, symbol, price } = this.#wish;
    const fromFiles = buffer.rows;
    const covered = (segment: number, hour: number) =>
      view.covers(partitionFolder('quotes', hour, venue), segment);
    for (let end = before; ; end = this.#later(this.#at + Math.floor((end - this.#at) / 2))) {
      buffer.truncate(fromFiles);
      let left = this.#limit;
      const all = this.#tail.quotes(
        { venue, symbol, price, from: this.#at, to: end, covered },
        (time, value) => {
          if (left === 0) return false;
          left -= 1;
          buffer.add(time, value);
          return true;
        },
      );
      if (all) return end;
    }
  }

  /** A load must go beyond its first µs. */
  #later(end: number): number {
    if (end > this.#at) return end;
    throw new Error(`${this.#wish.symbol} on ${this.#wish.venue}: too many quotes within one µs`);
  }

  async #parquet(buffer: RowBuffer, paths: readonly string[], end: number, ordered: boolean): Promise<void> {
    const result = await this.#connection.run(
      quotesSql(paths, this.#wish, this.#at, end, this.#limit + 1, ordered),
    );
    for (let i = 0; i < result.chunkCount; i += 1) {
      const chunk = result.getChunk(i);
      buffer.addRows(chunk.rowCount, (time, price, at) => readQuotes(chunk, time, price, at));
    }
  }
}

/** The engine gives rows of a list of files in the order of the list and of each file, and a file has one symbol's rows in the order of time. */
function quotesSql(
  paths: readonly string[],
  { symbol, price }: LegWish,
  from: number,
  end: number,
  limit: number,
  ordered: boolean,
): string {
  const order = ordered ? 'ORDER BY receive_time, file_index, file_row_number' : '';
  return `SELECT ${quoteColumns(price)}
    FROM ${sqlParquet(paths, ordered ? ', file_row_number = true' : '')}
    WHERE symbol = ${sqlText(symbol)} AND receive_time >= make_timestamptz(${from}) AND receive_time < make_timestamptz(${end})
    ${order} LIMIT ${limit}`;
}
