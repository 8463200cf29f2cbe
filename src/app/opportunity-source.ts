import type { InstrumentIndex } from '../core/instruments.ts';
import type { Opportunity } from '../core/opportunity.ts';
import type { Market } from '../market/market.ts';
import type { OpportunityTable } from '../market/opportunities.ts';
import type { InstrumentName } from '../market/opportunity-view.ts';
import { findOpen, type OpportunityQuery, type RecentOpportunities } from '../market/recent-opportunities.ts';
import type { OpportunityTotals } from '../wire/api.ts';

/** What the topic shows at once: more is asked of the API. */
const SHOWN = 50;
const DEFAULT_LIMIT = 100;

/** The opportunities as the gateway shows them, out of memory. */
export class OpportunitySource {
  readonly #open: OpportunityTable | undefined;
  readonly #recent: RecentOpportunities;
  readonly #nameOf: InstrumentName;

  constructor(market: Market, recent: RecentOpportunities, index: InstrumentIndex) {
    this.#open = market.analysis?.opportunities;
    this.#recent = recent;
    this.#nameOf = (instrument) => index.at(instrument);
  }

  totals(): OpportunityTotals {
    const { open = 0, opened = 0, refused = 0 } = this.#open ?? {};
    return { open, opened, closed: this.#recent.total, refused };
  }

  /** Open ones first, by their peak; then those that closed, the latest first. */
  find(query: OpportunityQuery): Opportunity[] {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const table = query.state === 'closed' ? undefined : this.#open;
    const open = table === undefined ? [] : findOpen(table, query, this.#nameOf);
    const rest = { ...query, limit: limit - open.length };
    return query.state === 'open' ? open : [...open, ...this.#recent.find(rest, this.#nameOf)];
  }

  /** What is open and what closed last. */
  now(): {
    readonly open: Opportunity[];
    readonly closed: Opportunity[];
    readonly totals: OpportunityTotals;
  } {
    return {
      open: this.find({ state: 'open', limit: SHOWN }),
      closed: this.find({ state: 'closed', limit: SHOWN }),
      totals: this.totals(),
    };
  }
}
