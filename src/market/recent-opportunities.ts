import { type BoundReading, boundOf } from '../core/bounds.ts';
import {
  copyOpportunity,
  OPPORTUNITY_BYTES,
  type Opportunity,
  type OpportunityColumns,
  opportunityColumns,
} from '../core/opportunity.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { OpportunityFollower, OpportunityTable } from './opportunities.ts';
import { type InstrumentName, viewOpportunity } from './opportunity-view.ts';

/** Which opportunities are wanted. Times are µs; one counts when any of it lies in the range. */
export interface OpportunityQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly symbol?: string | undefined;
  readonly buy?: VenueId | undefined;
  readonly sell?: VenueId | undefined;
  readonly minPeakBps?: number | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  /** Default 100. */
  readonly limit?: number | undefined;
}

const DEFAULT_LIMIT = 100;

/** The opportunities that closed last, the oldest of which makes room. */
export class RecentOpportunities implements OpportunityFollower {
  readonly #capacity: number;
  readonly #columns: OpportunityColumns;
  /** How many ever closed. */
  #total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#columns = opportunityColumns(capacity);
  }

  closed(table: OpportunityTable, slot: number): void {
    copyOpportunity(table.columns, slot, this.#columns, this.#total % this.#capacity);
    this.#total++;
  }

  /** How many ever closed: the number that the next one gets. */
  get total(): number {
    return this.#total;
  }

  /** The end of the oldest that is here, µs; NaN while all that ever closed are. */
  get since(): number {
    if (this.#total <= this.#capacity) return Number.NaN;
    return this.#columns.end[this.#total % this.#capacity] as number;
  }

  /** The one of this number; undefined when it has made room, or an instrument of it is not known. */
  at(number: number, nameOf: InstrumentName): Opportunity | undefined {
    if (number < this.#total - this.#capacity || number >= this.#total) return undefined;
    return viewOpportunity(this.#columns, number % this.#capacity, nameOf);
  }

  /** Those wanted, the latest to close first. */
  find(
    query: OpportunityQuery,
    nameOf: InstrumentName,
    admits: (one: Opportunity) => boolean = () => true,
  ): Opportunity[] {
    const found: Opportunity[] = [];
    const oldest = Math.max(0, this.#total - this.#capacity);
    for (let number = this.#total - 1; number >= oldest; number--) {
      if (found.length >= (query.limit ?? DEFAULT_LIMIT)) break;
      const one = viewOpportunity(this.#columns, number % this.#capacity, nameOf);
      if (one !== undefined && isWanted(one, query) && admits(one)) found.push(one);
    }
    return found;
  }

  bound(): BoundReading {
    return boundOf(
      {
        ...{ name: 'market.recent-opportunities', policy: 'drop-oldest', capacity: this.#capacity },
        ...{ capacityBytes: this.#capacity * OPPORTUNITY_BYTES, cleanedBy: 'a newer one in its place' },
      },
      { used: Math.min(this.#total, this.#capacity), evicted: Math.max(0, this.#total - this.#capacity) },
    );
  }
}

/** The open ones that are wanted, the highest peak first. */
export function findOpen(
  table: OpportunityTable,
  query: OpportunityQuery,
  nameOf: InstrumentName,
  admits: (one: Opportunity) => boolean = () => true,
): Opportunity[] {
  const found: Opportunity[] = [];
  for (let slot = 0; slot < table.placeOf.length; slot++) {
    if (table.placeOf[slot] === -1) continue;
    const open = { now: table.time[slot] as number, ...table.meansOf(slot) };
    const one = viewOpportunity(table.columns, slot, nameOf, open);
    if (one !== undefined && isWanted(one, query) && admits(one)) found.push(one);
  }
  return found
    .sort((a, b) => b.peakNetBps - a.peakNetBps || a.start - b.start)
    .slice(0, query.limit ?? DEFAULT_LIMIT);
}

function isWanted(one: Opportunity, query: OpportunityQuery): boolean {
  const { from = -Infinity, to = Infinity, symbol, buy, sell, minPeakBps = -Infinity } = query;
  if (symbol !== undefined && one.symbol !== symbol) return false;
  if (buy !== undefined && one.buy !== buy) return false;
  if (sell !== undefined && one.sell !== sell) return false;
  return one.peakNetBps >= minPeakBps && one.start <= to && (one.end ?? Infinity) >= from;
}
