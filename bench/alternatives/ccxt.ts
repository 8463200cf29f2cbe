import ccxt from 'ccxt';
import type { VenueId } from '../../src/core/venue-ids.ts';

/** The venues whose best bid/offer channel of ours ccxt pro handles too, text only. */
const CCXT_VENUES = ['binance', 'bybit', 'okx', 'gate', 'kucoin'] as const;
export type CcxtVenue = (typeof CCXT_VENUES)[number];

export function isCcxtVenue(venue: VenueId): venue is CcxtVenue {
  return (CCXT_VENUES as readonly string[]).includes(venue);
}

interface Ticker {
  readonly bid?: number;
  readonly bidVolume?: number;
  readonly ask?: number;
  readonly askVolume?: number;
}

/** ccxt pro's message handler over parsed texts; answers the sum of what it read. The client is never connected. */
export function ccxtHandler(
  venue: CcxtVenue,
  nativeIds: readonly string[],
  texts: readonly string[],
): () => number {
  const exchange = new ccxt.pro[venue]();
  exchange.setMarkets(nativeIds.map(marketOf));
  const client = exchange.client('wss://127.0.0.1:1/spot');
  let sum = 0;
  client.resolve = (result: Ticker, hash: string): Ticker => {
    if (/bidask(?!s)/.test(hash) && result.bid !== undefined) {
      sum += result.bid + (result.bidVolume ?? 0) + (result.ask ?? 0) + (result.askVolume ?? 0);
    } else if (venue === 'bybit' && hash.startsWith('bidask')) {
      for (const ticker of Object.values(result) as Ticker[])
        sum += (ticker.bid ?? 0) + (ticker.bidVolume ?? 0) + (ticker.ask ?? 0) + (ticker.askVolume ?? 0);
    }
    return result;
  };
  return () => {
    sum = 0;
    for (const text of texts) exchange.handleMessage(client, JSON.parse(text));
    return sum;
  };
}

export function marketOf(nativeId: string) {
  const base = nativeId.replace(/[-_]?USDT$/, '');
  return {
    id: nativeId,
    symbol: `${base}/USDT`,
    base,
    quote: 'USDT',
    type: 'spot',
    spot: true,
    active: true,
    precision: { price: 1e-8, amount: 1e-8 },
    limits: {},
  };
}
