import type { Pipeline } from '../../src/app/pipeline.ts';
import type { Instrument } from '../../src/core/instruments.ts';
import {
  type QUOTE_SCHEMA,
  QuoteKind,
  TRADE_ID_BYTES,
  type TRADE_SCHEMA,
  TradeSide,
} from '../../src/core/records.ts';
import { RingConsumer } from '../../src/ring/ring.ts';

export const TAP = 'tap';

/** Everything that goes through a pipeline's rings, as the lines of a journal, kept per market and kind in the order of arrival. */
export class Tap {
  quotes = 0;
  trades = 0;
  readonly lines = new Map<string, string[]>();
  readonly #pipeline: Pipeline;
  readonly #quoteRings: readonly RingConsumer<typeof QUOTE_SCHEMA>[];
  readonly #tradeRings: readonly RingConsumer<typeof TRADE_SCHEMA>[];
  readonly #timer: NodeJS.Timeout;

  /** @param pipeline made with a gating consumer named `TAP` */
  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#quoteRings = pipeline.hosts.map((host) => new RingConsumer(host.quotes, TAP));
    this.#tradeRings = pipeline.hosts.map((host) => new RingConsumer(host.trades, TAP));
    this.#timer = setInterval(() => this.take(), 5);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.take();
  }

  take(): void {
    for (const ring of this.#quoteRings) {
      const rows = ring.available();
      for (let i = 0; i < rows; i += 1) this.#quote(ring, ring.slot(i));
      ring.release(rows);
    }
    for (const ring of this.#tradeRings) {
      const rows = ring.available();
      for (let i = 0; i < rows; i += 1) this.#trade(ring, ring.slot(i));
      ring.release(rows);
    }
  }

  #quote({ columns }: RingConsumer<typeof QUOTE_SCHEMA>, slot: number): void {
    if (columns.kind[slot] !== QuoteKind.quote) return;
    this.quotes += 1;
    const { venue, symbol } = this.#instrument(columns.instrument[slot]);
    const line = [
      columns.sequence[slot],
      columns.venueTime[slot],
      columns.bid[slot],
      columns.bidSize[slot],
      columns.ask[slot],
      columns.askSize[slot],
    ];
    this.#keep(
      `quote ${venue} ${symbol}`,
      line.map((value) => (Number.isNaN(value) ? null : value)),
    );
  }

  #trade({ columns }: RingConsumer<typeof TRADE_SCHEMA>, slot: number): void {
    this.trades += 1;
    const { venue, symbol } = this.#instrument(columns.instrument[slot]);
    const from = slot * TRADE_ID_BYTES;
    const id = Buffer.from(columns.id.subarray(from, from + (columns.idLength[slot] ?? 0))).toString(
      'latin1',
    );
    const side = columns.side[slot] === TradeSide.buy ? 'buy' : 'sell';
    const time = columns.venueTime[slot];
    this.#keep(`trade ${venue} ${symbol}`, [
      id === '' ? null : id,
      Number.isNaN(time) ? null : time,
      columns.price[slot],
      columns.size[slot],
      side,
    ]);
  }

  #instrument(number: number | undefined): Instrument {
    const instrument = this.#pipeline.index.at(number ?? -1);
    if (instrument === undefined)
      throw new Error(`a row names instrument ${number}, which is not in the index`);
    return instrument;
  }

  #keep(key: string, values: readonly unknown[]): void {
    const line = JSON.stringify(values);
    const known = this.lines.get(key);
    if (known === undefined) this.lines.set(key, [line]);
    else known.push(line);
  }
}
