import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { TradeSide } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { VENUES } from '../venues/index.ts';
import {
  type BadFrame,
  type ControlEvent,
  type DecodeSink,
  QuoteField,
  TradeField,
} from '../venues/venue.ts';
import { type DecodeSymbols, listedSymbols, symbolsByRule } from './decode-symbols.ts';
import { type FrameLine, LineSplitter } from './frame-lines.ts';

export interface DecodeOptions {
  readonly venue: VenueId;
  /** A file with the venue's own instrument-list reply; without it symbols come from the suffix rule. */
  readonly instruments: string | undefined;
  readonly input: AsyncIterable<Uint8Array>;
  /** Receives NDJSON, one line a record. */
  readonly output: Writable;
  /** Receives one line for each bad frame and the totals as the last line. */
  readonly errors: Writable;
}

/** Output that waits before it is written. */
const FLUSH_CHARACTERS = 64 * 1024;

/**
 * Decodes frames, one a line, into records, one NDJSON line each. Memory is bounded whatever the input.
 * @throws FILE_UNREADABLE, VENUE_REPLY_INVALID about the instrument list only; bad frames are counted
 */
export async function decodeFrames(options: DecodeOptions): Promise<void> {
  const venue = VENUES[options.venue];
  const symbols =
    options.instruments === undefined ? symbolsByRule() : listedSymbols(venue, options.instruments);
  const sink = new NdjsonSink(options.venue, symbols);
  const decoder = venue.createDecoder(symbols, sink);
  // Hex takes two characters a byte; one byte over the limit is left for the decoder to refuse.
  const lines = new LineSplitter(2 * venue.limits.maxMessageBytes + 16);
  const decode = (frame: FrameLine): void => {
    sink.line = frame.line;
    if (frame.bad !== undefined) sink.bad(frame.bad);
    else decoder.decode(frame.bytes, 0, frame.bytes.length, frame.binary);
  };
  for await (const chunk of options.input) {
    lines.feed(chunk);
    for (let frame = lines.next(); frame !== undefined; frame = lines.next()) {
      decode(frame);
      if (sink.waiting > FLUSH_CHARACTERS) await sink.flush(options.output, options.errors);
    }
  }
  const last = lines.end();
  if (last !== undefined) decode(last);
  await sink.flush(options.output, options.errors);
  await write(options.errors, `${sink.totals(lines.lines)}\n`);
}

/** Turns what a decoder finds into the journal's lines and counts it. */
class NdjsonSink implements DecodeSink {
  /** The line of the frame that is being decoded. */
  line = 0;
  readonly #venue: VenueId;
  readonly #symbols: DecodeSymbols;
  readonly #bad = new Map<BadFrame, number>();
  #records = '';
  #errors = '';
  #quotes = 0;
  #trades = 0;
  #passed = 0;
  #control = 0;

  constructor(venue: VenueId, symbols: DecodeSymbols) {
    this.#venue = venue;
    this.#symbols = symbols;
  }

  /** Characters that wait for `flush`. */
  get waiting(): number {
    return this.#records.length + this.#errors.length;
  }

  quote(instrument: number, fields: Float64Array): void {
    this.#quotes += 1;
    this.#put({
      kind: 'quote',
      venue: this.#venue,
      symbol: this.#symbols.symbolAt(instrument),
      sequence: known(fields[QuoteField.sequence]),
      venueTime: known(fields[QuoteField.venueTime]),
      bid: known(fields[QuoteField.bid]),
      bidSize: known(fields[QuoteField.bidSize]),
      ask: known(fields[QuoteField.ask]),
      askSize: known(fields[QuoteField.askSize]),
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
    this.#trades += 1;
    const id = Buffer.from(idBytes.subarray(idStart, idStart + idLength)).toString('utf8');
    this.#put({
      kind: 'trade',
      venue: this.#venue,
      symbol: this.#symbols.symbolAt(instrument),
      id: idLength === 0 ? null : id,
      venueTime: known(fields[TradeField.venueTime]),
      price: known(fields[TradeField.price]),
      size: known(fields[TradeField.size]),
      side: side === TradeSide.buy ? 'buy' : 'sell',
    });
  }

  control(_event: ControlEvent): void {
    this.#control += 1;
  }

  passed(): void {
    this.#passed += 1;
  }

  bad(kind: BadFrame): void {
    this.#bad.set(kind, (this.#bad.get(kind) ?? 0) + 1);
    this.#errors += `line ${this.line}: ${kind}\n`;
  }

  #put(record: Readonly<Record<string, string | number | null>>): void {
    this.#records += `${JSON.stringify(record)}\n`;
  }

  async flush(output: Writable, errors: Writable): Promise<void> {
    const records = this.#records;
    const bad = this.#errors;
    this.#records = '';
    this.#errors = '';
    await write(output, records);
    await write(errors, bad);
  }

  totals(lines: number): string {
    const bad = [...this.#bad.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...this.#bad].map(([kind, count]) => `${kind} ${count}`).join(', ');
    return [
      `${lines} lines`,
      `${this.#quotes} quotes`,
      `${this.#trades} trades`,
      `${this.#passed} passed over`,
      `${bad} bad${kinds === '' ? '' : ` (${kinds})`}`,
      `${this.#control} control`,
    ].join(', ');
  }
}

/** A number, or null where the venue said none (NaN inside). */
function known(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** Writes and waits until the stream takes more. */
async function write(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
}
