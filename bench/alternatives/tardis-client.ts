import { normalizeBookTickers, streamNormalized } from 'tardis-dev';
import type { WireClient } from '../wire-contract.ts';

/** tardis-dev's real-time stream, unchanged but for its URL. */
export const tardisClient: WireClient = async (port, nativeIds, meter) => {
  process.env.WSS_URL_BINANCE = `ws://127.0.0.1:${port}/binance/stream`;
  const quotes = streamNormalized({ exchange: 'binance', symbols: [...nativeIds] }, normalizeBookTickers);
  for await (const quote of quotes) {
    if (quote.type !== 'book_ticker') continue;
    meter.add(
      1,
      (quote.bidPrice ?? 0) + (quote.bidAmount ?? 0) + (quote.askPrice ?? 0) + (quote.askAmount ?? 0),
    );
  }
};
