import type { VerdictName } from './route-notes.ts';
import type { VenueId } from './venue-ids.ts';

/** What an alert can be about: a route, or a venue that is down, lags, or stands apart from the others with several coins at once. */
export const ALERT_KINDS = ['route', 'venue-down', 'venue-lagging', 'venue-dislocated', 'test'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Something that a rule wanted to be told. Times are µs since the epoch; null = not of this kind. */
export interface Alert {
  /** Unique within a run. */
  readonly id: number;
  readonly kind: AlertKind;
  /** The name of the rule. */
  readonly rule: string;
  /** When the rule was fulfilled, by the time of the rows. */
  readonly time: number;
  readonly symbol: string | null;
  readonly buy: VenueId | null;
  readonly sell: VenueId | null;
  readonly venue: VenueId | null;
  readonly netBps: number | null;
  /** Quote units. */
  readonly notional: number | null;
  readonly lastedMs: number | null;
  readonly verdict: VerdictName | null;
  /** Coins of a venue that stands apart: ten at most, `coins` says how many. */
  readonly symbols: readonly string[];
  readonly coins: number | null;
  /** One line for people. */
  readonly message: string;
}

export const ALERT_SINKS = ['log', 'page', 'webhook', 'telegram'] as const;
export type AlertSink = (typeof ALERT_SINKS)[number];

/** How a sink has fared. Every alert that a sink was given ends as delivered or undelivered. */
export interface SinkReport {
  readonly sink: AlertSink;
  readonly delivered: number;
  /** Given up after the last try, refused for good, or dropped from a full queue. */
  readonly undelivered: number;
  readonly waiting: number;
  readonly retries: number;
  /** What went wrong last, for people; empty = nothing has. */
  readonly lastError: string;
}
