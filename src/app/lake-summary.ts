import type { RowCounts } from '../core/lake-status.ts';
import type { LakeSummary, VenueRow } from '../wire/api.ts';
import type { LakeReport } from './lake-host.ts';

export type { LakeSummary } from '../wire/api.ts';

const NO_SEGMENTS = { segments: 0, bytes: 0 };

/** The recording as readers see it. */
export function summaryOf({ folder, recorder, keeper, opportunities }: LakeReport): LakeSummary {
  const sum = (pick: (venue: { recorded: RowCounts; lost: RowCounts }) => number): number =>
    (recorder?.venues ?? []).reduce((total, venue) => total + pick(venue), 0);
  return {
    folder,
    recording: recorder?.recording ?? false,
    recorded: {
      quotes: sum((venue) => venue.recorded.quotes),
      trades: sum((venue) => venue.recorded.trades),
      opportunities: opportunities.recorded,
    },
    lost: {
      quotes: sum((venue) => venue.lost.quotes),
      trades: sum((venue) => venue.lost.trades),
      opportunities: opportunities.lost,
    },
    gaps: recorder?.gaps ?? 0,
    syncedTime: recorder?.syncedTime ?? null,
    journal: recorder?.journal ?? NO_SEGMENTS,
    backlog: keeper?.backlog ?? NO_SEGMENTS,
    parquet: { rows: keeper?.converted.rows ?? 0, files: keeper?.converted.files ?? 0 },
    removed: keeper?.removed ?? { files: 0, bytes: 0 },
    bytes: keeper?.disk.lakeBytes ?? 0,
    freeBytes: keeper?.disk.freeBytes ?? 0,
    errors: {
      write: recorder?.writeErrors ?? 0,
      sync: recorder?.syncErrors ?? 0,
      keeper: keeper?.errors ?? 0,
    },
    clockSteps: recorder?.clockSteps ?? 0,
  };
}

/** The venues, with what the recording tells of each. */
export function withRecordings(rows: readonly VenueRow[], { recorder }: LakeReport): VenueRow[] {
  return rows.map((row) => {
    const told = recorder?.venues.find(({ venue }) => venue === row.venue);
    if (told === undefined) return row;
    const { recorded, lost, gaps } = told;
    const sum = ({ quotes, trades }: RowCounts): number => quotes + trades;
    return { ...row, recording: { recorded: sum(recorded), lost: sum(lost), gaps } };
  });
}
