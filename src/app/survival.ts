import { join } from 'node:path';
import type { SurvivalGrouping } from '../core/survival.ts';
import { openDuck } from '../lake/duck.ts';
import { findLake } from '../lake/lake-folder.ts';
import {
  opportunitiesSince,
  type RecordedWish,
  type SurvivalGroup,
  sumSurvival,
} from '../lake/opportunity-query.ts';
import { readSnapshot } from '../lake/read-snapshot.ts';
import { inScratch } from './scratch.ts';

export type { RecordedWish, SurvivalGroup } from '../lake/opportunity-query.ts';

const MEMORY_MB = 256;

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
  return await inScratch('survival', async (scratch) => {
    const tail = join(scratch, 'tail');
    return await readSnapshot(lake, tail, signal, async (files) => {
      const paths = (from: number): string[] => opportunitiesSince(files, from);
      const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1 });
      try {
        return (await sumSurvival(paths, duck, wish, by, limit, [], signal)).rows;
      } finally {
        duck.close();
      }
    });
  });
}
