import type { VenueId } from '../core/venue-ids.ts';

/**
 * The contract of a venue: facts and pure functions, no socket, timer or clock. `feed` runs it. Everything here is checked for
 * every venue by test/contract/.
 */
export interface Venue {
  readonly id: VenueId;
  /** The name people know it by. */
  readonly title: string;
  /** Base-tier taker fee as a fraction; 0.001 = 0.10 %. */
  readonly takerFee: number;
  readonly endpoints: Endpoints;
  readonly limits: VenueLimits;
  readonly keepAlive: KeepAlive;
  readonly catalogue: Catalogue;
  readonly dial: Dial;
  /**
   * The messages that subscribe these native ids, within the venue's limits per message. Request ids count up from `firstId`; `nowMs` is the wall clock,
   * which some venues want in the request.
   */
  subscribe(
    nativeIds: readonly string[],
    channels: readonly Channel[],
    firstId: number,
    nowMs: number,
  ): SubscribeMessage[];
  /** A decoder for one connection; it lives exactly as long as that connection. */
  createDecoder(symbols: SymbolTable, sink: DecodeSink): Decoder;
}

/** Production bases without a trailing slash. Tests, `demo` and `--via` put others in their place: `<via>/<venue id>`. */
export interface Endpoints {
  readonly rest: string;
  readonly ws: string;
}

export const CHANNELS = ['quote', 'trade'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface VenueLimits {
  readonly symbolsPerConnection: number;
  /** Connections that one address may hold; undefined = none stated. */
  readonly maxConnections: number | undefined;
  /** Dials: at most `count` in any `perMs`. */
  readonly dials: RateLimit;
  /** Client messages on one connection: at most `count` in any `perMs` (pings included). */
  readonly messages: RateLimit;
  /** The venue ends each connection at this age; undefined = none stated. */
  readonly lifetimeMs: number | undefined;
  /** The largest message accepted, in bytes after inflating. */
  readonly maxMessageBytes: number;
}

export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
}

export interface KeepAlive {
  /** What the client must send by itself as text (`nowMs`: the wall clock), and how often; undefined = nothing. The reply is a `pong` event. */
  readonly ping:
    | {
        readonly everyMs: number;
        readonly text: (id: string, nowMs: number) => string;
        readonly replyWithinMs: number;
      }
    | undefined;
  /** A connection that brought no market data for this long says nothing certain any more: its quotes are invalid. At most 15,000. */
  readonly silenceMs: number;
}

/** An HTTP request relative to `endpoints.rest`. */
export interface RestRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, from the slash on. */
  readonly path: string;
  /** A query parameter that the caller adds with the wall clock in ms; undefined = none. */
  readonly timeParameter?: string;
}

export interface Catalogue {
  readonly instruments: RestRequest;
  /** 24 h statistics of all symbols in one call. */
  readonly tickers: RestRequest;
  /** Reads the parsed JSON reply; throws `VENUE_REPLY_INVALID` when it is not of the documented shape. Rows that cannot be read are left out. */
  parseInstruments(reply: unknown, nowMs: number): ListedInstrument[];
  parseTickers(reply: unknown): Ticker[];
}

export interface ListedInstrument {
  readonly nativeId: string;
  readonly base: string;
  readonly quote: string;
  /** Whether it can be traded now: not halted, delisted, pre-open, one-sided or closed to the public. */
  readonly tradable: boolean;
  /** A leveraged token (3L, 5S, UP, DOWN …), not a coin. */
  readonly leveraged: boolean;
  /** This pair's own taker fee as a fraction, where the list states one that can be trusted. */
  readonly takerFee: number | undefined;
}

export interface Ticker {
  readonly nativeId: string;
  /** Last price in the quote currency; NaN = not said. */
  readonly last: number;
  /** 24 h volume in the quote currency; NaN = not said. */
  readonly quoteVolume: number;
  /** 24 h volume in USD where the venue says it itself; NaN = not said. */
  readonly usdVolume: number;
}

export interface Dial {
  /** A request to make before every dial (KuCoin's token), whose reply goes to `url`. */
  readonly token: RestRequest | undefined;
  /** The WebSocket address. `base` is `endpoints.ws` or its replacement; `connectId` is fresh for each dial. */
  url(base: string, tokenReply: unknown, connectId: string): string;
  /** Whether the server greets (a `welcome` event) before anything may be sent. */
  readonly awaitWelcome: boolean;
}

export interface SubscribeMessage {
  readonly text: string;
  /** The id that the acknowledgement echoes, as text; undefined when it is matched by topic. */
  readonly requestId: string | undefined;
  readonly topics: readonly Topic[];
}

/** One symbol on one channel. `key` is how an acknowledgement or refusal by topic names it. */
export interface Topic {
  readonly nativeId: string;
  readonly channel: Channel;
  readonly key: string;
}

/** Finds an instrument by the bytes of its native id, without making a string. */
export interface SymbolTable {
  /** The instrument's dense number, or −1. `bytes[start, end)` is the native id as the venue sends it in data frames. */
  find(bytes: Uint8Array, start: number, end: number): number;
}

export interface Decoder {
  /**
   * Decodes one whole message, `bytes[start, end)`; nothing of it may be kept. Never throws: whatever is wrong becomes `sink.bad`.
   * Each message ends in at least one call of the sink.
   */
  decode(bytes: Uint8Array, start: number, end: number, binary: boolean): void;
}

/** Indices into the `fields` of `DecodeSink.quote`. Times in µs, NaN = not said; a missing side is NaN in price and size. */
export const QuoteField = { bid: 0, bidSize: 1, ask: 2, askSize: 3, venueTime: 4, sequence: 5 } as const;
/** Indices into the `fields` of `DecodeSink.trade`. */
export const TradeField = { price: 0, size: 1, venueTime: 2 } as const;

/** What a decoder found. Arguments are numbers that fit a small integer and buffers that are read at once, so that a call makes no garbage. */
export interface DecodeSink {
  quote(instrument: number, fields: Float64Array): void;
  /** `side`: a `TradeSide`. The id is `idBytes[idStart, idStart + idLength)`, at most TRADE_ID_BYTES; length 0 = none. */
  trade(
    instrument: number,
    fields: Float64Array,
    side: number,
    idBytes: Uint8Array,
    idStart: number,
    idLength: number,
  ): void;
  /** Rare: acknowledgements, refusals, heartbeats, notices. */
  control(event: ControlEvent): void;
  /** A message of the venue's that we do not use. */
  passed(): void;
  bad(kind: BadFrame): void;
}

/**
 * `truncated` ends before it is complete; `malformed` breaks the encoding's rules; `foreign` is well formed but nothing that this venue sends;
 * `unknown-symbol` names an instrument that is not in the table; `bad-value` lacks a field or has one out of range; `oversized` is over a limit;
 * `inflate` cannot be decompressed.
 */
export const BAD_FRAMES = [
  'malformed',
  'truncated',
  'oversized',
  'foreign',
  'unknown-symbol',
  'bad-value',
  'inflate',
] as const;
export type BadFrame = (typeof BAD_FRAMES)[number];

export type ControlEvent =
  | { readonly type: 'welcome' }
  /** Accepts the request (`requestId`) or the one topic (`topicKey`). */
  | { readonly type: 'ack'; readonly requestId: string | undefined; readonly topicKey: string | undefined }
  /**
   * Refuses the whole request, or the topics of it named in `topicKeys`. `voidsRequest`: the request's other topics were not accepted either and have
   * to be asked for again.
   */
  | {
      readonly type: 'refusal';
      readonly requestId: string | undefined;
      readonly topicKeys: readonly string[];
      readonly voidsRequest: boolean;
      readonly reason: string;
    }
  | { readonly type: 'pong' }
  /** The server wants this text back. */
  | { readonly type: 'ping'; readonly reply: string }
  /** The server is about to close: dial anew now. */
  | { readonly type: 'goodbye'; readonly reason: string }
  | { readonly type: 'error'; readonly reason: string };
