import type { Log } from '../../src/core/log.ts';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway/gateway.ts';
import type { GatewaySources, OpportunityQuery, SurvivalQuery } from '../../src/gateway/sources.ts';
import type {
  AlertsReply,
  FoundOpportunities,
  IdentityPair,
  IdentityReply,
  LeadLagReply,
  QuoteRow,
  RouteReply,
  RouteRow,
  SurvivalReply,
  SurvivalRow,
  VenueRow,
  VenueState,
  WaterfallStep,
  WhyReply,
} from '../../src/wire/api.ts';
import type { RoutesParams } from '../../src/wire/stream.ts';

export const QUIET: Log = { info() {}, warn() {}, error() {} };
export const NOW = 1_700_000_000_000_000;
const NOTES = {
  bandLowBps: -2,
  bandHighBps: null,
  opportunitiesPerHour: 7,
  verdict: 'fair',
  identity: 'ok',
} as const;
const NET_STEP: WaterfallStep = {
  ...{ step: 'net', bps: 1, value: '', ageMs: 5 },
  gate: { rule: 'at least 10 bps', passes: false },
  note: 'what is left',
};
const TOTALS = { open: 1, opened: 3, closed: 2, refused: 0 };
const SYMBOLS = ['BTC-USDT', 'ETH-USDT'];

/** A market that does not move, and counts how often it was read. */
export class FakeSources implements GatewaySources {
  readonly reads = { routes: 0, venues: 0, quotes: 0, route: 0, watched: 0 };
  readonly asked: RoutesParams[] = [];
  state: VenueState = 'live';
  /** Routes that a reading answers at most; raises the size of a message. */
  rows = 2;
  broken = false;

  status() {
    return {
      uptimeMs: 5,
      roles: ['collect', 'serve'],
      instruments: 4,
      symbols: 2,
      routes: 4,
      rates: { frames: 1, quotes: 2, trades: 3 },
      totals: { frames: 10, quotes: 20, trades: 30, badFrames: 0 },
      memory: { rss: 1, budget: 2 },
      opportunities: TOTALS,
      window: { spanMs: 3_600_000, coveredMs: 60_000, resolutionMs: 1000, windows: 4, evicted: 0 },
      lake: null,
      replay: null,
      alarms: [],
    };
  }

  venues(): VenueRow[] {
    this.reads.venues++;
    return [venueRow('okx', this.state), venueRow('gate', this.state)];
  }

  symbols() {
    return SYMBOLS.map((symbol) => ({ symbol, venues: ['okx', 'gate'] as const }));
  }

  quotes(symbol: string): QuoteRow[] | undefined {
    this.reads.quotes++;
    return SYMBOLS.includes(symbol) ? [quoteRow('okx'), quoteRow('gate')] : undefined;
  }

  routes(params: RoutesParams): { total: number; routes: RouteRow[] } {
    if (this.broken) throw new Error('the table is on fire');
    this.reads.routes++;
    this.asked.push(params);
    return { total: this.rows, routes: Array.from({ length: this.rows }, () => routeRow('BTC-USDT')) };
  }

  route(symbol: string, buy: VenueId, sell: VenueId): RouteReply | undefined {
    this.reads.route++;
    const both = ['okx', 'gate'];
    if (!SYMBOLS.includes(symbol) || buy === sell || !both.includes(buy) || !both.includes(sell))
      return undefined;
    return {
      ...routeRow(symbol),
      id: `${symbol}:${buy}:${sell}`,
      buy,
      sell,
      valid: true,
      reason: '',
      fees: { buyBps: 10, sellBps: 10 },
      legs: { buy: quoteRow(buy), sell: quoteRow(sell) },
      waterfall: [NET_STEP],
      findings: null,
    };
  }

  why(symbol: string, buy: VenueId, sell: VenueId, params: RoutesParams): WhyReply {
    this.asked.push(params);
    const route = `${symbol}:${buy}:${sell}`;
    return { route, shown: false, rank: null, total: 4, reasons: ['it is asleep'], waterfall: [NET_STEP] };
  }

  readonly opportunities = {
    asked: [] as OpportunityQuery[],
    found: [opportunity()],
    find(query: OpportunityQuery): Promise<FoundOpportunities> {
      this.asked.push(query);
      return Promise.resolve({ opportunities: this.found, hole: null });
    },
    survivals: [] as SurvivalQuery[],
    survival(query: SurvivalQuery): Promise<SurvivalReply> {
      this.survivals.push(query);
      const row: SurvivalRow = {
        ...{ symbol: null, buy: 'okx', sell: 'gate', opportunities: 4, meanStartBps: 20 },
        ...{ overThreshold: [0.5], leftBps: [5], leftShare: [0.25], halfLifeMs: null },
      };
      const hole = { from: 1, to: 2 };
      return Promise.resolve({ by: query.by, delaysMs: [1], groups: [row], hole });
    },
    totals: () => TOTALS,
    now: () => ({ open: [], closed: [opportunity()], totals: TOTALS }),
  };

  readonly identity = {
    decided: [] as unknown[],
    read: (): IdentityReply => ({ pairs: [identityPair()], quarantined: 1, file: 'identities.json' }),
    decide: async (...order: unknown[]): Promise<void> => {
      this.identity.decided.push(order);
    },
  };

  alerts(): AlertsReply {
    const counts = { told: 0, cooled: 0, grouped: 0, untrusted: 0, dropped: 0 };
    return { alerts: [], rules: [{ name: 'wide', on: 'route' }], sinks: [], counts };
  }

  async leadLag(wish: { readonly symbol: string }): Promise<Pick<LeadLagReply, 'legs' | 'pairs'>> {
    this.leads.push(wish);
    const figures = {
      correlation: 0.5,
      correlationAtZero: 0.4,
      ratio: 2,
      clear: true,
      agreement: 1,
      spreadMs: 3,
    };
    const leg = { venue: 'okx', changes: 9, from: NOW, cut: false, clockOffsetMs: null } as const;
    return { legs: [leg], pairs: [{ a: 'okx', b: 'gate', leadMs: 12, ...figures }] };
  }

  readonly leads: unknown[] = [];

  watchRoute(): void {
    this.reads.watched++;
  }

  routePast() {
    return { time: [1, 2], netBps: [1, null], ask: [2, null], bid: [3, null] };
  }

  bounds() {
    const none = { refused: 0, replaced: 0, evicted: 0, lost: 0 };
    const sizes = {
      capacity: 10,
      capacityBytes: 100,
      cleanedBy: 'the reader',
      used: 1,
      usedBytes: 10,
      peak: 2,
    };
    return {
      budget: 1000,
      allowance: 500,
      bounds: [{ name: 'ring', policy: 'refuse' as const, ...sizes, ...none }],
    };
  }
}

export function start(sources: GatewaySources, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    webRoot: undefined,
    sources,
    clock: () => NOW,
    log: QUIET,
    version: '1.2.3',
    ...more,
  });
}

export function venueRow(venue: VenueId, state: VenueState): VenueRow {
  return {
    venue,
    title: venue.toUpperCase(),
    state,
    reason: state === 'live' ? '' : 'it does not answer',
    epoch: 1,
    connections: { open: 1, wanted: 1 },
    instruments: 2,
    subscriptions: { pending: 0, silent: 0, live: 2, refused: 0 },
    rates: { frames: 1, quotes: 1, trades: 0 },
    lagMs: { p50: 1, p99: null },
    reconnects: 0,
    lastMessageAgeMs: 3,
    passedFrames: 0,
    errors: { truncated: 1 },
    takerFeeBps: 10,
    recording: null,
  };
}

function quoteRow(venue: VenueId): QuoteRow {
  const prices = { bid: 1, bidSize: 2, ask: 3, askSize: 4 };
  const lastTrade = { price: 2, size: 0.5, side: 'sell', receiveTime: NOW - 1500, ageMs: 1.5 } as const;
  return {
    venue,
    ...prices,
    venueTime: null,
    receiveTime: NOW,
    ageMs: 0,
    valid: true,
    takerFeeBps: 10,
    lastTrade,
  };
}

function routeRow(symbol: string): RouteRow {
  const ages = { buyAgeMs: 1, sellAgeMs: 2 };
  const figures = { ask: 1, bid: 2, grossBps: 3, netBps: 4, size: 5, notional: 6 };
  return { id: `${symbol}:okx:gate`, symbol, buy: 'okx', sell: 'gate', ...figures, ...ages, ...NOTES };
}

export function opportunity(): Opportunity {
  return {
    ...{ symbol: 'BTC-USDT', buy: 'okx', sell: 'gate', start: NOW - 5000, end: NOW, durationMs: 5 },
    ...{ openBps: 10, startNetBps: 11, peakNetBps: 12, peakTime: NOW - 1000, meanNetBps: 11.5 },
    ...{ timeMeanNetBps: 11.25, ticks: 4, size: 1, notional: 100, peakSize: 2, peakNotional: 200 },
    ...{ buyAgeMs: 0, sellAgeMs: 3, buyVenueTime: null, sellVenueTime: NOW, closedBy: 'spread' },
    survivalBps: [11, 12, null, null, null, null, null, null, null, null, null, null],
  };
}

export function identityPair(): IdentityPair {
  return {
    ...{ symbol: 'BTC-USDT', venues: ['okx', 'gate'], state: 'quarantined', reason: 'ratio' },
    ...{ since: NOW, ratio: 7.3, minRatio: 7.2, maxRatio: 7.4, decidedTime: null },
  };
}
