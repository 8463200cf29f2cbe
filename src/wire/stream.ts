import type { Opportunity } from '../core/opportunity.ts';
import type { VerdictName } from '../core/route-notes.ts';
import type {
  AlertsReply,
  BoundsReply,
  OpportunityTotals,
  QuoteRow,
  RouteReply,
  RouteRow,
  VenueRow,
} from './api.ts';

/**
 * The protocol of `/api/v1/stream`: JSON text frames. A client subscribes to topics. Every message of a topic is whole (state, not change) and carries the
 * topic's `seq`. The first one is a `snapshot`; each `update` after it has the next `seq`. When messages were left out because the client read too slowly,
 * the next one is a `snapshot` again, with any later `seq`: a client that takes every snapshot as a fresh start never sees a hole.
 */
export type Topic =
  | 'venues'
  | 'routes'
  | 'bounds'
  | 'opportunities'
  | 'alerts'
  | `route/${string}`
  | `quotes/${string}`;

export type ClientMessage = TopicCommand | ConnectCommand;

export type TopicCommand =
  | { readonly op: 'subscribe'; readonly topic: string; readonly params?: RoutesParams }
  | { readonly op: 'unsubscribe'; readonly topic: string };

/** The first message, when the server asks for a token and neither a header nor a ticket came with the request. */
export interface ConnectCommand {
  readonly op: 'connect';
  readonly token: string;
}

/** Parameters of the topic `routes`; the same as the query of `GET /api/v1/routes`. */
export interface RoutesParams {
  readonly sort?: RouteSort;
  /** Default `asc` (least first) by symbol and age, else `desc`. */
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  readonly symbol?: string;
  readonly minNetBps?: number;
  readonly minNotional?: number;
  readonly verdict?: VerdictName;
  readonly identity?: 'trusted' | 'all';
  /** How many of the best to leave out before the first. */
  readonly offset?: number;
  /** Venues to buy on, and to sell on: `okx,gate`. */
  readonly buy?: string;
  readonly sell?: string;
  /** Symbols and routes, only these or all but these: `BTC-USDT,ETH-USDT:okx:gate`. */
  readonly only?: string;
  readonly hide?: string;
}

export const ROUTE_SORTS = ['net', 'gross', 'notional', 'size', 'age', 'opportunities', 'symbol'] as const;
export type RouteSort = (typeof ROUTE_SORTS)[number];

export type ServerMessage =
  | ({ readonly topic: string; readonly seq: number; readonly type: 'snapshot' | 'update' } & TopicData)
  | {
      readonly type: 'error';
      readonly topic: string | null;
      readonly code: string;
      readonly message: string;
    };

export type TopicData =
  | { readonly venues: readonly VenueRow[]; readonly time: number }
  | { readonly routes: readonly RouteRow[]; readonly total: number; readonly time: number }
  | RouteUpdate
  | { readonly symbol: string; readonly quotes: readonly QuoteRow[]; readonly time: number }
  | (BoundsReply & { readonly time: number })
  | OpportunitiesUpdate
  | (AlertsReply & { readonly time: number });

/** What is open, the highest peak first, and what closed last, the latest first: 50 each at most; the totals say how many there were. */
export interface OpportunitiesUpdate {
  readonly open: readonly Opportunity[];
  readonly closed: readonly Opportunity[];
  readonly totals: OpportunityTotals;
  readonly time: number;
}

export interface RouteUpdate {
  /** µs since the epoch. */
  readonly time: number;
  readonly route: RouteReply;
  /**
   * Only in a snapshot: the route's recent past, oldest first, equally long columns. Nulls mark times with an invalid leg.
   */
  readonly past?: RoutePast;
}

export interface RoutePast {
  readonly time: readonly number[];
  readonly netBps: readonly (number | null)[];
  readonly ask: readonly (number | null)[];
  readonly bid: readonly (number | null)[];
}

/** Why the server closes a stream, and whether to come back. Codes below 4500 = reconnect, from 4500 on = do not. docs/CODES.md lists the same. */
export const CLOSE_CODES = {
  shutdown: { code: 4000, reconnect: true, meaning: 'the server stops; it may be back soon' },
  slow: { code: 4001, reconnect: true, meaning: 'the client did not read fast enough' },
  noPong: { code: 4002, reconnect: true, meaning: 'the client did not answer pings' },
  tokenTimeout: { code: 4003, reconnect: true, meaning: 'the client did not say its token in time' },
  badRequest: { code: 4500, reconnect: false, meaning: 'a message was not of this protocol' },
  tooManySubscriptions: { code: 4501, reconnect: false, meaning: 'more topics than one client may have' },
  tooManyClients: { code: 4502, reconnect: false, meaning: 'more clients than the server may have' },
  tooManyCommands: { code: 4503, reconnect: false, meaning: 'more messages than one client may send' },
  unauthorized: { code: 4504, reconnect: false, meaning: 'the token is missing or wrong' },
} as const;
