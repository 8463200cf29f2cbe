import type { Alert, AlertSink } from '../core/alert.ts';
import type { BoundReading } from '../core/bounds.ts';
import type { VerdictName } from '../core/route-notes.ts';
import { VENUE_COUNT, type VenueId, venueAt, venueIndex } from '../core/venue-ids.ts';
import { AlertBook } from '../market/alert-book.ts';
import { AlertRules } from '../market/alert-rules.ts';
import type { Market } from '../market/market.ts';
import type { OpportunityFollower } from '../market/opportunities.ts';
import { isAbout, type RouteRule, routeRules } from './alert-rules.ts';
import { apartAlert, routeAlert } from './alert-words.ts';
import type { Config } from './config-schema.ts';

const BPS = 10_000;
const SECOND = 1_000_000;

interface Legs {
  readonly symbol: string;
  /** The symbol's. */
  readonly number: number;
  readonly buy: VenueId;
  readonly sell: VenueId;
}

/** Who is told of an alert, and which sinks its rule names; undefined = all. */
export type Told = (alert: Alert, sinks: ReadonlySet<AlertSink> | undefined) => void;

/**
 * The rules about routes on a market, live or from a recording: it follows the opportunities, and tells of what the rules want by the time of the rows. Pairs of venues that may not mean the same
 * coin raise nothing.
 */
export class AlertRouteWatch {
  readonly #rules: readonly RouteRule[];
  readonly #states: AlertRules | undefined;
  readonly #book: AlertBook;
  readonly #told: Told;
  readonly #numberOf: () => number;
  #market: Market | undefined;
  #untrusted = 0;

  /** @param numberOf gives each alert its number */
  constructor(config: Config, told: Told, numberOf: () => number) {
    this.#rules = routeRules(config);
    this.#told = told;
    this.#numberOf = numberOf;
    this.#states =
      this.#rules.length === 0
        ? undefined
        : new AlertRules({
            conditions: this.#rules.map(({ minNetBps, minNotional, lastingMs }) => ({
              ...{ minNet: minNetBps / BPS, minNotional, lasting: lastingMs * 1000 },
            })),
            openCapacity: config.limits.openOpportunities,
            isAbout: (rule, place) => this.#isAbout(rule, place),
            fulfilled: (...args) => this.#fulfilled(...args),
          });
    this.#book = new AlertBook({
      cooldowns: this.#rules.map(({ cooldown }) => cooldown * SECOND),
      venueCoins: config.alerts.venueCoins,
      venueCooldown: config.alerts.venueCooldown * SECOND,
      told: ({ rule, place, time, net, notional }) => {
        const own = this.#rules[rule];
        const legs = this.#legsOf(place);
        if (own === undefined || legs === undefined) return;
        const { name, lastingMs, sinks } = own;
        const { symbol, buy, sell } = legs;
        const verdict = this.#verdictOf(legs);
        const facts = {
          rule: name,
          time,
          symbol,
          buy,
          sell,
          netBps: net * BPS,
          lastedMs: lastingMs,
          verdict,
        };
        this.#told(
          routeAlert(this.#numberOf(), { ...facts, notional: Number.isFinite(notional) ? notional : null }),
          sinks,
        );
      },
      toldVenue: (venue, time, symbols, widest) => {
        const own = this.#rules[widest.rule];
        const names = symbols.map((symbol) => this.#market?.symbolAt(symbol * VENUE_COUNT) ?? '');
        if (own === undefined) return;
        const { name, sinks } = own;
        this.#told(apartAlert(this.#numberOf(), name, time, venueAt(venue), names, widest.net * BPS), sinks);
      },
    });
  }

  /** Follows the opportunities; none when there is no rule about routes. */
  get followers(): readonly OpportunityFollower[] {
    return this.#states === undefined ? [] : [this.#states];
  }

  get counts(): AlertBook['counts'] & { readonly untrusted: number } {
    return { ...this.#book.counts, untrusted: this.#untrusted };
  }

  /** The market that is followed. */
  watch(market: Market): void {
    this.#market = market;
  }

  /** Takes in what held until the latest row, and tells of what is over. To be called after the market has settled. */
  settle(): void {
    const analysis = this.#market?.analysis;
    if (analysis === undefined || this.#states === undefined) return;
    this.#states.settle(analysis.opportunities, analysis.latest);
    this.#book.settle(analysis.latest);
  }

  /** The same when nothing more will come. */
  leave(): void {
    this.settle();
    this.#book.settle(Infinity);
  }

  bounds(): BoundReading[] {
    return this.#states === undefined ? [] : [this.#states.bound(), ...this.#book.bounds()];
  }

  #isAbout(rule: number, place: number): boolean {
    const legs = this.#legsOf(place);
    const own = this.#rules[rule];
    return legs !== undefined && own !== undefined && isAbout(own, legs.symbol, legs.buy, legs.sell);
  }

  #fulfilled(rule: number, place: number, time: number, net: number, notional: number): void {
    const analysis = this.#market?.analysis;
    const legs = this.#legsOf(place);
    const verdicts = this.#rules[rule]?.verdicts;
    if (analysis === undefined || legs === undefined) return;
    if (verdicts !== undefined && !verdicts.has(this.#verdictOf(legs) ?? 'not-enough-data')) return;
    if (!analysis.identity.isTrusted(place >> 1)) {
      this.#untrusted++;
      return;
    }
    const [buy, sell] = [venueIndex(legs.buy), venueIndex(legs.sell)];
    this.#book.add({ rule, place, time, net, notional, symbol: legs.number, buy, sell });
  }

  #verdictOf({ symbol, buy, sell }: Legs): VerdictName | null {
    return this.#market?.verdictOf(symbol, buy, sell) ?? null;
  }

  #legsOf(place: number): Legs | undefined {
    const market = this.#market;
    const pairs = market?.analysis?.pairs;
    if (market === undefined || pairs === undefined) return undefined;
    const [low, high] = [pairs.low[place >> 1] as number, pairs.high[place >> 1] as number];
    const [buy, sell] = (place & 1) === 0 ? [low, high] : [high, low];
    return {
      symbol: market.symbolAt(low),
      number: Math.trunc(low / VENUE_COUNT),
      ...{ buy: venueAt(buy % VENUE_COUNT), sell: venueAt(sell % VENUE_COUNT) },
    };
  }
}
