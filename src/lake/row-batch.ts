import {
  type QuoteColumns,
  QuoteKind,
  type Schema,
  TRADE_ID_BYTES,
  type TradeColumns,
} from '../core/records.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { columnBytes, layColumns } from '../ring/ring.ts';
import type { FramePool } from './frame-pool.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  JOURNAL_QUOTES,
  JOURNAL_TRADES,
  type JournalQuotes,
  type JournalTrades,
} from './journal-format.ts';

/** Rows of one venue and stream that have come from the ring and are in no frame yet: a fixed block of columns. */
abstract class RowBatch<S extends Schema> {
  readonly capacity: number;
  readonly bytes: number;
  rows = 0;
  /** Those of them that are rows of a table. */
  protected records = 0;
  /** Receive times of the rows, µs; cells, so that no double is boxed: least, greatest. */
  protected readonly times = new Float64Array(2);
  readonly #schema: S;
  readonly #kind: FrameKind;
  readonly #venue: number;

  constructor(schema: S, kind: FrameKind, venue: number, capacity: number) {
    this.#schema = schema;
    this.#kind = kind;
    this.#venue = venue;
    this.capacity = capacity;
    this.bytes = columnBytes(schema, capacity);
    this.clear();
  }

  /** Puts the rows into the pool as one frame; false = there is no room, and they stay. */
  flush(pool: FramePool, writtenAt: number): boolean {
    const { rows } = this;
    if (rows === 0) return true;
    const payload = columnBytes(this.#schema, rows);
    const offset = pool.place(payload);
    if (offset < 0) return false;
    const columns = layColumns(this.#schema, rows, pool.memory.buffer, offset + FRAME_HEADER_BYTES);
    this.copy(columns, rows);
    const [minTime, maxTime] = [this.times[0] as number, this.times[1] as number];
    const venue = VENUE_IDS[this.#venue];
    const { records } = this;
    pool.add({ kind: this.#kind, venue, rows, records, writtenAt, minTime, maxTime, offset }, payload);
    this.clear();
    return true;
  }

  protected abstract copy(into: ReturnType<typeof layColumns<S>>, rows: number): void;

  protected clear(): void {
    this.rows = 0;
    this.records = 0;
    this.times[0] = Number.POSITIVE_INFINITY;
    this.times[1] = Number.NEGATIVE_INFINITY;
  }

  protected stretch(time: number): void {
    const times = this.times;
    if (time < (times[0] as number)) times[0] = time;
    if (time > (times[1] as number)) times[1] = time;
  }
}

/** The journal's times are whole µs. */
export class QuoteBatch extends RowBatch<typeof JOURNAL_QUOTES> {
  readonly #columns: JournalQuotes;

  constructor(venue: number, capacity: number) {
    super(JOURNAL_QUOTES, FrameKind.quotes, venue, capacity);
    this.#columns = layColumns(JOURNAL_QUOTES, capacity, new ArrayBuffer(this.bytes), 0);
  }

  add(from: QuoteColumns, row: number): void {
    const [into, at] = [this.#columns, this.rows];
    const time = Math.floor(from.receiveTime[row] as number);
    into.venueTime[at] = from.venueTime[row] as number;
    into.receiveTime[at] = time;
    into.bid[at] = from.bid[row] as number;
    into.bidSize[at] = from.bidSize[row] as number;
    into.ask[at] = from.ask[row] as number;
    into.askSize[at] = from.askSize[row] as number;
    into.sequence[at] = from.sequence[row] as number;
    into.instrument[at] = from.instrument[row] as number;
    const kind = from.kind[row] as number;
    into.kind[at] = kind;
    if (kind === QuoteKind.quote) this.records += 1;
    this.rows = at + 1;
    this.stretch(time);
  }

  protected copy(into: JournalQuotes, rows: number): void {
    const from = this.#columns;
    into.venueTime.set(from.venueTime.subarray(0, rows));
    into.receiveTime.set(from.receiveTime.subarray(0, rows));
    into.bid.set(from.bid.subarray(0, rows));
    into.bidSize.set(from.bidSize.subarray(0, rows));
    into.ask.set(from.ask.subarray(0, rows));
    into.askSize.set(from.askSize.subarray(0, rows));
    into.sequence.set(from.sequence.subarray(0, rows));
    into.instrument.set(from.instrument.subarray(0, rows));
    into.kind.set(from.kind.subarray(0, rows));
  }
}

export class TradeBatch extends RowBatch<typeof JOURNAL_TRADES> {
  readonly #columns: JournalTrades;

  constructor(venue: number, capacity: number) {
    super(JOURNAL_TRADES, FrameKind.trades, venue, capacity);
    this.#columns = layColumns(JOURNAL_TRADES, capacity, new ArrayBuffer(this.bytes), 0);
  }

  add(from: TradeColumns, row: number): void {
    const [into, at] = [this.#columns, this.rows];
    const time = Math.floor(from.receiveTime[row] as number);
    into.venueTime[at] = from.venueTime[row] as number;
    into.receiveTime[at] = time;
    into.price[at] = from.price[row] as number;
    into.size[at] = from.size[row] as number;
    into.instrument[at] = from.instrument[row] as number;
    into.side[at] = from.side[row] as number;
    const length = from.idLength[row] as number;
    into.idLength[at] = length;
    const [source, target] = [row * TRADE_ID_BYTES, at * TRADE_ID_BYTES];
    for (let k = 0; k < length; k += 1) into.id[target + k] = from.id[source + k] as number;
    // What an earlier row left behind its own id would only take room.
    into.id.fill(0, target + length, target + TRADE_ID_BYTES);
    this.records += 1;
    this.rows = at + 1;
    this.stretch(time);
  }

  protected copy(into: JournalTrades, rows: number): void {
    const from = this.#columns;
    into.venueTime.set(from.venueTime.subarray(0, rows));
    into.receiveTime.set(from.receiveTime.subarray(0, rows));
    into.price.set(from.price.subarray(0, rows));
    into.size.set(from.size.subarray(0, rows));
    into.instrument.set(from.instrument.subarray(0, rows));
    into.side.set(from.side.subarray(0, rows));
    into.idLength.set(from.idLength.subarray(0, rows));
    into.id.set(from.id.subarray(0, rows * TRADE_ID_BYTES));
  }
}
