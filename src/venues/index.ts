import type { VenueId } from '../core/venue-ids.ts';
import { binance } from './binance/index.ts';
import type { Venue } from './venue.ts';

/** Every venue; a missing one does not compile. */
export const VENUES = {
  binance,
} satisfies Partial<Record<VenueId, Venue>>;
