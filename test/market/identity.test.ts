import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import { venueAt } from '../../src/core/venue-ids.ts';
import { Market, type RouteQuery } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000;
const RULES = { factor: 1.5, sustainedSeconds: 10, awayBasis: 0.02, awaySeconds: 60 };

function marketOf(venues = 2): Market {
  const market = new Market({
    instrumentCapacity: 8,
    symbolCapacity: 2,
    analysis: {
      ...FREE,
      identity: RULES,
      pairs: 28,
      thresholds: { openNet: 0.001, closeNet: 0.0005 },
      opportunities: { openCapacity: 8 },
      followers: [],
    },
  });
  for (let venue = 0; venue < venues; venue++) {
    const names = { nativeId: `X${venue}`, symbol: 'X-USDT', base: 'X', quote: 'USDT' };
    market.list({ instrument: venue, venue: venueAt(venue), takerFee: 0.001, ...names });
  }
  return market;
}

/** A quote a tenth of a percent wide, `at` seconds after the start. */
function tell(market: Market, at: number, venue: number, mid: number): void {
  const columns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);
  const time = Math.round((START + at) * SECOND);
  columns.instrument[0] = venue;
  columns.kind[0] = QuoteKind.quote;
  columns.epoch[0] = 1;
  columns.receiveTime[0] = time;
  columns.bid[0] = mid * 0.9995;
  columns.ask[0] = mid * 1.0005;
  columns.bidSize[0] = 1;
  columns.askSize[0] = 1;
  market.applyQuotes(columns, 0, 1, 0, time);
}

const stateOf = (market: Market): string | undefined => market.analysis?.identity.stateOf(0);
const ranked = (market: Market, at: number, identity: 'trusted' | 'all' = 'trusted'): number =>
  market.routes({ identity }, (START + at) * SECOND).total;

test('prices of two coins never stand in a ranking, from their first quotes on', () => {
  const market = marketOf();
  tell(market, 0.1, 0, 1);
  tell(market, 0.2, 1, 7.3);
  assert.equal(stateOf(market), 'suspect');
  assert.equal(ranked(market, 0.3), 0);
  assert.equal(ranked(market, 0.3, 'all'), 2);
  const why = (query: RouteQuery) =>
    market.why('X-USDT', venueAt(0), venueAt(1), query, (START + 0.3) * SECOND);
  assert.match(why({}).reasons.join(), /^identity: both venues mean the same coin — suspect, the mid prices/);
  assert.deepEqual([why({ identity: 'all' }).shown, why({ identity: 'all' }).reasons], [true, []]);
  assert.match(
    why({ identity: 'all', verdict: 'fair' }).reasons.join(),
    /^verdict: fair is wanted, it is not-en/,
  );
  for (let at = 1; at < 12; at++) tell(market, at + 0.5, 1, 7.3 + at / 100);
  assert.equal(stateOf(market), 'quarantined');
  const evidence = market.analysis?.identity.evidence(0);
  assert.equal(evidence?.reason, 'ratio');
  assert.equal(evidence?.since, (START + 1) * SECOND);
  assert.ok(Math.abs((evidence?.minRatio ?? 0) - 7.3) < 1e-5 && (evidence?.maxRatio ?? 0) > 7.39);
  // Once they have been two coins they stay so, whatever their prices do.
  for (let at = 12; at < 15; at++) tell(market, at + 0.5, 1, 1);
  assert.equal(stateOf(market), 'quarantined');
  assert.equal(ranked(market, 15), 0);
  assert.equal(market.analysis?.identity.quarantined, 1);
});

test('a dislocation of 5 % for 30 s is none, and one beyond the factor that is short passes', () => {
  const market = marketOf();
  for (let at = 0; at < 100; at++) {
    tell(market, at + 0.2, 0, 100);
    tell(market, at + 0.3, 1, at >= 20 && at < 50 ? 105 : at % 2 === 0 ? 100.01 : 99.99);
    if (at === 30) assert.equal(ranked(market, 30.4), 2);
  }
  assert.equal(stateOf(market), 'ok');
  for (let at = 100; at < 109; at++) tell(market, at + 0.3, 1, 160);
  assert.equal(stateOf(market), 'suspect');
  tell(market, 109.3, 1, 100);
  tell(market, 110.3, 1, 100);
  assert.equal(stateOf(market), 'ok');
});

test('a power of ten is told as one', () => {
  const market = marketOf();
  tell(market, 0, 0, 0.00002);
  for (let at = 0; at < 12; at++) tell(market, at + 0.5, 1, 0.0203);
  const { state, reason } = market.analysis?.identity.evidence(0) ?? {};
  assert.deepEqual([state, reason], ['quarantined', 'power-of-ten']);
});

test('what never comes back to parity is quarantined after its time, and what comes near it is not', () => {
  const [away, back] = [marketOf(), marketOf()];
  for (let at = 0; at < 70; at++) {
    for (const market of [away, back]) tell(market, at + 0.1, 0, 100);
    tell(away, at + 0.2, 1, 103);
    tell(back, at + 0.2, 1, at % 40 === 39 ? 101 : 103);
  }
  assert.equal(away.analysis?.identity.evidence(0).reason, 'never-reverts');
  assert.equal(stateOf(away), 'quarantined');
  assert.equal(stateOf(back), 'ok');
});

test('a person’s word holds until it is taken back', () => {
  const market = marketOf();
  const guard = market.analysis?.identity;
  assert.ok(guard);
  tell(market, 0, 0, 1);
  for (let at = 0; at < 12; at++) tell(market, at + 0.5, 1, 3);
  guard.decide(0, 'approved');
  for (let at = 12; at < 40; at++) tell(market, at + 0.5, 1, 3);
  assert.deepEqual([stateOf(market), ranked(market, 40), guard.quarantined], ['approved', 2, 0]);
  guard.decide(0, 'denied');
  assert.deepEqual([stateOf(market), ranked(market, 40)], ['denied', 0]);
  guard.decide(0, undefined);
  for (let at = 40; at < 53; at++) tell(market, at + 0.5, 1, 3);
  assert.equal(stateOf(market), 'quarantined');
});

test('the guard is what a list of all ratios says, over random prices', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0.5, 0.97, 0.99, 1, 1.01, 1.025, 1.4, 1.6, 3, 10), {
        minLength: 5,
        maxLength: 120,
      }),
      fc.integer({ min: 1, max: 20 }),
      (ratios, stay) => {
        const market = marketOf();
        const told = ratios.flatMap((ratio) => Array.from({ length: stay }, () => ratio)).slice(0, 150);
        tell(market, 0.1, 0, 100);
        told.forEach((ratio, i) => {
          tell(market, i + 0.2, 0, 100);
          tell(market, i + 0.5, 1, 100 * ratio);
        });
        // At second i + 1 what was told in second i is sampled, up to the last row's own second.
        const seen = told.slice(0, -1);
        const expected = naiveState(seen, told.at(-1) as number);
        assert.equal(stateOf(market), expected);
      },
    ),
    { numRuns: 200 },
  );
});

function naiveState(seen: readonly number[], now: number): string {
  const isFar = (ratio: number): boolean => ratio > 1.5 || ratio < 1 / 1.5;
  for (let end = 0; end < seen.length; end++) {
    const past = seen.slice(0, end + 1);
    const far = trailing(past, isFar);
    if (far - 1 >= RULES.sustainedSeconds) return 'quarantined';
    const high = trailing(past, (ratio) => ratio - 1 >= 0.02 - 1e-12);
    const low = trailing(past, (ratio) => ratio - 1 <= -0.02 + 1e-12);
    if (Math.max(high, low) - 1 >= RULES.awaySeconds) return 'quarantined';
  }
  const last = seen.at(-1);
  return (last !== undefined && isFar(last)) || isFar(now) ? 'suspect' : 'ok';
}

function trailing(list: readonly number[], holds: (value: number) => boolean): number {
  let count = 0;
  for (let i = list.length - 1; i >= 0 && holds(list[i] as number); i--) count++;
  return count;
}
