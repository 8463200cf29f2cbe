import type { VenueId } from '../../core/venue-ids.ts';
import { binance } from './binance.ts';
import { bingx } from './bingx.ts';
import { bitget } from './bitget.ts';
import { bybit } from './bybit.ts';
import { gate } from './gate.ts';
import { kucoin } from './kucoin.ts';
import { mexc } from './mexc.ts';
import { okx } from './okx.ts';
import type { Protocol } from './protocol.ts';

export const PROTOCOLS = { binance, bybit, okx, gate, kucoin, bitget, mexc, bingx } satisfies Record<
  VenueId,
  Protocol
>;
