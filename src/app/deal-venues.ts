import { VENUE_IDS } from '../core/venue-ids.ts';
import { VENUES } from '../venues/index.ts';
import type { Venue } from '../venues/venue.ts';
import type { Config } from './config.ts';

/** The venues that are watched. */
export function enabledVenues(config: Config): Venue[] {
  return VENUE_IDS.filter((id) => config.venues[id].enabled).map((id) => VENUES[id]);
}

/** Venues dealt over workers in turn, so that busy ones are spread; no worker is without one. */
export function dealVenues(venues: readonly Venue[], workers: number): Venue[][] {
  const hands: Venue[][] = Array.from({ length: Math.min(workers, venues.length) }, () => []);
  venues.forEach((venue, i) => {
    hands[i % hands.length]?.push(venue);
  });
  return hands;
}

/** The name of a worker, as in the names of its rings. */
export function workerName(worker: number): string {
  return `feed${worker}`;
}
