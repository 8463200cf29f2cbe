import { join } from 'node:path';
import type { VenueId } from '../core/venue-ids.ts';
import { type Duck, sqlFile } from './duck.ts';
import { readFolders } from './history-folders.ts';
import type { Unrecorded } from './history-request.ts';
import type { JournalTail } from './history-tail.ts';
import { FrameKind } from './journal-format.ts';
import { HOUR_US, hourFolder, hourOf } from './layout.ts';
import { hoursOf, namesIn } from './partitions.ts';
import { factsOf } from './segment-facts.ts';
import { readState } from './state.ts';

/** From when to when a venue was recorded, with whatever gaps between. */
export interface KnownTimes {
  /** µs. */
  readonly since: number;
  readonly last: number;
  /** Whether `last` was written down, so that nobody looked after it. */
  readonly told: boolean;
}

/** What a lake says of when it recorded a venue: its state, its journal, its folders; undefined = never. Throws what the disk and the engine throw. */
export async function knownTimes(
  lake: string,
  tail: JournalTail,
  engine: Pick<Duck, 'rows'>,
  venue: VenueId,
): Promise<KnownTimes | undefined> {
  const state = readState(lake)?.venues.get(venue);
  const times = { since: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  const extend = (since: number, last: number) => {
    if (since < times.since) times.since = since;
    if (last > times.last) times.last = last;
  };
  if (state !== undefined) extend(state.since, state.last);
  const watched = addTail(tail, venue, extend);
  const hours = hoursOf(lake, 'quotes').filter((hour) => hasVenue(lake, hour, venue));
  const [oldest, newest] = [hours[0], hours.at(-1)];
  // A part says no more than the hour, where nothing else says more.
  if (oldest !== undefined && oldest < hourOf(times.since)) times.since = oldest;
  if (newest !== undefined && newest >= hourOf(times.last))
    times.last = Math.max(times.last, (await lastQuote(lake, engine, newest, venue)) ?? newest + HOUR_US);
  if (!(times.since <= times.last)) return undefined;
  return { ...times, told: state !== undefined || watched };
}

/** Takes what the journal says of a venue; answers whether a segment names it among those that are watched. */
function addTail(
  { segments }: JournalTail,
  venue: VenueId,
  extend: (since: number, last: number) => void,
): boolean {
  let watched = false;
  for (const { segment, sound } of segments) {
    const facts = factsOf(segment, sound);
    if (facts?.venues.includes(venue) === true) {
      watched = true;
      extend(facts.createdAt, Math.max(facts.createdAt, sound.at(-1)?.writtenAt ?? facts.createdAt));
    }
    for (const frame of sound)
      if (frame.kind === FrameKind.quotes && frame.venue === venue && frame.minTime <= frame.maxTime)
        extend(frame.minTime, frame.maxTime);
  }
  return watched;
}

function hasVenue(lake: string, hour: number, venue: VenueId): boolean {
  return namesIn(join(lake, hourFolder('quotes', hour))).includes(`venue=${venue}`);
}

/** The time of the last quote of an hour, by the statistics of its files; undefined if they have none. */
async function lastQuote(
  lake: string,
  engine: Pick<Duck, 'rows'>,
  hour: number,
  venue: VenueId,
): Promise<number | undefined> {
  return await readFolders(lake, [`${hourFolder('quotes', hour)}/venue=${venue}`], async (view) => {
    const paths = view.paths().map(sqlFile);
    if (paths.length === 0) return undefined;
    const [row] = await engine.rows(
      `SELECT epoch_us(max(stats_max_value::TIMESTAMPTZ))::DOUBLE FROM parquet_metadata([${paths.join(', ')}]) WHERE path_in_schema = 'receive_time'`,
    );
    return typeof row?.[0] === 'number' ? row[0] : undefined;
  });
}

/** The parts of a range in which a venue was not yet, or not any more, recorded. */
export function unrecorded(
  venue: VenueId,
  known: KnownTimes | undefined,
  from: number,
  to: number,
): Unrecorded[] {
  if (known === undefined) return [{ from, to, venue }];
  const parts: Unrecorded[] = [];
  if (from < known.since) parts.push({ from, to: Math.min(to, known.since), venue });
  if (known.last < to) parts.push({ from: Math.max(from, known.last), to, venue });
  return parts;
}
