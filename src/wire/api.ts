import type { Alert, SinkReport } from '../core/alert.ts';
import type { BoundReading } from '../core/bounds.ts';
import type { GapReason } from '../core/lake-status.ts';
import type { Opportunity } from '../core/opportunity.ts';
import type { IdentityReason, IdentityState, VerdictName } from '../core/route-notes.ts';
import type { SurvivalCurve, SurvivalGrouping } from '../core/survival.ts';
import type { VenueId } from '../core/venue-ids.ts';

/**
 * The shapes of `/api/v1`, shared by the gateway and the page. Times are µs since the epoch as numbers named `…Time`, durations `…Ms`, rates per second, spreads in basis
 * points. `null` stands for what is not known (JSON has no NaN).
 */

export interface StatusReply {
  readonly version: string;
  readonly uptimeMs: number;
  readonly roles: readonly string[];
  readonly instruments: number;
  readonly symbols: number;
  readonly routes: number;
  readonly clients: number;
  readonly rates: { readonly frames: number; readonly quotes: number; readonly trades: number };
  readonly totals: {
    readonly frames: number;
    readonly quotes: number;
    readonly trades: number;
    readonly badFrames: number;
  };
  readonly memory: { readonly rss: number; readonly budget: number };
  readonly opportunities: OpportunityTotals;
  /** The recent past in memory: how far it goes back of how far it may, for how many instruments, and how often it made room before its time. */
  readonly window: {
    readonly spanMs: number;
    readonly coveredMs: number;
    readonly resolutionMs: number;
    readonly windows: number;
    readonly evicted: number;
  };
  /** The recording; null when nothing is recorded. */
  readonly lake: LakeSummary | null;
  /** Set when this is a recording that is played again: nothing of it is of now. */
  readonly replay: ReplayStatus | null;
  readonly alarms: readonly Alarm[];
}

/** Times are those of the recording, µs. */
export interface ReplayStatus {
  readonly from: number;
  readonly to: number;
  readonly time: number;
  /** Times the pace of life; null = as fast as it goes. */
  readonly speed: number | null;
  readonly ended: boolean;
}

/** Counts are of this run and only grow. */
export interface LakeSummary {
  readonly folder: string;
  /** Whether rows reach the disk now; if not, an alarm says why. */
  readonly recording: boolean;
  /** Rows that are safe on the disk. */
  readonly recorded: { readonly quotes: number; readonly trades: number; readonly opportunities: number };
  /** Rows that will never be; of quotes and trades the lake's gaps say which venues and when. */
  readonly lost: { readonly quotes: number; readonly trades: number; readonly opportunities: number };
  /** Rows of the table of gaps. */
  readonly gaps: number;
  /** Until when all is durable, µs; null = not yet. */
  readonly syncedTime: number | null;
  readonly journal: { readonly segments: number; readonly bytes: number };
  /** Closed segments that wait for Parquet. */
  readonly backlog: { readonly segments: number; readonly bytes: number };
  readonly parquet: { readonly rows: number; readonly files: number };
  readonly removed: { readonly files: number; readonly bytes: number };
  readonly bytes: number;
  readonly freeBytes: number;
  readonly errors: { readonly write: number; readonly sync: number; readonly keeper: number };
  readonly clockSteps: number;
}

export interface Alarm {
  readonly code: string;
  readonly message: string;
  readonly since: number;
}

export type VenueState = 'connecting' | 'live' | 'stale' | 'down';

export interface VenueRow {
  readonly venue: VenueId;
  readonly title: string;
  readonly state: VenueState;
  /** Why it is in that state, for people; empty when live. */
  readonly reason: string;
  readonly epoch: number;
  readonly connections: { readonly open: number; readonly wanted: number };
  readonly instruments: number;
  /** Instruments by what became of their subscription. */
  readonly subscriptions: {
    readonly pending: number;
    readonly silent: number;
    readonly live: number;
    readonly refused: number;
  };
  readonly rates: { readonly frames: number; readonly quotes: number; readonly trades: number };
  /** Receive time minus venue time, over the last seconds; null when the venue sends no time. */
  readonly lagMs: { readonly p50: number | null; readonly p99: number | null };
  readonly reconnects: number;
  readonly lastMessageAgeMs: number | null;
  readonly passedFrames: number;
  /** Counts by kind of bad frame. */
  readonly errors: Readonly<Record<string, number>>;
  readonly takerFeeBps: number;
  /** What the recording tells of the venue; null when nothing is recorded. */
  readonly recording: VenueRecording | null;
}

/** Of this run. */
export interface VenueRecording {
  readonly recorded: number;
  readonly lost: number;
  /** Spells in which the venue, or one of its symbols, was not seen or not recorded. */
  readonly gaps: number;
}

export interface VenuesReply {
  readonly venues: readonly VenueRow[];
}

export interface SymbolsReply {
  readonly symbols: readonly { readonly symbol: string; readonly venues: readonly VenueId[] }[];
}

export interface QuoteRow {
  readonly venue: VenueId;
  readonly bid: number | null;
  readonly bidSize: number | null;
  readonly ask: number | null;
  readonly askSize: number | null;
  readonly venueTime: number | null;
  readonly receiveTime: number | null;
  readonly ageMs: number | null;
  readonly valid: boolean;
  /** The pair's, which need not be the venue's usual one. */
  readonly takerFeeBps: number;
  /** Null = it has not traded since we look, or trades are not followed. */
  readonly lastTrade: TradeRow | null;
}

export interface TradeRow {
  readonly price: number;
  readonly size: number;
  /** The taker's. */
  readonly side: 'buy' | 'sell';
  readonly receiveTime: number;
  readonly ageMs: number;
}

export interface QuotesReply {
  readonly symbol: string;
  readonly quotes: readonly QuoteRow[];
}

export interface RouteRow {
  /** `BTC-USDT:okx:binance`: buy on okx, sell on binance. */
  readonly id: string;
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly ask: number;
  readonly bid: number;
  readonly grossBps: number;
  readonly netBps: number;
  /** Base units. */
  readonly size: number;
  /** Quote units. */
  readonly notional: number;
  readonly buyAgeMs: number;
  readonly sellAgeMs: number;
  /** Between which net spreads the route mostly is; null = not known yet. */
  readonly bandLowBps: number | null;
  readonly bandHighBps: number | null;
  readonly opportunitiesPerHour: number | null;
  readonly verdict: VerdictName;
  readonly identity: IdentityState;
}

/** A route's statistics over the last hour; docs/STATISTICS.md defines each. Shares are from 0 to 1. */
export interface RouteStatistics {
  /** Seconds at which both legs were valid. */
  readonly samples: number;
  readonly meanBps: number | null;
  readonly deviationBps: number | null;
  readonly maxBps: number | null;
  readonly minBps: number | null;
  readonly meanCrossingsPerMinute: number | null;
  readonly parityCrossingsPerMinute: number | null;
  /** Completed cycles beyond 0.3, 0.4 and 0.5 %. */
  readonly cycles: readonly number[];
  readonly meanCycleMs: number | null;
  readonly timeAbove: number | null;
  readonly opportunities: number;
  readonly opportunitiesPerHour: number | null;
  readonly meanPeakBps: number | null;
  readonly maxPeakBps: number | null;
  readonly highPeaks: number | null;
  readonly meanDurationMs: number | null;
  readonly halfLifeMs: number | null;
  readonly asymmetry: number | null;
}

export interface RouteIdentity {
  readonly state: IdentityState;
  readonly reason: IdentityReason;
  /** µs since the epoch; null = never. */
  readonly since: number | null;
  /** Mid price of the venue that comes later in the list of venues over that of the other one. */
  readonly ratio: number | null;
  readonly minRatio: number | null;
  readonly maxRatio: number | null;
}

/** Two venues' instruments of one name: in doubt by their prices, or decided by somebody. */
export interface IdentityPair extends RouteIdentity {
  readonly symbol: string;
  /** `ratio` is the mid price of the second over that of the first. */
  readonly venues: readonly [VenueId, VenueId];
  /** When somebody decided; µs, null = nobody did. */
  readonly decidedTime: number | null;
}

/** What is in doubt comes first. */
export interface IdentityReply {
  readonly pairs: readonly IdentityPair[];
  readonly quarantined: number;
  /** Where decisions are kept. */
  readonly file: string;
}

export interface RouteFindings {
  readonly bands: {
    readonly lowBps: number | null;
    readonly highBps: number | null;
    readonly percent: number;
  };
  readonly statistics: RouteStatistics;
  readonly verdict: { readonly name: VerdictName; readonly reason: string; readonly version: string };
  readonly identity: RouteIdentity;
  readonly thresholds: { readonly openBps: number; readonly closeBps: number };
}

export interface RoutesReply {
  /** Routes with both legs valid, before `limit`. */
  readonly total: number;
  readonly routes: readonly RouteRow[];
}

/** What a step does to the spread, what it rests on, and what would stop the route there. */
export interface WaterfallStep {
  readonly step: 'gross' | 'buyFee' | 'sellFee' | 'size' | 'buyAge' | 'sellAge' | 'identity' | 'net';
  /** What it adds to the spread; of `gross` and `net` the spread itself; null = nothing, or not known. */
  readonly bps: number | null;
  /** Its own figure, for people. */
  readonly value: string;
  /** How old the quote is that it rests on. */
  readonly ageMs: number | null;
  /** What has to hold for the route to go on; null = nothing. */
  readonly gate: { readonly rule: string; readonly passes: boolean } | null;
  readonly note: string;
}

/** Why a route is or is not among those of a view. */
export interface WhyReply {
  readonly route: string;
  readonly shown: boolean;
  /** Its place in the view's order, 1 = first; null = it does not pass. */
  readonly rank: number | null;
  /** How many routes pass. */
  readonly total: number;
  /** What keeps it out, for people; empty when it is shown. */
  readonly reasons: readonly string[];
  /** Empty when there is no such route. */
  readonly waterfall: readonly WaterfallStep[];
}

export interface RouteReply
  extends Omit<
    RouteRow,
    'ask' | 'bid' | 'grossBps' | 'netBps' | 'size' | 'notional' | 'buyAgeMs' | 'sellAgeMs'
  > {
  /** Whether both legs are valid now; if not, `reason` says which is not and the figures are null. */
  readonly valid: boolean;
  readonly reason: string;
  readonly ask: number | null;
  readonly bid: number | null;
  readonly grossBps: number | null;
  readonly netBps: number | null;
  readonly size: number | null;
  readonly notional: number | null;
  readonly buyAgeMs: number | null;
  readonly sellAgeMs: number | null;
  readonly fees: { readonly buyBps: number; readonly sellBps: number };
  readonly legs: { readonly buy: QuoteRow; readonly sell: QuoteRow };
  /** From gross to net, step by step. */
  readonly waterfall: readonly WaterfallStep[];
  /** What is known of it beside its present prices; null where there is no room for that. */
  readonly findings: RouteFindings | null;
}

export const HISTORY_KINDS = ['gross', 'net', 'basis'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** A spell in which a leg of the route was not seen; µs since the epoch. */
export interface HistoryGap {
  readonly from: number;
  readonly to: number;
  readonly venue: VenueId;
  readonly reason: GapReason;
}

/** A part of the range in which the venue was never recorded; µs since the epoch. */
export interface HistoryUnrecorded {
  readonly from: number;
  readonly to: number;
  readonly venue: VenueId;
}

/** Who told a part of the range: what was recorded, tick by tick, or the samples of the windows in memory; µs since the epoch. */
export interface HistorySource {
  readonly from: number;
  readonly to: number;
  readonly source: 'memory' | 'lake';
}

/** Columns of equal length. Values are basis points; null = from that time on it is not known. */
export interface HistoryReply {
  readonly route: string;
  readonly kind: HistoryKind;
  readonly from: number;
  readonly to: number;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly gaps: readonly HistoryGap[];
  readonly unrecorded: readonly HistoryUnrecorded[];
  /** In the order of time, without a hole; where two meet, the time is the later's. */
  readonly sources: readonly HistorySource[];
}

/** How many opportunities there were in this run; counts but `open` only grow. */
export interface OpportunityTotals {
  /** Open now. */
  readonly open: number;
  /** Ever opened. */
  readonly opened: number;
  readonly closed: number;
  /** Of those that opened: left out, since too many were open. */
  readonly refused: number;
}

/** A time of which opportunities are missing: on their way to the lake (ask again in a minute), or gone where nothing is recorded. */
export interface OpportunityHole {
  readonly from: number;
  readonly to: number;
}

export interface FoundOpportunities {
  /** Open ones first, the highest peak first; then closed ones, the latest to close first. */
  readonly opportunities: readonly Opportunity[];
  readonly hole: OpportunityHole | null;
}

export interface OpportunitiesReply extends FoundOpportunities {
  readonly totals: OpportunityTotals;
}

/** How edges survived in one group of opportunities; null = the group does not tell them apart. */
export interface SurvivalRow extends SurvivalCurve {
  readonly symbol: string | null;
  readonly buy: VenueId | null;
  readonly sell: VenueId | null;
}

export interface SurvivalReply {
  readonly by: SurvivalGrouping;
  /** The delays of each curve's entries. */
  readonly delaysMs: readonly number[];
  /** Those with the most opportunities first. */
  readonly groups: readonly SurvivalRow[];
  readonly hole: OpportunityHole | null;
}

/** One venue's prices of a symbol, as they were compared. */
export interface LeadLagLeg {
  readonly venue: VenueId;
  /** Changes of its mid price. */
  readonly changes: number;
  /** The first of them; null = there is none. */
  readonly from: number | null;
  /** Whether there were more than are compared: the latest are. */
  readonly cut: boolean;
  /** Receive time minus venue time: the offset of the clocks and the way together. Null = the venue sends no time. */
  readonly clockOffsetMs: { readonly p10: number; readonly p50: number; readonly p90: number } | null;
}

/** Which of two venues moves first; null = that cannot be told. */
export interface LeadLagPair {
  readonly a: VenueId;
  readonly b: VenueId;
  /** By so many ms `a` is ahead; below 0 = `b` is. */
  readonly leadMs: number | null;
  readonly correlation: number | null;
  readonly correlationAtZero: number | null;
  /** Above 1 = `a` leads. */
  readonly ratio: number | null;
  /** Whether parts of the range bear the lead out: if not, it is noise. */
  readonly clear: boolean;
  /** Share of six parts of the range that say the same, 0 … 1. */
  readonly agreement: number | null;
  /** Between the quarters of what those parts say. */
  readonly spreadMs: number | null;
}

export interface LeadLagReply {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  readonly legs: readonly LeadLagLeg[];
  readonly pairs: readonly LeadLagPair[];
}

export interface AlertsReply {
  /** The latest first. */
  readonly alerts: readonly Alert[];
  readonly rules: readonly { readonly name: string; readonly on: string }[];
  readonly sinks: readonly SinkReport[];
  readonly counts: AlertCounts;
}

/** Of this run. What was not told: within a rule's cooldown, told as one of a venue, of venues that may not mean the same coin, or for want of room. */
export interface AlertCounts {
  readonly told: number;
  readonly cooled: number;
  readonly grouped: number;
  readonly untrusted: number;
  readonly dropped: number;
}

export interface BoundsReply {
  /** Bytes the whole process may use. */
  readonly budget: number;
  /** Bytes that all bounds together may take. */
  readonly total: number;
  /** Bytes that V8, Node and the libraries are allowed beside the bounds, measured. */
  readonly allowance: number;
  readonly bounds: readonly BoundReading[];
}

/** A time in which a venue, or some of its symbols, were not seen or not recorded, cut to the range; µs since the epoch. */
export interface VenueGap {
  readonly venue: VenueId;
  readonly reason: GapReason;
  readonly from: number;
  readonly to: number;
  /** It has not ended. */
  readonly open: boolean;
  /** How many symbols, at least; null = the whole venue. */
  readonly symbols: number | null;
  /** For how long each of them was not seen, added up: they need not have been away at the same time. Null = the whole venue. */
  readonly symbolMs: number | null;
  /** Null = nobody could count them. */
  readonly rowsLost: number | null;
}

export interface FoundGaps {
  /** In order of their beginning. */
  readonly gaps: readonly VenueGap[];
  /** There were older ones in the range than were asked for. */
  readonly more: boolean;
  /** Since when each venue is recorded at all, µs since the epoch; who is not here never was. */
  readonly recorded: readonly { readonly venue: VenueId; readonly since: number }[];
}

export interface GapsReply extends FoundGaps {
  readonly from: number;
  readonly to: number;
}

/** One venue's trades by span of time; columns of equal length, spans without a trade are left out. */
export interface TradeFlow {
  readonly venue: VenueId;
  /** Where the span begins, µs since the epoch. */
  readonly time: readonly number[];
  /** What takers bought, and sold, in quote units. */
  readonly bought: readonly number[];
  readonly sold: readonly number[];
  readonly trades: readonly number[];
}

export interface TradesReply {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  /** Equal spans that the range is told in. */
  readonly points: number;
  readonly venues: readonly TradeFlow[];
}

/** The last hour of routes: net spreads at the end of each minute. */
export interface SparklinesReply {
  /** Whole minutes, oldest first, µs since the epoch. */
  readonly time: readonly number[];
  /** Basis points, as many as there are times; null = it was not valid then, or is not known. */
  readonly routes: readonly { readonly id: string; readonly netBps: readonly (number | null)[] }[];
}

/** Columns of equal length, oldest first: times in µs, bytes that were resident then; at most six hours. */
export interface MemoryReply {
  /** Bytes the whole process may use. */
  readonly budget: number;
  /** Between two readings. */
  readonly everyMs: number;
  readonly time: readonly number[];
  readonly rss: readonly number[];
}

export interface ReadyReply {
  readonly ready: boolean;
  /** Why not, for people; empty when ready. */
  readonly reasons: readonly string[];
}

export interface ErrorReply {
  readonly error: { readonly code: string; readonly message: string };
}

/** A recorded moment that is shown; times µs. */
export interface PastMoment {
  /** A whole millisecond. */
  readonly moment: number;
  readonly state: 'reading' | 'ready' | 'failed';
  /** How much of what came before it is read, 0 to 1. */
  readonly progress: number;
  /** Opportunities and statistics are of what was recorded since; null = not known yet. */
  readonly from: number | null;
  /** Times the pace of life; 0 = it stands still. */
  readonly speed: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** `GET /api/v1/past` and `POST /api/v1/past`. */
export interface PastReply {
  /** The first and last hour that hold quotes, µs; null = nothing is recorded. */
  readonly recorded: { readonly from: number; readonly to: number } | null;
  readonly moments: readonly PastMoment[];
}
