import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GapRow } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { realSteps } from './file-steps.ts';
import { gapsSince, lastLife, stateAtStart } from './last-life.ts';
import { JOURNAL_FOLDER } from './layout.ts';
import { type LakeState, writeState } from './state.ts';

/** What a recorder begins with. */
export interface NewLife {
  readonly nextSegment: number;
  /** The time since the last life, as rows of the gaps table. */
  readonly firstGaps: readonly GapRow[];
  /** Until `endLife` replaces it. */
  readonly state: LakeState;
  /** When it began, µs: what is told of the time before ends here. */
  readonly began: number;
}

/**
 * Reads how the last life ended, and notes that a new one has begun; before anything is written or converted. Throws what the disk throws; it may be called again then.
 * @param now µs since the epoch
 */
export function beginLife(lake: string, venues: readonly VenueId[], now: number): NewLife {
  mkdirSync(join(lake, JOURNAL_FOLDER), { recursive: true, mode: 0o750 });
  const life = lastLife(lake);
  const state = stateAtStart(life, venues, now);
  writeState(realSteps, lake, state);
  return { nextSegment: life.nextSegment, firstGaps: gapsSince(life, venues, now), state, began: now };
}

/** Notes that this life ended in peace: all that it knew is in the journal. Throws what the disk throws. */
export function endLife(lake: string, state: LakeState, venues: readonly VenueId[], last: number): void {
  const known = new Map(state.venues);
  for (const venue of venues) known.set(venue, { since: known.get(venue)?.since ?? last, last });
  writeState(realSteps, lake, { venues: known, clean: true });
}
