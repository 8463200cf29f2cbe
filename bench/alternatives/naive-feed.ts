import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { defaultConfig, endpointsOf, filterOf } from '../../src/app/config.ts';
import { canonicalSymbol } from '../../src/core/instruments.ts';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import { loadCatalogue } from '../../src/feed/catalogue.ts';
import { restFetch, restUrl } from '../../src/feed/rest.ts';
import { VENUES } from '../../src/venues/index.ts';
import type { Endpoints, Venue } from '../../src/venues/venue.ts';
import { type NaiveQuote, readMessage } from './naive-quotes.ts';

export interface NaiveListing {
  readonly venue: Venue['id'];
  readonly symbol: string;
  readonly nativeId: string;
  readonly takerFee: number;
}

/** Subscribes to the quotes of every venue (our lists and requests, so that both watch the same); each message becomes an object that is handed on. */
export async function startNaiveFeed(
  via: string,
  symbols: string,
  listed: (listings: readonly NaiveListing[]) => void,
  take: (quote: NaiveQuote) => void,
): Promise<void> {
  const config = defaultConfig([
    { path: 'via', flag: '--via', text: via },
    { path: 'symbolsPerVenue', flag: '--symbols', text: symbols },
  ]);
  await Promise.all(
    VENUE_IDS.map(async (id) => {
      const venue = VENUES[id];
      const endpoints = endpointsOf(config, venue);
      const catalogue = await loadCatalogue(venue, endpoints, filterOf(config, id), restFetch, Date.now());
      const listings = catalogue.listings.map(({ base, quote, nativeId, takerFee }) => ({
        ...{ venue: id, symbol: canonicalSymbol(base, quote), nativeId, takerFee },
      }));
      listed(listings);
      const { symbolsPerConnection: each, dials } = venue.limits;
      for (let i = 0; i < listings.length; i += each) {
        await dial(venue, endpoints, listings.slice(i, i + each), take);
        await wait(Math.min(250, dials.perMs / dials.count));
      }
    }),
  );
}

async function dial(
  venue: Venue,
  endpoints: Endpoints,
  listings: readonly NaiveListing[],
  take: (quote: NaiveQuote) => void,
): Promise<void> {
  const { token } = venue.dial;
  const reply =
    token === undefined
      ? undefined
      : await restFetch({
          ...{ method: token.method, url: restUrl(endpoints, token, Date.now()) },
          ...{ timeoutMs: 10_000, maxBytes: 1e7 },
        });
  const socket = new WebSocket(venue.dial.url(endpoints.ws, reply, `naive${Math.random()}`), {
    perMessageDeflate: false,
  });
  const symbols = new Map(listings.map(({ nativeId, symbol }) => [nativeId, symbol]));
  socket.on('error', (error) => console.error(`${venue.id}: ${error.message}`));
  socket.on('message', (data: Buffer) => {
    const read = readMessage(venue.id, data, symbols);
    if (read === undefined) return;
    if ('reply' in read) socket.send(read.reply);
    else take(read);
  });
  await new Promise((resolve) => socket.once(venue.dial.awaitWelcome ? 'message' : 'open', resolve));
  const { ping } = venue.keepAlive;
  const pinging =
    ping === undefined ? undefined : setInterval(() => socket.send(ping.text('1', Date.now())), ping.everyMs);
  socket.once('close', () => clearInterval(pinging));
  await subscribe(venue, socket, [...symbols.keys()]);
}

async function subscribe(venue: Venue, socket: WebSocket, nativeIds: readonly string[]): Promise<void> {
  const { count, perMs } = venue.limits.messages;
  for (const { text } of venue.subscribe(nativeIds, ['quote'], 1, Date.now())) {
    socket.send(text);
    await wait(perMs / count);
  }
}
