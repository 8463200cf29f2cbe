/**
 * The whole path without a recorder, from sockets to routes on two cores: a generator process writes the best bids and offers of 8 venues × 1,000 instruments as fast as they are read, a feed
 * worker decodes them, the main thread recomputes the routes of every quote. The same with the library `ws` in the place of our own frame reader. Nothing may be lost
 * or conflated: the rows that arrive are counted against the messages that were sent.
 *
 *   npm run bench -- path
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Drain, MARKET } from '../src/app/drain.ts';
import { FeedHost } from '../src/app/feed-host.ts';
import { InstrumentIndex } from '../src/core/instruments.ts';
import { VENUE_IDS, type VenueId } from '../src/core/venue-ids.ts';
import { systemClock } from '../src/feed/clock.ts';
import { Market } from '../src/market/market.ts';
import { ringProgress } from '../src/ring/ring.ts';
import { coins, nativeId } from './frames.ts';
import { perSecond, printTable } from './harness.ts';

const SYMBOLS = 1_000;
/** Messages of one connection's cycle. */
const MESSAGES = 500;
const ROUNDS = [
  { name: 'eight venues', venues: VENUE_IDS, transport: 'raw', cycles: 60 },
  { name: 'eight venues, ws', venues: VENUE_IDS, transport: 'ws', cycles: 25 },
  {
    name: 'without BingX (gzip)',
    venues: VENUE_IDS.filter((id) => id !== 'bingx'),
    transport: 'raw',
    cycles: 120,
  },
  {
    name: 'without BingX (gzip), ws',
    venues: VENUE_IDS.filter((id) => id !== 'bingx'),
    transport: 'ws',
    cycles: 50,
  },
] as const;

const say = (message: string, fields?: unknown): void => console.error(message, fields ?? '');

interface Outcome {
  readonly rate: number;
  /** CPU of the whole process, ns a message. */
  readonly cpu: number;
  readonly rss: number;
}

async function run(venues: readonly VenueId[], transport: 'raw' | 'ws', cycles: number): Promise<Outcome> {
  const path = fileURLToPath(new URL('./generator.js', import.meta.url));
  const generator: ChildProcess = fork(path, ['subscribed', String(MESSAGES), String(SYMBOLS)]);
  const [{ port }] = (await once(generator, 'message')) as [{ port: number }];
  const index = new InstrumentIndex(16_384);
  const market = new Market({ instrumentCapacity: 16_384, symbolCapacity: 8_192 });
  const host = new FeedHost({
    name: 'feed',
    venues: venues.map((venue) => ({
      venue,
      endpoints: { rest: `http://127.0.0.1:${port}/${venue}`, ws: `ws://127.0.0.1:${port}/${venue}` },
    })),
    channels: ['quote'],
    transport,
    instrumentCapacity: 16_384,
    instrumentsPerVenue: 1000,
    quoteRows: 131_072,
    tradeRows: 1_024,
    consumers: [{ name: MARKET, policy: 'gate' }],
    log: { info: say, warn: say, error: say },
    onDeath: (_venues, _epoch, reason) => {
      throw new Error(`the feed worker died: ${reason}`);
    },
  });
  for (const venue of venues) {
    const instruments = coins(SYMBOLS).map((base) =>
      index.add({ venue, nativeId: nativeId(venue, base), base, quote: 'USDT', takerFee: 0.001 }),
    );
    for (const instrument of instruments) market.list(instrument);
    host.setInstruments(venue, instruments);
  }
  const drain = new Drain([host], market, systemClock().micros);
  drain.start();
  try {
    return await measure(generator, market, host, cycles);
  } finally {
    await host.stop();
    drain.stop();
    generator.disconnect();
  }
}

async function measure(
  generator: ChildProcess,
  market: Market,
  host: FeedHost,
  cycles: number,
): Promise<Outcome> {
  const live = (): boolean =>
    host.statuses.length > 0 && host.statuses.every((status) => status.subscriptions.live === SYMBOLS);
  const limit = performance.now() + 60_000;
  while (!live()) {
    assert.ok(performance.now() < limit, 'not every instrument became live');
    await wait(50);
  }
  const before = market.counts.quotes;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  generator.send({ cycles });
  const [{ sent }] = (await once(generator, 'message')) as [{ sent: number }];
  while (market.counts.quotes < sent) {
    assert.ok(performance.now() - start < 120_000, `${market.counts.quotes} quotes of ${sent} arrived`);
    await wait(1);
  }
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const messages = sent - before;
  assert.equal(market.counts.quotes, sent);
  assert.equal(ringProgress(host.quotes).lag[MARKET], 0);
  const replaced = host.statuses.reduce((sum, status) => sum + status.quotesReplaced, 0);
  assert.equal(replaced, 0, 'quotes were conflated');
  return {
    rate: messages / seconds,
    cpu: ((cpu.user + cpu.system) * 1000) / messages,
    rss: process.memoryUsage.rss(),
  };
}

const rows: string[][] = [['path', 'messages/s', 'CPU a message', 'RSS']];
for (const { name, venues, transport, cycles } of ROUNDS) {
  const { rate, cpu, rss } = await run(venues, transport, cycles);
  rows.push([name, perSecond(rate), `${cpu.toFixed(0)} ns`, `${(rss / 1e6).toFixed(0)} MB`]);
}
printTable(rows);
