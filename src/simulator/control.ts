import type { VenueId } from '../core/venue-ids.ts';
import type { Exchange } from './exchange.ts';
import type { Pump } from './pump.ts';

/** The last published quote of one market: what a client should know by now. A missing side is null. */
export interface TrueQuote {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly nativeId: string;
  readonly bid: number | null;
  readonly bidSize: number | null;
  readonly ask: number | null;
  readonly askSize: number | null;
  /** null where the venue sends none. */
  readonly sequence: number | null;
  /** In µs; null where the venue sends none. */
  readonly venueTime: number | null;
}

/** What a venue's quotes carry. */
export interface QuoteFacts {
  readonly quoteSequence: boolean;
  readonly quoteTime: boolean;
}

/** The markets of which a quote was published and that are still listed. */
export function trueQuotes(
  exchanges: Iterable<Exchange>,
  pump: Pump,
  factsOf: (venue: VenueId) => QuoteFacts,
): TrueQuote[] {
  const quotes: TrueQuote[] = [];
  for (const exchange of exchanges) {
    const { venue, market } = exchange;
    const facts = factsOf(venue);
    for (const { slot, symbol, nativeId, priceDecimals, sizeDecimals } of exchange.listed()) {
      const time = pump.publishedMs(slot);
      if (time === 0) continue;
      const bid = market.bid[slot] as number;
      const ask = market.ask[slot] as number;
      quotes.push({
        venue,
        symbol,
        nativeId,
        bid: exact(bid, priceDecimals),
        bidSize: exact(bid === 0 ? 0 : (market.bidSize[slot] as number), sizeDecimals),
        ask: exact(ask, priceDecimals),
        askSize: exact(ask === 0 ? 0 : (market.askSize[slot] as number), sizeDecimals),
        sequence: facts.quoteSequence ? (market.sequence[slot] as number) : null,
        venueTime: facts.quoteTime ? time * 1_000 : null,
      });
    }
  }
  return quotes;
}

/** The double that the decimal text on the wire means. */
function exact(value: number, decimals: number): number | null {
  return value === 0 ? null : Number(`${value}e-${decimals}`);
}

export function statusOf(exchanges: Iterable<Exchange>, pump: Pump): unknown {
  return {
    published: { quotes: pump.counters.quotes, trades: pump.counters.trades },
    frames: pump.counters.frames,
    withheld: pump.counters.withheld,
    broken: pump.counters.broken,
    repeated: pump.counters.repeated,
    active: pump.active,
    venues: [...exchanges].map((exchange) => ({
      venue: exchange.venue,
      instruments: exchange.listed().length,
      connections: exchange.connections.size,
      topics: [...exchange.connections].reduce((sum, each) => sum + each.topics.size, 0),
      violations: Object.fromEntries(exchange.violations),
    })),
  };
}
