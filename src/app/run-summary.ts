import type { LakeSummary, VenueRow } from '../wire/api.ts';

/** What a terminal shows of a run, once a second. */
export interface RunSummary {
  readonly venues: readonly VenueSummary[];
  /** Routes with both legs valid. */
  readonly routes: number;
  readonly clients: number;
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly budget: number };
  /** Null = nothing is recorded. */
  readonly lake: LakeSummary | null;
  /** What is wrong with the recording, for people. */
  readonly alarms: readonly string[];
}

export type VenueSummary = Pick<
  VenueRow,
  'venue' | 'title' | 'state' | 'reason' | 'connections' | 'instruments' | 'subscriptions' | 'rates'
>;
