import { realpathSync } from 'node:fs';
import { SpreadscopeError } from '../core/errors.ts';
import { errnoOf } from './file-steps.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import { namesIn } from './partitions.ts';
import { LAKE_TABLES } from './tables.ts';

const OURS: readonly string[] = [JOURNAL_FOLDER, ...LAKE_TABLES];

/** The real path of a folder that holds a lake. Throws NO_LAKE if it holds none, FILE_UNREADABLE if it cannot be read. */
export function findLake(folder: string): string {
  try {
    const path = realpathSync(folder);
    if (namesIn(path).some((name) => OURS.includes(name))) return path;
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new SpreadscopeError('FILE_UNREADABLE', `the folder ${folder} cannot be read (${code})`, {
        cause: error,
      });
  }
  throw new SpreadscopeError(
    'NO_LAKE',
    `there is no lake in the folder ${folder}: name the one that was recorded into with --lake`,
  );
}
