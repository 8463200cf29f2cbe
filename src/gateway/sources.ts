import type { BoundReading } from '../core/bounds.ts';
import type { Opportunity } from '../core/opportunity.ts';
import type { IdentityDecision } from '../core/route-notes.ts';
import type { SurvivalGrouping } from '../core/survival.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type {
  AlertsReply,
  FoundGaps,
  FoundOpportunities,
  HistoryGap,
  HistoryKind,
  HistorySource,
  HistoryUnrecorded,
  IdentityReply,
  LeadLagReply,
  MemoryReply,
  OpportunityTotals,
  PastReply,
  QuoteRow,
  RouteReply,
  RoutesReply,
  SparklinesReply,
  StatusReply,
  SurvivalReply,
  SymbolsReply,
  TradeFlow,
  VenueRow,
  WhyReply,
} from '../wire/api.ts';
import type { RoutePast, RoutesParams } from '../wire/stream.ts';

/** A route's series that is asked for; times are whole µs since the epoch. */
export interface HistoryQuery {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly kind: HistoryKind;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  /** Thins to so many points; undefined = every one. */
  readonly points?: number | undefined;
  /** Points that the bands look back over. */
  readonly bandWindow?: number | undefined;
  /** Percent of the upper band. */
  readonly bandPercent?: number | undefined;
}

/** Columns of equal length. Values are fractions; NaN = from that time on it is not known. */
export interface HistoryColumns {
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

export interface HistoryAnswer {
  readonly gaps: readonly HistoryGap[];
  readonly unrecorded: readonly HistoryUnrecorded[];
  /** Who told which part of the range, in the order of time, without a hole. */
  readonly sources: readonly HistorySource[];
  /** In the order of time; each batch is read when it is asked for. Whoever does not read it to its end must abort. */
  readonly batches: AsyncIterableIterator<HistoryColumns>;
}

/** What was recorded, or is still in memory. */
export interface HistoryReader {
  /** Throws HISTORY_BUSY, BAD_REQUEST, NO_LAKE, and the signal's reason. */
  read(query: HistoryQuery, signal: AbortSignal): Promise<HistoryAnswer>;
}

/** Which opportunities are wanted; times are whole µs since the epoch, and one counts when any of it lies in the range. */
export interface OpportunityQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly symbol?: string | undefined;
  readonly buy?: VenueId | undefined;
  readonly sell?: VenueId | undefined;
  readonly minPeakBps?: number | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  /** `all`: also routes whose venues may not mean the same coin; default `trusted`. */
  readonly identity?: 'trusted' | 'all' | undefined;
  readonly limit: number;
}

/** Which opportunities count, and how they are put together. */
export interface SurvivalQuery extends Omit<OpportunityQuery, 'state' | 'limit'> {
  readonly by: SurvivalGrouping;
  /** Groups. */
  readonly limit: number;
}

/** Whose gaps are wanted; whole µs since the epoch. */
export interface GapsQuery {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly venue?: VenueId | undefined;
  readonly limit: number;
}

/** Whose trades are wanted; whole µs since the epoch, to not included. */
export interface TradesQuery {
  readonly symbol: string;
  readonly venues: readonly VenueId[];
  readonly from: number;
  readonly to: number;
  /** Equal spans that the range is told in. */
  readonly spans: number;
}

export interface SparkRoute {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
}

export interface OpportunityReader {
  /** Open ones first, the highest peak first; then closed ones, the latest to close first. */
  find(query: OpportunityQuery, signal: AbortSignal): Promise<FoundOpportunities>;
  survival(query: SurvivalQuery, signal: AbortSignal): Promise<SurvivalReply>;
  totals(): OpportunityTotals;
  /** What is open and what closed last. */
  now(): {
    readonly open: readonly Opportunity[];
    readonly closed: readonly Opportunity[];
    readonly totals: OpportunityTotals;
  };
}

/** The guard of identities. */
export interface IdentitySource {
  read(): IdentityReply;
  /** Resolves once the word is kept. Throws UNKNOWN_SYMBOL, UNKNOWN_ROUTE, FILE_UNWRITABLE. */
  decide(symbol: string, a: VenueId, b: VenueId, decision: IdentityDecision): Promise<void>;
}

/** Somebody's hold on a past moment; it is not given up before `release`. */
export interface PastLease {
  /** Of loopback, where its API is. */
  readonly port: number;
  release(): void;
}

/** Shows the market as it was at recorded moments; times µs. */
export interface PastSource {
  read(): PastReply;
  /** Begins to read what led to it, unless that is done; `speed` is how fast it goes on from there. Throws PAST_BUSY, BAD_REQUEST. */
  open(moment: number, speed: number | undefined): void;
  /** Undefined when it is not ready. */
  lease(moment: number): PastLease | undefined;
}

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
  /** Why a route is, or is not, among those of a view; any symbol and venues. */
  why(symbol: string, buy: VenueId, sell: VenueId, params: RoutesParams, now: number): WhyReply;
  /** Says, at least once a second for as long as it is so, that somebody looks at the route. */
  watchRoute(symbol: string, buy: VenueId, sell: VenueId, now: number): void;
  /** The recent past of a watched route; undefined when there is none. */
  routePast(symbol: string, buy: VenueId, sell: VenueId): RoutePast | undefined;
  readonly opportunities: OpportunityReader;
  readonly identity: IdentitySource;
  /** What was alerted last, and how deliveries fare. */
  alerts(): AlertsReply;
  /** Which venue moves first with a symbol; times µs. Undefined when nothing is recorded. */
  readonly leadLag?:
    | ((
        wish: { readonly symbol: string; readonly from: number; readonly to: number },
        signal: AbortSignal,
      ) => Promise<Pick<LeadLagReply, 'legs' | 'pairs'>>)
    | undefined;
  /** When venues were not seen or not recorded; undefined when nothing is recorded. */
  readonly gaps?: ((query: GapsQuery, signal: AbortSignal) => Promise<FoundGaps>) | undefined;
  /** What takers bought and sold; undefined when nothing is recorded. */
  readonly trades?: ((query: TradesQuery, signal: AbortSignal) => Promise<readonly TradeFlow[]>) | undefined;
  /** The last hour of routes; undefined when no windows are kept. */
  readonly sparklines?:
    | ((routes: readonly SparkRoute[], now: number, signal: AbortSignal) => Promise<SparklinesReply>)
    | undefined;
  /** Resident memory over the last hours; undefined when nobody writes it down. */
  memory?(): MemoryReply;
  /** Undefined when there is none. */
  readonly history?: HistoryReader | undefined;
  /** Undefined when nothing is recorded. */
  readonly past?: PastSource | undefined;
  /** Why it is not ready beside its venues, for people; empty = nothing. */
  unready?(): readonly string[];
  /** Text of Prometheus' format 0.0.4. */
  metrics?(now: number): string;
  /** The whole ledger, the gateway's own `bounds()` included. */
  bounds(): {
    readonly budget: number;
    readonly allowance: number;
    readonly bounds: readonly BoundReading[];
  };
}
