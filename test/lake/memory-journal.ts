import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalFile, JournalFiles } from '../../src/lake/journal-files.ts';
import { JOURNAL_FOLDER, segmentName } from '../../src/lake/layout.ts';

interface Segment {
  readonly parts: Uint8Array[];
  /** Of the parts, how many a power cut leaves. */
  synced: number;
  open: boolean;
}

export type Step = 'create' | 'append' | 'sync' | 'names' | 'remove' | 'close' | 'size';

/** A journal in memory that can fail at any step, and tells what a crash would leave. */
export class MemoryJournal implements JournalFiles {
  /** The names that are there now. */
  readonly segments = new Map<number, Segment>();
  /** The names that a power cut leaves, if nothing of their folder has been synced since. */
  durable = new Map<number, Segment>();
  /** Asked before each step; what it answers is thrown. A promise makes the step wait. */
  fault: (step: Step) => Error | undefined | Promise<Error | undefined> = () => undefined;

  async create(number: number): Promise<JournalFile> {
    await this.#ask('create');
    if (this.segments.has(number)) throw failure('EEXIST');
    const segment: Segment = { parts: [], synced: 0, open: true };
    this.segments.set(number, segment);
    return {
      append: async (parts) => {
        const copies = parts.map((part) => Uint8Array.from(part));
        const error = await this.fault('append');
        if (error === undefined) segment.parts.push(...copies);
        else {
          // A disk that is full takes some of it.
          const some = Buffer.concat(copies);
          segment.parts.push(some.subarray(0, Math.floor(some.byteLength / 2)));
          throw error;
        }
      },
      sync: async () => {
        const count = segment.parts.length;
        await this.#ask('sync');
        segment.synced = Math.max(segment.synced, count);
      },
      close: async () => {
        // A close that fails closes all the same.
        segment.open = false;
        await this.#ask('close');
      },
    };
  }

  async syncNames(): Promise<void> {
    const now = new Map(this.segments);
    await this.#ask('names');
    this.durable = now;
  }

  async remove(number: number): Promise<void> {
    await this.#ask('remove');
    this.segments.delete(number);
  }

  async size(): Promise<{ segments: number; bytes: number }> {
    await this.#ask('size');
    let bytes = 0;
    for (const { parts } of this.segments.values()) for (const part of parts) bytes += part.byteLength;
    return { segments: this.segments.size, bytes };
  }

  get open(): number {
    return [...this.segments.values()].filter(({ open }) => open).length;
  }

  /** Lays the journal into a lake as it is now (as the end of the program leaves it), or as a power cut leaves it. */
  lay(lake: string, powerCut = false): void {
    mkdirSync(join(lake, JOURNAL_FOLDER), { recursive: true });
    for (const [number, { parts, synced }] of powerCut ? this.durable : this.segments) {
      const left = powerCut ? parts.slice(0, synced) : parts;
      writeFileSync(join(lake, JOURNAL_FOLDER, segmentName(number)), Buffer.concat(left));
    }
  }

  async #ask(step: Step): Promise<void> {
    const error = await this.fault(step);
    if (error !== undefined) throw error;
  }
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}
