import { join } from 'node:path';
import { openDuck } from '../lake/duck.ts';
import { findLake } from '../lake/lake-folder.ts';
import { type LegsWish, quotesWithin, type RecordedLeg, readMidChanges } from '../lake/mid-changes.ts';
import { readSnapshot } from '../lake/read-snapshot.ts';
import { leadLag, type MidChanges } from '../market/lead-lag.ts';
import type { LeadLagLeg, LeadLagPair } from '../wire/api.ts';
import { inScratch } from './scratch.ts';

export type { LegsWish } from '../lake/mid-changes.ts';
export type { LeadLagLeg, LeadLagPair } from '../wire/api.ts';

const MEMORY_MB = 256;

export interface LeadsAndLags {
  readonly legs: readonly LeadLagLeg[];
  readonly pairs: readonly LeadLagPair[];
}

/** Compares each pair of legs over the time that all of them have. */
export function compareLegs(legs: readonly RecordedLeg[]): LeadsAndLags {
  const start = Math.max(...legs.filter(({ cut }) => cut).map(({ time }) => time[0] ?? -Infinity), -Infinity);
  const common = legs.map((leg) => ({ ...leg, ...since(leg, start) }));
  const pairs = common.flatMap((a, i) =>
    common.slice(i + 1).map((b): LeadLagPair => {
      const found = leadLag(a, b);
      return {
        ...{ a: a.venue, b: b.venue, leadMs: orNull(found.leadMs), correlation: orNull(found.correlation) },
        ...{ correlationAtZero: orNull(found.correlationAtZero), ratio: orNull(found.ratio) },
        ...{ clear: found.clear, agreement: orNull(found.agreement), spreadMs: orNull(found.spreadMs) },
      };
    }),
  );
  return {
    legs: common.map(({ venue, time, clockOffsetMs, cut }) => ({
      ...{ venue, changes: Math.max(0, time.length - 1), cut, clockOffsetMs: clockOffsetMs ?? null },
      from: time[0] ?? null,
    })),
    pairs,
  };
}

function since({ time, mid }: MidChanges, start: number): MidChanges {
  let first = 0;
  while (first < time.length && (time[first] as number) < start) first++;
  return { time: time.subarray(first), mid: mid.subarray(first) };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * Leads and lags of one symbol in a recording; what waits in the journal counts too. The lake is not changed, and may be recorded into meanwhile.
 * @throws NO_LAKE, FILE_UNREADABLE, the signal's reason
 */
export async function recordedLeadLag(
  folder: string,
  wish: LegsWish,
  signal: AbortSignal,
): Promise<LeadsAndLags> {
  const lake = findLake(folder);
  return await inScratch('leadlag', async (scratch) => {
    const tail = join(scratch, 'tail');
    return await readSnapshot(lake, tail, signal, async (files) => {
      const duck = await openDuck({ memoryMb: MEMORY_MB, threads: 1 });
      try {
        return compareLegs(await readMidChanges(duck, quotesWithin(files, wish), wish, signal));
      } finally {
        duck.close();
      }
    });
  });
}
