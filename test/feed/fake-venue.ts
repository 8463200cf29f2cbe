import type { VenueId } from '../../src/core/venue-ids.ts';
import type {
  Decoder,
  DecodeSink,
  Dial,
  KeepAlive,
  ListedInstrument,
  SubscribeMessage,
  SymbolTable,
  Ticker,
  Venue,
  VenueLimits,
} from '../../src/venues/venue.ts';

export interface FakeVenueOptions {
  readonly id?: VenueId;
  readonly limits?: Partial<VenueLimits>;
  readonly keepAlive?: Partial<KeepAlive>;
  readonly dial?: Partial<Dial>;
  /** Topics in one subscribe message. */
  readonly topicsPerMessage?: number;
}

/**
 * A venue made for tests. Its frames are JSON arrays: `["q", id, bid, ask, sequence]`, `["t", id, price, size, tradeId]`, `["ack", requestId]`, `["refuse",
 * requestId, [topic …], voids]`, `["welcome"]`, `["pong"]`, `["ping", reply]`, `["bye"]`, `["throw"]`; it asks with `{"id", "topics": ["quote:ID" …]}`.
 */
export function fakeVenue(options: FakeVenueOptions = {}): Venue {
  return {
    id: options.id ?? 'okx',
    title: 'Fake',
    takerFee: 0.001,
    endpoints: { rest: 'http://127.0.0.1:1', ws: 'ws://127.0.0.1:1' },
    limits: {
      symbolsPerConnection: 4,
      maxConnections: undefined,
      dials: { count: 100, perMs: 1000 },
      messages: { count: 100, perMs: 1000 },
      lifetimeMs: undefined,
      maxMessageBytes: 65_536,
      ...options.limits,
    },
    keepAlive: { ping: undefined, silenceMs: 15_000, ...options.keepAlive },
    catalogue: {
      instruments: { method: 'GET', path: '/instruments' },
      tickers: { method: 'GET', path: '/tickers' },
      parseInstruments: (reply) => reply as ListedInstrument[],
      parseTickers: (reply) =>
        (reply as Ticker[]).map((t) => ({ ...t, usdVolume: t.usdVolume ?? Number.NaN })),
    },
    dial: { token: undefined, url: (base) => `${base}/ws`, awaitWelcome: false, ...options.dial },
    subscribe: (nativeIds, channels, firstId) => {
      const topics = channels.flatMap((channel) =>
        nativeIds.map((nativeId) => ({ nativeId, channel, key: `${channel}:${nativeId}` })),
      );
      const size = options.topicsPerMessage ?? 100;
      const messages: SubscribeMessage[] = [];
      for (let i = 0; i < topics.length; i += size) {
        const batch = topics.slice(i, i + size);
        const id = String(firstId + messages.length);
        messages.push({
          text: JSON.stringify({ id, topics: batch.map((t) => t.key) }),
          requestId: id,
          topics: batch,
        });
      }
      return messages;
    },
    createDecoder: (symbols, sink) => new FakeDecoder(symbols, sink),
  };
}

class FakeDecoder implements Decoder {
  readonly #symbols: SymbolTable;
  readonly #sink: DecodeSink;

  constructor(symbols: SymbolTable, sink: DecodeSink) {
    this.#symbols = symbols;
    this.#sink = sink;
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    const frame = JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as [string, ...unknown[]];
    const [kind, a, b, c, d] = frame;
    const sink = this.#sink;
    if (kind === 'q' || kind === 't') this.#record(frame);
    else if (kind === 'ack') sink.control({ type: 'ack', requestId: String(a), topicKey: undefined });
    else if (kind === 'refuse') {
      sink.control({
        type: 'refusal',
        requestId: a === null ? undefined : String(a),
        topicKeys: b as string[],
        voidsRequest: c === true,
        reason: typeof d === 'string' ? d : 'no such symbol',
      });
    } else if (kind === 'welcome') sink.control({ type: 'welcome' });
    else if (kind === 'pong') sink.control({ type: 'pong' });
    else if (kind === 'ping') sink.control({ type: 'ping', reply: String(a) });
    else if (kind === 'bye') sink.control({ type: 'goodbye', reason: 'maintenance' });
    else if (kind === 'throw') throw new Error('a decoder at fault');
    else sink.passed();
  }

  #record([kind, nativeId, first, second, last]: readonly unknown[]): void {
    const id = Buffer.from(String(nativeId));
    const instrument = this.#symbols.find(id, 0, id.length);
    if (instrument < 0) {
      this.#sink.bad('unknown-symbol');
      return;
    }
    const venueTime = Date.now() * 1000;
    if (kind === 'q') {
      this.#sink.quote(
        instrument,
        Float64Array.of(Number(first), 1, Number(second), 1, venueTime, Number(last)),
      );
      return;
    }
    const trade = Buffer.from(String(last));
    this.#sink.trade(
      instrument,
      Float64Array.of(Number(first), Number(second), 1e15),
      0,
      trade,
      0,
      trade.length,
    );
  }
}
