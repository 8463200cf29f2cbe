/** The entry of the recorder's thread: takes the rings to the lake's journal, tells how it stands, and ends by itself after `stop`. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { RecorderStatus } from '../core/lake-status.ts';
import type { Log } from '../core/log.ts';
import { systemClock } from '../feed/clock.ts';
import { beginLife, endLife, type NewLife } from '../lake/begin-life.ts';
import { realJournalFiles } from '../lake/journal-files.ts';
import { Recorder } from '../lake/recorder.ts';
import { RecorderTroubles } from '../lake/recorder-troubles.ts';
import type { FromRecorder, RecorderWorkerData, ToRecorder } from './lake-protocol.ts';
import { limitedLog } from './limited-log.ts';

const TICK_MS = 10;
const STATUS_MS = 250;
const ANCHOR_MS = 1000;
/** Smaller steps are the clock being kept right. */
const STEP_MS = 1000;
const RETRY_MS = 250;
/** How long the disk may take for the last rows. */
const PATIENCE_MS = 10_000;

const port = parentPort;
if (port === null) throw new Error('recorder-worker is started as a worker thread');
const data = workerData as RecorderWorkerData;
const clock = systemClock();
const say = (message: FromRecorder): void => port.postMessage(message);
const line =
  (level: 'info' | 'warn' | 'error'): Log['info'] =>
  (message, fields = {}) =>
    say({ type: 'log', level, message, fields });
const log = limitedLog(
  { info: line('info'), warn: line('warn'), error: line('error') },
  clock.ms,
  'lake.recorder-log-kinds',
);

/** Messages that may wait for a recorder, beside lists of instruments, the deaths of feeds, and what the program says when it ends. */
const MOST_EARLY = 256;
const troubles = new RecorderTroubles({ clock: clock.micros, ms: clock.ms, log });
const timers: NodeJS.Timeout[] = [];
const NOTHING_YET: RecorderStatus = {
  recording: false,
  venues: [],
  opportunities: { recorded: 0, lost: 0 },
  gaps: 0,
  syncedTime: null,
  journal: { segments: 0, bytes: 0 },
  writeErrors: 0,
  syncErrors: 0,
  clockSteps: 0,
  troubles: [],
};
/** What comes before there is a recorder. */
const early: ToRecorder[] = [];
let recorder: Recorder | undefined;
let life: NewLife | undefined;

port.on('message', (message: ToRecorder) => {
  if (recorder === undefined) keepForLater(message);
  else take(recorder, message);
});
begin().catch((error: unknown) => {
  throw error;
});

async function begin(): Promise<void> {
  life = await newLife();
  if (life === undefined) return;
  const { rings, venues, instrumentCapacity, fromStart, bufferBytes, syncMs, segmentMs } = data;
  const begun = new Recorder({
    ...{ rings, venues, instrumentCapacity, fromStart, log, troubles },
    files: realJournalFiles(data.lake),
    nextSegment: life.nextSegment,
    firstGaps: life.firstGaps,
    began: life.began,
    run: randomUUID(),
    clock: clock.micros,
    ms: clock.ms,
    limits: { poolBytes: bufferBytes, syncMs, segmentMs },
  });
  begun.announce(data.instruments);
  for (const { venue, lastEpoch } of data.deaths) begun.feedDied([venue], lastEpoch);
  recorder = begun;
  say({ type: 'begun' });
  timers.push(
    setInterval(() => begun.tick(), TICK_MS),
    setInterval(() => report(begun), STATUS_MS),
    setInterval(() => keepTime(begun), ANCHOR_MS),
  );
  for (const message of early.splice(0)) take(begun, message);
}

/**
 * Until the disk lets us begin nothing is recorded at all, which the lake is told: runs of bad messages beyond the bound tell nothing more, and of deaths of one feed the last says all. Opportunities come
 * only when all ends: before, they wait where they closed.
 */
function keepForLater(message: ToRecorder): void {
  if (message.type === 'malformed' && early.length >= MOST_EARLY) return;
  if (message.type === 'feedDied') {
    const before = early.findIndex((one) => one.type === 'feedDied' && one.venues[0] === message.venues[0]);
    if (before >= 0) early.splice(before, 1);
  }
  early.push(message);
}

/** Begins this life in the lake, however long the disk refuses; undefined = we are to stop. */
async function newLife(): Promise<NewLife | undefined> {
  for (;;) {
    try {
      const begun = beginLife(data.lake, data.venues, clock.micros());
      troubles.worked();
      return begun;
    } catch (error) {
      troubles.failed(error, 'write');
      say({ type: 'status', status: { ...NOTHING_YET, troubles: troubles.list() }, bounds: [] });
    }
    if (early.some(({ type }) => type === 'stop')) {
      say({ type: 'stopped', safe: false });
      port?.close();
      return undefined;
    }
    await wait(RETRY_MS);
  }
}

function take(to: Recorder, message: ToRecorder): void {
  if (message.type === 'instruments') to.announce(message.instruments);
  else if (message.type === 'feedDied') to.feedDied(message.venues, message.lastEpoch);
  else if (message.type === 'malformed') {
    const { venue, from, to: until, messages } = message.run;
    to.malformed(venue, from, until, messages);
  } else if (message.type === 'opportunities') to.opportunities(message.rows);
  else if (message.type === 'leaving') to.rotate();
  else
    stop(to, message.totals, message.goodbye).catch((error: unknown) => {
      throw error;
    });
}

async function stop(
  from: Recorder,
  ...[totals, goodbye]: [Parameters<Recorder['stop']>[0], number]
): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  const { safe, last } = await from.stop(totals, goodbye, PATIENCE_MS);
  if (safe && life !== undefined) leave(life, last);
  report(from);
  say({ type: 'stopped', safe });
  port?.close();
}

function leave({ state }: NewLife, last: number): void {
  try {
    endLife(data.lake, state, data.venues, last);
  } catch (error) {
    // The next life will take the end for a crash, which costs nothing but the word.
    log.warn('the end of the recording could not be noted', { reason: String(error) });
  }
}

function report(of: Recorder): void {
  say({ type: 'status', status: of.status(), bounds: [...of.bounds(), log.bound()] });
}

function keepTime(of: Recorder): void {
  const before = clock.micros();
  const step = clock.anchor();
  if (Math.abs(step) >= STEP_MS) of.clockStepped(before, before + step * 1000);
}
