import type { VenueRow } from '../wire/api.ts';

/** What a terminal shows of a run, once a second. */
export interface RunSummary {
  readonly venues: readonly VenueSummary[];
  /** Routes with both legs valid. */
  readonly routes: number;
  readonly clients: number;
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly budget: number };
}

export type VenueSummary = Pick<
  VenueRow,
  'venue' | 'title' | 'state' | 'reason' | 'connections' | 'instruments' | 'subscriptions' | 'rates'
>;
