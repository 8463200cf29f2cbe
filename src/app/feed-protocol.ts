import type { BoundReading } from '../core/bounds.ts';
import type { FeedStatus } from '../core/feed-status.ts';
import type { Instrument } from '../core/instruments.ts';
import type { LogFields } from '../core/log.ts';
import type { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { RingMemory } from '../ring/ring.ts';
import type { Channel, Endpoints } from '../venues/venue.ts';
import type { ThreadReading } from './thread-watch.ts';

/** What a feed worker is started with. */
export interface FeedWorkerData {
  readonly venues: readonly { readonly venue: VenueId; readonly endpoints: Endpoints }[];
  readonly channels: readonly Channel[];
  readonly transport: 'raw' | 'ws';
  readonly quoteRing: RingMemory<typeof QUOTE_SCHEMA>;
  readonly tradeRing: RingMemory<typeof TRADE_SCHEMA>;
  readonly instrumentCapacity: number;
  /** The most instruments that one venue has at once. */
  readonly instrumentsPerVenue: number;
  /** Epochs of this worker are above this one. */
  readonly epochsBefore: number;
}

/** From the main thread to a feed worker. */
export type ToFeedWorker =
  | { readonly type: 'instruments'; readonly venue: VenueId; readonly instruments: readonly Instrument[] }
  | { readonly type: 'stop' };

/** From a feed worker to the main thread. */
export type FromFeedWorker =
  | {
      readonly type: 'status';
      readonly venues: readonly FeedStatus[];
      readonly bounds: readonly BoundReading[];
      readonly thread: ThreadReading;
    }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: LogFields;
    }
  | { readonly type: 'stopped' };
