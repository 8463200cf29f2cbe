import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The steps by which the keeper changes a lake's folders, each one call, so that a test can end the program between any two. All throw what the disk throws. */
export interface FileSteps {
  makeFolder(path: string): void;
  /** Makes a file's bytes durable. */
  sync(path: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): void;
  setMode(path: string, mode: number): void;
  rename(from: string, to: string): void;
  /** One that is not there is no error. */
  remove(path: string): void;
  /** An empty one; answers whether it is gone. */
  removeFolder(path: string): boolean;
  write(path: string, text: string): void;
}

const FOLDER_MODE = 0o750;
export const FILE_MODE = 0o640;

export const realSteps: FileSteps = {
  makeFolder: (path) => mkdirSync(path, { mode: FOLDER_MODE }),
  sync,
  syncFolder: sync,
  setMode: chmodSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  removeFolder,
  write: (path, text) => writeFileSync(path, text, { mode: FILE_MODE }),
};

/**
 * Makes a folder under `root` (which exists).
 * @param durable makes every name on the way to it durable too. To be asked for until the folder holds something that counts: that a folder is there says nothing of the disk.
 */
export function ensureFolder(steps: FileSteps, root: string, relative: string, durable: boolean): void {
  const parents: string[] = [];
  let path = root;
  for (const name of relative.split('/')) {
    parents.push(path);
    path = join(path, name);
    try {
      steps.makeFolder(path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
  if (durable) for (const parent of parents) steps.syncFolder(parent);
}

/** Writes a small file so that after a crash either the old or the new one is there, whole. */
export function replaceFile(steps: FileSteps, path: string, text: string): void {
  const next = `${path}.next`;
  steps.write(next, text);
  steps.sync(next);
  steps.rename(next, path);
  steps.syncFolder(dirname(path));
}

/** The system's name of an error (`ENOENT`); undefined if it is none of the system's. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}
