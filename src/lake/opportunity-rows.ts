import { CLOSE_REASONS, type Opportunity, SURVIVAL_MS } from '../core/opportunity.ts';
import { isVenueId } from '../core/venue-ids.ts';
import type { ChunkColumns } from './chunk-columns.ts';
import { compareText, isTime } from './gap-rows.ts';
import type { RowSource } from './parquet-writer.ts';
import { sourceColumns } from './row-pool.ts';

/** An opportunity that has ended: what is recorded of it. */
export type ClosedOpportunity = Opportunity & { readonly end: number };

const REASONS: ReadonlySet<unknown> = new Set(CLOSE_REASONS);
/** Numbers that every row has. */
const NUMBERS = [
  'durationMs',
  'openBps',
  'startNetBps',
  'peakNetBps',
  'meanNetBps',
  'timeMeanNetBps',
  'ticks',
  'size',
  'notional',
  'peakSize',
  'peakNotional',
  'buyAgeMs',
  'sellAgeMs',
] as const satisfies readonly (keyof Opportunity)[];

/** The rows that a frame's JSON holds; `refused` of them are none. */
export function readOpportunityRows(json: unknown): { rows: ClosedOpportunity[]; refused: number } {
  if (!Array.isArray(json)) return { rows: [], refused: 1 };
  const rows = (json as unknown[]).filter(isRow);
  return { rows, refused: json.length - rows.length };
}

function isRow(value: unknown): value is ClosedOpportunity {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Record<string, unknown>;
  return (
    typeof row.symbol === 'string' &&
    isVenue(row.buy) &&
    isVenue(row.sell) &&
    isTime(row.start) &&
    isTime(row.end) &&
    isTime(row.peakTime) &&
    isNumberOrNull(row.buyVenueTime) &&
    isNumberOrNull(row.sellVenueTime) &&
    REASONS.has(row.closedBy) &&
    NUMBERS.every((name) => typeof row[name] === 'number') &&
    Array.isArray(row.survivalBps) &&
    row.survivalBps.length === SURVIVAL_MS.length &&
    row.survivalBps.every(isNumberOrNull)
  );
}

function isVenue(value: unknown): boolean {
  return typeof value === 'string' && isVenueId(value);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === 'number';
}

/** Rows in the order of a file: by symbol, then by their end. */
export function opportunitySource(rows: readonly ClosedOpportunity[]): RowSource {
  const sorted = [...rows].sort(
    (a, b) =>
      compareText(a.symbol, b.symbol) ||
      a.end - b.end ||
      a.start - b.start ||
      compareText(a.buy + a.sell, b.buy + b.sell),
  );
  const order = Uint32Array.from(sorted, (_, i) => i);
  const column = (pick: (row: ClosedOpportunity) => number | null): Float64Array =>
    Float64Array.from(sorted, (row) => pick(row) ?? Number.NaN);
  const times = [
    column((row) => row.start),
    column((row) => row.end),
    column((row) => row.peakTime),
    column((row) => row.buyVenueTime),
    column((row) => row.sellVenueTime),
  ] as const;
  const figures = NUMBERS.map((name) => column((row) => row[name]));
  const survival = SURVIVAL_MS.map((_, i) => column((row) => row.survivalBps[i] ?? null));
  return {
    rows: sorted.length,
    columns: sourceColumns('opportunities'),
    fill: (columns: ChunkColumns) => {
      columns.strings(0, (row) => sorted[row]?.symbol ?? null, order);
      columns.strings(1, (row) => sorted[row]?.buy ?? null, order);
      columns.strings(2, (row) => sorted[row]?.sell ?? null, order);
      for (const [i, time] of times.entries()) columns.integers(3 + i, time, order);
      columns.strings(8, (row) => sorted[row]?.closedBy ?? null, order);
      figures.forEach((figure, i) => {
        if (NUMBERS[i] === 'ticks') columns.integers(9 + i, figure, order);
        else columns.doubles(9 + i, figure, order);
      });
      for (const [i, net] of survival.entries()) columns.doubles(9 + NUMBERS.length + i, net, order);
    },
  };
}
