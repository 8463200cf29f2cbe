import type { BoundReading } from '../core/bounds.ts';
import type { QuoteKind } from '../core/records.ts';
import { VENUE_COUNT, type VenueId, venueAt } from '../core/venue-ids.ts';
import { IdentityGuard, type IdentityOptions } from './identity.ts';
import { type OpportunityFollower, type OpportunityOptions, OpportunityTable } from './opportunities.ts';
import { PairPool } from './pairs.ts';
import type { QuoteTable } from './quotes.ts';
import { RouteStatistics, type StatisticsOptions } from './statistics.ts';
import { type Thresholds, ThresholdTable } from './thresholds.ts';
import { LegEnd, TickLegs } from './tick-legs.ts';
import type { VerdictRules } from './verdict.ts';

export interface AnalysisOptions {
  /** Pairs of venues with the same symbol, of which more than the present spread is kept. */
  readonly pairs: number;
  readonly opportunities: OpportunityOptions;
  readonly statistics: StatisticsOptions;
  readonly identity: IdentityOptions;
  readonly verdict: VerdictRules;
  readonly thresholds: Thresholds;
  /** Thresholds of a route that differ from those; undefined = they do not. */
  readonly thresholdsOf?:
    | ((symbol: string, buy: VenueId, sell: VenueId) => Thresholds | undefined)
    | undefined;
  /** What somebody said of two venues' instruments of this name, if anything; `low` has the lower index. */
  readonly decisionOf?:
    | ((symbol: string, low: VenueId, high: VenueId) => 'approved' | 'denied' | undefined)
    | undefined;
  /** Told of every opportunity, in this order. */
  readonly followers: readonly OpportunityFollower[];
}

const SECOND = 1_000_000;
/** Rows may be so late, in whole seconds: feed workers are not waited for. What is further behind comes by a clock that was set back. */
const LATE_SECONDS = 10;

/**
 * What spreads mean, tick by tick: opportunities, statistics and the guard of identities. It knows no time but that of the rows, so that recorded rows give what the live
 * ones gave.
 */
export class Analysis {
  readonly pairs: PairPool;
  readonly legs: TickLegs;
  readonly opportunities: OpportunityTable;
  readonly statistics: RouteStatistics;
  readonly identity: IdentityGuard;
  readonly verdictRules: VerdictRules;
  readonly #thresholds: ThresholdTable;
  readonly #thresholdsOf: AnalysisOptions['thresholdsOf'];
  readonly #decisionOf: AnalysisOptions['decisionOf'];
  /** The last whole second of each symbol that was sampled. */
  readonly #sampled: Float64Array;
  /** The latest time of any row, µs. */
  readonly #latest = new Float64Array(1);

  constructor(quotes: QuoteTable, symbolCapacity: number, options: AnalysisOptions) {
    this.pairs = new PairPool(options.pairs, symbolCapacity);
    this.legs = new TickLegs(quotes);
    this.#thresholds = new ThresholdTable(options.pairs, options.thresholds);
    this.statistics = new RouteStatistics(this.legs, this.pairs, this.#thresholds, options.statistics);
    this.opportunities = new OpportunityTable(
      quotes,
      this.legs,
      this.pairs,
      this.#thresholds,
      options.opportunities,
      [this.statistics, ...options.followers],
    );
    this.identity = new IdentityGuard(this.legs, this.pairs, options.identity);
    this.verdictRules = options.verdict;
    this.#thresholdsOf = options.thresholdsOf;
    this.#decisionOf = options.decisionOf;
    this.#sampled = new Float64Array(symbolCapacity).fill(Number.NaN);
  }

  /** Makes a leg known, and its pairs with those of the same symbol. */
  list(cell: number, symbol: string): void {
    const first = this.pairs.used;
    this.pairs.list(cell);
    for (let pair = first; pair < this.pairs.used; pair++) {
      const low = venueAt((this.pairs.low[pair] as number) % VENUE_COUNT);
      const high = venueAt((this.pairs.high[pair] as number) % VENUE_COUNT);
      this.#setThresholds(2 * pair, symbol, low, high);
      this.#setThresholds(2 * pair + 1, symbol, high, low);
      const decision = this.#decisionOf?.(symbol, low, high);
      if (decision !== undefined) this.identity.decide(pair, decision);
    }
  }

  thresholdsAt(place: number): Thresholds {
    return {
      openNet: this.#thresholds.openNet[place] as number,
      closeNet: this.#thresholds.closeNet[place] as number,
    };
  }

  /** The latest time of any row, µs; 0 = there was none. Nothing earlier will come, where one feed worker reads all venues. */
  get latest(): number {
    return this.#latest[0] as number;
  }

  /** Time has come to `legs.clock` for the symbol of this cell, before its row changes anything: samples the seconds that have passed, and ends what grew too old. */
  advance(cell: number): void {
    const now = this.legs.clock[0] as number;
    const latest = this.#latest[0] as number;
    if (now > latest || now < latest - LATE_SECONDS * SECOND) this.#latest[0] = now;
    const first = this.legs.firstOf(cell);
    const symbol = first / VENUE_COUNT;
    const second = Math.floor(now / SECOND);
    const sampled = this.#sampled[symbol] as number;
    if (second !== sampled) this.#sample(first, symbol, sampled, second);
    for (let cell = this.#oldest(first); cell >= 0; cell = this.#oldest(first)) this.#expire(cell);
  }

  /** Another instrument takes the leg of this cell over: what the one before said is void. To be called while its prices are still there. */
  vacated(cell: number): void {
    this.legs.clock[0] = this.#latest[0] as number;
    this.legs.until[cell] = -Infinity;
    this.legs.end[cell] = LegEnd.unlisted;
    this.opportunities.changed(cell);
  }

  /** The leg of this cell was told something at `legs.clock`. */
  changed(cell: number, kind: QuoteKind): void {
    this.legs.take(cell, kind);
    this.opportunities.changed(cell);
  }

  /**
   * Brings the first `symbols` symbols to the latest time of any row, so that those that are silent are right as well.
   * @param until µs, when that is later
   */
  settle(symbols: number, until = 0): void {
    const { clock } = this.legs;
    this.#latest[0] = Math.max(this.#latest[0] as number, until);
    for (let symbol = 0; symbol < symbols; symbol++) {
      clock[0] = this.#latest[0] as number;
      this.advance(symbol * VENUE_COUNT);
    }
  }

  bounds(): BoundReading[] {
    return [
      this.pairs.bound(this.legs.bytes + this.#sampled.byteLength),
      this.opportunities.bound(),
      this.statistics.bound(),
      this.identity.bound(),
    ];
  }

  #setThresholds(place: number, symbol: string, buy: VenueId, sell: VenueId): void {
    const own = this.#thresholdsOf?.(symbol, buy, sell);
    if (own !== undefined) this.#thresholds.set(place, own);
  }

  #sample(first: number, symbol: number, sampled: number, second: number): void {
    // A late row: its seconds are told.
    if (second < sampled && sampled - second <= LATE_SECONDS) return;
    this.#sampled[symbol] = second;
    // A symbol's first row, or a clock that was set back.
    if (!(sampled < second)) return;
    const { until } = this.legs;
    let last = -Infinity;
    for (let at = first; at < first + VENUE_COUNT; at++) last = Math.max(last, until[at] as number);
    // Nothing is valid after the last of them has ended.
    const end = Math.min(second, Math.floor(last / SECOND));
    for (let at = sampled + 1; at <= end; at++) this.#sampleAt(first, at);
  }

  #sampleAt(first: number, second: number): void {
    const { until } = this.legs;
    const time = second * SECOND;
    for (let low = first; low < first + VENUE_COUNT - 1; low++) {
      if (!((until[low] as number) >= time)) continue;
      for (let high = low + 1; high < first + VENUE_COUNT; high++) {
        if (!((until[high] as number) >= time)) continue;
        const pair = this.pairs.of(low, high % VENUE_COUNT);
        if (pair < 0) continue;
        this.statistics.sample(pair, second);
        this.identity.sample(pair, second);
      }
    }
  }

  /** The valid leg of a symbol that was the first to grow too old before `clock`; −1 = none has. */
  #oldest(first: number): number {
    const { until, clock } = this.legs;
    let oldest = -1;
    for (let cell = first; cell < first + VENUE_COUNT; cell++) {
      const end = until[cell] as number;
      if (!(end < (clock[0] as number)) || end === -Infinity) continue;
      if (oldest < 0 || end < (until[oldest] as number)) oldest = cell;
    }
    return oldest;
  }

  #expire(cell: number): void {
    const { until, end } = this.legs;
    this.opportunities.aged(cell, until[cell] as number);
    until[cell] = -Infinity;
    end[cell] = LegEnd.aged;
  }
}
