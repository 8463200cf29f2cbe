import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';

export interface NaiveQuote {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
  readonly receiveTime: number;
}

interface NaiveLeg {
  readonly symbol: string;
  readonly venue: VenueId;
  readonly fee: number;
  epoch: number;
  quote: NaiveQuote | undefined;
}

export interface NaiveRoute {
  readonly id: string;
  readonly gross: number;
  readonly net: number;
  readonly size: number;
  readonly notional: number;
  /** µs, of the older quote. */
  readonly age: number;
}

/** The market as one would write it without any thought of speed: a map of legs, and everything recomputed when asked. */
export class NaiveMarket {
  readonly #legs = new Map<number, NaiveLeg>();
  readonly #maxAge: number;

  constructor(maxAgeMs: number) {
    this.#maxAge = maxAgeMs * 1000;
  }

  list(instrument: number, symbol: string, venue: VenueId, fee: number): void {
    this.#legs.set(instrument, { symbol, venue, fee, epoch: 0, quote: undefined });
  }

  apply(instrument: number, epoch: number, quote: NaiveQuote | undefined): void {
    const leg = this.#legs.get(instrument);
    if (leg === undefined || epoch < leg.epoch) return;
    leg.epoch = epoch;
    leg.quote = quote;
  }

  routes(now: number): NaiveRoute[] {
    const routes: NaiveRoute[] = [];
    for (const buy of this.#legs.values()) {
      for (const sell of this.#legs.values()) {
        if (buy === sell || buy.symbol !== sell.symbol) continue;
        const from = this.#valid(buy, now);
        const to = this.#valid(sell, now);
        if (from === undefined || to === undefined) continue;
        const size = Math.min(from.askSize, to.bidSize);
        routes.push({
          id: `${buy.symbol}:${buy.venue}:${sell.venue}`,
          gross: to.bid / from.ask - 1,
          net: (to.bid * (1 - sell.fee)) / (from.ask * (1 + buy.fee)) - 1,
          size,
          notional: size * from.ask,
          age: now - Math.min(from.receiveTime, to.receiveTime),
        });
      }
    }
    return routes.sort((a, b) => order(a.id) - order(b.id));
  }

  #valid(leg: NaiveLeg, now: number): NaiveQuote | undefined {
    const quote = leg.quote;
    if (quote === undefined || now - quote.receiveTime > this.#maxAge) return undefined;
    const { bid, ask, bidSize, askSize } = quote;
    return bid > 0 && ask > 0 && bidSize > 0 && askSize > 0 && bid <= ask ? quote : undefined;
  }
}

/** Symbol S0 before S1 …, then by buy and sell venue: the order that ties keep. */
function order(id: string): number {
  const [symbol = '', buy, sell] = id.split(':');
  const place = (venue: string | undefined): number => (VENUE_IDS as readonly string[]).indexOf(venue ?? '');
  return Number(symbol.slice(1, symbol.indexOf('-'))) * 64 + place(buy) * 8 + place(sell);
}
