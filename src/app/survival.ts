import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpreadscopeError } from '../core/errors.ts';
import type { SurvivalGrouping } from '../core/survival.ts';
import { openDuck } from '../lake/duck.ts';
import { findLake } from '../lake/lake-folder.ts';
import { snapshotLake } from '../lake/lake-snapshot.ts';
import {
  opportunityFiles,
  type RecordedWish,
  type SurvivalGroup,
  sumSurvival,
} from '../lake/opportunity-query.ts';
import { convertCopy } from '../lake/tail-parquet.ts';

export type { RecordedWish, SurvivalGroup } from '../lake/opportunity-query.ts';

const MEMORY_MB = 256;
/** Rows that may wait in the journal. */
const TAIL_ROWS = 50_000_000;

/**
 * How the edges of a recording survived, by group, those with the most opportunities first; what waits in the journal counts too. The lake is not changed, and may be recorded
 * into meanwhile.
 * @throws NO_LAKE, FILE_UNREADABLE, the signal's reason
 */
export async function recordedSurvival(
  folder: string,
  wish: RecordedWish,
  by: SurvivalGrouping,
  limit: number,
  signal: AbortSignal,
): Promise<readonly SurvivalGroup[]> {
  const lake = findLake(folder);
  const tail = mkdtempSync(join(tmpdir(), 'spreadscope-survival-'));
  const remove = () => rmSync(tail, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const snapshot = snapshotLake(lake, tail, TAIL_ROWS);
    if (!snapshot.journal.copied) {
      throw new SpreadscopeError(
        'FILE_UNREADABLE',
        `${snapshot.journal.rows} rows wait in the journal; start a recorder or \`spreadscope lake compact\` first`,
      );
    }
    await convertCopy(tail, (one) => snapshot.folders.get(one) ?? [], signal);
    const old = snapshot.files.opportunities.map((path) => join(lake, path));
    const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1 });
    try {
      const files = (from: number) => [...old, ...opportunityFiles(tail, from)];
      return (await sumSurvival(files, duck, wish, by, limit)).rows;
    } finally {
      duck.close();
    }
  } finally {
    remove();
    process.off('exit', remove);
  }
}
