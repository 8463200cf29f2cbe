import type { Columns, Schema } from './records.ts';
import type { VenueId } from './venue-ids.ts';

/**
 * An opportunity: the interval in which a route's net spread stays over the opening threshold, with a lower closing one. Times are µs since the epoch and receive
 * times, spreads fractions, sizes base units, notionals quote units; NaN = not known.
 */

/**
 * Why an opportunity ended: `spread` below the closing threshold; a leg that was `ended` with its connection, fell `silent`, was `unlisted`, `aged` beyond `maxQuoteAgeMs`, or whose `book`
 * had a side empty or crossed; or nobody looked any more (`stopped`).
 */
export const CLOSE_REASONS = [
  'spread',
  'buy-ended',
  'sell-ended',
  'buy-silent',
  'sell-silent',
  'buy-unlisted',
  'sell-unlisted',
  'buy-aged',
  'sell-aged',
  'buy-book',
  'sell-book',
  'stopped',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** An opportunity as a row of columns, as the market keeps it and as it travels to whoever records it. */
export const OPPORTUNITY_SCHEMA = {
  /** The instrument that is bought, and the one that is sold. */
  buy: 'u32',
  sell: 'u32',
  /** An index into `CLOSE_REASONS`. */
  closedBy: 'u8',
  ticks: 'u32',
  start: 'f64',
  end: 'f64',
  openNet: 'f64',
  startNet: 'f64',
  peakNet: 'f64',
  peakTime: 'f64',
  meanNet: 'f64',
  timeMeanNet: 'f64',
  size: 'f64',
  notional: 'f64',
  peakSize: 'f64',
  peakNotional: 'f64',
  /** µs. */
  buyAge: 'f64',
  sellAge: 'f64',
  buyVenueTime: 'f64',
  sellVenueTime: 'f64',
  /** Net spread at each of `SURVIVAL_MS` after the start; NaN = it had ended by then. */
  survival0: 'f64',
  survival1: 'f64',
  survival2: 'f64',
  survival3: 'f64',
  survival4: 'f64',
  survival5: 'f64',
  survival6: 'f64',
  survival7: 'f64',
  survival8: 'f64',
  survival9: 'f64',
  survival10: 'f64',
  survival11: 'f64',
} as const satisfies Schema;
export type OpportunityColumns = Columns<typeof OPPORTUNITY_SCHEMA>;

/** Delays after the start at which it is kept how much of the edge was left, ms. */
export const SURVIVAL_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

type Figure = Exclude<keyof typeof OPPORTUNITY_SCHEMA, 'buy' | 'sell' | 'closedBy' | 'ticks'>;

const NAMES = Object.keys(OPPORTUNITY_SCHEMA) as (keyof typeof OPPORTUNITY_SCHEMA)[];

/** Empty columns for so many rows. */
export function opportunityColumns(rows: number): OpportunityColumns {
  const figures = Object.fromEntries(
    NAMES.filter((name) => OPPORTUNITY_SCHEMA[name] === 'f64').map((name) => [name, new Float64Array(rows)]),
  ) as Record<Figure, Float64Array>;
  return {
    ...figures,
    buy: new Uint32Array(rows),
    sell: new Uint32Array(rows),
    closedBy: new Uint8Array(rows),
    ticks: new Uint32Array(rows),
  };
}

/** Bytes of one row in columns. */
const BYTES_OF = { u8: 1, u32: 4, f64: 8 } as const;
export const OPPORTUNITY_BYTES = NAMES.reduce((sum, name) => sum + BYTES_OF[OPPORTUNITY_SCHEMA[name]], 0);

/** Copies row `from` of one table to row `to` of another. */
export function copyOpportunity(
  source: OpportunityColumns,
  from: number,
  target: OpportunityColumns,
  to: number,
): void {
  for (let i = 0; i < NAMES.length; i++) {
    const name = NAMES[i] as keyof typeof OPPORTUNITY_SCHEMA;
    target[name][to] = source[name][from] as number;
  }
}

/** The columns of `SURVIVAL_MS`, in its order. */
export function survivalColumns(columns: OpportunityColumns): readonly Float64Array[] {
  return SURVIVAL_MS.map((_, i) => columns[`survival${i}` as Figure]);
}

/** An opportunity in the units of every interface: µs, ms, basis points; null = not known, or not yet. */
export interface Opportunity {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly start: number;
  /** Null while it is open. */
  readonly end: number | null;
  readonly durationMs: number;
  /** The opening threshold that held when it opened. */
  readonly openBps: number;
  readonly startNetBps: number;
  readonly peakNetBps: number;
  readonly peakTime: number;
  /** Over its ticks. */
  readonly meanNetBps: number;
  /** Over its time; the mean of its ticks when it has no length. */
  readonly timeMeanNetBps: number;
  /** Ticks of either leg while it was open, the first included. */
  readonly ticks: number;
  /** At the opening. */
  readonly size: number;
  readonly notional: number;
  readonly peakSize: number;
  readonly peakNotional: number;
  /** Ages of the legs' quotes at the opening. */
  readonly buyAgeMs: number;
  readonly sellAgeMs: number;
  readonly buyVenueTime: number | null;
  readonly sellVenueTime: number | null;
  /** Null while it is open. */
  readonly closedBy: CloseReason | null;
  /** Net spread at each of `SURVIVAL_MS` after the start; null = it had ended by then, or that time is still to come. */
  readonly survivalBps: readonly (number | null)[];
}
