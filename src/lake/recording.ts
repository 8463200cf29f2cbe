import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { SpreadscopeError } from '../core/errors.ts';
import type { QuoteColumns } from '../core/records.ts';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import { type Duck, openDuck, sqlParquet, sqlText } from './duck.ts';
import { readFees, recordedFee } from './fees.ts';
import { findLake } from './lake-folder.ts';
import { HOUR_US } from './layout.ts';
import { areThere, changedError, type PartFile } from './partitions.ts';
import { readSnapshot } from './read-snapshot.ts';
import { beginningOf, type Lead } from './recording-lead.ts';
import { sliceSql } from './recording-slice.ts';
import { renewedFiles } from './renewed-files.ts';

/** Which part of a recording; times are µs, both included. */
export interface RecordingWish {
  readonly from: number;
  readonly to: number;
  /** Undefined = every one. */
  readonly symbols?: readonly string[] | undefined;
  /** Whether trades are wanted too: rows of the kind `TRADE_ROW` among the quotes. */
  readonly trades?: boolean | undefined;
  /** Leaves out what is long before the end; undefined = nothing. */
  readonly lead?: Lead | undefined;
}

export interface RecordedInstrument {
  readonly venue: VenueId;
  readonly symbol: string;
  /** What the venue asked for at the end of the range, a fraction; undefined = nobody noted it. */
  readonly takerFee: number | undefined;
}

/** The rows of one reading are sorted in memory: about so many. */
const ROWS_AT_ONCE = 1_500_000;
const MEMORY_MB = 512;
/** How often one reading begins anew because files were merged under its eyes. */
const TRIES = 5;
const COLUMNS = 9;

/**
 * What a lake holds of a range, in the order in which it came: by receive time, at the same time by venue, then as the venue sent it. The end of a spell of sight stands among the quotes as the row that the
 * market was told of it. What waits in the journal is part of it. The lake is not changed, and may be recorded into meanwhile.
 */
export class Recording {
  readonly instruments: readonly RecordedInstrument[];
  /** The first and last time of any row of the range, µs; NaN of none. */
  readonly first: number;
  readonly last: number;
  /** Quotes of the range, about: for a progress bar. */
  readonly rows: number;
  readonly #duck: Duck;
  readonly #lake: string;
  #files: readonly PartFile[];
  readonly #wish: RecordingWish;

  constructor(
    duck: Duck,
    lake: string,
    files: readonly PartFile[],
    wish: RecordingWish,
    facts: Pick<Recording, 'instruments' | 'first' | 'last' | 'rows'>,
  ) {
    this.#duck = duck;
    this.#lake = lake;
    this.#files = files;
    this.#wish = wish;
    this.instruments = facts.instruments;
    this.first = facts.first;
    this.last = facts.last;
    this.rows = facts.rows;
  }

  /**
   * Fills the columns with the next rows, again and again, and hands over how many there are; instruments are places in `instruments`, epochs are 1.
   * @throws FILE_UNREADABLE, the signal's reason, what the engine throws
   */
  async read(
    columns: QuoteColumns,
    take: (rows: number) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const slice of await this.#again(() => this.#slices(), signal)) {
      let hasBegun = false;
      const read = async (): Promise<void> => {
        const sql = sliceSql(this.#filesOf(slice.hour), slice.from, slice.to);
        if (sql === undefined) return;
        const result = await this.#duck.connection.stream(sql);
        for (;;) {
          signal.throwIfAborted();
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) break;
          hasBegun = true;
          readChunk(chunk, columns);
          await take(chunk.rowCount);
        }
      };
      await this.#again(read, signal, slice.hour, () => !hasBegun);
    }
  }

  close(): void {
    this.#duck.close();
  }

  /** Reads, and once more from the files that took the place of those that are gone, of `since` and later hours. */
  async #again<T>(
    read: () => Promise<T>,
    signal: AbortSignal,
    since = Number.NEGATIVE_INFINITY,
    mayRepeat: () => boolean = () => true,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await read();
      } catch (error) {
        signal.throwIfAborted();
        const files = this.#files.filter(({ hour }) => hour >= since);
        if (areThere(files.map(({ path }) => path))) throw error;
        const renewed = tries < TRIES && mayRepeat() ? renewedFiles(this.#lake, files) : undefined;
        if (renewed === undefined) throw changedError(error);
        this.#files = renewed;
      }
    }
  }

  #filesOf(hour: number): PartFile[] {
    return this.#files.filter((file) => file.hour === hour);
  }

  /** Pieces of time of about as many rows as are sorted at once, in order. */
  async #slices(): Promise<Slice[]> {
    const slices: Slice[] = [];
    const hours = [...new Set(this.#files.map(({ hour }) => hour))].sort((a, b) => a - b);
    for (const hour of hours) {
      const sorted = this.#filesOf(hour).filter(({ table }) => table !== 'gaps');
      const parts = Math.max(1, Math.ceil((await countRows(this.#duck, sorted)) / ROWS_AT_ONCE));
      const step = Math.ceil(HOUR_US / parts);
      for (let at = hour; at < hour + HOUR_US; at += step) {
        const from = Math.max(at, this.#wish.from);
        const to = Math.min(at + step, hour + HOUR_US, this.#wish.to + 1);
        if (from < to) slices.push({ from, to, hour });
      }
    }
    return slices;
  }
}

/** A piece of an hour, µs; from included, to not. */
interface Slice {
  readonly from: number;
  readonly to: number;
  readonly hour: number;
}

/**
 * Opens what a lake holds of a range.
 * @param scratch an empty folder of ours, which is larger by the journal's tail and by what a sort spills
 * @throws NO_LAKE, FILE_UNREADABLE, BAD_REQUEST when nothing was recorded then
 */
export async function openRecording(
  folder: string,
  scratch: string,
  asked: RecordingWish,
  signal: AbortSignal,
): Promise<Recording> {
  const lake = findLake(folder);
  const spill = join(scratch, 'spill');
  mkdirSync(spill, { recursive: true });
  return await readSnapshot(lake, join(scratch, 'tail'), signal, async (found) => {
    const all = found.filter(
      ({ table, hour }) =>
        (table === 'quotes' || table === 'gaps' || (table === 'trades' && asked.trades === true)) &&
        hour + HOUR_US > asked.from &&
        hour <= asked.to,
    );
    const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1, tempFolder: spill });
    try {
      return await openFiles(duck, lake, all, asked);
    } catch (error) {
      duck.close();
      throw error;
    }
  });
}

/** Opens what these files hold of a range; the engine is then the recording's. */
async function openFiles(
  duck: Duck,
  lake: string,
  all: readonly PartFile[],
  asked: RecordingWish,
): Promise<Recording> {
  const wish = await shortened(duck, all, asked);
  const files = all.filter(({ hour }) => hour + HOUR_US > wish.from);
  const quotes = files.filter(({ table }) => table === 'quotes');
  const [instruments, rows] = [await nameInstruments(duck, quotes, wish), await countRows(duck, quotes)];
  const [bounds] = quotes.length === 0 ? [] : await duck.rows(boundsSql(quotes, wish));
  const [first, last] = (bounds ?? []).map((value) => (value === null ? Number.NaN : Number(value)));
  if (instruments.length === 0 || first === undefined || Number.isNaN(first))
    throw new SpreadscopeError(
      'BAD_REQUEST',
      `nothing was recorded in that range; \`spreadscope lake stat\` shows what ${lake} holds`,
    );
  const fees = readFees(lake);
  const priced = instruments.map(({ venue, symbol }) => ({
    ...{ venue, symbol },
    takerFee: recordedFee(fees, venue, symbol, last ?? first),
  }));
  return new Recording(duck, lake, files, wish, {
    ...{ instruments: priced, rows, first, last: last ?? Number.NaN },
  });
}

async function shortened(
  duck: Duck,
  files: readonly PartFile[],
  wish: RecordingWish,
): Promise<RecordingWish> {
  if (wish.lead === undefined) return wish;
  const quotes = files.filter(({ table }) => table === 'quotes');
  return { ...wish, from: await beginningOf(duck, quotes, wish.from, wish.lead) };
}

async function countRows(duck: Duck, files: readonly PartFile[]): Promise<number> {
  if (files.length === 0) return 0;
  const [row] = await duck.rows(`SELECT count(*) FROM ${sqlParquet(files.map(({ path }) => path))}`);
  return Number(row?.[0] ?? 0);
}

/** Numbers the instruments of the range by venue, then symbol, in a table that readings join. */
async function nameInstruments(
  duck: Duck,
  quotes: readonly PartFile[],
  { symbols }: RecordingWish,
): Promise<Omit<RecordedInstrument, 'takerFee'>[]> {
  await duck.run('CREATE TABLE instruments (id INTEGER, venue VARCHAR, symbol VARCHAR)');
  const instruments: Omit<RecordedInstrument, 'takerFee'>[] = [];
  for (const venue of VENUE_IDS) {
    const paths = quotes.filter((file) => file.venue === venue).map(({ path }) => path);
    if (paths.length === 0) continue;
    const only = symbols === undefined ? '' : `WHERE symbol IN (${symbols.map(sqlText).join(', ')})`;
    const rows = await duck.rows(`SELECT DISTINCT symbol FROM ${sqlParquet(paths)} ${only} ORDER BY symbol`);
    for (const [symbol] of rows) if (typeof symbol === 'string') instruments.push({ venue, symbol });
  }
  const values = instruments.map(({ venue, symbol }, id) => `(${id}, ${sqlText(venue)}, ${sqlText(symbol)})`);
  if (values.length > 0) await duck.run(`INSERT INTO instruments VALUES ${values.join(', ')}`);
  return instruments;
}

function boundsSql(quotes: readonly PartFile[], { from, to }: RecordingWish): string {
  return `SELECT epoch_us(min(receive_time)), epoch_us(max(receive_time)) FROM ${sqlParquet(quotes.map(({ path }) => path))}
    WHERE receive_time >= make_timestamptz(${from}) AND receive_time <= make_timestamptz(${to})`;
}

/** Puts a chunk of doubles into the columns. */
function readChunk({ chunk, rowCount }: DuckDBDataChunk, columns: QuoteColumns): void {
  const doubles = Array.from({ length: COLUMNS }, (_, column) => {
    const bytes = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), rowCount * 8);
    return new Float64Array(bytes.buffer, bytes.byteOffset, rowCount);
  });
  const [time, kind, id, venueTime, bid, bidSize, ask, askSize, sequence] = doubles;
  const figures = { receiveTime: time, venueTime, bid, bidSize, ask, askSize, sequence };
  for (const [name, values] of Object.entries(figures))
    if (values !== undefined) columns[name as keyof typeof figures].set(values);
  for (let row = 0; row < rowCount; row += 1) {
    columns.instrument[row] = id?.[row] ?? 0;
    columns.kind[row] = kind?.[row] ?? 0;
    columns.epoch[row] = 1;
  }
}
