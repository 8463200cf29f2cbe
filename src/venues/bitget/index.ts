import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { BitgetDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const bitget: Venue = {
  id: 'bitget',
  title: 'Bitget',
  takerFee: 0.001,
  endpoints: { rest: 'https://api.bitget.com', ws: 'wss://ws.bitget.com' },
  limits: {
    symbolsPerConnection: 25,
    maxConnections: 100,
    dials: { count: 300, perMs: 300_000 },
    // At 10 in a second the connection is cut.
    messages: { count: 8, perMs: 1_000 },
    lifetimeMs: 86_400_000,
    maxMessageBytes: 1_048_576,
  },
  // Asked for every 30 s; without it the connection is cut after some two minutes.
  keepAlive: { ping: { everyMs: 25_000, text: () => 'ping', replyWithinMs: 10_000 }, silenceMs: 12_000 },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/v2/ws/public`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new BitgetDecoder(symbols, sink, bitget.limits.maxMessageBytes),
};
