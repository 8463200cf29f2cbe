import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { OkxDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const okx: Venue = {
  id: 'okx',
  title: 'OKX',
  takerFee: 0.001,
  endpoints: { rest: 'https://www.okx.com', ws: 'wss://ws.okx.com:8443' },
  limits: {
    symbolsPerConnection: 100,
    maxConnections: undefined,
    dials: { count: 3, perMs: 1_000 },
    // Stated for subscriptions alone; our pings take 180 of them.
    messages: { count: 480, perMs: 3_600_000 },
    lifetimeMs: undefined,
    maxMessageBytes: 1_048_576,
  },
  keepAlive: { ping: { everyMs: 20_000, text: () => 'ping', replyWithinMs: 9_000 }, silenceMs: 12_000 },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/ws/v5/public`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new OkxDecoder(symbols, sink, okx.limits.maxMessageBytes),
};
