import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { BingxDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const bingx: Venue = {
  id: 'bingx',
  title: 'BingX',
  takerFee: 0.001,
  endpoints: { rest: 'https://open-api.bingx.com', ws: 'wss://open-api-ws.bingx.com' },
  limits: {
    symbolsPerConnection: 90,
    maxConnections: 60,
    // None is stated.
    dials: { count: 5, perMs: 1_000 },
    // At 10 subscriptions a second it refuses; pongs come on top.
    messages: { count: 9, perMs: 1_000 },
    lifetimeMs: undefined,
    // Each connection has a buffer of this size to inflate into.
    maxMessageBytes: 262_144,
  },
  // The server pings; nothing is to be sent by us.
  keepAlive: { ping: undefined, silenceMs: 14_000 },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/market`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new BingxDecoder(symbols, sink, bingx.limits.maxMessageBytes),
};
