import type { Columns, Schema } from '../core/records.ts';
import { TRADE_ID_BYTES } from '../core/records.ts';

/*
 * A journal segment is a file of frames. Little-endian; each frame begins at a multiple of 8 bytes:
 *
 *   0  u32  magic
 *   4  u32  bytes of payload, a multiple of 8
 *   8  u32  CRC-32 of header bytes 12 to 55 and the payload
 *  12  u8   kind (FrameKind)
 *  13  u8   venue index, 255 = none
 *  14  u16  0
 *  16  u32  rows
 *  20  u32  0
 *  24  f64  number of the frame in the whole journal, rising by one; a frame that is written again keeps its number
 *  32  f64  when it was written, µs since the epoch
 *  40  f64  least receive time of its rows, NaN = none
 *  48  f64  greatest receive time
 *  56       payload
 *
 * Rows of a quotes or trades frame are of one venue, in the order of arrival, as compact columns (`layColumns` of the schema, for `rows` rows). Receive times are whole µs. The
 * other kinds carry JSON, padded with spaces. A segment begins with `segment`, `instruments` and `openGaps`; one that was closed in peace ends with `end`.
 */
export const FRAME_MAGIC = 0x31465353;
export const FRAME_HEADER_BYTES = 56;
export const NO_VENUE = 255;

export const FrameKind = {
  /** JSON `SegmentFacts`. */
  segment: 0,
  /** JSON `[instrument, venue, symbol][]`: all that are known, or those that have come since. */
  instruments: 1,
  /** JSON `OpenGap[]`: the spells that were open when the segment began. */
  openGaps: 2,
  quotes: 3,
  trades: 4,
  /** JSON `GapRow[]`. */
  gaps: 5,
  /** Nothing happened, and we were looking; no payload. */
  heartbeat: 6,
  /** No payload. */
  end: 7,
  /** JSON `Opportunity[]`, closed ones. */
  opportunities: 8,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Rows of kind other than `QuoteKind.quote` are here too: they say when what was known ended. They are no rows of the quotes table. */
export const JOURNAL_QUOTES = {
  venueTime: 'f64',
  receiveTime: 'f64',
  bid: 'f64',
  bidSize: 'f64',
  ask: 'f64',
  askSize: 'f64',
  sequence: 'f64',
  instrument: 'u32',
  /** A `QuoteKind`. */
  kind: 'u8',
} as const satisfies Schema;

export const JOURNAL_TRADES = {
  venueTime: 'f64',
  receiveTime: 'f64',
  price: 'f64',
  size: 'f64',
  instrument: 'u32',
  side: 'u8',
  idLength: 'u8',
  id: `bytes${TRADE_ID_BYTES}`,
} as const satisfies Schema;

export type JournalQuotes = Columns<typeof JOURNAL_QUOTES>;
export type JournalTrades = Columns<typeof JOURNAL_TRADES>;
