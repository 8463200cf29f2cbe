import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { MexcDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const mexc: Venue = {
  id: 'mexc',
  title: 'MEXC',
  takerFee: 0.0005,
  endpoints: { rest: 'https://api.mexc.com', ws: 'wss://wbs-api.mexc.com' },
  limits: {
    symbolsPerConnection: 15,
    maxConnections: undefined,
    // None is stated; 1,000 symbols need 67 connections.
    dials: { count: 5, perMs: 1_000 },
    messages: { count: 50, perMs: 1_000 },
    lifetimeMs: 86_400_000,
    maxMessageBytes: 1_048_576,
  },
  // A connection without data is cut after 60 s unless it pings.
  keepAlive: {
    ping: { everyMs: 15_000, text: () => '{"method":"PING"}', replyWithinMs: 10_000 },
    silenceMs: 14_000,
  },
  catalogue,
  dial: { token: undefined, url: (base) => `${base}/ws`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new MexcDecoder(symbols, sink, mexc.limits.maxMessageBytes),
};
