import { didYouMean } from '../app/nearest.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { isVenueId, VENUE_IDS, type VenueId } from '../core/venue-ids.ts';

/** @throws USAGE when empty, UNKNOWN_VENUE */
export function parseVenues(list: string): VenueId[] {
  const ids = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseVenue);
  if (ids.length === 0)
    throw new SpreadscopeError('USAGE', `--venues takes one or more of ${VENUE_IDS.join(', ')}`);
  return ids;
}

/** @throws UNKNOWN_VENUE */
export function parseVenue(text: string): VenueId {
  if (isVenueId(text)) return text;
  const hint = didYouMean(text, VENUE_IDS) || `; known: ${VENUE_IDS.join(', ')}`;
  throw new SpreadscopeError('UNKNOWN_VENUE', `there is no venue ${JSON.stringify(text)}${hint}`);
}

/** A whole number given to a flag. @throws USAGE */
export function parseCount(text: string, flag: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new SpreadscopeError(
    'USAGE',
    `${flag} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`,
  );
}
