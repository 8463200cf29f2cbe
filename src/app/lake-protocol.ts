import type { BoundReading } from '../core/bounds.ts';
import type { Instrument } from '../core/instruments.ts';
import type { KeeperStatus, RecorderStatus, RowCounts } from '../core/lake-status.ts';
import type { LogFields } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { FeesSince } from '../lake/fees.ts';
import type { ClosedOpportunity } from '../lake/opportunity-rows.ts';
import type { Retention } from '../lake/retention.ts';
import type { RecorderRings } from '../lake/row-intake.ts';
import type { MalformedRun } from './malformed-runs.ts';

/** What a recorder thread is started with. */
export interface RecorderWorkerData {
  readonly lake: string;
  readonly rings: readonly RecorderRings[];
  readonly venues: readonly VenueId[];
  readonly instrumentCapacity: number;
  readonly instruments: readonly Instrument[];
  /** Feeds that have died: rows of epochs above these are their successors'. */
  readonly deaths: readonly { readonly venue: VenueId; readonly lastEpoch: number }[];
  /** Whether no recorder has been at the rings before. */
  readonly fromStart: boolean;
  readonly bufferBytes: number;
  readonly syncMs: number;
  readonly segmentMs: number;
}

/** From the main thread to the recorder's. */
export type ToRecorder =
  | { readonly type: 'instruments'; readonly instruments: readonly Instrument[] }
  | { readonly type: 'feedDied'; readonly venues: readonly VenueId[]; readonly lastEpoch: number }
  | { readonly type: 'malformed'; readonly run: MalformedRun }
  | { readonly type: 'opportunities'; readonly rows: readonly ClosedOpportunity[] }
  /** The feeds begin to take their leave. */
  | { readonly type: 'leaving' }
  /** The feeds have ended, and this is how many rows ever left them. */
  | {
      readonly type: 'stop';
      readonly totals: readonly (RowCounts & { readonly venue: VenueId })[];
      /** When they began to take their leave, µs. */
      readonly goodbye: number;
    };

/** What a keeper thread is started with. */
export interface KeeperWorkerData {
  readonly lake: string;
  /** The lock by which this process holds the lake. */
  readonly lock: number;
  readonly retention: Retention;
  readonly memoryMb: number;
  /** How long rows may wait in the journal. */
  readonly partMs: number;
  readonly fees: ReadonlyMap<VenueId, FeesSince>;
}

/**
 * From the main thread to the keeper's. `hurry`: convert what is closed; `finish`: convert everything, then end; `enough`: end after the file at hand; `pause`
 * and `resume`: do not merge finished hours, and do again; `fees`: the taker fees that are in force.
 */
export type ToKeeper =
  | { readonly type: 'hurry' | 'finish' | 'enough' | 'pause' | 'resume' }
  | { readonly type: 'fees'; readonly fees: ReadonlyMap<VenueId, FeesSince> };

interface LogLine {
  readonly type: 'log';
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

interface Status<S> {
  readonly type: 'status';
  readonly status: S;
  readonly bounds: readonly BoundReading[];
}

export type FromRecorder =
  | Status<RecorderStatus>
  | LogLine
  /** The last life was read: others may work on the lake from now on. */
  | { readonly type: 'begun' }
  | { readonly type: 'stopped'; readonly safe: boolean };

export type FromKeeper =
  | Status<KeeperStatus>
  | LogLine
  /** Another process has taken the lake. */
  | { readonly type: 'dispossessed' }
  /** Segments that are left in the journal. */
  | { readonly type: 'stopped'; readonly left: number };
