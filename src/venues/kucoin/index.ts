import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { KucoinDecoder } from './decode.ts';
import { dial } from './dial.ts';
import { subscribe } from './subscribe.ts';

export const kucoin: Venue = {
  id: 'kucoin',
  title: 'KuCoin',
  takerFee: 0.001,
  endpoints: { rest: 'https://api.kucoin.com', ws: 'wss://ws-api-spot.kucoin.com' },
  limits: {
    symbolsPerConnection: 100,
    maxConnections: 800,
    dials: { count: 30, perMs: 60_000 },
    messages: { count: 90, perMs: 10_000 },
    lifetimeMs: 86_400_000,
    maxMessageBytes: 1_048_576,
  },
  keepAlive: {
    ping: { everyMs: 18_000, text: (id) => JSON.stringify({ id, type: 'ping' }), replyWithinMs: 10_000 },
    silenceMs: 12_000,
  },
  catalogue,
  dial,
  subscribe,
  createDecoder: (symbols, sink) => new KucoinDecoder(symbols, sink, kucoin.limits.maxMessageBytes),
};
