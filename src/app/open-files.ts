import { readFileSync } from 'node:fs';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { VENUES } from '../venues/index.ts';
import type { Config } from './config.ts';

/** Descriptors for everything that is neither a venue's socket nor a client: the recording above all. */
export const SPARE_FILES = 128;

/** How many files the process may have open; undefined where the system does not tell. */
export function openFileLimit(): number | undefined {
  try {
    const match = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (match?.[1] === undefined) return undefined;
    return match[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(match[1]);
  } catch {
    // Not Linux: the limit is only advice there.
    return undefined;
  }
}

/** The sockets that the venues can come to need: twice as many as their markets take, while they rotate. */
export function venueSockets(config: Config): number {
  return VENUE_IDS.filter((id) => config.venues[id].enabled).reduce(
    (sum, id) => sum + 2 * Math.ceil(config.symbolsPerVenue / VENUES[id].limits.symbolsPerConnection),
    0,
  );
}
