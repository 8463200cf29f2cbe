import { SpreadscopeError } from '../core/errors.ts';
import type { InstrumentIndex } from '../core/instruments.ts';
import { type Opportunity, SURVIVAL_MS } from '../core/opportunity.ts';
import { addEdge, noSurvival, type SurvivalGrouping, survivalCurve } from '../core/survival.ts';
import type {
  OpportunityQuery as GatewayQuery,
  OpportunityReader,
  SurvivalQuery,
} from '../gateway/sources.ts';
import type { KnownOpportunities, RecordedWish, SurvivalGroup } from '../lake/opportunity-query.ts';
import type { Market } from '../market/market.ts';
import type { OpportunityTable } from '../market/opportunities.ts';
import type { InstrumentName } from '../market/opportunity-view.ts';
import { findOpen, type RecentOpportunities } from '../market/recent-opportunities.ts';
import type { FoundOpportunities, OpportunityHole, OpportunityTotals, SurvivalReply } from '../wire/api.ts';
import type { LakeAnswers, LakeQuestion } from './history-protocol.ts';

/** What the topic shows at once: more is asked of the API. */
const SHOWN = 50;
const DEFAULT_LIMIT = 100;
/** Pairs in doubt that a question to the lake names. */
const MOST_LEFT_OUT = 1000;

type OpportunityQuery = Omit<GatewayQuery, 'limit'> & { readonly limit?: number };

/** Whoever can be asked what is recorded. */
export interface RecordedOpportunities {
  ask<K extends LakeQuestion['kind']>(
    question: LakeQuestion & { readonly kind: K },
    signal: AbortSignal,
  ): Promise<LakeAnswers[K]>;
}

/** The opportunities as the gateway shows them: those in memory, and before them those that are recorded. */
export class OpportunitySource implements OpportunityReader {
  readonly #open: OpportunityTable | undefined;
  readonly #recent: RecentOpportunities;
  readonly #nameOf: InstrumentName;
  readonly #market: Market;
  /** Set once there is a lake. */
  recorded: RecordedOpportunities | undefined;

  constructor(market: Market, recent: RecentOpportunities, index: InstrumentIndex) {
    this.#open = market.analysis?.opportunities;
    this.#market = market;
    this.#recent = recent;
    this.#nameOf = (instrument) => index.at(instrument);
  }

  totals(): OpportunityTotals {
    const { opened = 0, refused = 0 } = this.#open ?? {};
    return { open: this.#openAndTrusted(), opened, closed: this.#recent.total, refused };
  }

  /** Open ones first, by their peak; then those that closed, the latest first. What memory lacks comes from the lake. @throws BAD_REQUEST, what the lake throws */
  async find(query: OpportunityQuery, signal: AbortSignal): Promise<FoundOpportunities> {
    const { limit = DEFAULT_LIMIT } = query;
    const near = this.#near(query);
    const { recorded } = this;
    if (query.state === 'open' || near.length >= limit) return { opportunities: near, hole: null };
    // Nobody has what has left memory.
    if (recorded === undefined)
      return { opportunities: near, hole: holeBetween(Number.NaN, this.#recent.since, query) };
    const { rows, until } = await recorded.ask(
      { kind: 'opportunities', wish: this.#wish(query), limit },
      signal,
    );
    const known = new Set(near.map(keyOf));
    const far = rows.filter((one) => !known.has(keyOf(one)));
    return {
      opportunities: [...near, ...far].slice(0, limit),
      hole: holeBetween(until, this.#recent.since, query),
    };
  }

  /** How edges survived, of those in the lake and those in memory that are not there yet. */
  async survival(query: SurvivalQuery, signal: AbortSignal): Promise<SurvivalReply> {
    const { by, limit } = query;
    const admits = this.#admits(query);
    const recent = this.#recent.find({ ...query, limit: Infinity }, this.#nameOf, admits);
    // Memory adds to these: without what the lake has of them they would come out too small.
    const also = [...new Set(recent.map((one) => groupKey(one, by)))];
    // The lake leaves out those of memory one by one: of two that end at nearly one time either may be there first.
    const wish = { ...this.#wish(query), known: knownOf(recent) };
    const question = { kind: 'survival', wish, by, limit, also } as const;
    const far = (await this.recorded?.ask(question, signal)) ?? { rows: [], until: Number.NaN };
    const groups = new Map(far.rows.map((group) => [groupKey(group, by), group]));
    for (const one of recent) {
      const key = groupKey(one, by);
      let group = groups.get(key);
      if (group === undefined) {
        group = { ...namesOf(one, by), sums: noSurvival() };
        groups.set(key, group);
      }
      addEdge(group.sums, one);
    }
    const sorted = [...groups.values()].sort((a, b) => b.sums.count - a.sums.count);
    return {
      by,
      delaysMs: SURVIVAL_MS,
      groups: sorted.slice(0, limit).map(({ sums, ...names }) => ({ ...names, ...survivalCurve(sums) })),
      hole: holeBetween(far.until, this.#recent.since, query),
    };
  }

  /** What is open and what closed last. */
  now(): {
    readonly open: Opportunity[];
    readonly closed: Opportunity[];
    readonly totals: OpportunityTotals;
  } {
    return {
      open: this.#near({ state: 'open', limit: SHOWN }),
      closed: this.#near({ state: 'closed', limit: SHOWN }),
      totals: this.totals(),
    };
  }

  #near(query: OpportunityQuery): Opportunity[] {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const table = query.state === 'closed' ? undefined : this.#open;
    const admits = this.#admits(query);
    const open = table === undefined ? [] : findOpen(table, query, this.#nameOf, admits);
    const rest = { ...query, limit: limit - open.length };
    return query.state === 'open' ? open : [...open, ...this.#recent.find(rest, this.#nameOf, admits)];
  }

  /** Open ones, of venues that mean the same coin. */
  #openAndTrusted(): number {
    const [table, identity] = [this.#open, this.#market.analysis?.identity];
    if (table === undefined || identity === undefined) return 0;
    return table.placeOf.reduce(
      (sum, place) => sum + Number(place >= 0 && identity.isTrusted(place >> 1)),
      0,
    );
  }

  #admits({ identity }: OpportunityQuery): (one: Opportunity) => boolean {
    if (identity === 'all') return () => true;
    return ({ symbol, buy, sell }) => this.#market.isTrusted(symbol, buy, sell);
  }

  /** The same of the lake, which knows nothing of identities. @throws BAD_REQUEST when more are in doubt than it can be asked without */
  #wish(query: OpportunityQuery): RecordedWish {
    if (query.identity === 'all') return query;
    const doubtful = this.#market
      .doubtfulIdentities()
      .filter(({ state }) => state !== 'ok' && state !== 'approved')
      .filter(({ symbol }) => query.symbol === undefined || symbol === query.symbol);
    if (doubtful.length > MOST_LEFT_OUT) {
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `${doubtful.length} pairs of venues may not mean the same coin, and the lake can be asked without ${MOST_LEFT_OUT} at most: name a symbol or a route, ask with identity=all, or decide with \`spreadscope identity\``,
      );
    }
    const without = doubtful.flatMap(({ symbol, venues: [a, b] }) => [
      `${symbol}:${a}:${b}`,
      `${symbol}:${b}:${a}`,
    ]);
    return { ...query, without };
  }
}

/** Of one that has ended, its route and when it began tell it from all others. */
function keyOf({ symbol, buy, sell, start, end }: Opportunity): string {
  return `${symbol}:${buy}:${sell}:${start}:${end}`;
}

/** All of these as the lake's question names them. */
function knownOf(closed: readonly Opportunity[]): KnownOpportunities {
  const from = closed.reduce((least, { end }) => Math.min(least, end ?? least), Infinity);
  return { from, keys: closed.map(keyOf) };
}

/** Between what is in Parquet already and the oldest in memory nobody can tell yet; undefined = there is nothing between them, or it is not asked for. */
function holeBetween(until: number, since: number, { from, to }: OpportunityQuery): OpportunityHole | null {
  // Memory holds all that ever closed in this run.
  if (Number.isNaN(since)) return null;
  const hole = { from: Number.isNaN(until) ? 0 : until, to: since };
  if (hole.from >= hole.to || hole.from > (to ?? Infinity) || hole.to < (from ?? -Infinity)) return null;
  return hole;
}

type Names = Pick<SurvivalGroup, 'symbol' | 'buy' | 'sell'>;

function namesOf({ symbol, buy, sell }: Opportunity, by: SurvivalGrouping): Names {
  const named = by === 'symbol' || by === 'route';
  const routed = by === 'venues' || by === 'route';
  return { symbol: named ? symbol : null, buy: routed ? buy : null, sell: routed ? sell : null };
}

function groupKey(one: Names, by: SurvivalGrouping): string {
  if (by === 'all') return '';
  if (by === 'symbol') return String(one.symbol);
  return by === 'venues' ? `${one.buy}:${one.sell}` : `${one.symbol}:${one.buy}:${one.sell}`;
}
