import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, FILE_MODE } from './file-steps.ts';
import { JOURNAL_FOLDER, parseSegmentName, segmentName } from './layout.ts';

/** A segment that is being written. All throw what the disk throws. */
export interface JournalFile {
  /** Writes all of it, behind what was written before. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What the recorder does to the disk: never on its own thread, so that a disk that stalls does not stall it. */
export interface JournalFiles {
  /** A new, empty segment; one that is there already is EEXIST. */
  create(number: number): Promise<JournalFile>;
  /** Makes the names of segments durable. */
  syncNames(): Promise<void>;
  remove(number: number): Promise<void>;
  /** What the journal holds. */
  size(): Promise<{ segments: number; bytes: number }>;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The journal of a lake whose folders are there. */
export function realJournalFiles(lake: string): JournalFiles {
  const folder = join(lake, JOURNAL_FOLDER);
  return {
    create: async (number) => {
      // Somebody may have removed the folders: they come back.
      await mkdir(folder, { recursive: true, mode: 0o750 });
      return new RealFile(await open(join(folder, segmentName(number)), CREATE, FILE_MODE));
    },
    syncNames: async () => {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    remove: (number) => unlink(join(folder, segmentName(number))),
    size: () => sizeOf(folder),
  };
}

class RealFile implements JournalFile {
  readonly #handle: FileHandle;
  #at = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    let left = [...parts];
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, this.#at);
      this.#at += bytesWritten;
      left = after(left, bytesWritten);
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** What is left of these when so many bytes are gone: the system may write less than it was given. */
function after(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let gone = bytes;
  for (const part of parts) {
    if (gone < part.byteLength) left.push(part.subarray(gone));
    gone = Math.max(0, gone - part.byteLength);
  }
  return left;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(folder: string): Promise<{ segments: number; bytes: number }> {
  let [segments, bytes] = [0, 0];
  for (const name of await namesIn(folder)) {
    if (parseSegmentName(name) === undefined) continue;
    try {
      bytes += (await stat(join(folder, name))).size;
      segments += 1;
    } catch (error) {
      // Converted meanwhile.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  return { segments, bytes };
}
