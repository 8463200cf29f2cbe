import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { OpportunityCounts } from '../core/lake-status.ts';
import {
  copyOpportunity,
  OPPORTUNITY_BYTES,
  type OpportunityColumns,
  opportunityColumns,
} from '../core/opportunity.ts';
import type { ClosedOpportunity } from '../lake/opportunity-rows.ts';
import type { OpportunityFollower, OpportunityTable } from '../market/opportunities.ts';
import { type InstrumentName, viewOpportunity } from '../market/opportunity-view.ts';

/** Room for what closes one by one, beside all that are open, which may close at once. */
const ROWS = 1024;

/** @param open how many may be open at once */
export function outboxFacts(open: number): BoundFacts {
  const capacity = ROWS + open;
  return {
    ...{ name: 'lake.opportunity-outbox', policy: 'drop-oldest', capacity },
    ...{ capacityBytes: capacity * OPPORTUNITY_BYTES, cleanedBy: 'the recorder, every quarter of a second' },
  };
}

const NONE: OpportunityCounts = { recorded: 0, lost: 0 };

/**
 * Closed opportunities on their way to the recorder's thread, and what becomes of them there. They wait while there is no recorder; when more close than there is room for, the oldest are lost. Each one
 * that closed is in the end recorded or counted as lost.
 */
export class OpportunityOutbox implements OpportunityFollower {
  readonly #facts: BoundFacts;
  readonly #columns: OpportunityColumns;
  #first = 0;
  #count = 0;
  #peak = 0;
  /** Lost here, or with a recorder's thread that has ended. */
  #lost = 0;
  /** What ended threads recorded. */
  #before = 0;
  /** Handed to the thread at hand, and what it said of them. */
  #sent = 0;
  #said = NONE;

  /** @param open how many may be open at once */
  constructor(open: number) {
    this.#facts = outboxFacts(open);
    this.#columns = opportunityColumns(this.#facts.capacity);
  }

  /** Since the program began; what is neither is on its way. */
  get counts(): OpportunityCounts {
    return { recorded: this.#before + this.#said.recorded, lost: this.#lost + this.#said.lost };
  }

  closed(table: OpportunityTable, slot: number): void {
    const rows = this.#facts.capacity;
    if (this.#count === rows) {
      this.#first = (this.#first + 1) % rows;
      this.#lost++;
    } else this.#count++;
    if (this.#count > this.#peak) this.#peak = this.#count;
    copyOpportunity(table.columns, slot, this.#columns, (this.#first + this.#count - 1) % rows);
  }

  /** The next 1,024 at most of what waits, the oldest first, for the recorder's thread; they wait no more. None = nothing waits. */
  take(nameOf: InstrumentName): ClosedOpportunity[] {
    const rows: ClosedOpportunity[] = [];
    while (this.#count > 0 && rows.length < ROWS) {
      const row = viewOpportunity(this.#columns, this.#first, nameOf);
      if (row !== undefined && row.end !== null) rows.push({ ...row, end: row.end });
      else this.#lost++;
      this.#first = (this.#first + 1) % this.#facts.capacity;
      this.#count--;
    }
    this.#sent += rows.length;
    return rows;
  }

  /** What the recorder's thread at hand says of those that it was sent. */
  heard(said: OpportunityCounts): void {
    this.#said = said;
  }

  /** That thread has ended: what it did not say to be on the disk counts as lost, though some of it may have got there since it said so last. */
  threadEnded(): void {
    this.#lost += Math.max(0, this.#sent - this.#said.recorded);
    this.#before += this.#said.recorded;
    this.#sent = 0;
    this.#said = NONE;
  }

  /** The recording has ended: what still waits is lost. */
  end(): void {
    this.threadEnded();
    this.#lost += this.#count;
    this.#count = 0;
  }

  bound(): BoundReading {
    return boundOf(this.#facts, { used: this.#count, peak: this.#peak, lost: this.#lost });
  }
}
