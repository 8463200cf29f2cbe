import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import { errnoOf, type FileSteps, replaceFile } from './file-steps.ts';
import { isTime } from './gap-rows.ts';
import { isRecord, parseJson } from './json.ts';
import { JOURNAL_FOLDER } from './layout.ts';

/** From when to when a venue was recorded, with whatever gaps between; µs since the epoch. */
export interface Recorded {
  readonly since: number;
  readonly last: number;
}

/** What one life of the program leaves to the next. */
export interface LakeState {
  /** Every venue that was ever recorded, enabled or not. */
  readonly venues: ReadonlyMap<VenueId, Recorded>;
  /** Whether the last life ended in peace: all that it knew is in the journal or in Parquet. */
  readonly clean: boolean;
}

const FILE = 'state.json';

/** Undefined if there is none, or none that makes sense. Throws what the disk throws. */
export function readState(lake: string): LakeState | undefined {
  try {
    return parseState(parseJson(readFileSync(join(lake, JOURNAL_FOLDER, FILE), 'utf8')));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Durable when it returns; a crash leaves the old one or this one. Throws what the disk throws. */
export function writeState(steps: FileSteps, lake: string, state: LakeState): void {
  const text = JSON.stringify({ venues: Object.fromEntries(state.venues), clean: state.clean });
  replaceFile(steps, join(lake, JOURNAL_FOLDER, FILE), `${text}\n`);
}

function parseState(value: unknown): LakeState | undefined {
  if (!isRecord(value) || typeof value.clean !== 'boolean' || !isRecord(value.venues)) return undefined;
  const venues = new Map<VenueId, Recorded>();
  for (const [venue, times] of Object.entries(value.venues)) {
    // A venue that this version does not know: a newer one has been here.
    if (!isVenueId(venue)) continue;
    if (!isRecord(times) || !isTime(times.since) || !isTime(times.last)) return undefined;
    venues.set(venue, { since: times.since, last: times.last });
  }
  return { venues, clean: value.clean };
}
