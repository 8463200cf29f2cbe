import { dirname } from 'node:path';
import { type Duck, sqlFile } from './duck.ts';
import { FILE_MODE, type FileSteps } from './file-steps.ts';
import { IN_PROGRESS } from './layout.ts';

/** A file that was written under `path` + `.inprogress`. */
export interface Staged {
  /** The name it is to have. */
  readonly path: string;
  readonly rows: number;
}

/** Makes staged files durable under their unfinished names, and checks that each is a whole Parquet file with as many rows as it should have. Throws if one is not. */
export async function settleStaged(duck: Duck, steps: FileSteps, staged: readonly Staged[]): Promise<void> {
  for (const { path, rows } of staged) {
    const unfinished = path + IN_PROGRESS;
    steps.setMode(unfinished, FILE_MODE);
    steps.sync(unfinished);
    const found = await rowsOf(duck, [unfinished]);
    if (found !== rows) throw new Error(`${path} has ${found} rows where ${rows} were written`);
  }
}

/** The one way by which a Parquet file comes to be: durable, checked, then named, then the name made durable. All of one folder. */
export async function publish(duck: Duck, steps: FileSteps, staged: readonly Staged[]): Promise<void> {
  await settleStaged(duck, steps, staged);
  nameStaged(steps, staged);
}

/** Gives files that were settled their names. */
export function nameStaged(steps: FileSteps, staged: readonly Staged[]): void {
  for (const { path } of staged) steps.rename(path + IN_PROGRESS, path);
  for (const folder of new Set(staged.map(({ path }) => dirname(path)))) steps.syncFolder(folder);
}

/** Rows of all these files, as their footers say. */
export async function rowsOf(duck: Duck, paths: readonly string[]): Promise<number> {
  const list = paths.map(sqlFile).join(', ');
  const [row] = await duck.rows(
    `SELECT coalesce(sum(num_rows), 0)::BIGINT FROM parquet_file_metadata([${list}])`,
  );
  return Number(row?.[0]);
}
