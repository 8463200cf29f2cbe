import type { Columns, Schema } from './records.ts';

/**
 * An opportunity: the interval in which a route's net spread stays over the opening threshold, with a lower closing one. Times are µs since the epoch and receive
 * times, spreads fractions, sizes base units, notionals quote units; NaN = not known.
 */

/** Why an opportunity ended. `spread`: below the closing threshold; the others: a leg became invalid, or nobody looked any more. */
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

/** One closed opportunity in the units of every interface: µs, ms, basis points; null = not known. */
export interface Opportunity {
  readonly symbol: string;
  readonly buy: string;
  readonly sell: string;
  readonly start: number;
  readonly end: number;
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
  readonly closedBy: CloseReason;
  /** Net spread at each of `SURVIVAL_MS` after the start; null = it had ended by then. */
  readonly survivalBps: readonly (number | null)[];
}
