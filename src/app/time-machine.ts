import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import { type ErrorCode, SpreadscopeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { PastLease, PastSource } from '../gateway/sources.ts';
import { recordedHours } from '../lake/recorded-hours.ts';
import type { PastMoment, PastReply as PastView } from '../wire/api.ts';
import type { Config } from './config.ts';
import type { PastOrder, PastPlan, PastReply } from './past-protocol.ts';

export interface TimeMachineOptions {
  readonly config: Config;
  /** The folder that is recorded into. */
  readonly lake: string;
  readonly log: Log;
  /** µs since the epoch. */
  readonly clock: () => number;
  /** A monotonic clock, ms. */
  readonly clockMs: () => number;
}

interface Past {
  readonly moment: number;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  state: PastMoment['state'];
  progress: number;
  port: number;
  from: number | null;
  speed: number;
  error: { readonly code: ErrorCode; readonly message: string } | null;
  /** Requests and streams that are open. */
  leases: number;
  /** When somebody last had anything of it. */
  usedMs: number;
}

const ENTRY = fileURLToPath(new URL('./past-process.js', import.meta.url));
const MILLISECOND = 1000;
/** A moment that nobody looked at for so long is given up, */
const IDLE_MS = 120_000;
/** and sooner when its place is wanted: a page that waits for it says so more often, one that has it holds a stream. */
const SPARE_MS = 1500;
const LOOK_MS = 5000;
/** For so long one that failed is told of instead of begun again. */
const FAILED_MS = 2000;
/** Which hours are recorded is looked up at most so often. */
const RECORDED_MS = 30_000;
/** Of its JavaScript heap; the engine that reads has 512 MB beside it. */
const HEAP_MB = 512;
/** How long a process may take to end by itself. */
const END_MS = 1000;
/** What is kept here of one: the process's handles and channel. */
const PAST_BYTES = 65_536;

/** What the moments may take here, by their line in the ledger; their processes are not in the budget. */
export function pastFacts(processes: number): BoundFacts {
  return {
    ...{ name: 'past.processes', policy: 'refuse', capacity: processes },
    ...{ capacityBytes: processes * PAST_BYTES, cleanedBy: `nobody looking for ${IDLE_MS / 1000} s` },
  };
}

/**
 * Shows the market as it was at recorded moments, each in a process of its own with low priority, which ends some time after its last reader has gone. Whoever asks for the same moment
 * shares it.
 */
export class TimeMachine implements PastSource {
  readonly #options: TimeMachineOptions;
  readonly #pasts = new Map<number, Past>();
  readonly #timer: NodeJS.Timeout;
  #recorded: PastView['recorded'] = null;
  #recordedMs = -Infinity;
  #peak = 0;
  #refused = 0;
  #evicted = 0;

  constructor(options: TimeMachineOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  read(): PastView {
    const nowMs = this.#options.clockMs();
    if (nowMs - this.#recordedMs >= RECORDED_MS) {
      this.#recorded = recordedHours(this.#options.lake);
      this.#recordedMs = nowMs;
    }
    return {
      recorded: this.#recorded,
      moments: [...this.#pasts.values()].map(viewOf),
    };
  }

  /** @throws PAST_BUSY, BAD_REQUEST */
  open(moment: number, speed: number | undefined): void {
    const { clock, clockMs } = this.#options;
    if (moment % MILLISECOND !== 0)
      throw new SpreadscopeError('BAD_REQUEST', 'moment must be a whole millisecond, in µs');
    if (moment > clock()) throw new SpreadscopeError('BAD_REQUEST', 'moment has not come yet');
    const known = this.#pasts.get(moment);
    if (known !== undefined && (known.state !== 'failed' || clockMs() - known.usedMs < FAILED_MS)) {
      if (known.state !== 'failed') known.usedMs = clockMs();
      if (speed !== undefined) this.#pace(known, speed);
      return;
    }
    if (known !== undefined) void this.#drop(known);
    this.#makeRoom();
    this.#pasts.set(moment, this.#start(moment));
    this.#peak = Math.max(this.#peak, this.#pasts.size);
  }

  /** Undefined when the moment is not ready. */
  lease(moment: number): PastLease | undefined {
    const past = this.#pasts.get(moment);
    if (past?.state !== 'ready') return undefined;
    past.leases++;
    let released = false;
    return {
      port: past.port,
      release: () => {
        if (released) return;
        released = true;
        past.leases--;
        past.usedMs = this.#options.clockMs();
      },
    };
  }

  bound(): BoundReading {
    return boundOf(pastFacts(this.#options.config.past.processes), {
      ...{ used: this.#pasts.size, peak: this.#peak, refused: this.#refused, evicted: this.#evicted },
    });
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#pasts.values()].map((past) => this.#drop(past)));
  }

  #makeRoom(): void {
    const { clockMs, config } = this.#options;
    const most = config.past.processes;
    if (this.#pasts.size < most) return;
    let spare: Past | undefined;
    for (const past of this.#pasts.values()) {
      const free = past.state === 'failed' || (past.leases === 0 && clockMs() - past.usedMs >= SPARE_MS);
      if (free && (spare === undefined || past.usedMs < spare.usedMs)) spare = past;
    }
    if (spare === undefined) {
      this.#refused++;
      throw new SpreadscopeError('PAST_BUSY', busyMessage([...this.#pasts.keys()], most));
    }
    this.#evicted++;
    void this.#drop(spare);
  }

  #start(moment: number): Past {
    const { config, lake, log, clockMs } = this.#options;
    const scratch = mkdtempSync(join(tmpdir(), 'spreadscope-past-'));
    const child = fork(ENTRY, {
      // A process that has to be killed cannot clear up.
      env: { ...process.env, TMPDIR: scratch },
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const past: Past = {
      ...{ moment, child, state: 'reading', progress: 0, port: 0, from: null, speed: 0, error: null },
      ...{ leases: 0, usedMs: clockMs() },
      ended: new Promise((done) => {
        // There is no `close` after a disconnect of ours.
        child.once('exit', () => {
          rmSync(scratch, { recursive: true, force: true });
          done();
        });
      }),
    };
    const fail = (message: string): void => {
      if (past.state === 'failed') return;
      past.state = 'failed';
      past.error = { code: 'INTERNAL', message };
      log.warn('a past moment cannot be shown', { moment: nameOf(moment), error: message });
    };
    child.on('message', (reply: PastReply) => {
      take(past, reply);
      if (reply.kind === 'failed') past.usedMs = clockMs();
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      if (this.#pasts.get(moment) === past) fail(`its process ended (${signal ?? `exit ${code}`})`);
    });
    // The live side goes first.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    const plan: PastPlan = { config, lake, moment };
    child.send(plan, (error) => {
      if (error !== null) fail(error.message);
    });
    return past;
  }

  #pace(past: Past, speed: number): void {
    past.speed = speed;
    const order: PastOrder = { speed };
    // One that is gone is told of by its exit.
    if (past.state === 'ready') past.child.send(order, () => undefined);
  }

  #look(): void {
    const nowMs = this.#options.clockMs();
    for (const past of this.#pasts.values()) {
      if (past.leases === 0 && nowMs - past.usedMs >= IDLE_MS) void this.#drop(past);
    }
  }

  /** Never rejects. */
  async #drop(past: Past): Promise<void> {
    this.#pasts.delete(past.moment);
    const { child, ended } = past;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(timer);
  }
}

function take(past: Past, reply: PastReply): void {
  if (reply.kind === 'reading') past.progress = reply.progress;
  else if (reply.kind === 'ready') {
    past.state = 'ready';
    past.progress = 1;
    past.port = reply.port;
    past.from = reply.from;
  } else {
    past.state = 'failed';
    past.error = { code: reply.code, message: reply.message };
  }
}

function viewOf({ moment, state, progress, from, speed, error }: Past): PastMoment {
  return { moment, state, progress, from, speed, error };
}

function busyMessage(moments: readonly number[], most: number): string {
  if (most === 0) return 'the time machine is off; past.processes turns it on';
  const names = moments.map(nameOf).join(', ');
  return `somebody looks at ${names}: join them, try again when they have left, or raise past.processes`;
}

function nameOf(moment: number): string {
  return new Date(moment / 1000).toISOString().replace('.000Z', 'Z');
}
