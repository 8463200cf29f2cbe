/** The entry of a feed worker thread: runs one `Feed`, tells the main thread how it stands, and ends by itself after `stop`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from '../core/log.ts';
import { systemClock } from '../feed/clock.ts';
import { Feed } from '../feed/feed.ts';
import { VENUES } from '../venues/index.ts';
import { NativeIdTable, symbolTableBytes } from '../venues/shared/symbol-table.ts';
import type { FeedWorkerData, FromFeedWorker, ToFeedWorker } from './feed-protocol.ts';
import { limitedLog } from './limited-log.ts';
import { ThreadWatch } from './thread-watch.ts';

const STATUS_EVERY_MS = 250;

const port = parentPort;
if (port === null) throw new Error('feed-worker is started as a worker thread');
const data = workerData as FeedWorkerData;

const say = (message: FromFeedWorker): void => port.postMessage(message);
const line =
  (level: keyof Log): Log['info'] =>
  (message, fields = {}) =>
    say({ type: 'log', level, message, fields });
const clock = systemClock();
const name = data.quoteRing.name.replace(/\.quotes$/, '');
const log = limitedLog(
  { info: line('info'), warn: line('warn'), error: line('error') },
  clock.ms,
  `${name}.log-kinds`,
);
const watch = new ThreadWatch(clock.ms);

const feed = new Feed({
  setups: data.venues.map(({ venue, endpoints }) => ({ venue: VENUES[venue], endpoints })),
  channels: data.channels,
  transport: data.transport,
  quoteRing: data.quoteRing,
  tradeRing: data.tradeRing,
  instrumentCapacity: data.instrumentCapacity,
  instrumentsPerVenue: data.instrumentsPerVenue,
  createSymbolTable: (capacity) => new NativeIdTable(capacity),
  symbolTableBytes,
  epochsBefore: data.epochsBefore,
  clock,
  random: Math.random,
  log,
});

const report = (): void =>
  say({
    type: 'status',
    venues: feed.status(),
    bounds: [...feed.bounds(), log.bound()],
    thread: watch.read(),
  });
const reporting = setInterval(report, STATUS_EVERY_MS);

async function stop(): Promise<void> {
  clearInterval(reporting);
  await feed.stop();
  report();
  watch.stop();
  say({ type: 'stopped' });
  port?.close();
}

port.on('message', (message: ToFeedWorker) => {
  if (message.type === 'instruments') feed.setInstruments(message.venue, message.instruments);
  else
    stop().catch((error: unknown) => log.error('the feed did not stop cleanly', { reason: String(error) }));
});
