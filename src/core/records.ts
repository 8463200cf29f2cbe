/**
 * The records that travel through the rings, as columns (a struct of typed arrays). Times are µs since the epoch, prices quote units per base
 * unit, sizes base units. NaN stands for what the venue did not say.
 */

/** A column's element type; `bytes` is a fixed-width run of bytes per row. */
export type ColumnType = 'u8' | 'u32' | 'f64' | `bytes${number}`;
export type Schema = Readonly<Record<string, ColumnType>>;
export type ColumnArray<T extends ColumnType> = T extends 'u32'
  ? Uint32Array
  : T extends 'f64'
    ? Float64Array
    : Uint8Array;
export type Columns<S extends Schema> = { readonly [K in keyof S]: ColumnArray<S[K]> };

/** The longest trade id we keep. The longest known is MEXC's, two numbers of 18 digits with a suffix each: 41. */
export const TRADE_ID_BYTES = 64;

export const QUOTE_SCHEMA = {
  instrument: 'u32',
  /** A `QuoteKind`. */
  kind: 'u8',
  /** The life of the connection that said it; grows with each dial of the process. */
  epoch: 'u32',
  /** How many quotes of the venue there were in the feed's life, this one included: a number that never comes is a quote that was lost. */
  number: 'f64',
  venueTime: 'f64',
  receiveTime: 'f64',
  bid: 'f64',
  bidSize: 'f64',
  ask: 'f64',
  askSize: 'f64',
  sequence: 'f64',
} as const satisfies Schema;

export const TRADE_SCHEMA = {
  instrument: 'u32',
  epoch: 'u32',
  /** As that of a quote, among the venue's trades. */
  number: 'f64',
  venueTime: 'f64',
  receiveTime: 'f64',
  price: 'f64',
  size: 'f64',
  /** The taker's side: a `TradeSide`. */
  side: 'u8',
  /** Bytes used of `id`; 0 = the venue sent none. */
  idLength: 'u8',
  id: `bytes${TRADE_ID_BYTES}`,
} as const satisfies Schema;

export type QuoteColumns = Columns<typeof QUOTE_SCHEMA>;
export type TradeColumns = Columns<typeof TRADE_SCHEMA>;

/**
 * `quote`: a best bid and offer. The others say that what was said for this instrument is unknown from now on, with NaN for prices and the number of the quote before:
 * its connection ended, went silent, or the instrument was taken from it.
 */
export const QuoteKind = { quote: 0, ended: 1, silent: 2, unlisted: 3 } as const;
export type QuoteKind = (typeof QuoteKind)[keyof typeof QuoteKind];

export const TradeSide = { buy: 0, sell: 1 } as const;
export type TradeSide = (typeof TradeSide)[keyof typeof TradeSide];
