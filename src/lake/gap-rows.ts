import { GAP_REASONS, type GapReason, type GapRow } from '../core/lake-status.ts';
import { isVenueId } from '../core/venue-ids.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import type { RowSource } from './parquet-writer.ts';
import { sourceColumns } from './row-pool.ts';

const REASONS: ReadonlySet<unknown> = new Set(GAP_REASONS);

/** The gap rows that a frame's JSON holds; `refused` of them are none. */
export function readGapRows(json: unknown): { rows: GapRow[]; refused: number } {
  if (!Array.isArray(json)) return { rows: [], refused: 1 };
  const rows = (json as unknown[]).filter(isGapRow);
  return { rows, refused: json.length - rows.length };
}

function isGapRow(value: unknown): value is GapRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Record<string, unknown>;
  return (
    typeof row.venue === 'string' &&
    isVenueId(row.venue) &&
    (row.symbol === null || typeof row.symbol === 'string') &&
    (row.stream === null || row.stream === 'quotes' || row.stream === 'trades') &&
    isTime(row.from) &&
    isTime(row.to) &&
    isReason(row.reason) &&
    (row.rowsLost === null || typeof row.rowsLost === 'number')
  );
}

export function isReason(value: unknown): value is GapReason {
  return REASONS.has(value);
}

/** The last moment whose day has a name of four digits, µs. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59) * 1000;

/** Whether a time in µs has a folder. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_TIME;
}

/** Gap rows in the order of a file: by symbol (none first), then time. */
export function gapSource(gaps: readonly GapRow[]): RowSource {
  const sorted = [...gaps].sort((a, b) => compareText(a.symbol ?? '', b.symbol ?? '') || a.from - b.from);
  const order = Uint32Array.from(sorted, (_, i) => i);
  const from = Float64Array.from(sorted, (gap) => gap.from);
  const to = Float64Array.from(sorted, (gap) => gap.to);
  const lost = Float64Array.from(sorted, (gap) => gap.rowsLost ?? Number.NaN);
  return {
    rows: sorted.length,
    columns: sourceColumns('gaps'),
    fill: (columns: ChunkColumns) => {
      columns.strings(0, (row) => sorted[row]?.symbol ?? null, order);
      columns.integers(1, from, order);
      columns.integers(2, to, order);
      columns.strings(3, (row) => sorted[row]?.reason ?? null, order);
      columns.strings(4, (row) => sorted[row]?.stream ?? null, order);
      columns.integers(5, lost, order);
    },
  };
}

/** As the engine and Parquet compare text: by its bytes in UTF-8. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
