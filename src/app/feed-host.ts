import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BoundReading } from '../core/bounds.ts';
import type { FeedStatus } from '../core/feed-status.ts';
import type { Instrument } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import { QUOTE_SCHEMA, TRADE_SCHEMA } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { createRing, type RingConsumerSpec, type RingMemory } from '../ring/ring.ts';
import type { FeedWorkerData, FromFeedWorker, ToFeedWorker } from './feed-protocol.ts';
import type { ThreadReading } from './thread-watch.ts';
import { YOUNG_GENERATION } from './young-generation.ts';

/** A worker that died is started again after this; its venues are down until then. */
const RESTART_MS = 1000;
/** Epochs that a worker's life may use up; the next life starts above them. */
const EPOCHS_PER_LIFE = 10_000_000;

export interface FeedHostOptions extends Omit<FeedWorkerData, 'quoteRing' | 'tradeRing' | 'epochsBefore'> {
  readonly name: string;
  readonly quoteRows: number;
  readonly tradeRows: number;
  readonly consumers: readonly RingConsumerSpec[];
  readonly log: Log;
  /** A worker died: what its venues said, in epochs up to this one, is unknown from now on. */
  readonly onDeath: (venues: readonly VenueId[], lastEpoch: number, reason: string) => void;
}

/** One feed worker as the main thread sees it: its rings, what it reports, and its life. */
export class FeedHost {
  readonly quotes: RingMemory<typeof QUOTE_SCHEMA>;
  readonly trades: RingMemory<typeof TRADE_SCHEMA>;
  readonly venues: readonly VenueId[];
  readonly name: string;
  statuses: readonly FeedStatus[] = [];
  bounds: readonly BoundReading[] = [];
  /** How the worker's thread does; undefined = it has not reported yet. */
  thread: ThreadReading | undefined;
  /** When it reported last, monotonic ms. */
  heardMs = Number.NaN;
  readonly #options: FeedHostOptions;
  readonly #instruments = new Map<VenueId, readonly Instrument[]>();
  #worker: Worker;
  #lives = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: FeedHostOptions) {
    this.#options = options;
    this.name = options.name;
    this.venues = options.venues.map((setup) => setup.venue);
    this.quotes = createRing(`${options.name}.quotes`, QUOTE_SCHEMA, options.quoteRows, options.consumers);
    this.trades = createRing(`${options.name}.trades`, TRADE_SCHEMA, options.tradeRows, options.consumers);
    this.#worker = this.#spawn();
  }

  setInstruments(venue: VenueId, instruments: readonly Instrument[]): void {
    this.#instruments.set(venue, instruments);
    this.#say({ type: 'instruments', venue, instruments });
  }

  /** Resolves when the worker's connections are closed and its thread has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#worker.threadId < 0) return;
    const ended = once(this.#worker, 'exit');
    this.#say({ type: 'stop' });
    await ended;
  }

  #spawn(): Worker {
    const { venues, channels, transport, instrumentCapacity, instrumentsPerVenue } = this.#options;
    const epochsBefore = this.#lives * EPOCHS_PER_LIFE;
    const { quotes: quoteRing, trades: tradeRing } = this;
    const workerData: FeedWorkerData = {
      venues,
      channels,
      transport,
      instrumentCapacity,
      instrumentsPerVenue,
      quoteRing,
      tradeRing,
      epochsBefore,
    };
    this.#lives += 1;
    const worker = new Worker(new URL('./feed-worker.js', import.meta.url), {
      workerData,
      name: this.#options.name,
      resourceLimits: YOUNG_GENERATION,
    });
    let reason = 'it ended without a word';
    worker.on('message', (message: FromFeedWorker) => this.#hear(message));
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => {
      if (!this.#stopping) this.#revive(reason);
    });
    return worker;
  }

  #hear(message: FromFeedWorker): void {
    if (message.type === 'status') {
      this.statuses = message.venues;
      this.bounds = message.bounds;
      this.thread = message.thread;
      this.heardMs = performance.now();
    } else if (message.type === 'log') {
      this.#options.log[message.level](message.message, message.fields);
    }
  }

  #revive(reason: string): void {
    this.#options.log.error('a feed worker died and is started again', {
      worker: this.#options.name,
      reason,
    });
    this.#options.onDeath(this.venues, this.#lives * EPOCHS_PER_LIFE, reason);
    this.statuses = [];
    this.thread = undefined;
    this.#restart = setTimeout(() => {
      this.#worker = this.#spawn();
      for (const [venue, instruments] of this.#instruments)
        this.#say({ type: 'instruments', venue, instruments });
    }, RESTART_MS);
  }

  #say(message: ToFeedWorker): void {
    this.#worker.postMessage(message);
  }
}
