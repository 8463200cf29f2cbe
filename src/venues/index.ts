import type { VenueId } from '../core/venue-ids.ts';
import { binance } from './binance/index.ts';
import { bybit } from './bybit/index.ts';
import { gate } from './gate/index.ts';
import { okx } from './okx/index.ts';
import type { Venue } from './venue.ts';

/** Every venue; a missing one does not compile. */
export const VENUES = {
  binance,
  bybit,
  okx,
  gate,
} satisfies Partial<Record<VenueId, Venue>>;
