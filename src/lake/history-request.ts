import type { GapReason } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { LegRows } from './history-rows.ts';

export const HISTORY_KINDS = ['gross', 'net', 'basis'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** The side of its book that a kind of series takes of a leg. */
export function priceOf(kind: HistoryKind, side: 'buy' | 'sell'): 'bid' | 'ask' {
  return side === 'buy' && kind !== 'basis' ? 'ask' : 'bid';
}

export const DEFAULT_MAX_QUOTE_AGE_US = 60_000_000;
/** Points that a band looks back over, unless asked otherwise; and at most. */
export const BAND_WINDOW = 200;
export const MAX_BAND_WINDOW = 5000;
/** Percent of the upper band; the lower one is as far from the other end. */
export const BAND_PERCENT = 97;

/** A route's series that is asked for. Times are whole µs since the epoch. */
export interface HistoryRequest {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly kind: HistoryKind;
  /** First and last moment, both included. */
  readonly from: number;
  readonly to: number;
  /** What counts as now: nothing later is read, and what is still open ends here. */
  readonly now: number;
  /** Taker fees, fractions. */
  readonly fees: { readonly buy: number; readonly sell: number };
  /** Thins to this many points, ≥ 2, and one more for each break; undefined = every tick. */
  readonly points?: number | undefined;
  /** How old a quote may be and still count, µs. */
  readonly maxQuoteAge?: number | undefined;
  /** 1 … MAX_BAND_WINDOW. */
  readonly bandWindow?: number | undefined;
  /** Percent, 50 … 100. */
  readonly bandPercent?: number | undefined;
  /** Of a live market. */
  readonly recent?: RecentLegs | undefined;
}

/** What a live market knows of the end of a range: the last quotes of both legs, of which the lake is not asked. */
export interface RecentLegs {
  /** Quotes from this time on are these, µs; those before are the lake's. */
  readonly from: number;
  /** Times ≥ `from`; NaN also where the leg ended. */
  readonly buy: LegRows;
  readonly sell: LegRows;
}

/** Points in the order of time, in columns of equal length. Values are fractions; NaN = from here on it is not known. */
export interface HistoryPoints {
  /** µs since the epoch. */
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/** A spell in which a leg was not seen, cut to what was asked for. */
export interface HistoryGap {
  readonly from: number;
  readonly to: number;
  readonly venue: VenueId;
  readonly reason: GapReason;
}

/** A part of the range in which the venue was never recorded. */
export interface Unrecorded {
  readonly from: number;
  readonly to: number;
  readonly venue: VenueId;
}

/** What is known before the first point. */
export interface HistoryHead {
  readonly gaps: readonly HistoryGap[];
  readonly unrecorded: readonly Unrecorded[];
}

/** What is known after the last point, of all ticks, thinned or not. Values are fractions; NaN = there was no tick. */
export interface HistoryTotals {
  /** Quotes of both legs that were read, those before `from` included. */
  readonly quotes: number;
  /** Ticks with both legs valid. */
  readonly ticks: number;
  /** Times the route stopped being valid. */
  readonly breaks: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly last: number;
}

/** Who takes an answer: first the head, then the points. What a call answers is waited for before the next. */
export interface HistorySink {
  begin(head: HistoryHead): Promise<void> | void;
  points(points: HistoryPoints): Promise<void> | void;
}
