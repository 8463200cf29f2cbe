/**
 * The same job, written the way the old system was: an object for each message, arrays between the stages that take whatever comes, a list of points per instrument that a timer cleans, JSON for each client, a
 * broadcast that waits for every socket, and a pipeline that waits for the broadcast. It is right at low load, which a test checks against spreadscope. It is spared the trades and any check of what venues send.
 *
 *   node dist/bench/alternatives/naive.js --via URL --folder DIR --symbols 1000 --every 100
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as breathe } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NaiveClients } from './naive-clients.ts';
import { startNaiveFeed } from './naive-feed.ts';
import { NaiveMarket } from './naive-market.ts';
import type { NaiveQuote } from './naive-quotes.ts';

const { values } = parseArgs({
  options: {
    via: { type: 'string', default: '' },
    folder: { type: 'string', default: 'naive' },
    symbols: { type: 'string', default: '1000' },
    every: { type: 'string', default: '100' },
  },
});
mkdirSync(values.folder, { recursive: true });

const market = new NaiveMarket(values.folder);
/** What the sockets brought and nobody has taken yet. It has no limit. */
let incoming: NaiveQuote[] = [];

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://naive');
  const now = Date.now() * 1000;
  const reply =
    pathname === '/api/v1/routes'
      ? { routes: market.routes(now).slice(0, Number(searchParams.get('limit') ?? 50)) }
      : { waiting: incoming.length, recorded: market.recorded };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
});
const clients = new NaiveClients(server, market);

async function work(): Promise<void> {
  let sentAt = 0;
  for (;;) {
    const batch = incoming;
    incoming = [];
    for (const quote of batch) await market.take(quote);
    const now = Date.now();
    if (now - sentAt >= Number(values.every)) {
      sentAt = now;
      await clients.broadcast(now * 1000);
    }
    await breathe();
    if (batch.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

process.once('SIGTERM', () => {
  market.flush().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

server.listen(0, '127.0.0.1', () => {
  console.log(`naive http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
const feed = startNaiveFeed(
  values.via,
  values.symbols,
  (listings) => market.list(listings),
  (quote) => incoming.push(quote),
);
await Promise.all([feed, work()]);
