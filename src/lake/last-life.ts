import type { GapRow } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { readConverted } from './converted.ts';
import { errnoOf } from './file-steps.ts';
import type { Frame } from './frame.ts';
import { isTime } from './gap-rows.ts';
import { HOUR_US, IN_PROGRESS, MERGED, parsePartName } from './layout.ts';
import { closeGap, openGapsAfter } from './open-gaps.ts';
import { hoursOf, namesIn, type Partition, partitionsOf } from './partitions.ts';
import { listSegments, type OpenGap, Segment, type SegmentFacts, type SegmentFile } from './segment.ts';
import { factsOf } from './segment-facts.ts';
import { type LakeState, type Recorded, readState } from './state.ts';
import { LAKE_TABLES } from './tables.ts';

interface Known extends Recorded {
  readonly watched: boolean;
}

/** How the last life of the program left a lake. Times are µs since the epoch. */
export interface LastLife {
  /** Greater than the number of any segment whose rows are anywhere in the lake. */
  readonly nextSegment: number;
  /** Whether it ended in peace. */
  readonly clean: boolean;
  /** Every venue that was ever recorded; `watched` by the last life. */
  readonly venues: ReadonlyMap<VenueId, Known>;
  /** The spells that had not ended when it did. */
  readonly openGaps: readonly OpenGap[];
}

/** Hours of each table whose part names are always looked at; what is older counts only if it is not known what was converted. */
const RECENT_HOURS = 48;

/** Reads what the last life left, before anything is written or converted. Throws what the disk throws. */
export function lastLife(lake: string): LastLife {
  const segments = listSegments(lake);
  const state = readState(lake);
  const ends = endsOf(segments);
  const venues = new Map<VenueId, Known>();
  for (const [venue, times] of state?.venues ?? [])
    venues.set(venue, { ...times, watched: ends.length === 0 });
  for (const end of ends) addEnd(venues, end);
  if (state === undefined) addParts(venues, lake);
  const newest = ends.at(-1);
  return {
    nextSegment: nextSegment(lake, segments),
    clean: state?.clean === true && (newest === undefined || newest.closed),
    venues,
    openGaps: newest?.openGaps ?? [],
  };
}

/**
 * The rows that tell of the time between the last life and this one: what was open ends where that life ended; from there on nobody looked. A venue that was never recorded gets
 * none. A clock that was set back since makes them short, never negative.
 */
export function gapsSince(life: LastLife, venuesNow: readonly VenueId[], now: number): GapRow[] {
  const rows: GapRow[] = [];
  // One that ended in peace has told what was open.
  for (const gap of life.clean ? [] : life.openGaps) {
    const last = life.venues.get(gap.venue)?.last;
    if (last !== undefined) rows.push(...closeGap(gap, Math.min(last, now)));
  }
  for (const venue of venuesNow) {
    const known = life.venues.get(venue);
    if (known === undefined) continue;
    const reason = life.clean || !known.watched ? 'stopped' : 'crash';
    const from = Math.min(known.last, now);
    rows.push({ venue, symbol: null, stream: null, from, to: now, reason, rowsLost: null });
  }
  return rows;
}

/** The state to write when a life begins, before its first segment is: what is known of the venues stays known even if this life ends at once. */
export function stateAtStart(life: LastLife, venuesNow: readonly VenueId[], now: number): LakeState {
  const venues = new Map<VenueId, Recorded>();
  for (const [venue, { since, last }] of life.venues) venues.set(venue, { since, last });
  for (const venue of venuesNow) if (!venues.has(venue)) venues.set(venue, { since: now, last: now });
  return { venues, clean: false };
}

/** How a segment ends. */
interface SegmentEnd {
  readonly facts: SegmentFacts;
  readonly last: number;
  readonly closed: boolean;
  readonly openGaps: readonly OpenGap[];
  /** Whether it is of the last life. */
  readonly newest: boolean;
}

/** The newest segment that makes sense, and older ones as far as they tell of venues that it does not watch; oldest first. */
function endsOf(segments: readonly SegmentFile[]): SegmentEnd[] {
  const ends: SegmentEnd[] = [];
  const seen = new Set<VenueId>();
  for (const file of segments.toReversed()) {
    const end = endOf(file, seen, ends.length === 0);
    if (end === undefined) continue;
    ends.push(end);
    for (const venue of end.facts.venues) seen.add(venue);
  }
  return ends.reverse();
}

function endOf(file: SegmentFile, seen: ReadonlySet<VenueId>, newest: boolean): SegmentEnd | undefined {
  const segment = openIfThere(file.path);
  if (segment === undefined) return undefined;
  try {
    const { frames, end } = segment.walk();
    const facts = factsOf(segment, frames);
    if (facts === undefined) return undefined;
    const news = facts.venues.some((venue) => !seen.has(venue));
    // Reading it whole to know how it ended is worth it only if no later one tells the same.
    const sound = newest || news ? soundOf(segment, frames) : frames.slice(0, 1);
    const last = sound.at(-1)?.writtenAt;
    return {
      facts,
      last: isTime(last) ? Math.max(last, facts.createdAt) : facts.createdAt,
      closed: end === 'closed' && sound.length === frames.length,
      openGaps: newest ? openGapsAfter(segment, sound) : [],
      newest,
    };
  } finally {
    segment.close();
  }
}

function openIfThere(path: string): Segment | undefined {
  try {
    return Segment.open(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function soundOf(segment: Segment, frames: readonly Frame[]): Frame[] {
  const unsound = frames.findIndex((frame) => !segment.isSound(frame));
  return unsound === -1 ? [...frames] : frames.slice(0, unsound);
}

function addEnd(venues: Map<VenueId, Known>, { facts, last, newest }: SegmentEnd): void {
  for (const venue of facts.venues) {
    const known = venues.get(venue);
    venues.set(venue, {
      since: Math.min(known?.since ?? facts.createdAt, facts.createdAt),
      last: Math.max(known?.last ?? last, last),
      watched: newest || known?.watched === true,
    });
  }
}

function nextSegment(lake: string, segments: readonly SegmentFile[]): number {
  const converted = readConverted(lake).segment;
  let greatest = Math.max(converted, segments.at(-1)?.number ?? -1);
  for (const table of LAKE_TABLES) {
    // What is in Parquet was noted before its segment was deleted; the newest folders are looked at all the same.
    const hours = converted < 0 ? hoursOf(lake, table) : hoursOf(lake, table).slice(-RECENT_HOURS);
    for (const hour of hours)
      for (const partition of partitionsOf(lake, table, hour))
        greatest = Math.max(greatest, greatestOf(lake, partition));
  }
  return greatest + 1;
}

function greatestOf(lake: string, { folder }: Partition): number {
  let greatest = -1;
  for (const name of namesIn(`${lake}/${folder}`)) {
    const last = parsePartName(name.replace(IN_PROGRESS, '').replace(MERGED, ''))?.last ?? -1;
    if (last > greatest) greatest = last;
  }
  return greatest;
}

/** Adds what folders tell of venues, for a lake whose state was lost: a part says of its rows' time no more than the hour. */
function addParts(venues: Map<VenueId, Known>, lake: string): void {
  const told = new Set(venues.keys());
  for (const hour of hoursOf(lake, 'quotes')) {
    for (const { venue } of partitionsOf(lake, 'quotes', hour)) {
      const known = venues.get(venue);
      const since = Math.min(known?.since ?? hour, hour);
      const last = known !== undefined && told.has(venue) ? known.last : hour + HOUR_US;
      venues.set(venue, { since, last, watched: known?.watched ?? true });
    }
  }
}
