import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { BybitDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const bybit: Venue = {
  id: 'bybit',
  title: 'Bybit',
  takerFee: 0.001,
  endpoints: { rest: 'https://api.bybit.com', ws: 'wss://stream.bybit.com' },
  limits: {
    symbolsPerConnection: 100,
    maxConnections: 1_000,
    dials: { count: 500, perMs: 300_000 },
    // None is stated; a connection's 20 messages are out in one second.
    messages: { count: 20, perMs: 1_000 },
    lifetimeMs: undefined,
    maxMessageBytes: 1_048_576,
  },
  keepAlive: {
    ping: {
      everyMs: 20_000,
      text: (id) => JSON.stringify({ req_id: id, op: 'ping' }),
      replyWithinMs: 10_000,
    },
    silenceMs: 10_000,
  },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/v5/public/spot`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new BybitDecoder(symbols, sink, bybit.limits.maxMessageBytes),
};
