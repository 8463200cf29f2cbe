import { type Static, type TSchema, Type } from 'typebox';
import { ALERT_KINDS, ALERT_SINKS } from '../core/alert.ts';
import { GAP_REASONS } from '../core/lake-status.ts';
import { CLOSE_REASONS, SURVIVAL_MS } from '../core/opportunity.ts';
import { IDENTITY_DECISIONS, IDENTITY_REASONS, IDENTITY_STATES, VERDICTS } from '../core/route-notes.ts';
import { SURVIVAL_GROUPS } from '../core/survival.ts';
import { TIMES_ALLOWED } from '../core/times.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';
import * as api from '../wire/api.ts';
import { ROUTE_SORTS, type RoutesParams } from '../wire/stream.ts';
import type { HistoryParams } from './history-route.ts';
import type { IdentityOrder } from './identity-route.ts';
import type { LeadLagParams } from './lead-lag-route.ts';
import type { OpportunitiesParams, SurvivalParams } from './opportunities-route.ts';

/** The schemas of `/api/v1`: they check requests and replies and make the OpenAPI page. */
const numberOrNull = Type.Union([Type.Number(), Type.Null()]);
const venueId = Type.Enum([...VENUE_IDS]);
const venueOrNull = Type.Union([venueId, Type.Null()]);
const rates = Type.Object({ frames: Type.Number(), quotes: Type.Number(), trades: Type.Number() });

const rowCounts = Type.Object({
  quotes: Type.Number(),
  trades: Type.Number(),
  opportunities: Type.Number(),
});
const segments = Type.Object({ segments: Type.Number(), bytes: Type.Number() });
const lakeSummary = Type.Object({
  folder: Type.String(),
  recording: Type.Boolean(),
  recorded: rowCounts,
  lost: rowCounts,
  gaps: Type.Number(),
  syncedTime: numberOrNull,
  journal: segments,
  backlog: segments,
  parquet: Type.Object({ rows: Type.Number(), files: Type.Number() }),
  removed: Type.Object({ files: Type.Number(), bytes: Type.Number() }),
  bytes: Type.Number(),
  freeBytes: Type.Number(),
  errors: Type.Object({ write: Type.Number(), sync: Type.Number(), keeper: Type.Number() }),
  clockSteps: Type.Number(),
});

const opportunityTotals = Type.Object({
  open: Type.Integer(),
  opened: Type.Integer(),
  closed: Type.Integer(),
  refused: Type.Integer(),
});

export const statusReply = Type.Object({
  version: Type.String(),
  uptimeMs: Type.Number(),
  roles: Type.Array(Type.String()),
  instruments: Type.Integer(),
  symbols: Type.Integer(),
  routes: Type.Integer(),
  clients: Type.Integer(),
  rates,
  totals: Type.Object({
    frames: Type.Number(),
    quotes: Type.Number(),
    trades: Type.Number(),
    badFrames: Type.Number(),
  }),
  memory: Type.Object({ rss: Type.Number(), budget: Type.Number() }),
  opportunities: opportunityTotals,
  window: Type.Object({
    spanMs: Type.Number(),
    coveredMs: Type.Number(),
    resolutionMs: Type.Number(),
    windows: Type.Integer(),
    evicted: Type.Integer(),
  }),
  lake: Type.Union([lakeSummary, Type.Null()]),
  replay: Type.Union([
    Type.Object({
      ...{ from: Type.Number(), to: Type.Number(), time: Type.Number() },
      ...{ speed: numberOrNull, ended: Type.Boolean() },
    }),
    Type.Null(),
  ]),
  alarms: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), since: Type.Number() })),
});

const venueRow = Type.Object({
  venue: venueId,
  title: Type.String(),
  state: Type.Enum(['connecting', 'live', 'stale', 'down']),
  reason: Type.String(),
  epoch: Type.Number(),
  connections: Type.Object({ open: Type.Number(), wanted: Type.Number() }),
  instruments: Type.Number(),
  subscriptions: Type.Object({
    pending: Type.Number(),
    silent: Type.Number(),
    live: Type.Number(),
    refused: Type.Number(),
  }),
  rates,
  lagMs: Type.Object({ p50: numberOrNull, p99: numberOrNull }),
  reconnects: Type.Number(),
  lastMessageAgeMs: numberOrNull,
  passedFrames: Type.Number(),
  errors: Type.Record(Type.String(), Type.Number()),
  takerFeeBps: Type.Number(),
  recording: Type.Union([
    Type.Object({ recorded: Type.Number(), lost: Type.Number(), gaps: Type.Number() }),
    Type.Null(),
  ]),
});

export const venuesReply = Type.Object({ venues: Type.Array(venueRow) });

export const symbolsReply = Type.Object({
  symbols: Type.Array(Type.Object({ symbol: Type.String(), venues: Type.Array(venueId) })),
});

const tradeRow = Type.Object({
  price: Type.Number(),
  size: Type.Number(),
  side: Type.Enum(['buy', 'sell']),
  receiveTime: Type.Number(),
  ageMs: Type.Number(),
});

const quoteRow = Type.Object({
  venue: venueId,
  bid: numberOrNull,
  bidSize: numberOrNull,
  ask: numberOrNull,
  askSize: numberOrNull,
  venueTime: numberOrNull,
  receiveTime: numberOrNull,
  ageMs: numberOrNull,
  valid: Type.Boolean(),
  takerFeeBps: Type.Number(),
  lastTrade: Type.Union([tradeRow, Type.Null()]),
});

export const quotesReply = Type.Object({ symbol: Type.String(), quotes: Type.Array(quoteRow) });

const verdict = Type.Enum([...VERDICTS]);
const identityState = Type.Enum([...IDENTITY_STATES]);
const identityView = {
  state: identityState,
  reason: Type.Enum([...IDENTITY_REASONS]),
  since: numberOrNull,
  ratio: numberOrNull,
  minRatio: numberOrNull,
  maxRatio: numberOrNull,
};
const routeNotes = {
  bandLowBps: numberOrNull,
  bandHighBps: numberOrNull,
  opportunitiesPerHour: numberOrNull,
  verdict,
  identity: identityState,
};
export const identityReply = Type.Object({
  pairs: Type.Array(
    Type.Object({
      symbol: Type.String(),
      venues: Type.Tuple([venueId, venueId]),
      ...identityView,
      decidedTime: numberOrNull,
    }),
  ),
  quarantined: Type.Integer(),
  file: Type.String(),
});

export const identityBody = Type.Object({
  symbol: Type.String({ minLength: 1, maxLength: 64, description: 'a symbol such as BTC-USDT' }),
  venues: Type.Array(venueId, {
    ...{ minItems: 2, maxItems: 2, description: `two of ${VENUE_IDS.join(', ')}` },
  }),
  decision: Type.Enum([...IDENTITY_DECISIONS], { description: `one of ${IDENTITY_DECISIONS.join(', ')}` }),
});

const routeFindings = Type.Object({
  bands: Type.Object({ lowBps: numberOrNull, highBps: numberOrNull, percent: Type.Number() }),
  statistics: Type.Object({
    samples: Type.Number(),
    meanBps: numberOrNull,
    deviationBps: numberOrNull,
    maxBps: numberOrNull,
    minBps: numberOrNull,
    meanCrossingsPerMinute: numberOrNull,
    parityCrossingsPerMinute: numberOrNull,
    cycles: Type.Array(Type.Number()),
    meanCycleMs: numberOrNull,
    timeAbove: numberOrNull,
    opportunities: Type.Number(),
    opportunitiesPerHour: numberOrNull,
    meanPeakBps: numberOrNull,
    maxPeakBps: numberOrNull,
    highPeaks: numberOrNull,
    meanDurationMs: numberOrNull,
    halfLifeMs: numberOrNull,
    asymmetry: numberOrNull,
  }),
  verdict: Type.Object({ name: verdict, reason: Type.String(), version: Type.String() }),
  identity: Type.Object(identityView),
  thresholds: Type.Object({ openBps: Type.Number(), closeBps: Type.Number() }),
});

const routeRow = Type.Object({
  id: Type.String(),
  symbol: Type.String(),
  buy: venueId,
  sell: venueId,
  ask: Type.Number(),
  bid: Type.Number(),
  grossBps: Type.Number(),
  netBps: Type.Number(),
  size: Type.Number(),
  notional: Type.Number(),
  buyAgeMs: Type.Number(),
  sellAgeMs: Type.Number(),
  ...routeNotes,
});

export const routesReply = Type.Object({ total: Type.Integer(), routes: Type.Array(routeRow) });

const waterfallStep = Type.Object({
  step: Type.Enum(['gross', 'buyFee', 'sellFee', 'size', 'buyAge', 'sellAge', 'identity', 'net']),
  ...{ bps: numberOrNull, value: Type.String(), ageMs: numberOrNull },
  gate: Type.Union([Type.Object({ rule: Type.String(), passes: Type.Boolean() }), Type.Null()]),
  note: Type.String(),
});

export const whyReply = Type.Object({
  ...{ route: Type.String(), shown: Type.Boolean(), rank: Type.Union([Type.Integer(), Type.Null()]) },
  ...{ total: Type.Integer(), reasons: Type.Array(Type.String()), waterfall: Type.Array(waterfallStep) },
});

export const routeReply = Type.Object({
  id: Type.String(),
  symbol: Type.String(),
  buy: venueId,
  sell: venueId,
  valid: Type.Boolean(),
  reason: Type.String(),
  ask: numberOrNull,
  bid: numberOrNull,
  grossBps: numberOrNull,
  netBps: numberOrNull,
  size: numberOrNull,
  notional: numberOrNull,
  buyAgeMs: numberOrNull,
  sellAgeMs: numberOrNull,
  fees: Type.Object({ buyBps: Type.Number(), sellBps: Type.Number() }),
  legs: Type.Object({ buy: quoteRow, sell: quoteRow }),
  waterfall: Type.Array(waterfallStep),
  ...routeNotes,
  findings: Type.Union([routeFindings, Type.Null()]),
});

const opportunity = Type.Object({
  symbol: Type.String(),
  buy: venueId,
  sell: venueId,
  start: Type.Number(),
  end: numberOrNull,
  durationMs: Type.Number(),
  openBps: Type.Number(),
  startNetBps: Type.Number(),
  peakNetBps: Type.Number(),
  peakTime: Type.Number(),
  meanNetBps: Type.Number(),
  timeMeanNetBps: Type.Number(),
  ticks: Type.Integer(),
  size: Type.Number(),
  notional: Type.Number(),
  peakSize: Type.Number(),
  peakNotional: Type.Number(),
  buyAgeMs: Type.Number(),
  sellAgeMs: Type.Number(),
  buyVenueTime: numberOrNull,
  sellVenueTime: numberOrNull,
  closedBy: Type.Union([Type.Enum([...CLOSE_REASONS]), Type.Null()]),
  survivalBps: Type.Array(numberOrNull, {
    description: `net spread ${SURVIVAL_MS.join(', ')} ms after the start; null = it had ended by then, or that time is still to come`,
  }),
});

const opportunityHole = Type.Union([Type.Object({ from: Type.Number(), to: Type.Number() }), Type.Null()]);

export const opportunitiesReply = Type.Object({
  opportunities: Type.Array(opportunity),
  hole: opportunityHole,
  totals: opportunityTotals,
});

const quantiles = Type.Object({ p10: Type.Number(), p50: Type.Number(), p90: Type.Number() });

export const leadLagReply = Type.Object({
  ...{ symbol: Type.String(), from: Type.Number(), to: Type.Number() },
  legs: Type.Array(
    Type.Object({
      ...{ venue: venueId, changes: Type.Integer(), from: numberOrNull, cut: Type.Boolean() },
      clockOffsetMs: Type.Union([quantiles, Type.Null()]),
    }),
  ),
  pairs: Type.Array(
    Type.Object({
      ...{ a: venueId, b: venueId, leadMs: numberOrNull, correlation: numberOrNull },
      ...{ correlationAtZero: numberOrNull, ratio: numberOrNull },
      ...{ clear: Type.Boolean(), agreement: numberOrNull, spreadMs: numberOrNull },
    }),
  ),
});

const alert = Type.Object({
  ...{ id: Type.Integer(), kind: Type.Enum([...ALERT_KINDS]), rule: Type.String(), time: Type.Number() },
  symbol: Type.Union([Type.String(), Type.Null()]),
  ...{ buy: venueOrNull, sell: venueOrNull, venue: venueOrNull },
  ...{ netBps: numberOrNull, notional: numberOrNull, lastedMs: numberOrNull },
  verdict: Type.Union([verdict, Type.Null()]),
  ...{ symbols: Type.Array(Type.String()), coins: numberOrNull, message: Type.String() },
});

export const alertsReply = Type.Object({
  alerts: Type.Array(alert),
  rules: Type.Array(Type.Object({ name: Type.String(), on: Type.String() })),
  sinks: Type.Array(
    Type.Object({
      ...{ sink: Type.Enum([...ALERT_SINKS]), delivered: Type.Integer(), undelivered: Type.Integer() },
      ...{ waiting: Type.Integer(), retries: Type.Integer(), lastError: Type.String() },
    }),
  ),
  counts: Type.Object({
    ...{ told: Type.Integer(), cooled: Type.Integer(), grouped: Type.Integer() },
    ...{ untrusted: Type.Integer(), dropped: Type.Integer() },
  }),
});

const shares = Type.Array(Type.Number());

export const survivalReply = Type.Object({
  by: Type.Enum([...SURVIVAL_GROUPS]),
  delaysMs: Type.Array(Type.Number()),
  groups: Type.Array(
    Type.Object({
      ...{ symbol: Type.Union([Type.String(), Type.Null()]) },
      ...{ buy: venueOrNull, sell: venueOrNull },
      ...{ opportunities: Type.Integer(), meanStartBps: Type.Number(), overThreshold: shares },
      ...{ leftBps: shares, leftShare: Type.Array(numberOrNull), halfLifeMs: numberOrNull },
    }),
  ),
  hole: opportunityHole,
});

const historyColumn = Type.Array(numberOrNull);

export const historyReply = Type.Object({
  route: Type.String(),
  kind: Type.Enum([...api.HISTORY_KINDS]),
  from: Type.Number(),
  to: Type.Number(),
  time: Type.Array(Type.Number()),
  value: historyColumn,
  upper: historyColumn,
  lower: historyColumn,
  gaps: Type.Array(
    Type.Object({
      from: Type.Number(),
      to: Type.Number(),
      venue: venueId,
      reason: Type.Enum([...GAP_REASONS]),
    }),
  ),
  unrecorded: Type.Array(Type.Object({ from: Type.Number(), to: Type.Number(), venue: venueId })),
  sources: Type.Array(
    Type.Object({ from: Type.Number(), to: Type.Number(), source: Type.Enum(['memory', 'lake']) }),
  ),
});

export const boundsReply = Type.Object({
  budget: Type.Number(),
  total: Type.Number(),
  allowance: Type.Number(),
  bounds: Type.Array(
    Type.Object({
      name: Type.String(),
      policy: Type.Enum(['refuse', 'conflate', 'drop-oldest', 'wait', 'close']),
      capacity: Type.Number(),
      capacityBytes: Type.Number(),
      cleanedBy: Type.String(),
      used: Type.Number(),
      usedBytes: Type.Number(),
      peak: Type.Number(),
      refused: Type.Number(),
      replaced: Type.Number(),
      evicted: Type.Number(),
      lost: Type.Number(),
    }),
  ),
});

export const readyReply = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });
export const aliveReply = Type.Object({ alive: Type.Literal(true) });

export const errorReply = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

const venueList = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: `^(${VENUE_IDS.join('|')})(,(${VENUE_IDS.join('|')})){0,${VENUE_IDS.length - 1}}$`,
      description: `venues to ${what} on with commas between, of ${VENUE_IDS.join(', ')}; default all`,
    }),
  );
const routeList = (what: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 8192,
      pattern: '^[^\\p{C}\\p{Z}]+$',
      description: `${what}: symbols and routes such as BTC-USDT,ETH-USDT:okx:gate; at most 8192 characters`,
    }),
  );

/** Every description says what is allowed, since the error for a bad parameter quotes it. */
const trustedOrAll = Type.Optional(
  Type.Enum(['trusted', 'all'], {
    description: 'trusted, or all: also routes whose venues may not mean the same coin; default trusted',
  }),
);

export const routesQuery = Type.Object(
  {
    sort: Type.Optional(
      Type.Enum([...ROUTE_SORTS], { description: `one of ${ROUTE_SORTS.join(', ')}; default net` }),
    ),
    order: Type.Optional(
      Type.Enum(['asc', 'desc'], {
        description: 'asc (least first) or desc; default asc by symbol and age, else desc',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'a whole number from 1 to 1000; default 50' }),
    ),
    symbol: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        // Coins may have names of any script; what is invisible or turns the writing direction is in no name.
        pattern: '^[^\\p{C}\\p{Z}]+$',
        description:
          'a symbol such as BTC-USDT, or a part of one; 1 to 64 printable characters without spaces',
      }),
    ),
    minNetBps: Type.Optional(
      Type.Number({
        minimum: -1e6,
        maximum: 1e6,
        description: 'a number from -1000000 to 1000000, basis points',
      }),
    ),
    minNotional: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e15, description: 'a number from 0 to 1e15, quote units' }),
    ),
    verdict: Type.Optional(
      Type.Enum([...VERDICTS], { description: `one of ${VERDICTS.join(', ')}; default all` }),
    ),
    identity: trustedOrAll,
    offset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 64_536,
        description: 'a whole number from 0 to 64536: how many of the best to leave out; default 0',
      }),
    ),
    buy: venueList('buy'),
    sell: venueList('sell'),
    only: routeList('only these'),
    hide: routeList('all but these'),
  },
  { additionalProperties: false },
);

const timeText = (what: string) => Type.String({ minLength: 1, maxLength: 64, description: what });

const opportunityFilter = {
  from: Type.Optional(timeText(`${TIMES_ALLOWED}; default: as far back as anything is known`)),
  to: Type.Optional(timeText(`${TIMES_ALLOWED}; default now`)),
  symbol: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      pattern: '^[^\\p{C}\\p{Z}]+$',
      description: 'a symbol such as BTC-USDT; 1 to 64 printable characters without spaces',
    }),
  ),
  route: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: 'a route such as BTC-USDT:okx:binance' }),
  ),
  minPeakBps: Type.Optional(
    Type.Number({
      minimum: -1e6,
      maximum: 1e6,
      description: 'a number from -1000000 to 1000000, basis points',
    }),
  ),
  identity: trustedOrAll,
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'a whole number from 1 to 1000; default 100' }),
  ),
};

export const opportunitiesQuery = Type.Object(
  {
    ...opportunityFilter,
    state: Type.Optional(Type.Enum(['open', 'closed'], { description: 'open or closed; default both' })),
  },
  { additionalProperties: false },
);

export const leadLagQuery = Type.Object(
  {
    symbol: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'required: a symbol such as BTC-USDT' }),
    ),
    from: Type.Optional(timeText(`${TIMES_ALLOWED}; default 15 minutes before to`)),
    to: Type.Optional(timeText(`${TIMES_ALLOWED}; default now`)),
  },
  { additionalProperties: false },
);

export const survivalQuery = Type.Object(
  {
    ...opportunityFilter,
    by: Type.Optional(
      Type.Enum([...SURVIVAL_GROUPS], { description: `${SURVIVAL_GROUPS.join(', ')}; default all` }),
    ),
  },
  { additionalProperties: false },
);

export const historyQuery = Type.Object(
  {
    symbol: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[^\\p{C}\\p{Z}]+$',
        description: 'required: a symbol such as BTC-USDT; 1 to 64 printable characters without spaces',
      }),
    ),
    buy: Type.Optional(
      Type.String({
        maxLength: 64,
        description: `required: the venue to buy on, one of ${VENUE_IDS.join(', ')}`,
      }),
    ),
    sell: Type.Optional(
      Type.String({
        maxLength: 64,
        description: `required: the venue to sell on, one of ${VENUE_IDS.join(', ')}`,
      }),
    ),
    from: Type.Optional(timeText(`${TIMES_ALLOWED}; default -1h`)),
    to: Type.Optional(timeText(`${TIMES_ALLOWED}; default now`)),
    kind: Type.Optional(
      Type.Enum([...api.HISTORY_KINDS], {
        description: `one of ${api.HISTORY_KINDS.join(', ')}; default net`,
      }),
    ),
    points: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 100_000,
        description: 'a whole number from 2 to 100000: thins to so many points; default every one',
      }),
    ),
    window: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 5000,
        description: 'a whole number from 1 to 5000: points that the bands look back over; default 200',
      }),
    ),
    band: Type.Optional(
      Type.Number({
        minimum: 50,
        maximum: 100,
        description:
          'a number from 50 to 100: percent of the upper band, the lower is 100 less it; default 97',
      }),
    ),
  },
  { additionalProperties: false },
);

export const noQuery = Type.Object({}, { additionalProperties: false });

export const symbolPath = Type.Object({
  symbol: Type.String({ maxLength: 64, description: 'a symbol such as BTC-USDT' }),
});

export const routePath = Type.Object({
  symbol: Type.String({ maxLength: 64, description: 'a symbol such as BTC-USDT' }),
  buy: Type.String({ maxLength: 64, description: `the venue to buy on, one of ${VENUE_IDS.join(', ')}` }),
  sell: Type.String({ maxLength: 64, description: `the venue to sell on, one of ${VENUE_IDS.join(', ')}` }),
});

type Frozen<T> = T extends readonly [infer A, infer B]
  ? readonly [Frozen<A>, Frozen<B>]
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;
/** True when a schema is of a shape of `src/wire`; else it does not compile. */
export type Same<Schema extends TSchema, Shape> = [Frozen<Static<Schema>>] extends [Shape]
  ? [Shape] extends [Frozen<Static<Schema>>]
    ? true
    : never
  : never;

/** Does not compile unless each schema is the shape of `src/wire`. */
true satisfies Same<typeof statusReply, api.StatusReply> &
  Same<typeof venuesReply, api.VenuesReply> &
  Same<typeof symbolsReply, api.SymbolsReply> &
  Same<typeof quotesReply, api.QuotesReply> &
  Same<typeof routesReply, api.RoutesReply> &
  Same<typeof routeReply, api.RouteReply> &
  Same<typeof whyReply, api.WhyReply> &
  Same<typeof boundsReply, api.BoundsReply> &
  Same<typeof readyReply, api.ReadyReply> &
  Same<typeof errorReply, api.ErrorReply> &
  Same<typeof routesQuery, RoutesParams> &
  Same<typeof historyReply, api.HistoryReply> &
  Same<typeof historyQuery, HistoryParams> &
  Same<typeof opportunitiesReply, api.OpportunitiesReply> &
  Same<typeof leadLagReply, api.LeadLagReply> &
  Same<typeof leadLagQuery, LeadLagParams> &
  Same<typeof alertsReply, api.AlertsReply> &
  Same<typeof survivalReply, api.SurvivalReply> &
  Same<typeof survivalQuery, SurvivalParams> &
  Same<typeof identityReply, api.IdentityReply> &
  Same<typeof identityBody, Required<IdentityOrder>> &
  Same<typeof opportunitiesQuery, OpportunitiesParams>;
