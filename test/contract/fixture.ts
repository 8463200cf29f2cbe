import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TradeSide } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { NativeIdTable, utf8Text } from '../../src/venues/shared/symbol-table.ts';
import {
  type ControlEvent,
  type DecodeSink,
  QuoteField,
  TradeField,
  type Venue,
} from '../../src/venues/venue.ts';

/**
 * A venue's fixtures, test/fixtures/<venue>/:
 * - `instruments.json`, `tickers.json`: REST replies; `catalogue.json`: `{ now, instruments, tickers }` as they must be read (tickers by [last, quoteVolume, usdVolume], null = NaN)
 * - `symbols.json`: native id → canonical symbol, of every symbol in the frames
 * - `frames.ndjson`: one `{ "frame", "records": [...] }` a line, the records in the journal's form
 * - `others.ndjson`: one `{ "frame", "sink": [...] }` a line: what the sink is told by messages that are not data ("passed", a bad kind, or a control event)
 * A frame is text as it is, or `hex:…` / `base64:…` for a binary one.
 */
export interface Fixture {
  readonly symbols: Readonly<Record<string, string>>;
  readonly frames: readonly { readonly frame: string; readonly records: readonly JournalRecord[] }[];
  readonly others: readonly { readonly frame: string; readonly sink: readonly unknown[] }[];
  readonly instruments: unknown;
  readonly tickers: unknown;
  readonly catalogue: {
    readonly now: number;
    readonly instruments: unknown;
    readonly tickers: Readonly<Record<string, readonly (number | null)[]>>;
  };
}

/** A quote or trade in the journal's form. */
export type JournalRecord = Readonly<Record<string, string | number | null>>;

/** Fixtures are read from the source tree: the compiler copies no data. */
export function fixturePath(venue: VenueId, name: string): string {
  return fileURLToPath(new URL(`../../../test/fixtures/${venue}/${name}`, import.meta.url));
}

export function loadFixture(venue: VenueId): Fixture {
  const json = (name: string): unknown => JSON.parse(readFileSync(fixturePath(venue, name), 'utf8'));
  const lines = (name: string): unknown[] =>
    readFileSync(fixturePath(venue, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  return {
    symbols: json('symbols.json') as Fixture['symbols'],
    frames: lines('frames.ndjson') as Fixture['frames'],
    others: lines('others.ndjson') as Fixture['others'],
    instruments: json('instruments.json'),
    tickers: json('tickers.json'),
    catalogue: json('catalogue.json') as Fixture['catalogue'],
  };
}

/** The bytes of a fixture frame, and whether it is a binary one. */
export function frameBytes(frame: string): { bytes: Uint8Array; binary: boolean } {
  if (frame.startsWith('hex:')) return { bytes: Buffer.from(frame.slice(4), 'hex'), binary: true };
  if (frame.startsWith('base64:')) return { bytes: Buffer.from(frame.slice(7), 'base64'), binary: true };
  return { bytes: Buffer.from(frame, 'utf8'), binary: false };
}

/** Keeps all that a decoder says, records in the journal's form. */
export class RecordingSink implements DecodeSink {
  readonly records: JournalRecord[] = [];
  readonly others: unknown[] = [];
  readonly #venue: VenueId;
  readonly #symbols: readonly string[];

  constructor(venue: VenueId, symbols: readonly string[]) {
    this.#venue = venue;
    this.#symbols = symbols;
  }

  get calls(): number {
    return this.records.length + this.others.length;
  }

  quote(instrument: number, fields: Float64Array): void {
    this.records.push({
      kind: 'quote',
      venue: this.#venue,
      symbol: this.#symbols[instrument] ?? null,
      sequence: told(fields[QuoteField.sequence]),
      venueTime: told(fields[QuoteField.venueTime]),
      bid: told(fields[QuoteField.bid]),
      bidSize: told(fields[QuoteField.bidSize]),
      ask: told(fields[QuoteField.ask]),
      askSize: told(fields[QuoteField.askSize]),
    });
  }

  trade(
    instrument: number,
    fields: Float64Array,
    side: number,
    idBytes: Uint8Array,
    idStart: number,
    idLength: number,
  ): void {
    this.records.push({
      kind: 'trade',
      venue: this.#venue,
      symbol: this.#symbols[instrument] ?? null,
      id: idLength === 0 ? null : utf8Text(idBytes, idStart, idStart + idLength),
      venueTime: told(fields[TradeField.venueTime]),
      price: told(fields[TradeField.price]),
      size: told(fields[TradeField.size]),
      side: side === TradeSide.buy ? 'buy' : 'sell',
    });
  }

  control(event: ControlEvent): void {
    this.others.push(event);
  }

  passed(): void {
    this.others.push('passed');
  }

  bad(kind: string): void {
    this.others.push(kind);
  }
}

function told(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** A symbol table over a fixture's symbols, numbered in the order in which they are written. */
export function tableOf(symbols: Readonly<Record<string, string>>): NativeIdTable {
  const nativeIds = Object.keys(symbols);
  const table = new NativeIdTable(Math.max(1, nativeIds.length));
  nativeIds.forEach((nativeId, instrument) => {
    table.add(nativeId, instrument);
  });
  return table;
}

/** What a fresh decoder of the venue makes of these messages, in order. */
export function decodeAll(
  venue: Venue,
  symbols: Readonly<Record<string, string>>,
  messages: readonly { readonly bytes: Uint8Array; readonly binary: boolean }[],
): RecordingSink {
  const sink = new RecordingSink(venue.id, Object.values(symbols));
  const decoder = venue.createDecoder(tableOf(symbols), sink);
  for (const { bytes, binary } of messages) {
    const before = sink.calls;
    decoder.decode(bytes, 0, bytes.length, binary);
    if (sink.calls === before) throw new Error('a message ended without a call of the sink');
  }
  return sink;
}
