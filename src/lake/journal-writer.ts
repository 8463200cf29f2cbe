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
  /** What a segment begins with: all that there is to know at that moment. */
  readonly knowledge: () => SegmentKnowledge;
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
  /** Whether anything of it is durable: then it stays, whatever happens. */
  kept: boolean;
}

/**
 * Takes the frames of the pool to the disk, in their order, and lets go of them when they are durable. One step at a time, none of them on this thread. After an error it leaves the segment as it
 * is and begins another one with all that was not durable, for as long as it takes.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #pool: FramePool;
  #open: OpenFile | undefined;
  #segment: number;
  #number = 0;
  /** Of the pool's first frames, how many are in the open segment. */
  #written = 0;
  #syncedAt: number;
  #round: Promise<void> | undefined;
  #retryMs = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #stepAt = Number.NaN;
  #closing = false;
  #size = { segments: 0, bytes: 0 };
  writeErrors = 0;
  syncErrors = 0;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#pool = options.pool;
    this.#segment = options.nextSegment;
    this.#syncedAt = options.ms();
  }

  /** What the journal held when the last segment was begun, and what was written since. */
  get size(): { segments: number; bytes: number } {
    return { segments: this.#size.segments, bytes: this.#size.bytes + (this.#open?.bytes ?? 0) };
  }

  /** How long the disk has not answered, ms. */
  waitingMs(): number {
    return Number.isNaN(this.#stepAt) ? 0 : this.#options.ms() - this.#stepAt;
  }

  /** Writes what waits, if nothing is being done and there is something to do. */
  kick(): void {
    if (this.#round !== undefined || this.#options.ms() < this.#retryAt || !this.#isDue()) return;
    this.#round = this.#run().finally(() => {
      this.#round = undefined;
    });
  }

  /** Closes the open segment as soon as it can, so that it can be converted. */
  rotate(): void {
    this.#closing = true;
    this.kick();
  }

  /** Writes all that waits and closes the segment; tries again until `patienceMs` have passed. Answers whether everything is durable. */
  async finish(patienceMs: number): Promise<boolean> {
    const end = this.#options.ms() + patienceMs;
    for (;;) {
      this.rotate();
      if (this.#round === undefined && this.#pool.length === 0 && this.#open === undefined) return true;
      if (this.#options.ms() >= end) return false;
      await Promise.race([this.#round, wait(POLL_MS)]);
    }
  }

  #isDue(): boolean {
    return this.#pool.length > this.#written || this.#isSyncDue() || this.#isEnding();
  }

  #isSyncDue(): boolean {
    return this.#written > 0 && this.#options.ms() - this.#syncedAt >= this.#options.limits.syncMs;
  }

  #isEnding(): boolean {
    if (this.#open === undefined) return false;
    return this.#closing || this.#options.ms() - this.#open.openedAt >= this.#options.limits.segmentMs;
  }

  /** Never rejects: what fails is told, and comes again. */
  async #run(): Promise<void> {
    let what: 'write' | 'sync' = 'write';
    try {
      while (this.#pool.length > this.#written) {
        what = 'write';
        await this.#writeSome(this.#open ?? (await this.#begin()));
        what = 'sync';
        if (this.#isFull()) await this.#end();
        else if (this.#isSyncDue()) await this.#sync();
      }
      what = 'sync';
      if (this.#isEnding()) await this.#end();
      else if (this.#isSyncDue()) await this.#sync();
      this.#retryMs = 0;
      this.#options.onWorking();
    } catch (error) {
      if (what === 'write') this.writeErrors += 1;
      else this.syncErrors += 1;
      this.#options.onTrouble(error, what);
      await this.#abandon();
    }
  }

  /** Begins a segment. Its own frames come before all that is not durable, so their numbers do too. */
  async #begin(): Promise<OpenFile> {
    const { files, limits, ms } = this.#options;
    this.#size = await this.#step(files.size());
    if (this.#size.segments >= limits.journalSegments || this.#size.bytes >= limits.journalBytes)
      throw new JournalFullError(
        `the journal has ${this.#size.segments} segments of ${Math.round(this.#size.bytes / 1e6)} MB that wait for conversion, which is all it may have`,
      );
    const file = await this.#create();
    const open: OpenFile = { file, number: this.#segment, openedAt: ms(), bytes: 0, kept: false };
    this.#open = open;
    const again = this.#pool.at(0)?.number ?? -1;
    const first = again >= 0 ? again - HEADING_FRAMES : this.#number;
    await this.#append(open, this.#heading(open.number, first));
    // Its name must be durable before anything in it counts as such.
    await this.#step(files.syncNames());
    this.#number = Math.max(this.#number, first + HEADING_FRAMES);
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
    const now = clock();
    const { venues, instruments, openGaps } = knowledge();
    return [
      jsonFrame(FrameKind.segment, first, now, { segment, createdAt: now, venues, run }),
      jsonFrame(FrameKind.instruments, first + 1, now, instruments),
      jsonFrame(FrameKind.openGaps, first + 2, now, openGaps),
    ];
  }

  async #writeSome(open: OpenFile): Promise<void> {
    const parts: Uint8Array[] = [];
    const room = this.#options.limits.segmentBytes;
    let bytes = 0;
    for (let i = this.#written; parts.length < MOST_PARTS; i += 1) {
      const frame = this.#pool.at(i);
      if (frame === undefined || (parts.length > 0 && open.bytes + bytes + frame.bytes > room)) break;
      this.#assign(i, frame);
      parts.push(this.#pool.memory.subarray(frame.offset, frame.offset + frame.bytes));
      bytes += frame.bytes;
    }
    await this.#append(open, parts);
    this.#written += parts.length;
  }

  #assign(index: number, frame: WaitingFrame): void {
    if (frame.number >= 0) return;
    this.#pool.number(index, this.#number);
    this.#number += 1;
  }

  #isFull(): boolean {
    return this.#open !== undefined && this.#open.bytes >= this.#options.limits.segmentBytes * FULL;
  }

  async #append(open: OpenFile, parts: readonly Uint8Array[]): Promise<void> {
    await this.#step(open.file.append(parts));
    open.bytes += parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  async #sync(): Promise<void> {
    const { ms, onSafe } = this.#options;
    const open = this.#open;
    if (open === undefined) return;
    const [count, at] = [this.#written, ms()];
    await this.#step(open.file.sync());
    open.kept = true;
    this.#syncedAt = at;
    const frames: WaitingFrame[] = [];
    for (let i = 0; i < count; i += 1) {
      const frame = this.#pool.at(i);
      if (frame !== undefined) frames.push(frame);
    }
    this.#pool.release(count);
    this.#written -= count;
    onSafe(frames);
  }

  /** Says that the segment ends here, and closes it. */
  async #end(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    await this.#sync();
    try {
      await this.#append(open, [jsonFrame(FrameKind.end, this.#number, this.#options.clock())]);
      await this.#step(open.file.sync());
      this.#number += 1;
    } finally {
      // All that it holds is durable; that it ends is not worth a second try.
      this.#open = undefined;
      this.#closing = false;
      this.#segment += 1;
      await this.#step(open.file.close());
    }
  }

  /** Leaves the open segment as it is; what is not durable is written again, into another one. */
  async #abandon(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#written = 0;
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, FIRST_RETRY_MS), LAST_RETRY_MS);
    this.#retryAt = this.#options.ms() + this.#retryMs;
    if (open === undefined) return;
    try {
      if (open.kept) this.#segment += 1;
      else await this.#step(this.#options.files.remove(open.number));
    } catch (error) {
      // Its name stays taken; the next one gets another.
      this.#segment += 1;
      this.#options.onTrouble(error, 'write');
    }
    try {
      await this.#step(open.file.close());
    } catch (error) {
      this.#options.onTrouble(error, 'write');
    }
  }

  /** Waits for the disk, and lets be seen for how long. */
  async #step<T>(promise: Promise<T>): Promise<T> {
    this.#stepAt = this.#options.ms();
    try {
      return await promise;
    } finally {
      this.#stepAt = Number.NaN;
    }
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
