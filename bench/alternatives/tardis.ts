import { normalizeBookTickers } from 'tardis-dev';
import type { VenueId } from '../../src/core/venue-ids.ts';

/** The ids under which tardis-dev knows a venue and reads the same best bid/offer channel as we do. */
export const TARDIS_IDS = {
  binance: 'binance',
  bybit: 'bybit-spot',
  okx: 'okex',
  gate: 'gate-io',
  bitget: 'bitget',
} as const;
export type TardisVenue = keyof typeof TARDIS_IDS;

export function isTardisVenue(venue: VenueId): venue is TardisVenue {
  return venue in TARDIS_IDS;
}

/** tardis-dev's mapper over parsed texts; answers the sum of what it read. */
export function tardisMapper(venue: TardisVenue, texts: readonly string[]): () => number {
  return () => {
    const now = new Date();
    const mapper = normalizeBookTickers(TARDIS_IDS[venue], now);
    let sum = 0;
    for (const text of texts) {
      const message: unknown = JSON.parse(text);
      if (!mapper.canHandle(message)) continue;
      for (const quote of mapper.map(message, now) ?? []) {
        sum +=
          (quote.bidPrice ?? 0) + (quote.bidAmount ?? 0) + (quote.askPrice ?? 0) + (quote.askAmount ?? 0);
      }
    }
    return sum;
  };
}
