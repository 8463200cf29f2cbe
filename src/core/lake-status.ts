import type { VenueId } from './venue-ids.ts';

/** Why nobody was looking. `crash`: the program ended without a word; `stopped`: it was not running; `clock`: the machine's clock was set. */
export const GAP_REASONS = [
  'connection',
  'silence',
  'unlisted',
  'malformed',
  'overflow',
  'disk',
  'clock',
  'stopped',
  'crash',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A spell in which a venue, or one of its symbols, was not seen or not recorded. */
export interface GapRow {
  readonly venue: VenueId;
  /** Null = every symbol of the venue. */
  readonly symbol: string | null;
  /** Which rows are missing; null = of both kinds. */
  readonly stream: 'quotes' | 'trades' | null;
  /** µs since the epoch: the last moment before the spell. Nothing said until then counts after it. */
  readonly from: number;
  /** µs since the epoch: the first moment after the spell; ≥ `from`. */
  readonly to: number;
  readonly reason: GapReason;
  /** Rows known to be lost; null = not known (nobody was there to count). */
  readonly rowsLost: number | null;
}

/** Trouble of the recorder that needs an eye; it goes away by itself once its cause is gone. */
export type LakeTroubleCode =
  | 'LAKE_DISK_FULL'
  | 'LAKE_DISK_ERROR'
  | 'LAKE_DISK_STALLED'
  | 'LAKE_NO_PERMISSION'
  | 'LAKE_TOO_MANY_FILES'
  | 'LAKE_NEARLY_FULL'
  | 'LAKE_ROWS_LOST'
  | 'LAKE_BACKLOG'
  | 'LAKE_CLOCK_STEPPED'
  | 'LAKE_LOCKED';

export interface LakeTrouble {
  readonly code: LakeTroubleCode;
  /** What is wrong and what to do, for people. */
  readonly message: string;
  /** µs since the epoch. */
  readonly since: number;
}

export interface RowCounts {
  readonly quotes: number;
  readonly trades: number;
}

/** Closed opportunities that are safe on the disk, synced, and those that will never be. */
export interface OpportunityCounts {
  readonly recorded: number;
  readonly lost: number;
}

/** What the recorder's thread says of itself, as plain data: it crosses threads. Totals only grow. */
export interface RecorderStatus {
  readonly recording: boolean;
  readonly venues: readonly {
    readonly venue: VenueId;
    /** Rows that are safe on the disk, synced. */
    readonly recorded: RowCounts;
    /** Rows that will never be. */
    readonly lost: RowCounts;
    /** Rows of the table of gaps. */
    readonly gaps: number;
  }[];
  readonly opportunities: OpportunityCounts;
  readonly gaps: number;
  /** µs since the epoch of the last sync that succeeded; null = none yet. */
  readonly syncedTime: number | null;
  readonly journal: { readonly segments: number; readonly bytes: number };
  readonly writeErrors: number;
  readonly syncErrors: number;
  readonly clockSteps: number;
  readonly troubles: readonly LakeTrouble[];
}

/** What the keeper's thread (conversion, compaction, retention) says of itself. */
export interface KeeperStatus {
  readonly doing: 'recovering' | 'idle' | 'converting' | 'compacting' | 'retaining';
  /** Closed segments that wait for conversion. */
  readonly backlog: { readonly segments: number; readonly bytes: number };
  readonly converted: {
    readonly rows: number;
    readonly files: number;
    readonly segments: number;
    /** Rows that name no known instrument or have no time: they are in no table. */
    readonly refused: number;
  };
  readonly compacted: { readonly rows: number; readonly filesBefore: number; readonly filesAfter: number };
  /** What retention took away since the start. */
  readonly removed: { readonly files: number; readonly bytes: number };
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number; readonly lakeBytes: number };
  readonly errors: number;
  readonly troubles: readonly LakeTrouble[];
}
