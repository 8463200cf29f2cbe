import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { SpreadscopeError } from '../core/errors.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { HistoryAnswer, HistoryQuery, HistoryReader as Reader } from '../gateway/sources.ts';
import type { HistoryRequest, RecentLegs } from '../lake/history-request.ts';
import { LEG_ROWS } from '../lake/history-rows.ts';
import { BATCH_POINTS } from '../lake/history-series.ts';
import type { HistorySource } from '../wire/api.ts';
import { HistoryInbox } from './history-inbox.ts';
import {
  BATCHES_AHEAD,
  type FromHistoryWorker,
  type HistoryWorkerData,
  type LakeAnswers,
  type LakeQuestion,
  type ToHistoryWorker,
} from './history-protocol.ts';
import { HistoryQuestions } from './history-questions.ts';
import { Turns } from './turns.ts';
import { YOUNG_GENERATION } from './young-generation.ts';

export interface HistoryReaderOptions {
  /** The folder. */
  readonly lake: string;
  readonly maxQuoteAgeMs: number;
  /** The taker fee of a symbol on a venue, a fraction. */
  readonly feeOf: (symbol: string, venue: VenueId) => number;
  /** What a live market knows of the end of a range that is asked for, if anything. */
  readonly recentOf?: ((query: HistoryQuery, maxAge: number) => RecentLegs | undefined) | undefined;
  /** How long the thread is kept when nobody asks, ms. */
  readonly idleMs?: number;
}

/** What the thread's engine may take, MiB. */
export const HISTORY_ENGINE_MB = 40;
/** Histories that are read at once, and that wait for their turn; more are refused. */
const AT_ONCE = 2;
const WAITING = 8;
const IDLE_MS = 30_000;
/** Rows of both legs, two loads each of time and price, from Parquet and journal. */
const READING_BYTES = 2 * 2 * 2 * LEG_ROWS * 16;
const BATCH_BYTES = BATCH_POINTS * 4 * 8;

/** @param seam from when on memory tells, µs; undefined = never */
function sourcesOf({ from, to }: HistoryQuery, seam = Number.POSITIVE_INFINITY): HistorySource[] {
  const parts: HistorySource[] = [];
  if (from < seam) parts.push({ from, to: Math.min(to, seam), source: 'lake' });
  if (seam <= to) parts.push({ from: Math.max(from, seam), to, source: 'memory' });
  return parts;
}

/** What reading histories may take, by its lines in the ledger. */
export function historyFacts(): readonly [BoundFacts, BoundFacts] {
  return [
    {
      ...{ name: 'history.readings', policy: 'refuse', capacity: AT_ONCE + WAITING },
      capacityBytes: AT_ONCE * (READING_BYTES + BATCHES_AHEAD * BATCH_BYTES),
      cleanedBy: 'the client, or its going away',
    },
    {
      ...{ name: 'history.engine', policy: 'wait', capacity: 1 },
      ...{ capacityBytes: HISTORY_ENGINE_MB * 1024 ** 2, cleanedBy: '30 s without a request' },
    },
  ];
}

/** Reads histories in a thread of its own, which is there only while it is used. */
export class HistoryReader implements Reader {
  readonly #options: HistoryReaderOptions;
  readonly #turns = new Turns(AT_ONCE, WAITING);
  readonly #inboxes = new Map<number, HistoryInbox>();
  readonly #questions = new HistoryQuestions();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #asked = 0;
  #stopped = false;
  #closed = false;
  #refused = 0;

  constructor(options: HistoryReaderOptions) {
    this.#options = options;
  }

  /**
   * Answers once the gaps are known; points come as they are asked for. Whoever does not read them to the end must abort.
   * @throws HISTORY_BUSY; what `readHistory` throws; the signal's reason
   */
  async read(query: HistoryQuery, signal: AbortSignal): Promise<HistoryAnswer> {
    const { id, release } = await this.#turn(signal);
    const inbox = new HistoryInbox(signal, {
      more: () => this.#say({ type: 'more', id }),
      ended: (whole) => {
        this.#inboxes.delete(id);
        if (!whole) this.#say({ type: 'abort', id });
        release();
        this.#rest();
      },
    });
    this.#inboxes.set(id, inbox);
    const request = this.#requestOf(query);
    const { recent } = request;
    const columns = recent === undefined ? [] : [recent.buy, recent.sell];
    this.#wake().postMessage(
      { type: 'read', id, request } satisfies ToHistoryWorker,
      columns.flatMap(({ time, price }) => [time.buffer as ArrayBuffer, price.buffer as ArrayBuffer]),
    );
    return await inbox.answer(sourcesOf(query, recent?.from));
  }

  /**
   * What is recorded of opportunities, in Parquet.
   * @throws HISTORY_BUSY; FILE_UNREADABLE; the signal's reason, at once: what the thread does for it is broken off
   */
  async ask<K extends LakeQuestion['kind']>(
    question: LakeQuestion & { readonly kind: K },
    signal: AbortSignal,
  ): Promise<LakeAnswers[K]> {
    const { id, release } = await this.#turn(signal);
    try {
      this.#wake().postMessage({ type: 'ask', id, question } satisfies ToHistoryWorker);
      // An answer is of the kind of its question.
      return (await this.#questions.answer(id, signal)) as LakeAnswers[K];
    } finally {
      if (signal.aborted) this.#say({ type: 'abort', id });
      release();
      this.#rest();
    }
  }

  /** Ends what is being read, and the thread. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const inbox of [...this.#inboxes.values()])
      inbox.fail(new SpreadscopeError('HISTORY_BUSY', 'the program stops'));
    this.#questions.fail(new SpreadscopeError('HISTORY_BUSY', 'the program stops'));
    const worker = this.#letGo();
    if (worker !== undefined) await once(worker, 'exit');
  }

  /** Refuses whatever is asked for from now on, or not any more. What is being read is read to its end. */
  close(closed: boolean): void {
    this.#closed = closed;
  }

  bounds(): BoundReading[] {
    const { used, peak, refused } = this.#turns;
    const [readings, engine] = historyFacts();
    const awake = this.#worker === undefined ? 0 : 1;
    return [
      boundOf(readings, {
        ...{ used, usedBytes: Math.min(used, AT_ONCE) * READING_BYTES, peak },
        refused: refused + this.#refused,
      }),
      boundOf(engine, { used: awake, usedBytes: 0, peak: this.#asked > 0 ? 1 : 0 }),
    ];
  }

  #requestOf(query: HistoryQuery): HistoryRequest {
    const { maxQuoteAgeMs, feeOf, recentOf } = this.#options;
    const fees = { buy: feeOf(query.symbol, query.buy), sell: feeOf(query.symbol, query.sell) };
    const maxQuoteAge = maxQuoteAgeMs * 1000;
    return { ...query, fees, maxQuoteAge, recent: recentOf?.(query, maxQuoteAge) };
  }

  /** The thread; a new one if there is none. */
  #wake(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) return this.#worker;
    const workerData: HistoryWorkerData = { lake: this.#options.lake, engineMb: HISTORY_ENGINE_MB };
    const worker = new Worker(new URL('./history-worker.js', import.meta.url), {
      workerData,
      name: 'history',
      resourceLimits: YOUNG_GENERATION,
    });
    let reason = 'it ended without a word';
    worker.on('message', (message: FromHistoryWorker) => this.#hear(message));
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const inbox of [...this.#inboxes.values()])
        inbox.fail(new SpreadscopeError('INTERNAL', `the history thread died: ${reason}`));
      this.#questions.fail(new SpreadscopeError('INTERNAL', `the history thread died: ${reason}`));
    });
    this.#worker = worker;
    return worker;
  }

  /** Waits for its turn. Whoever gets one releases it. */
  async #turn(signal: AbortSignal): Promise<{ readonly id: number; readonly release: () => void }> {
    if (this.#stopped) throw new SpreadscopeError('HISTORY_BUSY', 'the program stops');
    if (this.#closed) {
      this.#refused += 1;
      throw new SpreadscopeError('HISTORY_BUSY', 'memory is short just now; ask again in a minute');
    }
    const release = await this.#turns.take(signal);
    if (signal.aborted || this.#stopped) {
      // It may have gone while its turn came.
      release();
      signal.throwIfAborted();
      throw new SpreadscopeError('HISTORY_BUSY', 'the program stops');
    }
    const id = this.#asked;
    this.#asked += 1;
    return { id, release };
  }

  #hear(message: FromHistoryWorker): void {
    if (this.#questions.hear(message) || message.type === 'answer') return;
    this.#inboxes.get(message.id)?.hear(message);
  }

  #say(message: ToHistoryWorker): void {
    this.#worker?.postMessage(message);
  }

  /** Lets the thread end if nobody asks for a while. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#inboxes.size > 0 || this.#questions.size > 0 || this.#worker === undefined) return;
    this.#idle = setTimeout(() => this.#letGo(), this.#options.idleMs ?? IDLE_MS);
    this.#idle.unref();
  }

  #letGo(): Worker | undefined {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.postMessage({ type: 'stop' } satisfies ToHistoryWorker);
    return worker;
  }
}
