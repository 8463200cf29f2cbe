import type { VenueId } from '../core/venue-ids.ts';
import { binance } from './binance/index.ts';
import { bingx } from './bingx/index.ts';
import { bitget } from './bitget/index.ts';
import { bybit } from './bybit/index.ts';
import { gate } from './gate/index.ts';
import { kucoin } from './kucoin/index.ts';
import { mexc } from './mexc/index.ts';
import { okx } from './okx/index.ts';
import type { Venue } from './venue.ts';

/** Every venue; a missing one does not compile. */
export const VENUES = {
  binance,
  bybit,
  okx,
  gate,
  kucoin,
  bitget,
  mexc,
  bingx,
} satisfies Record<VenueId, Venue>;
