import type { GapRow } from '../core/lake-status.ts';
import { errnoOf } from './file-steps.ts';
import type { FramePool, WaitingFrame } from './frame-pool.ts';
import type { JournalFile, JournalFiles } from './journal-files.ts';
import { FrameKind } from './journal-format.ts';
import { jsonFrame } from './json-frame.ts';
import type { OpenGap } from './segment.ts';

export interface JournalWriterOptions {
  readonly files: JournalFiles;
  readonly pool: FramePool;
  /** The number of the first segment. */
  readonly nextSegment: number;
  /** One life of the program. */
  readonly run: string;
  /** µs since the epoch. */
  readonly clock: () => number;
  /** Monotonic, ms. */
  readonly ms: () => number;
  /** What a segment begins with: all that there is to know at that moment; `untold` are gaps that wait in the pool. */
  readonly knowledge: (untold: readonly GapRow[]) => SegmentKnowledge;
  /** These frames are on the disk for sure. */
  readonly onSafe: (frames: readonly WaitingFrame[]) => void;
  readonly onTrouble: (error: unknown, what: 'write' | 'sync') => void;
  readonly onWorking: () => void;
  readonly limits: JournalLimits;
}

export interface SegmentKnowledge {
  readonly venues: readonly string[];
  readonly instruments: readonly (readonly [number, string, string])[];
  readonly openGaps: readonly OpenGap[];
}

export interface JournalLimits {
  /** How often what was written is made durable. */
  readonly syncMs: number;
  /** A segment is closed at this age or at this size. */
  readonly segmentMs: number;
  readonly segmentBytes: number;
  /** All segments together. */
  readonly journalBytes: number;
  readonly journalSegments: number;
}

/** The journal has as many segments or bytes as it may: what is in it must be converted first. */
export class JournalFullError extends Error {}

/** From this part of its size on a segment is full: every frame is far smaller than the rest. */
const FULL = 0.95;
/** `segment`, `instruments`, `openGaps`. */
const HEADING_FRAMES = 3;
class NotBegun extends Error {}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;
const POLL_MS = 10;
/** Frames that one call writes. */
const MOST_PARTS = 256;

interface OpenFile {
  readonly file: JournalFile;
  readonly number: number;
  readonly openedAt: number;
  bytes: number;
  /** Of the pool's frames, how many are in it and not yet durable. */
  frames: number;
  /** Whether it says that it ends. */
  ended: boolean;
  /** Whether its name and something of it is durable: then it stays, whatever happens. */
  kept: boolean;
}

/**
 * Takes the frames of the pool to the disk, in their order, and lets go of them when they are durable. None of that is done on this thread, and writing does not wait for syncing: what was written outlives
 * the program, what was synced outlives the machine. After an error it leaves the segment as it is and begins another one with all that was not durable, for as long as it takes.
 *
 * Frames are numbered from `HEADING_FRAMES` on; what a segment begins with bears the numbers before its first frame's, again.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #pool: FramePool;
  /** In the order of their frames; only the last may take more. */
  #files: OpenFile[] = [];
  #segment: number;
  #number = HEADING_FRAMES;
  /** Of the pool's first frames, how many are in a file. */
  #written = 0;
  #syncedAt: number;
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #failing: Promise<void> | undefined;
  #retryMs = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** Since when the disk has not answered. */
  readonly #steps = new Set<number>();
  #closing = false;
  /** What the last frame that is in a file was written with, µs. */
  #lastWritten: number;
  #size = { segments: 0, bytes: 0 };
  writeErrors = 0;
  syncErrors = 0;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#pool = options.pool;
    this.#segment = options.nextSegment;
    this.#syncedAt = options.ms();
    this.#lastWritten = options.clock();
  }

  /** What the journal held when the last segment was begun, and what was written since. */
  get size(): { segments: number; bytes: number } {
    return { segments: this.#size.segments, bytes: this.#size.bytes + (this.#files.at(-1)?.bytes ?? 0) };
  }

  /** How long the disk has not answered, ms. */
  waitingMs(): number {
    return this.#steps.size === 0 ? 0 : this.#options.ms() - Math.min(...this.#steps);
  }

  /** Begins what is to be done and is not being done. */
  kick(): void {
    if (this.#failing !== undefined) return;
    const mayWrite = this.#writing === undefined && this.#options.ms() >= this.#retryAt;
    if (mayWrite && (this.#pool.length > this.#written || this.#isEnding()))
      this.#writing = this.#attempt('write', () => this.#write()).finally(() => {
        this.#writing = undefined;
      });
    if (this.#syncing === undefined && this.#isSyncDue())
      this.#syncing = this.#attempt('sync', () => this.#sync()).finally(() => {
        this.#syncing = undefined;
      });
  }

  /** Closes the open segment as soon as it can, so that it can be converted. */
  rotate(): void {
    this.#closing = this.#open !== undefined;
    this.kick();
  }

  /** Writes all that waits and closes the segment; tries again until `patienceMs` have passed. Answers whether everything is durable. */
  async finish(patienceMs: number): Promise<boolean> {
    const end = this.#options.ms() + patienceMs;
    for (;;) {
      this.rotate();
      if (this.#pool.length === 0 && this.#files.length === 0) return true;
      if (this.#options.ms() >= end) return false;
      await wait(POLL_MS);
    }
  }

  /** The segment that takes frames. */
  get #open(): OpenFile | undefined {
    const last = this.#files.at(-1);
    return last?.ended === false ? last : undefined;
  }

  #isSyncDue(): boolean {
    const [first] = this.#files;
    if (first === undefined) return false;
    return (
      first.ended || (first.frames > 0 && this.#options.ms() - this.#syncedAt >= this.#options.limits.syncMs)
    );
  }

  /** Whether the open segment is to end now: not while frames that have their numbers are to be written again. */
  #isEnding(): boolean {
    const open = this.#open;
    if (open === undefined || (this.#pool.at(this.#written)?.number ?? -1) >= 0) return false;
    const { segmentMs, segmentBytes } = this.#options.limits;
    const age = this.#options.ms() - open.openedAt;
    return this.#closing || age >= segmentMs || open.bytes >= segmentBytes * FULL;
  }

  /** Never rejects: what fails is told, and comes again. */
  async #attempt(what: 'write' | 'sync', work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (what === 'write') this.writeErrors += 1;
      else this.syncErrors += 1;
      this.#options.onTrouble(error instanceof NotBegun ? error.cause : error, what);
      this.#waitLonger();
      // What is in other segments is not in doubt.
      if (error instanceof NotBegun) return;
      this.#failing ??= this.#abandon().finally(() => {
        this.#failing = undefined;
      });
    }
  }

  async #write(): Promise<void> {
    while (this.#failing === undefined && this.#pool.length > this.#written) {
      if (this.#isEnding()) await this.#end();
      await this.#writeSome(this.#open ?? (await this.#begin()));
    }
    if (this.#failing === undefined && this.#isEnding()) await this.#end();
  }

  async #begin(): Promise<OpenFile> {
    try {
      await this.#checkRoom();
      return await this.#openNext();
    } catch (error) {
      throw new NotBegun('no segment could be begun', { cause: error });
    }
  }

  async #checkRoom(): Promise<void> {
    const { files, limits } = this.#options;
    this.#size = await this.#step(files.size());
    if (this.#size.segments >= limits.journalSegments || this.#size.bytes >= limits.journalBytes)
      throw new JournalFullError(
        `the journal has ${this.#size.segments} segments of ${Math.round(this.#size.bytes / 1e6)} MB that wait for conversion, which is all it may have`,
      );
  }

  async #openNext(): Promise<OpenFile> {
    const file = await this.#create();
    const open: OpenFile = {
      ...{ file, number: this.#segment, openedAt: this.#options.ms() },
      ...{ bytes: 0, frames: 0, ended: false, kept: false },
    };
    this.#segment += 1;
    const again = this.#pool.at(this.#written)?.number ?? -1;
    const first = (again >= 0 ? again : this.#number) - HEADING_FRAMES;
    try {
      await this.#append(open, this.#heading(open.number, first));
    } catch (error) {
      await this.#leave(open);
      throw error;
    }
    this.#files.push(open);
    return open;
  }

  async #create(): Promise<JournalFile> {
    for (;;) {
      try {
        return await this.#step(this.#options.files.create(this.#segment));
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
        this.#segment += 1;
      }
    }
  }

  /** What a segment says before its rows. */
  #heading(segment: number, first: number): Uint8Array[] {
    const { run, clock, knowledge } = this.#options;
    // What follows may have waited for long: a heading must not claim that all until now is there.
    const now = Math.min(clock(), this.#pool.at(this.#written)?.writtenAt ?? Number.POSITIVE_INFINITY);
    const { venues, instruments, openGaps } = knowledge(this.#pool.gapsFrom(this.#written));
    return [
      jsonFrame(FrameKind.segment, first, now, { segment, createdAt: now, venues, run }),
      jsonFrame(FrameKind.instruments, first + 1, now, instruments),
      jsonFrame(FrameKind.openGaps, first + 2, now, openGaps),
    ];
  }

  async #writeSome(open: OpenFile): Promise<void> {
    const parts: Uint8Array[] = [];
    const room = this.#options.limits.segmentBytes - open.bytes;
    let bytes = 0;
    for (let i = this.#written; parts.length < MOST_PARTS; i += 1) {
      const frame = this.#pool.at(i);
      if (frame === undefined || (parts.length > 0 && bytes + frame.data.byteLength > room)) break;
      if (frame.number < 0) {
        this.#pool.number(i, this.#number);
        this.#number += 1;
      }
      parts.push(frame.data);
      bytes += frame.data.byteLength;
    }
    await this.#append(open, parts);
    open.frames += parts.length;
    this.#written += parts.length;
    this.#lastWritten = this.#pool.at(this.#written - 1)?.writtenAt ?? this.#lastWritten;
  }

  /** Says in the open segment that it ends; it is closed when that is durable. */
  async #end(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#pool.insertEnd(this.#written, this.#number, this.#lastWritten);
    this.#number += 1;
    const end = this.#pool.at(this.#written);
    if (end !== undefined) await this.#append(open, [end.data]);
    open.frames += 1;
    this.#written += 1;
    open.ended = true;
    this.#closing = false;
  }

  async #append(open: OpenFile, parts: readonly Uint8Array[]): Promise<void> {
    await this.#step(open.file.append(parts));
    open.bytes += parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** Makes durable what the first segment holds now, and closes it if it has ended. */
  async #sync(): Promise<void> {
    const [first] = this.#files;
    if (first === undefined) return;
    const { frames: count, ended } = first;
    const at = this.#options.ms();
    await this.#step(first.file.sync());
    // Its name must be durable before anything in it counts as such.
    if (!first.kept) await this.#step(this.#options.files.syncNames());
    if (this.#failing !== undefined) return;
    first.kept = true;
    this.#syncedAt = at;
    this.#retryMs = 0;
    this.#options.onWorking();
    this.#release(first, count);
    if (!ended) return;
    this.#files.shift();
    await this.#step(first.file.close());
  }

  #release(file: OpenFile, count: number): void {
    const frames: WaitingFrame[] = [];
    for (let i = 0; i < count; i += 1) {
      const frame = this.#pool.at(i);
      if (frame !== undefined) frames.push(frame);
    }
    this.#pool.release(count);
    file.frames -= count;
    this.#written -= count;
    this.#options.onSafe(frames);
  }

  /** Leaves the segments as they are; what is not durable is written again, into another one. */
  async #abandon(): Promise<void> {
    // Nobody else may be at work on them; neither ever rejects.
    await Promise.all([this.#writing, this.#syncing]);
    const files = this.#files;
    this.#files = [];
    this.#written = 0;
    this.#pool.unsayEnds();
    for (const file of files) await this.#leave(file);
  }

  async #leave({ file, number, frames, kept }: OpenFile): Promise<void> {
    // One without rows only takes room. One with rows stays: should the program end now, nothing else holds them.
    if (frames === 0 && !kept) await this.#try(this.#options.files.remove(number));
    await this.#try(file.close());
  }

  #waitLonger(): void {
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    this.#retryAt = this.#options.ms() + this.#retryMs;
  }

  async #try(step: Promise<void>): Promise<void> {
    try {
      await this.#step(step);
    } catch (error) {
      this.#options.onTrouble(error, 'write');
    }
  }

  /** Waits for the disk, and lets be seen for how long. */
  async #step<T>(promise: Promise<T>): Promise<T> {
    let since = this.#options.ms();
    while (this.#steps.has(since)) since += 0.001;
    this.#steps.add(since);
    try {
      return await promise;
    } finally {
      this.#steps.delete(since);
    }
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
