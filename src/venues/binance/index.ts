import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { BinanceDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const binance: Venue = {
  id: 'binance',
  title: 'Binance',
  takerFee: 0.001,
  endpoints: { rest: 'https://api.binance.com', ws: 'wss://stream.binance.com:9443' },
  limits: {
    symbolsPerConnection: 200,
    maxConnections: undefined,
    dials: { count: 300, perMs: 300_000 },
    // The limit is 5 a second and counts our pongs too.
    messages: { count: 3, perMs: 1_000 },
    lifetimeMs: 86_400_000,
    maxMessageBytes: 1_048_576,
  },
  // The server pings every 20 s by protocol frame; nothing is to be sent by us.
  keepAlive: { ping: undefined, silenceMs: 10_000 },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/stream`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new BinanceDecoder(symbols, sink, binance.limits.maxMessageBytes),
};
