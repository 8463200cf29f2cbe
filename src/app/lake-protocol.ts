import type { BoundReading } from '../core/bounds.ts';
import type { Instrument } from '../core/instruments.ts';
import type { GapRow, KeeperStatus, RecorderStatus, RowCounts } from '../core/lake-status.ts';
import type { LogFields } from '../core/log.ts';
import type { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { RingMemory } from '../ring/ring.ts';
import type { MalformedRun } from './malformed-runs.ts';

/** The rings of one feed worker. */
export interface LakeRings {
  readonly quotes: RingMemory<typeof QUOTE_SCHEMA>;
  readonly trades: RingMemory<typeof TRADE_SCHEMA>;
  readonly venues: readonly VenueId[];
}

/** What a recorder thread is started with. */
export interface RecorderWorkerData {
  readonly lake: string;
  readonly rings: readonly LakeRings[];
  readonly venues: readonly VenueId[];
  readonly instrumentCapacity: number;
  readonly instruments: readonly Instrument[];
  readonly nextSegment: number;
  /** Spells before this life, to be written first. */
  readonly firstGaps: readonly GapRow[];
  /** One life of the program. */
  readonly run: string;
  readonly syncMs: number;
  readonly partMs: number;
  readonly gauge: SharedArrayBuffer;
}

export type ToRecorder =
  | { readonly type: 'instruments'; readonly instruments: readonly Instrument[] }
  | { readonly type: 'malformed'; readonly run: MalformedRun }
  | { readonly type: 'stop'; readonly totals: readonly (RowCounts & { readonly venue: VenueId })[] };

/** What a keeper thread is started with. */
export interface KeeperWorkerData {
  readonly lake: string;
  readonly partMs: number;
  readonly maxAgeMs: number | undefined;
  readonly maxBytes: number | undefined;
  readonly memoryMb: number;
}

/** Convert everything, then end. */
export interface ToKeeper {
  readonly type: 'finish';
}

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

export type FromRecorder = Status<RecorderStatus> | LogLine;
export type FromKeeper = Status<KeeperStatus> | LogLine;
