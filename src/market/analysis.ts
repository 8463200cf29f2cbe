import type { BoundReading } from '../core/bounds.ts';
import type { QuoteKind } from '../core/records.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';
import { IdentityGuard, type IdentityOptions } from './identity.ts';
import { type OpportunityOptions, type OpportunitySink, OpportunityTable } from './opportunities.ts';
import { PairPool } from './pairs.ts';
import type { QuoteTable } from './quotes.ts';
import { RouteStatistics, type StatisticsOptions } from './statistics.ts';
import { LegEnd, TickLegs } from './tick-legs.ts';

export interface AnalysisOptions {
  /** Pairs of venues with the same symbol, of which more than the present spread is kept. */
  readonly pairs: number;
  readonly opportunities: OpportunityOptions;
  readonly statistics: StatisticsOptions;
  readonly identity: IdentityOptions;
  readonly sink: OpportunitySink;
}

const SECOND = 1_000_000;

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
  /** The last whole second of each symbol that was sampled. */
  readonly #sampled: Float64Array;
  /** The latest time of any row, µs. */
  readonly #latest = new Float64Array(1);

  constructor(quotes: QuoteTable, symbolCapacity: number, options: AnalysisOptions) {
    this.pairs = new PairPool(options.pairs, symbolCapacity);
    this.legs = new TickLegs(quotes);
    this.opportunities = new OpportunityTable(
      quotes,
      this.legs,
      this.pairs,
      options.opportunities,
      options.sink,
    );
    this.statistics = new RouteStatistics(this.legs, this.pairs, options.statistics);
    this.identity = new IdentityGuard(this.legs, this.pairs, options.identity);
    this.#sampled = new Float64Array(symbolCapacity).fill(Number.NaN);
  }

  list(cell: number): void {
    this.pairs.list(cell);
  }

  /** The latest time of any row, µs; 0 = there was none. Nothing earlier will come, where one feed worker reads all venues. */
  get latest(): number {
    return this.#latest[0] as number;
  }

  /** Time has come to `legs.clock` for the symbol of this cell, before its row changes anything: samples the seconds that have passed, and ends what grew too old. */
  advance(cell: number): void {
    const now = this.legs.clock[0] as number;
    if (now > (this.#latest[0] as number)) this.#latest[0] = now;
    const first = this.legs.firstOf(cell);
    const symbol = first / VENUE_COUNT;
    const second = Math.floor(now / SECOND);
    const sampled = this.#sampled[symbol] as number;
    if (second !== sampled) this.#sample(first, symbol, sampled, second);
    const { until } = this.legs;
    for (let at = first; at < first + VENUE_COUNT; at++) {
      if ((until[at] as number) < now && until[at] !== -Infinity) this.#expire(at);
    }
  }

  /** The leg of this cell was told something at `legs.clock`. */
  changed(cell: number, kind: QuoteKind): void {
    this.legs.take(cell, kind);
    this.opportunities.changed(cell);
  }

  /** Brings the first `symbols` symbols to the latest time of any row, so that those that are silent are right as well. */
  settle(symbols: number): void {
    const { clock } = this.legs;
    for (let symbol = 0; symbol < symbols; symbol++) {
      clock[0] = this.#latest[0] as number;
      this.advance(symbol * VENUE_COUNT);
    }
  }

  bounds(): BoundReading[] {
    return [
      this.pairs.bound(),
      ...this.opportunities.bounds(),
      ...this.statistics.bounds(),
      ...this.identity.bounds(),
    ];
  }

  #sample(first: number, symbol: number, sampled: number, second: number): void {
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

  #expire(cell: number): void {
    const { until, end } = this.legs;
    this.opportunities.aged(cell, until[cell] as number);
    until[cell] = -Infinity;
    end[cell] = LegEnd.aged;
  }
}
