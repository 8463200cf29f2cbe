import type { Venue } from '../venue.ts';
import { catalogue } from './catalogue.ts';
import { GateDecoder } from './decode.ts';
import { subscribe } from './subscribe.ts';

export const gate: Venue = {
  id: 'gate',
  title: 'Gate',
  takerFee: 0.001,
  endpoints: { rest: 'https://api.gateio.ws', ws: 'wss://api.gateio.ws' },
  limits: {
    symbolsPerConnection: 100,
    maxConnections: 300,
    // Neither dials nor messages have a stated limit; these are polite.
    dials: { count: 10, perMs: 1_000 },
    messages: { count: 10, perMs: 1_000 },
    lifetimeMs: undefined,
    maxMessageBytes: 1_048_576,
  },
  keepAlive: {
    ping: {
      everyMs: 15_000,
      text: (_id, nowMs) => JSON.stringify({ time: Math.floor(nowMs / 1_000), channel: 'spot.ping' }),
      replyWithinMs: 10_000,
    },
    silenceMs: 12_000,
  },
  catalogue,
  // Without the slash at its end the path is another one.
  dial: { token: undefined, url: (base) => `${base}/ws/v4/`, awaitWelcome: false },
  subscribe,
  createDecoder: (symbols, sink) => new GateDecoder(symbols, sink, gate.limits.maxMessageBytes),
};
