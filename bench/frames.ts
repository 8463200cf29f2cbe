import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import type { VenueId } from '../src/core/venue-ids.ts';

/** Best bid/offer messages of one venue as it sends them today, with what they say. */
export interface FrameSet {
  readonly venue: VenueId;
  readonly nativeIds: readonly string[];
  readonly binary: boolean;
  /** The messages one behind the other. */
  readonly bytes: Uint8Array;
  /** Message i is bytes[offsets[i], offsets[i + 1]). */
  readonly offsets: Uint32Array;
  /** The messages as text; empty for binary ones. */
  readonly texts: readonly string[];
  /** Sum of all bids, asks and sizes. */
  readonly sum: number;
}

interface Quote {
  readonly base: string;
  readonly bid: string;
  readonly bidSize: string;
  readonly ask: string;
  readonly askSize: string;
  readonly sequence: number;
  readonly timeMs: number;
}

const MEXC_PROTO = protobuf
  .parse(
    `syntax = "proto3";
   message Ticker { string bidPrice = 1; string bidQuantity = 2; string askPrice = 3; string askQuantity = 4; string version = 5; }
   message Wrapper { string channel = 1; Ticker publicAggreBookTicker = 315; string symbol = 3; int64 sendTime = 6; }`,
  )
  .root.lookupType('Wrapper');

const FORMS: Record<
  VenueId,
  { id: (base: string) => string; frame: (q: Quote, id: string) => string | Uint8Array }
> = {
  binance: {
    id: (base) => `${base}USDT`,
    frame: (q, id) =>
      `{"stream":"${id.toLowerCase()}@bookTicker","data":{"u":${q.sequence},"s":"${id}","b":"${q.bid}","B":"${q.bidSize}","a":"${q.ask}","A":"${q.askSize}"}}`,
  },
  bybit: {
    id: (base) => `${base}USDT`,
    frame: (q, id) =>
      `{"topic":"orderbook.1.${id}","ts":${q.timeMs + 2},"type":"snapshot","data":{"s":"${id}","b":[["${q.bid}","${q.bidSize}"]],"a":[["${q.ask}","${q.askSize}"]],"u":${q.sequence},"seq":${q.sequence * 3}},"cts":${q.timeMs}}`,
  },
  okx: {
    id: (base) => `${base}-USDT`,
    frame: (q, id) =>
      `{"arg":{"channel":"bbo-tbt","instId":"${id}"},"data":[{"asks":[["${q.ask}","${q.askSize}","0","3"]],"bids":[["${q.bid}","${q.bidSize}","0","1"]],"ts":"${q.timeMs}","seqId":${q.sequence}}]}`,
  },
  gate: {
    id: (base) => `${base}_USDT`,
    frame: (q, id) =>
      `{"time":${Math.floor(q.timeMs / 1000)},"time_ms":${q.timeMs + 3},"channel":"spot.book_ticker","event":"update","result":{"t":${q.timeMs},"u":${q.sequence},"s":"${id}","b":"${q.bid}","B":"${q.bidSize}","a":"${q.ask}","A":"${q.askSize}"}}`,
  },
  kucoin: {
    id: (base) => `${base}-USDT`,
    frame: (q, id) =>
      `{"topic":"/spotMarket/level1:${id}","type":"message","subject":"level1","data":{"asks":["${q.ask}","${q.askSize}"],"bids":["${q.bid}","${q.bidSize}"],"timestamp":${q.timeMs}}}`,
  },
  bitget: {
    id: (base) => `${base}USDT`,
    frame: (q, id) =>
      `{"action":"snapshot","arg":{"instType":"SPOT","channel":"books1","instId":"${id}"},"data":[{"asks":[["${q.ask}","${q.askSize}"]],"bids":[["${q.bid}","${q.bidSize}"]],"checksum":0,"seq":${q.sequence},"ts":"${q.timeMs}"}],"ts":${q.timeMs + 1}}`,
  },
  mexc: {
    id: (base) => `${base}USDT`,
    frame: (q, id) =>
      MEXC_PROTO.encode({
        channel: `spot@public.aggre.bookTicker.v3.api.pb@10ms@${id}`,
        symbol: id,
        sendTime: q.timeMs,
        publicAggreBookTicker: {
          bidPrice: q.bid,
          bidQuantity: q.bidSize,
          askPrice: q.ask,
          askQuantity: q.askSize,
          version: String(q.sequence),
        },
      }).finish(),
  },
  bingx: {
    id: (base) => `${base}-USDT`,
    frame: (q, id) =>
      gzipSync(
        `{"code":0,"data":{"A":"${q.askSize}","B":"${q.bidSize}","E":${q.timeMs},"a":"${q.ask}","b":"${q.bid}","e":"bookTicker","s":"${id}"},"dataType":"${id}@bookTicker","success":true}`,
      ),
  },
};

/** A venue's id of a coin's USDT market. */
export function nativeId(venue: VenueId, base: string): string {
  return FORMS[venue].id(base);
}

/** `count` messages over the USDT markets of these coins, the same for the same arguments. */
export function makeFrames(venue: VenueId, count: number, bases: readonly string[]): FrameSet {
  const form = FORMS[venue];
  const random = lehmer(venue.length * 7919 + venue.charCodeAt(1));
  const parts: Uint8Array[] = [];
  const texts: string[] = [];
  let sum = 0;
  for (let n = 0; n < count; n += 1) {
    const price = 10 ** (random() * 7 - 3);
    const decimals = Math.max(0, Math.min(8, 6 - Math.ceil(Math.log10(price))));
    const quote: Quote = {
      // Each once, then at random.
      base: bases[n < bases.length ? n : Math.floor(random() * bases.length)] as string,
      bid: price.toFixed(decimals),
      bidSize: (random() * 5000).toFixed(4),
      ask: (price * (1 + random() / 1000)).toFixed(decimals),
      askSize: (random() * 5000).toFixed(4),
      // The same for all: the set is read round and round, and a falling update id would mark an old frame.
      sequence: 40_000_000_000,
      timeMs: 1_795_000_000_000 + n,
    };
    sum += Number(quote.bid) + Number(quote.bidSize) + Number(quote.ask) + Number(quote.askSize);
    const message = form.frame(quote, form.id(quote.base));
    if (typeof message === 'string') texts.push(message);
    parts.push(typeof message === 'string' ? Buffer.from(message) : message);
  }
  const offsets = new Uint32Array(count + 1);
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] as number) + part.length;
  });
  return {
    venue,
    nativeIds: bases.map(form.id),
    binary: texts.length === 0,
    bytes: Buffer.concat(parts),
    offsets,
    texts,
    sum,
  };
}

/** The messages as a server frames them (unmasked, final), one behind the other. */
export function frameForWire(set: FrameSet): Buffer {
  const parts: Uint8Array[] = [];
  for (let i = 0; i + 1 < set.offsets.length; i += 1) {
    const payload = set.bytes.subarray(set.offsets[i], set.offsets[i + 1]);
    const opcode = 0x80 | (set.binary ? 2 : 1);
    const header =
      payload.length < 126
        ? [opcode, payload.length]
        : [opcode, 126, payload.length >> 8, payload.length & 255];
    parts.push(Uint8Array.from(header), payload);
  }
  return Buffer.concat(parts);
}

/** Names of so many coins. */
export function coins(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i % 26]}${Math.floor(i / 26)}C`,
  );
}

function lehmer(seed: number): () => number {
  let state = seed % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
