import type { VenueId } from './venue-ids.ts';

/**
 * `connecting`: no connection is open yet and none has failed. `live`: market data arrives. `stale`: connections are open, but none brings market data.
 * `down`: none is open and the last attempt failed.
 */
export type FeedState = 'connecting' | 'live' | 'stale' | 'down';

/** What the feed knows of one venue, as plain data: it crosses threads. Totals only grow. */
export interface FeedStatus {
  readonly venue: VenueId;
  readonly state: FeedState;
  /** Why it is in that state, for people; empty when live. */
  readonly reason: string;
  /** The newest connection's epoch; 0 = none was dialled yet. */
  readonly epoch: number;
  readonly connections: { readonly open: number; readonly wanted: number };
  readonly instruments: number;
  /** Instruments by what became of their subscription; `silent`: accepted, but nothing came yet. */
  readonly subscriptions: {
    readonly pending: number;
    readonly silent: number;
    readonly live: number;
    readonly refused: number;
  };
  readonly totals: { readonly frames: number; readonly quotes: number; readonly trades: number };
  /** Messages of the venue that we do not use. */
  readonly passedFrames: number;
  /** Bad frames by kind. */
  readonly bad: Readonly<Record<string, number>>;
  readonly reconnects: number;
  /** µs since the epoch of the last bytes received; null = none yet. */
  readonly lastMessageTime: number | null;
  /** Receive time − venue time over the last 5 to 10 s; null when no record had a venue time. */
  readonly lagMs: { readonly p50: number | null; readonly p99: number | null };
  /** Quotes replaced by a newer one before anybody read them. */
  readonly quotesReplaced: number;
  /** Trades that found the ring full. */
  readonly tradesLost: number;
  /** Trades that a venue sent twice (after a reconnect, during a rotation). */
  readonly tradesRepeated: number;
  /** Records of a connection that did not own their instrument (any more). */
  readonly foreignRecords: number;
  /** The first of the refused, with the venue's words. */
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
  /** The first symbols that were accepted and stay silent. */
  readonly silent: readonly string[];
}
