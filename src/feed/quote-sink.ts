import { type QUOTE_SCHEMA, QuoteKind, TRADE_ID_BYTES, type TRADE_SCHEMA } from '../core/records.ts';
import type { ConflatingProducer } from '../ring/conflating-producer.ts';
import type { RingProducer } from '../ring/ring.ts';
import type { BadFrame, ControlEvent, DecodeSink, QuoteField, TradeField } from '../venues/venue.ts';
import type { LagHistogram } from './lag-histogram.ts';
import type { Ownership } from './ownership.ts';
import type { RecentTrades } from './recent-trades.ts';
import { Count, type VenueCounters } from './venue-counters.ts';

/** Indices of the contract's `QuoteField` and `TradeField`; `feed` takes only types from the contract. */
const Q = { bid: 0, bidSize: 1, ask: 2, askSize: 3, venueTime: 4, sequence: 5 } as const satisfies Record<
  keyof typeof QuoteField,
  number
>;
const T = { price: 0, size: 1, venueTime: 2 } as const satisfies Record<keyof typeof TradeField, number>;

/** Where the records of all connections of one feed go. */
export interface Outlets {
  readonly quotes: ConflatingProducer<typeof QUOTE_SCHEMA>;
  readonly trades: RingProducer<typeof TRADE_SCHEMA>;
  readonly ownership: Ownership;
}

/** What the connections of one venue share. */
export interface VenueBooks {
  readonly counters: VenueCounters;
  readonly lag: LagHistogram;
  readonly recentTrades: RecentTrades;
  /** Quotes and trades that were put out, by `Numbered`. */
  readonly numbers: Float64Array;
}

const Numbered = { quotes: 0, trades: 1 } as const;

/**
 * Takes what one connection's decoder found into the rings, as long as the connection owns the instrument. Rows become visible at `publish`, once a
 * chunk.
 */
export class QuoteSink implements DecodeSink {
  readonly #epoch: number;
  readonly #outlets: Outlets;
  readonly #ownership: Ownership;
  readonly #books: VenueBooks;
  readonly #control: (event: ControlEvent) => void;
  readonly #place = new Float64Array(1);
  /** Receive time of the chunk at hand, µs since the epoch; one element, so that the stamp is never boxed. */
  readonly stamp = new Float64Array(1);
  /** Whether market data came since it was last set to false. */
  heard = false;

  constructor(epoch: number, outlets: Outlets, books: VenueBooks, control: (event: ControlEvent) => void) {
    this.#epoch = epoch;
    this.#outlets = outlets;
    this.#ownership = outlets.ownership;
    this.#books = books;
    this.#control = control;
  }

  quote(instrument: number, fields: Float64Array): void {
    const epoch = this.#epoch;
    const sequence = fields[Q.sequence] as number;
    this.#place[0] = Number.isNaN(sequence) ? (fields[Q.venueTime] as number) : sequence;
    this.heard = true;
    this.#ownership.heard[instrument] = epoch;
    if (!this.#ownership.admits(instrument, epoch, this.#place)) {
      this.#books.counters.add(Count.foreign);
      return;
    }
    const quotes = this.#outlets.quotes;
    const slot = quotes.claim(instrument);
    const row = quotes.columns;
    row.instrument[slot] = instrument;
    row.kind[slot] = QuoteKind.quote;
    row.epoch[slot] = epoch;
    const numbers = this.#books.numbers;
    const number = (numbers[Numbered.quotes] as number) + 1;
    numbers[Numbered.quotes] = number;
    row.number[slot] = number;
    row.venueTime[slot] = fields[Q.venueTime] as number;
    row.receiveTime[slot] = this.stamp[0] as number;
    const units = this.#ownership.units[instrument] as number;
    row.bid[slot] = (fields[Q.bid] as number) / units;
    row.bidSize[slot] = (fields[Q.bidSize] as number) * units;
    row.ask[slot] = (fields[Q.ask] as number) / units;
    row.askSize[slot] = (fields[Q.askSize] as number) * units;
    row.sequence[slot] = sequence;
    this.#books.counters.add(Count.quotes);
    this.#books.lag.add(this.stamp, fields, Q.venueTime);
  }

  trade(
    instrument: number,
    fields: Float64Array,
    side: number,
    idBytes: Uint8Array,
    idStart: number,
    idLength: number,
  ): void {
    const epoch = this.#epoch;
    const { counters, recentTrades, lag } = this.#books;
    this.heard = true;
    this.#ownership.heard[instrument] = epoch;
    if (!this.#ownership.admitsTrade(instrument, epoch)) {
      counters.add(Count.foreign);
      return;
    }
    if (idLength > 0 && recentTrades.repeats(instrument, fields, T.venueTime, idBytes, idStart, idLength)) {
      counters.add(Count.tradesRepeated);
      return;
    }
    const numbers = this.#books.numbers;
    const number = (numbers[Numbered.trades] as number) + 1;
    numbers[Numbered.trades] = number;
    const trades = this.#outlets.trades;
    const slot = trades.claim();
    if (slot < 0) {
      trades.refuse();
      counters.add(Count.tradesLost);
      return;
    }
    const row = trades.columns;
    row.instrument[slot] = instrument;
    row.epoch[slot] = epoch;
    row.number[slot] = number;
    row.venueTime[slot] = fields[T.venueTime] as number;
    row.receiveTime[slot] = this.stamp[0] as number;
    const units = this.#ownership.units[instrument] as number;
    row.price[slot] = (fields[T.price] as number) / units;
    row.size[slot] = (fields[T.size] as number) * units;
    row.side[slot] = side;
    const length = Math.min(idLength, TRADE_ID_BYTES);
    row.idLength[slot] = length;
    const at = slot * TRADE_ID_BYTES;
    for (let i = 0; i < length; i += 1) row.id[at + i] = idBytes[idStart + i] as number;
    counters.add(Count.trades);
    lag.add(this.stamp, fields, T.venueTime);
  }

  control(event: ControlEvent): void {
    this.#control(event);
  }

  passed(): void {
    this.#books.counters.add(Count.passed);
  }

  bad(kind: BadFrame): void {
    this.#books.counters.addBad(kind);
  }

  /** Makes an instrument's quotes invalid, if this connection owns it. It goes on owning it: a new quote makes it valid again. */
  invalidate(instrument: number, receiveMicros: number, kind: QuoteKind): void {
    if (this.#ownership.owner[instrument] !== this.#epoch) return;
    const quotes = this.#outlets.quotes;
    const slot = quotes.claim(instrument);
    const row = quotes.columns;
    row.instrument[slot] = instrument;
    row.kind[slot] = kind;
    row.epoch[slot] = this.#epoch;
    row.number[slot] = this.#books.numbers[Numbered.quotes] as number;
    row.venueTime[slot] = Number.NaN;
    row.receiveTime[slot] = receiveMicros;
    row.bid[slot] = Number.NaN;
    row.bidSize[slot] = Number.NaN;
    row.ask[slot] = Number.NaN;
    row.askSize[slot] = Number.NaN;
    row.sequence[slot] = Number.NaN;
  }

  /** Gives the instrument up for good (to its heir, if there is one). */
  leave(instrument: number): void {
    this.#ownership.leave(instrument, this.#epoch);
  }

  publish(): void {
    this.#outlets.quotes.publish();
    this.#outlets.trades.publish();
  }
}
