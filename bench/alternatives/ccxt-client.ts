import ccxt from 'ccxt';
import type { WireClient } from '../wire-contract.ts';
import { marketOf } from './ccxt.ts';

/** ccxt pro's `watchBidsAsks`, unchanged but for its URL; each ticker it resolves is counted. */
export const ccxtClient: WireClient = async (port, nativeIds, meter) => {
  const exchange = new ccxt.pro.binance({ newUpdates: true });
  await exchange.loadHttpProxyAgent();
  const markets = nativeIds.map(marketOf);
  exchange.setMarkets(markets);
  const api = exchange.urls.api as unknown as { ws: { spot: string } };
  api.ws.spot = `ws://127.0.0.1:${port}/binance/stream/ws`;
  const make = exchange.client.bind(exchange);
  exchange.client = (url: string) => {
    const client = make(url);
    const resolve = client.resolve.bind(client);
    client.resolve = (result: Readonly<Record<string, number>>, hash: string) => {
      if (hash.startsWith('bidask:')) {
        meter.add(
          1,
          (result.bid ?? 0) + (result.bidVolume ?? 0) + (result.ask ?? 0) + (result.askVolume ?? 0),
        );
      }
      return resolve(result, hash);
    };
    exchange.client = () => client;
    return client;
  };
  for (;;) await exchange.watchBidsAsks(markets.map((market) => market.symbol));
};
