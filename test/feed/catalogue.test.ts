import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { type CatalogueFilter, filterCatalogue, loadCatalogue } from '../../src/feed/catalogue.ts';
import { restFetch } from '../../src/feed/rest.ts';
import { watchCatalogue } from '../../src/feed/watch-catalogue.ts';
import type { ListedInstrument, Ticker } from '../../src/venues/venue.ts';
import { fakeVenue } from './fake-venue.ts';

const venue = fakeVenue();

function market(symbol: string, facts: Partial<ListedInstrument> = {}): ListedInstrument {
  const [base = '', quote = ''] = symbol.split('-');
  return { nativeId: symbol, base, quote, tradable: true, leveraged: false, takerFee: undefined, ...facts };
}

function ticker(nativeId: string, quoteVolume: number, last = 1, usdVolume = Number.NaN): Ticker {
  return { nativeId, last, quoteVolume, usdVolume };
}

const MARKETS = [
  market('BTC-USDT', { takerFee: 0.0004 }),
  market('ETH-USDT'),
  market('ETH-BTC'),
  market('SOL-USDC'),
  market('DOGE-USDT'),
  market('XYZ-USDT'),
  market('ABC-QQQ'),
  market('OLD-USDT', { tradable: false }),
  market('BTC3L-USDT', { leveraged: true }),
];
const TICKERS = [
  ticker('BTC-USDT', 5e8, 100_000),
  ticker('ETH-USDT', 2e8, 4_000),
  // 30 BTC at 100,000.
  ticker('ETH-BTC', 30, 0.04),
  ticker('SOL-USDC', 1e7, 150),
  // The venue's own figure goes before ours.
  ticker('DOGE-USDT', 1, 0.2, 4e6),
  ticker('ABC-QQQ', 1e9),
];
const ALL: CatalogueFilter = { quotes: ['USDT', 'USDC', 'BTC', 'QQQ'], include: [], exclude: [] };

function symbols(filter: Partial<CatalogueFilter>): string[] {
  const { listings } = filterCatalogue(venue, MARKETS, TICKERS, { ...ALL, ...filter });
  return listings.map((l) => `${l.base}-${l.quote}`);
}

test('markets come by USD volume, with quote currencies priced from the same table, unknown volumes last', () => {
  assert.deepEqual(symbols({}), [
    'BTC-USDT',
    'ETH-USDT',
    'SOL-USDC',
    'DOGE-USDT',
    'ETH-BTC',
    'ABC-QQQ',
    'XYZ-USDT',
  ]);
});

test('volume limits leave out what is outside and what has no known volume, and count both', () => {
  const filter = { ...ALL, minUsdVolume: 3.5e6, maxUsdVolume: 3e8 };
  const { listings, leftOut, listed } = filterCatalogue(venue, MARKETS, TICKERS, filter);
  assert.deepEqual(
    listings.map((l) => l.nativeId),
    ['ETH-USDT', 'SOL-USDC', 'DOGE-USDT'],
  );
  assert.equal(listed, MARKETS.length);
  assert.deepEqual(leftOut, {
    notTradable: 1,
    leveraged: 1,
    notIncluded: 0,
    excluded: 0,
    quote: 0,
    volumeUnknown: 2,
    volumeTooSmall: 1,
    volumeTooLarge: 1,
    overLimit: 0,
  });
  assert.equal(listings.length + Object.values(leftOut).reduce((a, b) => a + b), MARKETS.length);
});

test('quotes, include, exclude and limit do what they say', () => {
  assert.deepEqual(symbols({ quotes: ['USDC'] }), ['SOL-USDC']);
  assert.deepEqual(symbols({ include: ['ETH'] }), ['ETH-USDT', 'ETH-BTC']);
  assert.deepEqual(symbols({ include: ['SOL-USDC', 'BTC'], quotes: ['USDT'] }), ['BTC-USDT', 'SOL-USDC']);
  assert.deepEqual(symbols({ exclude: ['ETH', 'BTC-USDT'], quotes: ['USDT'] }), ['DOGE-USDT', 'XYZ-USDT']);
  assert.deepEqual(symbols({ limit: 2 }), ['BTC-USDT', 'ETH-USDT']);
  assert.deepEqual(symbols({ include: ['OLD-USDT', 'BTC3L'] }), []);
});

test('the taker fee is the configured one, else the listed one, else the venue’s', () => {
  const fees = (takerFee?: number): number[] =>
    filterCatalogue(venue, MARKETS, TICKERS, { ...ALL, limit: 2 }, takerFee).listings.map((l) => l.takerFee);
  assert.deepEqual(fees(), [0.0004, 0.001]);
  assert.deepEqual(fees(0.0002), [0.0002, 0.0002]);
});

async function serve(
  listener: RequestListener,
): Promise<{ server: Server; endpoints: { rest: string; ws: string } }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rest = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, endpoints: { rest, ws: rest } };
}

async function codeOf(listener: RequestListener): Promise<{ code: string; message: string }> {
  const { server, endpoints } = await serve(listener);
  try {
    await loadCatalogue(venue, endpoints, ALL, restFetch, 0, { timeoutMs: 200 });
  } catch (error) {
    assert.ok(error instanceof SpreadscopeError);
    return { code: error.code, message: error.message };
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return assert.fail('it loaded');
}

test('a catalogue is read over HTTP, compressed or not', async () => {
  const { server, endpoints } = await serve((request, response) => {
    const body = JSON.stringify(request.url === '/instruments' ? MARKETS : TICKERS);
    if (request.url === '/tickers') response.end(body);
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
  });
  const loaded = await loadCatalogue(venue, endpoints, { ...ALL, limit: 1 }, restFetch, 0);
  assert.deepEqual(loaded.listings, [
    { venue: 'okx', nativeId: 'BTC-USDT', base: 'BTC', quote: 'USDT', takerFee: 0.0004 },
  ]);
  server.close();
  await once(server, 'close');
});

test('what goes wrong has a code and a message that names the address', async () => {
  const refused = await codeOf((_, response) => response.writeHead(403).end('not in your country'));
  assert.equal(refused.code, 'VENUE_UNREACHABLE');
  assert.match(refused.message, /\/instruments answered HTTP 403: not in your country/);
  const silent = await codeOf(() => undefined);
  assert.equal(silent.code, 'VENUE_UNREACHABLE');
  assert.match(silent.message, /no answer within 200 ms/);
  const html = await codeOf((_, response) => response.end('<html>'));
  assert.equal(html.code, 'VENUE_REPLY_INVALID');
  const cut = await codeOf((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('[');
    setTimeout(() => response.destroy(), 5);
  });
  assert.equal(cut.code, 'VENUE_UNREACHABLE');
});

test('a reply over the size limit is refused, also when it only grows while inflating', async () => {
  const { server, endpoints } = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
  });
  const call = { method: 'GET', url: `${endpoints.rest}/x`, timeoutMs: 2_000, maxBytes: 10_000 } as const;
  await assert.rejects(restFetch(call), (error) => {
    assert.ok(error instanceof SpreadscopeError);
    assert.equal(error.code, 'VENUE_REPLY_INVALID');
    return /more than 10000 bytes/.test(error.message);
  });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('a watched catalogue is tried again after failures, loaded again later, and ends when aborted', async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  let call = 0;
  await watchCatalogue({
    load: () => {
      call += 1;
      if (call <= 2) return Promise.reject(new Error(`failure ${call}`));
      return Promise.resolve(filterCatalogue(venue, MARKETS, TICKERS, ALL));
    },
    onLoaded: (catalogue) => {
      seen.push(`loaded ${catalogue.listings.length}`);
      if (call === 4) stop.abort();
    },
    onFailed: (error, retryMs) => {
      seen.push(String(error));
      assert.ok(retryMs >= 250);
    },
    random: () => 0.01,
    signal: stop.signal,
    reloadMs: 10,
    tuning: { backoffBaseMs: 10, backoffCapMs: 20 },
  });
  assert.deepEqual(seen, ['Error: failure 1', 'Error: failure 2', 'loaded 7', 'loaded 7']);
});
