import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import { covers, type PartitionFiles } from './layout.ts';
import { stillFilesOf } from './partitions.ts';

/** How often it looks again at folders that change under its eyes; each time costs what was read since. */
const TRIES = 50;

/** The files of some folders that count, of each as they were at one moment. */
export class FolderView {
  readonly #lake: string;
  readonly #files: ReadonlyMap<string, PartitionFiles['visible']>;

  constructor(lake: string, folders: readonly string[]) {
    this.#lake = lake;
    this.#files = new Map(folders.map((folder) => [folder, stillFilesOf(lake, folder)]));
  }

  /** All files, in the order of the folders and of arrival within one. */
  paths(): string[] {
    return [...this.#files.keys()].flatMap((folder) => this.pathsOf(folder));
  }

  /** Those of one folder. */
  pathsOf(folder: string): string[] {
    return (this.#files.get(folder) ?? []).map(({ name }) => join(this.#lake, folder, name));
  }

  /** The files that came to be together, in the same order: one part, or all pieces of a merged hour. */
  sets(): string[][] {
    const sets: string[][] = [];
    for (const [folder, files] of this.#files) {
      let last = Number.NaN;
      for (const { name, part } of files) {
        if (part.first !== last) sets.push([]);
        last = part.first;
        sets.at(-1)?.push(join(this.#lake, folder, name));
      }
    }
    return sets;
  }

  /** Whether rows of a segment of the journal are in the folder's files. */
  covers(folder: string, segment: number): boolean {
    return covers(this.#files.get(folder) ?? [], segment);
  }

  /** Whether a folder has files of more than one conversion: their rows may be of the same time. */
  isScattered(): boolean {
    return [...this.#files.values()].some((files) =>
      files.some(({ part }) => part.first !== files[0]?.part.first),
    );
  }

  /** A file that is not there any more. */
  gone(): string | undefined {
    return this.paths().find((path) => !existsSync(path));
  }
}

/**
 * Reads folders while others may convert into them, merge or remove their files. A name never stands for other rows than before, so a read that found every file it had listed saw
 * each row once; one that missed a file is made again.
 * @throws what `read` throws if the files it was given are all there; FILE_UNREADABLE if they never stay
 */
export async function readFolders<T>(
  lake: string,
  folders: readonly string[],
  read: (view: FolderView) => Promise<T>,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const view = new FolderView(lake, folders);
    try {
      return await read(view);
    } catch (error) {
      if (view.gone() === undefined) throw error;
    }
  }
  throw new SpreadscopeError(
    'FILE_UNREADABLE',
    `${join(lake, folders[0] ?? '')}: files come and go faster than they can be read; try again`,
  );
}
