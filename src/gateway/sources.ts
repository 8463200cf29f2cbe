import type { BoundReading } from '../core/bounds.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { QuoteRow, RouteReply, RoutesReply, StatusReply, SymbolsReply, VenueRow } from '../wire/api.ts';
import type { RoutePast, RoutesParams } from '../wire/stream.ts';

/** What the gateway shows. The app joins it to the market and the feed; `now` is µs since the epoch. */
export interface GatewaySources {
  status(now: number): Omit<StatusReply, 'version' | 'clients'>;
  venues(now: number): readonly VenueRow[];
  symbols(): SymbolsReply['symbols'];
  /** Undefined when no venue lists the symbol. */
  quotes(symbol: string, now: number): readonly QuoteRow[] | undefined;
  routes(params: RoutesParams, now: number): RoutesReply;
  /** Undefined unless both venues list the symbol. */
  route(symbol: string, buy: VenueId, sell: VenueId, now: number): RouteReply | undefined;
  /** Says, at least once a second for as long as it is so, that somebody looks at the route. */
  watchRoute(symbol: string, buy: VenueId, sell: VenueId, now: number): void;
  /** The recent past of a watched route; undefined when there is none. */
  routePast(symbol: string, buy: VenueId, sell: VenueId): RoutePast | undefined;
  /** The whole ledger, the gateway's own `bounds()` included. */
  bounds(): { readonly budget: number; readonly bounds: readonly BoundReading[] };
}
