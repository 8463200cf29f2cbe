/** The entry of the history thread: reads routes' histories out of the lake, each as fast as its reader takes it, and ends by itself after `stop`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import { type DuckSession, openDuck } from '../lake/duck.ts';
import { findGaps } from '../lake/gap-query.ts';
import { readHistory } from '../lake/history.ts';
import type { HistoryPoints, HistoryRequest } from '../lake/history-request.ts';
import { readLakeMidChanges } from '../lake/mid-changes.ts';
import { findRecorded, opportunityFiles, sumSurvival } from '../lake/opportunity-query.ts';
import { PieceRanges } from '../lake/piece-ranges.ts';
import { sumTrades } from '../lake/trade-query.ts';
import {
  BATCHES_AHEAD,
  type FromHistoryWorker,
  type HistoryWorkerData,
  type LakeAnswers,
  type LakeQuestion,
  type ToHistoryWorker,
} from './history-protocol.ts';
import { KeptEngine } from './kept-engine.ts';
import { compareLegs } from './lead-lag.ts';

const port = parentPort;
if (port === null) throw new Error('history-worker is started as a worker thread');
const data = workerData as HistoryWorkerData;

/** A request that is being answered. */
interface Reading {
  readonly abort: AbortController;
  /** Batches that may still be sent. */
  credit: number;
  /** Lets it go on when there is credit again. */
  resume: (() => void) | undefined;
  /** Resolves when nothing of it runs any more; never rejects. */
  done: Promise<void>;
}

const readings = new Map<number, Reading>();
/** Kept from one request to the next. */
const pieces = new PieceRanges();
const engine = new KeptEngine(() => openDuck({ memoryMb: data.engineMb, threads: 1 }));

const say = (message: FromHistoryWorker, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

async function answer(id: number, request: HistoryRequest, reading: Reading): Promise<void> {
  const { signal } = reading.abort;
  try {
    await readHistory(
      data.lake,
      request,
      await engine.get(),
      {
        begin: (head) => say({ type: 'head', id, head }),
        points: async (points) => {
          await credited(reading);
          signal.throwIfAborted();
          say({ type: 'points', id, points }, buffersOf(points));
        },
      },
      { signal, pieces },
    );
    say({ type: 'end', id });
  } catch (error) {
    // Who aborted does not listen any more.
    if (!signal.aborted) say({ type: 'error', id, ...wordsOf(error) });
  } finally {
    readings.delete(id);
  }
}

async function answerQuestion(id: number, question: LakeQuestion, signal: AbortSignal): Promise<void> {
  try {
    const duck = await engine.get();
    const answer = await duck.apart((session) => answerOf(question, session, signal), signal);
    say({ type: 'answer', id, answer });
  } catch (error) {
    if (!signal.aborted) say({ type: 'error', id, ...wordsOf(error) });
  } finally {
    readings.delete(id);
  }
}

async function answerOf(
  question: LakeQuestion,
  duck: DuckSession,
  signal: AbortSignal,
): Promise<LakeAnswers[keyof LakeAnswers]> {
  if (question.kind === 'leadLag') {
    const { wish } = question;
    return compareLegs(await readLakeMidChanges(duck, data.lake, wish, signal));
  }
  if (question.kind === 'gaps') return await findGaps(data.lake, duck, question.wish);
  if (question.kind === 'trades') return await sumTrades(data.lake, duck, question.wish);
  const { wish, limit } = question;
  const files = (from: number) => opportunityFiles(data.lake, from);
  return question.kind === 'opportunities'
    ? await findRecorded(files, duck, wish, limit, signal)
    : await sumSurvival(files, duck, wish, question.by, limit, question.also, signal);
}

/** Waits until one more batch may be sent. */
async function credited(reading: Reading): Promise<void> {
  if (reading.credit === 0)
    await new Promise<void>((resolve) => {
      reading.resume = resolve;
    });
  reading.credit -= 1;
}

function give(reading: Reading): void {
  reading.credit += 1;
  reading.resume?.();
  reading.resume = undefined;
}

function buffersOf({ time, value, upper, lower }: HistoryPoints): ArrayBuffer[] {
  return [time, value, upper, lower].map((column) => column.buffer as ArrayBuffer);
}

function wordsOf(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof SpreadscopeError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

async function stop(): Promise<void> {
  port?.close();
  for (const reading of readings.values()) cancel(reading);
  await Promise.all([...readings.values()].map(({ done }) => done));
  await engine.close();
}

function cancel(reading: Reading): void {
  reading.abort.abort();
  give(reading);
}

port.on('message', (message: ToHistoryWorker) => {
  if (message.type === 'read') {
    const abort = new AbortController();
    const reading: Reading = { abort, credit: BATCHES_AHEAD, resume: undefined, done: Promise.resolve() };
    readings.set(message.id, reading);
    reading.done = answer(message.id, message.request, reading);
  } else if (message.type === 'ask') {
    const reading: Reading = {
      ...{ abort: new AbortController(), credit: 0, resume: undefined, done: Promise.resolve() },
    };
    readings.set(message.id, reading);
    reading.done = answerQuestion(message.id, message.question, reading.abort.signal);
  } else if (message.type === 'stop') {
    stop().catch((error: unknown) => {
      throw error;
    });
  } else {
    const reading = readings.get(message.id);
    if (reading === undefined) return;
    if (message.type === 'abort') cancel(reading);
    else give(reading);
  }
});
