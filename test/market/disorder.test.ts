import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_REASONS } from '../../src/core/opportunity.ts';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { VERDICTS } from '../../src/core/route-notes.ts';
import { addEdge, noSurvival, survivalCurve } from '../../src/core/survival.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import type { AnalysisOptions } from '../../src/market/analysis.ts';
import { Market } from '../../src/market/market.ts';
import type { OpportunityFollower } from '../../src/market/opportunities.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000;

/** Two venues; so many symbols. Instrument 2 s + v is symbol s on venue v. */
function marketOf(symbols = 1, more: Partial<AnalysisOptions> = {}): Market {
  const market = new Market({
    instrumentCapacity: 2 * symbols + 8,
    symbolCapacity: symbols,
    analysis: {
      ...FREE,
      pairs: symbols,
      thresholds: { openNet: 0.001, closeNet: 0.0005 },
      opportunities: { openCapacity: 8 },
      followers: [],
      ...more,
    },
  });
  for (let instrument = 0; instrument < 2 * symbols; instrument++) list(market, instrument, instrument);
  return market;
}

/** Makes an instrument known in the place of the one that is `as`. */
function list(market: Market, instrument: number, as: number): void {
  const symbol = `X${as >> 1}-USDT`;
  const names = { nativeId: `N${instrument}`, symbol, base: `X${as >> 1}`, quote: 'USDT' };
  market.list({ instrument, venue: venueAt(as & 1), takerFee: 0.001, ...names });
}

/** A quote a tenth of a percent wide, `at` seconds after the start. */
function tell(
  market: Market,
  at: number,
  instrument: number,
  mid: number,
  kind: QuoteKind = QuoteKind.quote,
): void {
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const time = Math.round((START + at) * SECOND);
  columns.instrument[0] = instrument;
  columns.kind[0] = kind;
  columns.epoch[0] = 1;
  columns.receiveTime[0] = time;
  columns.bid[0] = mid * 0.9995;
  columns.ask[0] = mid * 1.0005;
  columns.bidSize[0] = 1;
  columns.askSize[0] = 1;
  market.applyQuotes(columns, 0, 1, 0, time);
}

const figuresOf = (market: Market, pair: number, at: number) =>
  market.analysis?.statistics.read(2 * pair, START + at);

test('an instrument that takes a leg over ends what the one before was open with, and leaves no figure that is no number', () => {
  const closed: [string | undefined, number][] = [];
  const follower: OpportunityFollower = {
    closed: ({ columns }, slot) => {
      const reason = CLOSE_REASONS[columns.closedBy[slot] as number];
      closed.push([reason, (columns.end[slot] as number) - START * SECOND]);
    },
  };
  const market = marketOf(1, { followers: [follower] });
  tell(market, 0.5, 0, 1);
  tell(market, 0.6, 1, 1.01);
  assert.equal(market.analysis?.opportunities.bound().used, 1);
  tell(market, 3.2, 1, 1.01);
  list(market, 2, 1);
  assert.deepEqual(closed, [['sell-unlisted', 3.2 * SECOND]]);
  // The other side goes on alone: there is nothing to sample.
  tell(market, 8.5, 0, 1);
  assert.equal(figuresOf(market, 0, 8)?.samples, 3);
  tell(market, 8.6, 2, 1.002);
  tell(market, 10.5, 0, 1);
  const figures = figuresOf(market, 0, 10);
  assert.equal(figures?.samples, 5);
  // Three seconds at 1 %, two at 0.2 %.
  assert.ok(Math.abs((figures?.mean ?? 0) - (3 * 0.01 + 2 * 0.002) / 5) < 1e-6, `${figures?.mean}`);
  assert.equal(market.analysis?.identity.evidence(0).state, 'ok');
});

test('a late row brings no second twice; a clock that was set back is followed', () => {
  const market = marketOf();
  tell(market, 0.5, 0, 1);
  tell(market, 0.6, 1, 1);
  tell(market, 5.2, 0, 1);
  assert.equal(figuresOf(market, 0, 5)?.samples, 5);
  tell(market, 4.9, 1, 1);
  tell(market, 5.9, 0, 1);
  tell(market, 6.1, 0, 1);
  assert.equal(figuresOf(market, 0, 6)?.samples, 6);
  assert.equal(market.analysis?.latest, (START + 6.1) * SECOND);
  // An hour back: what is told then is told of then.
  tell(market, -3600, 0, 1);
  assert.equal(market.analysis?.latest, (START - 3600) * SECOND);
});

test('what is sampled in seconds that are forgotten touches no other pair', () => {
  const market = marketOf(2);
  for (let at = 0; at < 20; at++)
    for (let one = 0; one < 4; one++) tell(market, at + 0.5, one, 1 + one / 1000);
  const before = [figuresOf(market, 0, 19), figuresOf(market, 1, 19)];
  // Two hours back, beyond the window.
  for (let at = 0; at < 5; at++) for (const one of [2, 3]) tell(market, at - 7200 + 0.5, one, 2);
  assert.deepEqual([figuresOf(market, 0, 19), figuresOf(market, 1, 19)], before);
});

test('what must last for the guard of identities does not last through a time in which nobody looked', () => {
  const identity = { factor: 1.5, sustainedSeconds: 10, awayBasis: 0.02, awaySeconds: 60 };
  const market = marketOf(2, { identity });
  const state = (pair: number) => market.analysis?.identity.stateOf(pair);
  for (const from of [0, 100]) {
    for (let at = from; at < from + 4; at++) {
      tell(market, at + 0.1, 0, 1);
      tell(market, at + 0.2, 1, 2);
      tell(market, at + 0.3, 2, 1);
      tell(market, at + 0.4, 3, 1.03);
    }
    for (let one = 0; one < 4; one++) tell(market, from + 4, one, 1, QuoteKind.ended);
  }
  assert.equal(market.analysis?.identity.quarantined, 0, `${state(0)} ${state(1)}`);
  for (let at = 200; at < 270; at++)
    for (let one = 0; one < 4; one++) tell(market, at + 0.1, one, [1, 2, 1, 1.03][one] ?? 0);
  assert.deepEqual([state(0), state(1)], ['quarantined', 'quarantined']);
});

test('routes by verdict are those whose verdict it is, whether or not anybody settled', () => {
  const { verdict } = FREE;
  const rules = { ...verdict, minSamples: 5, minMinutes: 0, trendingBelow: 6 };
  for (const settles of [true, false]) {
    const market = marketOf(600, { verdict: rules });
    for (let at = 0; at < 40; at++) {
      for (let one = 0; one < 1200; one++) {
        // Some stay apart, some cross their mean, some are heard for a moment.
        const symbol = one >> 1;
        if (symbol % 4 === 0 && at > 3) continue;
        const swing = symbol % 2 === 0 ? 0 : (at % 2) * 0.01;
        tell(market, at + one / 1300, one, 1 + (one & 1) * (0.001 * (symbol % 5) + swing));
      }
      if (settles) market.settle();
    }
    const now = (START + 40) * SECOND;
    const all = market.routes({ limit: 1000, identity: 'all' }, now).routes;
    const more = market.routes({ limit: 1000, offset: 1000, identity: 'all' }, now).routes;
    const expected = new Map(VERDICTS.map((name) => [name, 0]));
    for (const { verdict: name } of [...all, ...more]) expected.set(name, (expected.get(name) ?? 0) + 1);
    for (const name of VERDICTS) {
      const found = market.routes({ verdict: name, limit: 1000, identity: 'all' }, now);
      assert.equal(found.total, expected.get(name), `${name}, ${settles ? 'settled' : 'not settled'}`);
      assert.ok(found.routes.every((route) => route.verdict === name));
    }
    assert.ok([...expected.values()].filter((count) => count > 0).length >= 3, JSON.stringify([...expected]));
  }
});

test('a share of an edge that was nothing is not told', () => {
  const sums = noSurvival();
  addEdge(sums, { openBps: -5, startNetBps: 0, survivalBps: [1] });
  const curve = survivalCurve(sums);
  assert.ok(curve.leftShare.every((share) => share === null));
  assert.equal(curve.halfLifeMs, null);
  assert.equal(JSON.stringify(curve).includes('NaN'), false);
});
