/** The entry of the keeper's thread: converts, merges and removes, tells how it stands, and ends by itself after `finish`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from '../core/log.ts';
import { systemClock } from '../feed/clock.ts';
import { Keeper } from '../lake/keeper.ts';
import { joinLock } from '../lake/lock.ts';
import { listSegments } from '../lake/segment.ts';
import type { FromKeeper, KeeperWorkerData, ToKeeper } from './lake-protocol.ts';
import { limitedLog } from './limited-log.ts';
import { giveWay } from './thread-priority.ts';

const IDLE_MS = 200;
const STATUS_MS = 500;
const BEAT_MS = 10_000;
const NICE = 10;

const port = parentPort;
if (port === null) throw new Error('keeper-worker is started as a worker thread');
const data = workerData as KeeperWorkerData;
const clock = systemClock();
const say = (message: FromKeeper): void => port.postMessage(message);
const line =
  (level: 'info' | 'warn' | 'error'): Log['info'] =>
  (message, fields = {}) =>
    say({ type: 'log', level, message, fields });
const log = limitedLog(
  { info: line('info'), warn: line('warn'), error: line('error') },
  clock.ms,
  'lake.keeper-log-kinds',
);

// Rows that wait for Parquet are safe; the feeds and the recorder are in more of a hurry.
giveWay(NICE, log);

let asked: 'hurry' | 'finish' | 'enough' | undefined;
let paused = false;
let wake: (() => void) | undefined;

const keeper = new Keeper({
  lake: data.lake,
  clock: clock.micros,
  log,
  retention: data.retention,
  memoryMb: data.memoryMb,
  dueUs: data.partMs * 1000,
  isHurried: () => asked !== undefined,
  isEnough: () => asked === 'enough',
  mayMerge: () => !paused,
});
const lock = joinLock(data.lake, data.lock, { command: 'spreadscope start', clock: clock.micros });
const report = (): void =>
  say({ type: 'status', status: keeper.status(), bounds: [...keeper.bounds(), log.bound()] });
const timers = [setInterval(report, STATUS_MS), setInterval(beat, BEAT_MS)];

keeper.tellFees(data.fees);
port.on('message', (message: ToKeeper) => {
  const { type } = message;
  if (type === 'fees') keeper.tellFees(message.fees);
  else if (type === 'pause' || type === 'resume') paused = type === 'pause';
  else asked = type;
  wake?.();
});
run().catch((error: unknown) => {
  throw error;
});

async function run(): Promise<void> {
  let recovered = false;
  while (asked === undefined || asked === 'hurry') {
    try {
      if (!recovered) await keeper.recover();
      recovered = true;
    } catch (error) {
      log.warn('the lake could not be put in order', { reason: String(error) });
    }
    if (recovered && (await keeper.tick())) continue;
    await idle();
  }
  await finish();
}

async function finish(): Promise<void> {
  try {
    await keeper.finish();
  } catch (error) {
    // What is in the journal is safe there; the next start goes on with it.
    log.warn('rows stay in the journal until the next start', { reason: String(error) });
  }
  report();
  for (const timer of timers) clearInterval(timer);
  say({ type: 'stopped', left: segmentsLeft() });
  await keeper.close();
  port?.close();
}

/** How many segments the next start will find; of a disk that does not tell, none. */
function segmentsLeft(): number {
  try {
    return listSegments(data.lake).length;
  } catch (error) {
    log.warn('what is left in the journal could not be counted', { reason: String(error) });
    return 0;
  }
}

/** Until there may be something to do. */
async function idle(): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, IDLE_MS);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  wake = undefined;
}

function beat(): void {
  clock.anchor();
  try {
    if (!lock.beat()) say({ type: 'dispossessed' });
  } catch (error) {
    log.warn('the lock of the lake could not be renewed', { reason: String(error) });
  }
}
