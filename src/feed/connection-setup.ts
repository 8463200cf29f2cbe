import type { Channel, Endpoints, SymbolTable, Venue } from '../venues/venue.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { FeedClock } from './clock.ts';
import type { Outlets, VenueBooks } from './quote-sink.ts';
import type { RestFetch } from './rest.ts';
import type { OpenTransport } from './transport.ts';
import type { FeedTuning } from './tuning.ts';

/** A symbol table that can still be filled. */
export interface FillableSymbolTable extends SymbolTable {
  add(nativeId: string, instrument: number): void;
}

/** What all connections of one venue are made with. */
export interface ConnectionSetup {
  readonly venue: Venue;
  readonly endpoints: Endpoints;
  readonly channels: readonly Channel[];
  readonly openTransport: OpenTransport;
  readonly createSymbolTable: (capacity: number) => FillableSymbolTable;
  readonly rest: RestFetch;
  readonly outlets: Outlets;
  readonly books: VenueBooks;
  readonly largeMessages: ByteBudget;
  readonly clock: FeedClock;
  readonly tuning: FeedTuning;
}

export interface ConnectionEvents {
  /** It may subscribe and hear now. */
  opened(): void;
  /** The end, told once and after everything of the connection has been undone; not told after `end` was called from outside. */
  ended(reason: string): void;
  /** The venue says that it will close soon. */
  goodbye(reason: string): void;
  notice(message: string, reason: string): void;
}
