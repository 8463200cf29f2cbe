import { SpreadscopeError } from '../core/errors.ts';
import type { IdentityDecision, IdentityState } from '../core/route-notes.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { IdentitySource as Source } from '../gateway/sources.ts';
import type { Market } from '../market/market.ts';
import type { IdentityPair, IdentityReply } from '../wire/api.ts';
import type { IdentityDecisions } from './identity-decisions.ts';

/** What wants a decision comes first. */
const ORDER: readonly IdentityState[] = ['quarantined', 'suspect', 'ok', 'denied', 'approved'];

/** The guard of identities as the gateway shows it, and the way by which somebody's word reaches file and market. */
export class IdentitySource implements Source {
  readonly #market: Market;
  readonly #decisions: IdentityDecisions;

  constructor(market: Market, decisions: IdentityDecisions) {
    this.#market = market;
    this.#decisions = decisions;
  }

  read(): IdentityReply {
    const pairs = this.#market.doubtfulIdentities().map((pair): IdentityPair => {
      const decided = this.#decisions.of(pair.symbol, ...pair.venues);
      return { ...pair, decidedTime: decided === undefined ? null : Date.parse(decided.time) * 1000 };
    });
    pairs.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.symbol < b.symbol ? -1 : 1));
    const quarantined = this.#market.analysis?.identity.quarantined ?? 0;
    return { pairs, quarantined, file: this.#decisions.path };
  }

  async decide(symbol: string, a: VenueId, b: VenueId, decision: IdentityDecision): Promise<void> {
    if (this.#market.quotes(symbol, 0) === undefined) {
      throw new SpreadscopeError(
        'UNKNOWN_SYMBOL',
        `no venue lists ${symbol.slice(0, 80)}; see /api/v1/symbols`,
      );
    }
    if (this.#market.route(symbol, a, b, 0) === undefined)
      throw new SpreadscopeError('UNKNOWN_ROUTE', `${symbol} is not listed on both ${a} and ${b}`);
    if (!this.#market.follows(symbol, a, b)) throw notFollowed(symbol, a, b);
    await this.#decisions.decide(symbol, a, b, decision);
    if (!this.#market.decideIdentity(symbol, a, b, decision)) throw notFollowed(symbol, a, b);
  }
}

/** A word on it would be kept, and have no effect. */
function notFollowed(symbol: string, a: VenueId, b: VenueId): SpreadscopeError {
  return new SpreadscopeError(
    'UNKNOWN_ROUTE',
    `${symbol} on ${a} and ${b} is not among the pairs that are followed: raise limits.pairs`,
  );
}
