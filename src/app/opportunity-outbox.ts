import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import {
  copyOpportunity,
  OPPORTUNITY_BYTES,
  type OpportunityColumns,
  opportunityColumns,
} from '../core/opportunity.ts';
import type { ClosedOpportunity } from '../lake/opportunity-rows.ts';
import type { OpportunityFollower, OpportunityTable } from '../market/opportunities.ts';
import { type InstrumentName, viewOpportunity } from '../market/opportunity-view.ts';

const ROWS = 1024;

export function outboxFacts(): BoundFacts {
  return {
    ...{ name: 'lake.opportunity-outbox', policy: 'drop-oldest', capacity: ROWS },
    ...{ capacityBytes: ROWS * OPPORTUNITY_BYTES, cleanedBy: 'the recorder, every quarter of a second' },
  };
}

/** Closed opportunities on their way to the recorder's thread. When more close than it takes, the oldest are lost, and counted. */
export class OpportunityOutbox implements OpportunityFollower {
  readonly #columns: OpportunityColumns = opportunityColumns(ROWS);
  #first = 0;
  #count = 0;
  #peak = 0;
  #lost = 0;

  closed(table: OpportunityTable, slot: number): void {
    if (this.#count === ROWS) {
      this.#first = (this.#first + 1) % ROWS;
      this.#lost++;
    } else this.#count++;
    if (this.#count > this.#peak) this.#peak = this.#count;
    copyOpportunity(table.columns, slot, this.#columns, (this.#first + this.#count - 1) % ROWS);
  }

  /** What waits, the oldest first; it waits no more. */
  take(nameOf: InstrumentName): ClosedOpportunity[] {
    const rows: ClosedOpportunity[] = [];
    for (let i = 0; i < this.#count; i++) {
      const row = viewOpportunity(this.#columns, (this.#first + i) % ROWS, nameOf);
      if (row !== undefined && row.end !== null) rows.push({ ...row, end: row.end });
    }
    this.#first = 0;
    this.#count = 0;
    return rows;
  }

  bound(): BoundReading {
    return boundOf(outboxFacts(), { used: this.#count, peak: this.#peak, lost: this.#lost });
  }
}
