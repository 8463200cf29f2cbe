import type { Opportunity } from '../../src/core/opportunity.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type {
  HistoryReply,
  RouteFindings,
  RouteReply,
  RouteRow,
  StatusReply,
  VenueRow,
  VenueState,
  WaterfallStep,
} from '../../src/wire/api.ts';
import type { RoutePast, RouteUpdate } from '../../src/wire/stream.ts';

/** Paths of the API that the page reads, with nothing to tell. */
export function emptyReplies(): readonly (readonly [string, unknown])[] {
  const totals = { open: 0, opened: 0, closed: 0, refused: 0 };
  return [
    ['history', historyReply([], [])],
    ['opportunities', { opportunities: [], hole: null, totals }],
    ['survival', { by: 'all', delaysMs: [], groups: [], hole: null }],
    ['identity', { pairs: [], quarantined: 0, file: '/lake/identities.json' }],
    ['symbols', { symbols: [] }],
    ['routes', { total: 0, routes: [] }],
    ['gaps', { from: 0, to: 1, gaps: [], more: false, recorded: [] }],
    ['trades', { symbol: '', from: 0, to: 1, points: 1, venues: [] }],
    ['sparklines', { time: [], routes: [] }],
    ['memory', { budget: 512e6, everyMs: 10_000, time: [], rss: [] }],
  ];
}

/** One that closed after 1.5 s, with its peak a second after its start. */
export function opportunity(id: string, start: number, peakNetBps: number): Opportunity {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  return {
    ...{ symbol, buy: buy as VenueId, sell: sell as VenueId, start, end: start + 1.5e6, durationMs: 1_500 },
    ...{
      openBps: 10,
      startNetBps: 12,
      peakNetBps,
      peakTime: start + 1e6,
      meanNetBps: 20,
      timeMeanNetBps: 21,
    },
    ...{ ticks: 5, size: 1, notional: 100, peakSize: 2, peakNotional: 250.5, buyAgeMs: 100, sellAgeMs: 0 },
    ...{ buyVenueTime: null, sellVenueTime: null, closedBy: 'spread' },
    survivalBps: [12, 12, 12, 12, 12, 12, 12, 12, 12, 12, null, null],
  };
}

export function findings(): RouteFindings {
  return {
    bands: { lowBps: -20.4, highBps: -11.6, percent: 97 },
    statistics: {
      ...{ samples: 3_456, meanBps: 1.25, deviationBps: 4.5, maxBps: 33.3, minBps: -22.2 },
      ...{ meanCrossingsPerMinute: 6.5, parityCrossingsPerMinute: 5.5, cycles: [3, 2, 1] },
      ...{ meanCycleMs: 4_200, timeAbove: 0.123, opportunities: 12, opportunitiesPerHour: 12.5 },
      ...{ meanPeakBps: 15.5, maxPeakBps: 44.4, highPeaks: 0.25, meanDurationMs: 850 },
      ...{ halfLifeMs: 1_600, asymmetry: -0.64 },
    },
    verdict: {
      name: 'excellent',
      reason: '6.5 crossings a minute, 12.5 opportunities an hour',
      version: '1',
    },
    identity: { state: 'ok', reason: 'none', since: null, ratio: 1, minRatio: 1, maxRatio: 1 },
    thresholds: { openBps: 10, closeBps: 5 },
  };
}

/** A past by its times, µs, and values; the bands are 1 bps around. */
export function historyReply(
  time: readonly number[],
  value: readonly (number | null)[],
  more: Partial<HistoryReply> = {},
): HistoryReply {
  const shifted = (by: number) => value.map((bps) => (bps === null ? null : bps + by));
  return {
    ...{ route: 'BTC-USDT:okx:binance', kind: 'net', from: time[0] ?? 0, to: time.at(-1) ?? 0 },
    ...{ time, value, upper: shifted(1), lower: shifted(-1) },
    ...{ gaps: [], unrecorded: [], sources: [] },
    ...more,
  };
}

/** Whole messages for the page's tests, from the few values a test cares about. */

export function statusReply(): StatusReply {
  return {
    version: '9.8.7',
    uptimeMs: 3_725_000,
    roles: ['collect', 'serve'],
    instruments: 8_000,
    symbols: 1_234,
    routes: 45_678,
    clients: 1,
    rates: { frames: 98_765, quotes: 87_654, trades: 1_234 },
    totals: { frames: 1e9, quotes: 9e8, trades: 1e7, badFrames: 3 },
    memory: { rss: 320e6, budget: 512e6 },
    opportunities: { open: 0, opened: 0, closed: 0, refused: 0 },
    window: {
      spanMs: 3_600_000,
      coveredMs: 2_460_000,
      resolutionMs: 1000,
      windows: 8_000,
      evicted: 17,
    },
    lake: null,
    replay: null,
    alarms: [],
  };
}

export function venueRow(venue: VenueId, title: string, state: VenueState, reason = ''): VenueRow {
  const up = state === 'live';
  return {
    venue,
    title,
    state,
    reason,
    epoch: 1,
    connections: { open: up ? 4 : 0, wanted: 4 },
    instruments: 1_000,
    subscriptions: { pending: up ? 0 : 1_000, silent: 6, live: up ? 991 : 0, refused: 3 },
    rates: { frames: up ? 12_345 : 0, quotes: up ? 12_000 : 0, trades: 345 },
    lagMs: { p50: up ? 8 : null, p99: up ? 41 : null },
    reconnects: 2,
    lastMessageAgeMs: up ? 12 : 61_000,
    passedFrames: 0,
    errors: { malformed: 1 },
    takerFeeBps: 10,
    recording: null,
  };
}

/** A route's row by its id, ask, bid and net spread. */
export function routeRow(id: string, ask: number, bid: number, netBps: number): RouteRow {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  return {
    id,
    symbol,
    buy: buy as VenueId,
    sell: sell as VenueId,
    ask,
    bid,
    grossBps: (bid / ask - 1) * 1e4,
    netBps,
    size: 1.25,
    notional: 1.25 * ask,
    buyAgeMs: 300,
    sellAgeMs: 1_200,
    ...{ bandLowBps: null, bandHighBps: null, opportunitiesPerHour: null },
    ...{ verdict: 'not-enough-data', identity: 'ok' },
  };
}

/** The whole word on a route, valid unless `reason` says why not. */
export function routeUpdate(row: RouteRow, time: number, past?: RoutePast, reason = ''): RouteUpdate {
  const valid = reason === '';
  const leg = (venue: VenueId, bid: number, ask: number, ageMs: number, good: boolean) => ({
    venue,
    bid,
    bidSize: 1.25,
    ask,
    askSize: 1.25,
    venueTime: time - 9_000,
    receiveTime: time,
    ageMs,
    valid: good,
    takerFeeBps: 10,
    lastTrade: good
      ? { price: bid, size: 0.25, side: 'sell' as const, receiveTime: time - 4_000_000, ageMs: 4_000 }
      : null,
  });
  const dead = { ask: null, bid: null, grossBps: null, netBps: null, size: null, notional: null };
  const route: RouteReply = {
    ...row,
    ...(valid ? {} : { ...dead, buyAgeMs: null, sellAgeMs: null }),
    valid,
    reason,
    fees: { buyBps: 10, sellBps: 10 },
    legs: {
      buy: leg(row.buy, rounded(row.ask * 0.9999), row.ask, row.buyAgeMs, valid),
      sell: leg(row.sell, row.bid, rounded(row.bid * 1.0001), row.sellAgeMs, true),
    },
    findings: null,
    waterfall: [
      step('gross', valid ? row.grossBps : null, 'bid over ask'),
      step('buyFee', valid ? -10 : null, `taker fee on ${row.buy}`),
      step('sellFee', valid ? -10 : null, `taker fee on ${row.sell}`),
      step('net', valid ? row.netBps : null, 'after both fees'),
    ],
  };
  return past === undefined ? { time, route } : { time, route, past };
}

function step(name: WaterfallStep['step'], bps: number | null, note: string): WaterfallStep {
  return { step: name, bps, value: '', ageMs: null, gate: null, note };
}

function rounded(price: number): number {
  return Number(price.toPrecision(6));
}
