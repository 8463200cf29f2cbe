import { join } from 'node:path';
import type { GapRow } from '../core/lake-status.ts';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import { readConverted, writeConverted } from './converted.ts';
import { ensureFolder, type FileSteps } from './file-steps.ts';
import type { Frame } from './frame.ts';
import { compareText, gapSource, isTime, readGapRows } from './gap-rows.ts';
import { FrameKind } from './journal-format.ts';
import {
  covers,
  HOUR_US,
  hourOf,
  IN_PROGRESS,
  JOURNAL_FOLDER,
  type Part,
  partitionFolder,
  partName,
} from './layout.ts';
import { type ClosedOpportunity, opportunitySource, readOpportunityRows } from './opportunity-rows.ts';
import { PART_STYLE, type ParquetWriter, type RowSource } from './parquet-writer.ts';
import { bytesOf, filesOf } from './partitions.ts';
import { publish } from './publish.ts';
import type { RowPool } from './row-pool.ts';
import type { SegmentFile } from './segment.ts';
import { type OpenSegment, openSegment, outlineOf } from './segment-scan.ts';
import type { Mark } from './taken.ts';

/** What one conversion did. */
export interface Conversion {
  readonly segments: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Rows whose instrument nobody named, or whose time is none: they are in no table. */
  readonly refused: number;
  readonly repeatedFrames: number;
}

interface Tally {
  rows: number;
  files: number;
  bytes: number;
  unknown: number;
}

/** A venue's symbols in a group of segments, and what the instrument numbers of each segment stand for. */
interface Symbols {
  readonly names: readonly string[];
  readonly ranks: readonly Int32Array[];
}

/** The parts that count in a folder, which is named relative to the lake. */
export type PartsOf = (folder: string) => readonly { readonly part: Part }[];

/** No catalogue is that large; numbers beyond are damage. */
const MAX_INSTRUMENT = 2 ** 20;
const MAX_SYMBOL = 128;

/** Turns closed segments into Parquet parts. What it did is never done twice: a folder whose parts cover a segment is left alone, so that it may be cut off at any instant. */
export class Converter {
  readonly #lake: string;
  readonly #steps: FileSteps;
  readonly #pool: RowPool;
  readonly #partsOf: PartsOf;

  /** @param partsOf for a copy of a journal: which parts lie in a folder of the lake that it was copied from */
  constructor(lake: string, steps: FileSteps, pool: RowPool, partsOf?: PartsOf) {
    this.#lake = lake;
    this.#steps = steps;
    this.#pool = pool;
    this.#partsOf = partsOf ?? ((folder) => filesOf(lake, folder).visible);
  }

  /**
   * Converts these segments, the oldest of the journal, and deletes them once every row is durable in Parquet. Throws what the disk or the engine throws: then nothing was lost,
   * and the same call may be made again.
   */
  async convert(files: readonly SegmentFile[], writer: ParquetWriter): Promise<Conversion> {
    const tally: Tally = { rows: 0, files: 0, bytes: 0, unknown: 0 };
    const open: OpenSegment[] = [];
    try {
      let mark: Mark = readConverted(this.#lake);
      for (const file of files) {
        const segment = openSegment(file, mark);
        open.push(segment);
        mark = segment.mark;
      }
      this.#makeRoom(files);
      for (const venue of VENUE_IDS) await this.#convertVenue(open, venue, writer, tally);
      await this.#convertWords(open, GAPS, writer, tally);
      await this.#convertWords(open, OPPORTUNITIES, writer, tally);
      const last = files.at(-1);
      if (last !== undefined)
        writeConverted(this.#steps, this.#lake, {
          segment: last.number,
          ...mark,
        });
    } finally {
      for (const { segment } of open) segment.close();
    }
    for (const file of files) this.#steps.remove(file.path);
    if (files.length > 0) this.#steps.syncFolder(join(this.#lake, JOURNAL_FOLDER));
    return {
      segments: files.length,
      rows: tally.rows,
      files: tally.files,
      bytes: tally.bytes,
      refused: tally.unknown,
      repeatedFrames: open.reduce((sum, { repeatedFrames }) => sum + repeatedFrames, 0),
    };
  }

  /** A segment that alone is larger than the pool, as no recorder of ours makes one, must not block all that follow. */
  #makeRoom(files: readonly SegmentFile[]): void {
    const [file, second] = files;
    if (file === undefined || second !== undefined) return;
    const { quotes, trades } = outlineOf(file);
    this.#pool.growTo(Math.max(...quotes), Math.max(...trades));
  }

  async #convertVenue(
    open: readonly OpenSegment[],
    venue: VenueId,
    writer: ParquetWriter,
    tally: Tally,
  ): Promise<void> {
    const symbols = symbolsOf(open, venue);
    for (const table of ['quotes', 'trades'] as const) {
      for (const hour of hoursOf(open, table, venue, tally)) {
        const folder = partitionFolder(table, hour, venue);
        const todo = this.#uncovered(open, folder);
        if (todo.length === 0) continue;
        this.#load(todo, table, venue, hour, symbols, tally);
        if (this.#pool.rows === 0) continue;
        const source =
          table === 'quotes' ? this.#pool.quoteSource(symbols.names) : this.#pool.tradeSource(symbols.names);
        await this.#write(source, folder, todo, writer, tally);
      }
    }
  }

  /** The segments, with their places in the group, that no part of the folder holds yet. */
  #uncovered(open: readonly OpenSegment[], folder: string): { at: number; segment: OpenSegment }[] {
    const parts = this.#partsOf(folder);
    return open
      .map((segment, at) => ({ at, segment }))
      .filter(({ segment }) => !covers(parts, segment.segment.number));
  }

  /** Puts the rows of one table, venue and hour into the pool. */
  #load(
    todo: readonly { at: number; segment: OpenSegment }[],
    table: 'quotes' | 'trades',
    venue: VenueId,
    hour: number,
    symbols: Symbols,
    tally: Tally,
  ): void {
    const pool = this.#pool;
    const to = hour + HOUR_US;
    pool.clear();
    for (const { at, segment } of todo) {
      const ranks = symbols.ranks[at] as Int32Array;
      for (const frame of segment.frames) {
        if (frame.kind !== FrameKind[table] || frame.venue !== venue) continue;
        if (frame.minTime >= to || frame.maxTime < hour) continue;
        const take = { ranks, from: hour, to, whole: frame.minTime >= hour && frame.maxTime < to };
        if (table === 'quotes') pool.addQuotes(sound(segment.segment.quotes(frame)), take, tally);
        else pool.addTrades(sound(segment.segment.trades(frame)), take, tally);
      }
    }
  }

  /** What frames carry as JSON, a folder at a time. */
  async #convertWords<Row>(
    open: readonly OpenSegment[],
    { kind, read, folderOf, sourceOf }: Words<Row>,
    writer: ParquetWriter,
    tally: Tally,
  ): Promise<void> {
    const folders = new Map<string, { row: Row; at: number }[]>();
    open.forEach(({ segment, frames }, at) => {
      for (const frame of frames) {
        if (frame.kind !== kind) continue;
        const { rows, refused } = read(segment.json(frame));
        tally.unknown += refused;
        for (const row of rows) {
          const folder = folderOf(row);
          const list = folders.get(folder) ?? [];
          if (list.length === 0) folders.set(folder, list);
          list.push({ row, at });
        }
      }
    });
    for (const [folder, rows] of folders) {
      const todo = this.#uncovered(open, folder);
      const wanted = new Set(todo.map(({ at }) => at));
      const own = rows.filter(({ at }) => wanted.has(at)).map(({ row }) => row);
      if (own.length > 0) await this.#write(sourceOf(own), folder, todo, writer, tally);
    }
  }

  async #write(
    source: RowSource,
    folder: string,
    todo: readonly { segment: OpenSegment }[],
    writer: ParquetWriter,
    tally: Tally,
  ): Promise<void> {
    const first = todo[0]?.segment.segment.number;
    const last = todo.at(-1)?.segment.segment.number;
    if (first === undefined || last === undefined) throw new Error('a part of no segment');
    ensureFolder(this.#steps, this.#lake, folder, filesOf(this.#lake, folder).visible.length === 0);
    const path = join(this.#lake, folder, partName({ first, last, piece: 1, pieces: 1 }));
    this.#steps.remove(path + IN_PROGRESS);
    try {
      await writer.write(source, path + IN_PROGRESS, PART_STYLE);
      await publish(writer.duck, this.#steps, [{ path, rows: source.rows }]);
    } catch (error) {
      // On a full disk, half a file would take the room that the recorder waits for.
      this.#steps.remove(path + IN_PROGRESS);
      throw error;
    }
    tally.rows += source.rows;
    tally.files += 1;
    tally.bytes += bytesOf(path);
  }
}

/** A table whose rows travel as JSON. */
interface Words<Row> {
  readonly kind: FrameKind;
  readonly read: (json: unknown) => { readonly rows: readonly Row[]; readonly refused: number };
  readonly folderOf: (row: Row) => string;
  readonly sourceOf: (rows: readonly Row[]) => RowSource;
}

const GAPS: Words<GapRow> = {
  kind: FrameKind.gaps,
  read: readGapRows,
  folderOf: ({ from, venue }) => partitionFolder('gaps', hourOf(from), venue),
  sourceOf: gapSource,
};

const OPPORTUNITIES: Words<ClosedOpportunity> = {
  kind: FrameKind.opportunities,
  read: readOpportunityRows,
  folderOf: ({ end, buy }) => partitionFolder('opportunities', hourOf(end), buy),
  sourceOf: opportunitySource,
};

/** A frame that was sound a moment ago and is not now: the disk answers differently each time. */
function sound<T>(columns: T | undefined): T {
  if (columns === undefined) throw new Error('EIO: a frame of the journal changed while it was read');
  return columns;
}

/** The hours that a venue's rows of a table lie in. Clocks jump: they need not be neighbours. */
function hoursOf(
  open: readonly OpenSegment[],
  table: 'quotes' | 'trades',
  venue: VenueId,
  tally: Tally,
): number[] {
  const hours = new Set<number>();
  for (const { segment, frames } of open) {
    for (const frame of frames) {
      if (frame.kind !== FrameKind[table] || frame.venue !== venue || frame.rows === 0) continue;
      if (isTime(frame.minTime) && isTime(frame.maxTime) && hourOf(frame.minTime) === hourOf(frame.maxTime))
        hours.add(hourOf(frame.minTime));
      else for (const time of timesOf(segment, frame)) addHour(hours, time, tally);
    }
  }
  return [...hours].sort((a, b) => a - b);
}

function timesOf(segment: OpenSegment['segment'], frame: Frame): Float64Array {
  return sound(frame.kind === FrameKind.quotes ? segment.quotes(frame) : segment.trades(frame)).receiveTime;
}

function addHour(hours: Set<number>, time: number, tally: Tally): void {
  if (isTime(time)) hours.add(hourOf(time));
  else tally.unknown += 1;
}

function symbolsOf(open: readonly OpenSegment[], venue: VenueId): Symbols {
  const found = new Set<string>();
  for (const { instruments } of open)
    for (const entry of instruments.values())
      if (entry.venue === venue && isSymbol(entry.symbol)) found.add(entry.symbol);
  const names = [...found].sort(compareText);
  const ranks = new Map(names.map((name, rank) => [name, rank]));
  return {
    names,
    ranks: open.map(({ instruments }) => {
      const known = [...instruments].filter(
        ([instrument, entry]) => entry.venue === venue && instrument >= 0 && instrument < MAX_INSTRUMENT,
      );
      const length = known.reduce((most, [instrument]) => Math.max(most, instrument + 1), 0);
      const table = new Int32Array(length).fill(-1);
      for (const [instrument, { symbol }] of known) table[instrument] = ranks.get(symbol) ?? -1;
      return table;
    }),
  };
}

/** Text that the engine takes as it is. */
function isSymbol(text: string): boolean {
  return text.length > 0 && text.length <= MAX_SYMBOL && !/[\p{Cc}\p{Cs}]/u.test(text);
}
