import { rmSync } from 'node:fs';
import { SpreadscopeError } from '../core/errors.ts';
import { snapshotLake } from './lake-snapshot.ts';
import { allFiles, areThere, changedError, type PartFile } from './partitions.ts';
import { convertCopy } from './tail-parquet.ts';

/** Rows that may wait in the journal. */
const TAIL_ROWS = 50_000_000;
const TRIES = 5;

/**
 * Reads a lake and what waits in its journal, each row once, while others may record into it, convert, merge or remove: a name never stands for other rows than before, and what missed a file is read
 * again. The lake is not changed.
 * @param tail a folder of ours that need not be there; the journal's rows are put there as Parquet, in the shape of a lake
 * @throws what `read` throws if the files it was given are all there; FILE_UNREADABLE if they never stay, or if too many rows wait; the signal's reason
 */
export async function readSnapshot<T>(
  lake: string,
  tail: string,
  signal: AbortSignal,
  read: (files: readonly PartFile[]) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    rmSync(tail, { recursive: true, force: true });
    const { files: old, journal } = snapshotLake(lake, tail, TAIL_ROWS);
    if (!journal.copied)
      throw new SpreadscopeError(
        'FILE_UNREADABLE',
        `${journal.rows} rows wait in the journal; start a recorder or \`spreadscope lake compact\` first`,
      );
    await convertCopy(tail, old, signal);
    const files = [...old, ...allFiles(tail)];
    try {
      return await read(files);
    } catch (error) {
      signal.throwIfAborted();
      if (areThere(files.map(({ path }) => path))) throw error;
      if (tries === TRIES) throw changedError(error);
    }
  }
}
