import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import type { VenueId } from '../../src/core/venue-ids.ts';

/** A fresh object for each message, as it is handed from stage to stage. */
export interface NaiveQuote {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly bid: number | null;
  readonly bidSize: number | null;
  readonly ask: number | null;
  readonly askSize: number | null;
  /** µs. */
  readonly venueTime: number | null;
  readonly receiveTime: number;
}

/** The venue's own id, prices and sizes as texts (empty = no such side), the time in ms. */
interface Parsed {
  readonly id: string;
  readonly bid: Side;
  readonly ask: Side;
  readonly ms: number | null;
}
type Side = readonly [price: string, size: string] | undefined;

/** What JSON.parse makes of the eight venues' messages, as far as it is looked at. */
interface Message {
  readonly s?: string;
  readonly arg?: { readonly channel: string; readonly instId: string };
  readonly topic?: string;
  readonly channel?: string;
  readonly event?: string;
  readonly dataType?: string;
  readonly cts?: number;
  readonly result?: Book;
  readonly data?: unknown;
}

interface Book {
  readonly s: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
  readonly t?: number;
  readonly E?: number;
}

interface Levels {
  readonly bids: readonly Side[];
  readonly asks: readonly Side[];
  readonly ts: string;
}

const PARSERS: Readonly<Record<Exclude<VenueId, 'mexc'>, (message: Message) => Parsed | undefined>> = {
  binance: ({ data }) => (data === undefined ? undefined : fromBook(data as Book, null)),
  gate: ({ channel, event, result }) =>
    channel === 'spot.book_ticker' && event === 'update' && result !== undefined
      ? fromBook(result, result.t ?? null)
      : undefined,
  bingx: ({ dataType, data }) =>
    dataType?.endsWith('@bookTicker') === true && data !== undefined
      ? fromBook(data as Book, (data as Book).E ?? null)
      : undefined,
  okx: ({ arg, data }) => (data === undefined ? undefined : fromLevels(arg?.instId, data)),
  bitget: ({ arg, data }) => (data === undefined ? undefined : fromLevels(arg?.instId, data)),
  bybit: ({ topic, data, cts }) => {
    if (topic === undefined) return undefined;
    const { s, b, a } = data as {
      readonly s: string;
      readonly b: readonly Side[];
      readonly a: readonly Side[];
    };
    return { id: s, bid: b[0], ask: a[0], ms: cts ?? null };
  },
  kucoin: ({ topic, data }) => {
    if (topic?.startsWith('/spotMarket/level1:') !== true) return undefined;
    const { bids, asks, timestamp } = data as {
      readonly bids: Side;
      readonly asks: Side;
      readonly timestamp: number;
    };
    return { id: topic.slice('/spotMarket/level1:'.length), bid: bids, ask: asks, ms: timestamp };
  },
};

function fromBook({ s, b, B, a, A }: Book, ms: number | null): Parsed {
  return { id: s, bid: [b, B], ask: [a, A], ms };
}

function fromLevels(id: string | undefined, data: unknown): Parsed | undefined {
  const [level] = data as readonly Levels[];
  if (id === undefined || level === undefined) return undefined;
  return { id, bid: level.bids[0], ask: level.asks[0], ms: Number(level.ts) };
}

/** MEXC's protobuf: id (3), time (6), book (315) with bid, its size, ask, its size. */
function parseMexc(bytes: Buffer): Parsed | undefined {
  const wrapper = fieldsOf(bytes);
  const book = wrapper.get(315);
  if (book === undefined) return undefined;
  const fields = fieldsOf(book as Uint8Array);
  const text = (from: typeof fields, field: number): string =>
    Buffer.from((from.get(field) ?? '') as Uint8Array).toString();
  return {
    id: text(wrapper, 3),
    bid: [text(fields, 1), text(fields, 2)],
    ask: [text(fields, 3), text(fields, 4)],
    ms: Number(wrapper.get(6)),
  };
}

function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array | number> {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<number, Uint8Array | number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === 2) fields.set(tag >>> 3, reader.bytes());
    else if ((tag & 7) === 0) fields.set(tag >>> 3, Number(reader.uint64()));
    else reader.skipType(tag & 7);
  }
  return fields;
}

/** What a venue wants back, a quote, or nothing of interest. */
export function readMessage(
  venue: VenueId,
  data: Buffer,
  symbols: ReadonlyMap<string, string>,
): NaiveQuote | { readonly reply: string } | undefined {
  const parsed = parse(venue, data);
  if (parsed === undefined || 'reply' in parsed) return parsed;
  const symbol = symbols.get(parsed.id);
  if (symbol === undefined) return undefined;
  const [bid, bidSize] = numbers(parsed.bid);
  const [ask, askSize] = numbers(parsed.ask);
  const venueTime = parsed.ms === null ? null : parsed.ms * 1000;
  return { venue, symbol, bid, bidSize, ask, askSize, venueTime, receiveTime: Date.now() * 1000 };
}

function parse(venue: VenueId, data: Buffer): Parsed | { readonly reply: string } | undefined {
  if (venue === 'mexc') return data[0] === 0x7b ? undefined : parseMexc(data);
  const text = (venue === 'bingx' ? gunzipSync(data) : data).toString();
  if (text === 'Ping') return { reply: 'Pong' };
  return text.startsWith('{') ? PARSERS[venue](JSON.parse(text) as Message) : undefined;
}

function numbers(side: Side): [price: number | null, size: number | null] {
  const price = Number(side?.[0] ?? 0);
  return price > 0 ? [price, Number(side?.[1])] : [null, null];
}
