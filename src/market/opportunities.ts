import type { BoundReading } from '../core/bounds.ts';
import type { OpportunityColumns } from '../core/opportunity.ts';
import type { PairPool } from './pairs.ts';
import type { QuoteTable } from './quotes.ts';
import type { TickLegs } from './tick-legs.ts';

export interface OpportunityOptions {
  /** Net spread from which a route is open, a fraction. */
  readonly openNet: number;
  /** Net spread below which it is closed again, a fraction. */
  readonly closeNet: number;
  /** How many may be open at once. */
  readonly openCapacity: number;
}

/** Who takes closed opportunities. What it is given is overwritten after the call. */
export interface OpportunitySink {
  closed(columns: OpportunityColumns, slot: number): void;
}

/** The open opportunities. */
export class OpportunityTable {
  constructor(
    quotes: QuoteTable,
    legs: TickLegs,
    pairs: PairPool,
    options: OpportunityOptions,
    sink: OpportunitySink,
  ) {}

  /** A leg changed: every route it is part of is judged anew. */
  changed(cell: number): void {}

  /** A leg's quote grew too old: `until` was the last µs at which it was valid. */
  aged(cell: number, until: number): void {}

  bounds(): BoundReading[] {
    return [];
  }
}
