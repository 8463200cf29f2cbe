import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QUOTE_SCHEMA, type QuoteColumns, QuoteKind } from '../../src/core/records.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import { Market, type RouteQuery } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { NaiveMarket, type NaiveQuote, type NaiveRoute } from './naive-market.ts';
import { FREE } from './rules.ts';

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;
const ROWS = 64;

interface Row extends Partial<NaiveQuote> {
  readonly instrument: number;
  readonly epoch?: number;
  readonly ended?: boolean;
}

function rowsOf(rows: readonly Row[]): QuoteColumns {
  const columns = layColumns(QUOTE_SCHEMA, ROWS, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, ROWS)), 0);
  rows.forEach((row, i) => {
    columns.instrument[i] = row.instrument;
    columns.kind[i] = row.ended === true ? QuoteKind.ended : QuoteKind.quote;
    columns.epoch[i] = row.epoch ?? 1;
    columns.venueTime[i] = Number.NaN;
    columns.sequence[i] = i;
    columns.receiveTime[i] = row.receiveTime ?? START;
    columns.bid[i] = row.bid ?? 99;
    columns.bidSize[i] = row.bidSize ?? 1;
    columns.ask[i] = row.ask ?? 100;
    columns.askSize[i] = row.askSize ?? 1;
  });
  return columns;
}

function feed(market: Market, rows: readonly Row[], now = START): void {
  market.applyQuotes(rowsOf(rows), 0, rows.length, ROWS - 1, now);
}

function listed(instrument: number, symbol: string, venue: VenueId, takerFee: number) {
  const [base = '', quote = ''] = symbol.split('-');
  return { instrument, venue, nativeId: `${symbol}#${instrument}`, symbol, base, quote, takerFee };
}

function twoVenues(maxQuoteAgeMs = 60_000): Market {
  const market = new Market({ instrumentCapacity: 8, symbolCapacity: 4, maxQuoteAgeMs });
  market.list(listed(0, 'BTC-USDT', 'okx', 0.001));
  market.list(listed(1, 'BTC-USDT', 'binance', 0.002));
  return market;
}

const near = (actual: number | null, expected: number): void => {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
};

test('a route is bought at the ask, sold at the bid, and both venues take their fee', () => {
  const market = twoVenues();
  feed(market, [
    { instrument: 0, bid: 99, ask: 100, askSize: 3 },
    { instrument: 1, bid: 102, ask: 103, bidSize: 2 },
  ]);
  const { total, routes } = market.routes({}, START + 5000);
  assert.equal(total, 2);
  const best = routes[0];
  assert.ok(best);
  assert.equal(best.id, 'BTC-USDT:okx:binance');
  near(best.grossBps, 200);
  near(best.netBps, ((102 * 0.998) / (100 * 1.001) - 1) * 10_000);
  assert.deepEqual([best.ask, best.bid, best.size, best.notional], [100, 102, 2, 200]);
  assert.deepEqual([best.buyAgeMs, best.sellAgeMs], [5, 5]);
});

test('the waterfall of a route goes from gross to net and adds up', () => {
  const market = twoVenues();
  feed(market, [{ instrument: 0 }, { instrument: 1, bid: 102, ask: 103 }]);
  const detail = market.route('BTC-USDT', 'okx', 'binance', START);
  assert.ok(detail?.valid);
  assert.deepEqual(
    detail.waterfall.map((step) => step.step),
    ['gross', 'buyFee', 'sellFee', 'size', 'buyAge', 'sellAge', 'identity', 'net'],
  );
  const [gross = 0, buyFee = 0, sellFee = 0, net = 0] = detail.waterfall.flatMap(({ bps }) => bps ?? []);
  near(gross, 200);
  near(buyFee, (102 / (100 * 1.001) - 1.02) * 10_000);
  near(gross + buyFee + sellFee, net);
  near(net, detail.netBps ?? Number.NaN);
  assert.deepEqual(detail.fees, { buyBps: 10, sellBps: 20 });
});

test('why a route is not shown is told by the gates that it fails, and its rank by those that are better', () => {
  const market = twoVenues();
  feed(market, [{ instrument: 0 }, { instrument: 1, bid: 102, ask: 103, bidSize: 2 }]);
  const why = (query: RouteQuery, buy: VenueId = 'okx', sell: VenueId = 'binance') =>
    market.why('BTC-USDT', buy, sell, query, START + 5000);
  const best = why({});
  assert.deepEqual([best.shown, best.rank, best.total, best.reasons], [true, 1, 2, []]);
  assert.ok(best.waterfall.every(({ gate }) => gate?.passes !== false));
  assert.deepEqual(
    best.waterfall.map(({ ageMs }) => ageMs),
    [5, null, null, 5, 5, 5, null, 5],
  );
  const second = why({ limit: 1 }, 'binance', 'okx');
  assert.deepEqual([second.shown, second.rank, second.total], [false, 2, 2]);
  assert.match(second.reasons.join(), /rank: 2 of 2, and only the first 1/);
  const failing: [RouteQuery, RegExp][] = [
    [{ minNetBps: 500 }, /^net: at least 500 bps/],
    [{ minNotional: 1e6 }, /^size: at least 1000000 USDT — 1 BTC for 100 USDT/],
    [{ symbol: 'ETH' }, /^symbol: BTC-USDT is not among/],
    [{ buy: 'gate' }, /^list: it is not among the venues and routes/],
  ];
  for (const [query, reason] of failing) {
    const answer = why(query);
    assert.deepEqual([answer.shown, answer.rank, answer.reasons.length], [false, null, 1]);
    assert.match(answer.reasons.join(), reason);
  }
  assert.equal(market.routes({ buy: 'okx,binance' }, START + 5000).total, 2);
  assert.equal(market.routes({ buy: 'okx', sell: 'okx' }, START + 5000).total, 0);
  feed(market, [{ instrument: 1, ended: true }]);
  assert.match(why({}).reasons.join(' / '), /gross: both legs are valid — no quote from binance/);
  assert.match(why({}).reasons.join(' / '), /sellAge: at most 60 s — no quote/);
  const gone = why({}, 'okx', 'gate');
  assert.match(gone.reasons.join(), /BTC-USDT is not watched on gate \((okx, binance|binance, okx) do\)/);
  assert.deepEqual([gone.shown, gone.waterfall], [false, []]);
  assert.match(market.why('X-USDT', 'okx', 'gate', {}, START).reasons.join(), /no venue does/);
});

test('a leg that ended, is one-sided, crossed, sizeless or too old carries no route, and the route says why', () => {
  const cases: [Row, RegExp][] = [
    [{ instrument: 1, ended: true }, /no quote from binance/],
    [{ instrument: 1, bid: 0 }, /nobody bids on binance/],
    [{ instrument: 1, bid: Number.NaN }, /nobody bids on binance/],
    [{ instrument: 1, ask: 0, bid: 101 }, /nobody offers on binance/],
    [{ instrument: 1, askSize: 0 }, /nobody offers on binance/],
    [{ instrument: 1, bid: 101, ask: 100 }, /book of binance is crossed/],
    [{ instrument: 1, receiveTime: START - 61 * SECOND }, /quote of binance is 61 s old/],
  ];
  for (const [row, reason] of cases) {
    const market = twoVenues();
    feed(market, [{ instrument: 0 }, { instrument: 1 }]);
    assert.equal(market.routes({}, START).total, 2);
    feed(market, [row]);
    assert.equal(market.routes({}, START).total, 0);
    const detail = market.route('BTC-USDT', 'okx', 'binance', START);
    assert.equal(detail?.valid, false);
    assert.match(detail.reason, reason);
    assert.deepEqual([detail.netBps, detail.ask, detail.waterfall[0]?.bps], [null, null, null]);
    assert.equal(detail.legs.sell.valid, false);
    feed(market, [{ instrument: 0 }]);
    assert.equal(market.routes({}, START).total, 0, 'a quote of the other leg does not bring it back');
    feed(market, [{ instrument: 1 }]);
    assert.equal(market.routes({}, START).total, 2);
  }
});

test('a quote that nobody replaced is gone from routes once it is too old, with and without new quotes of the other leg', () => {
  const market = twoVenues();
  feed(market, [{ instrument: 0 }, { instrument: 1 }]);
  assert.equal(market.routes({}, START + 60 * SECOND).total, 2);
  const later = START + 60 * SECOND + 1;
  feed(market, [{ instrument: 0, receiveTime: later }], later);
  assert.equal(market.routes({}, later).total, 0);
  assert.deepEqual(
    market.quotes('BTC-USDT', later)?.map((quote) => quote.valid),
    [false, true],
  );
});

test('what an older epoch says after a newer one has spoken is passed over and counted', () => {
  const market = twoVenues();
  feed(market, [
    { instrument: 0, epoch: 1 },
    { instrument: 1, epoch: 7, bid: 102, ask: 103 },
  ]);
  feed(market, [
    { instrument: 1, epoch: 6, bid: 1, ask: 2 },
    { instrument: 1, epoch: 6, ended: true },
  ]);
  near(market.routes({}, START).routes[0]?.grossBps ?? null, 200);
  assert.equal(market.counts.outdated, 2);
});

test('rows of instruments that are not listed are passed over and counted', () => {
  const market = twoVenues();
  feed(market, [{ instrument: 5 }, { instrument: 4_000_000_000 }]);
  assert.equal(market.counts.unlisted, 2);
  assert.equal(market.counts.quotes, 0);
});

test('a renamed instrument takes its leg over, empty, and the old one says nothing any more', () => {
  const market = twoVenues();
  feed(market, [{ instrument: 0 }, { instrument: 1, epoch: 9 }]);
  market.list(listed(2, 'BTC-USDT', 'binance', 0.002));
  assert.equal(market.routes({}, START).total, 0);
  feed(market, [{ instrument: 1, epoch: 9 }]);
  assert.equal(market.routes({}, START).total, 0);
  feed(market, [{ instrument: 2, epoch: 3 }]);
  assert.equal(market.routes({}, START).total, 2);
  market.list(listed(1, 'BTC-USDT', 'binance', 0.002));
  assert.equal(market.routes({}, START).total, 2, 'listing the old one again changes nothing');
  assert.equal(market.routeCount, 2);
});

test('routes go by their opportunities an hour or by the alphabet, either way, and what is not known comes last', () => {
  const market = new Market({
    ...{ instrumentCapacity: 16, symbolCapacity: 4 },
    analysis: {
      ...FREE,
      ...{ pairs: 4, followers: [], opportunities: { openCapacity: 8 } },
      thresholds: { openNet: 0.01, closeNet: 0.005 },
    },
  });
  const symbols = ['A-USDT', 'B-USDT', 'C-USDT', 'D-USDT'];
  symbols.forEach((symbol, i) => {
    market.list(listed(2 * i, symbol, 'okx', 0));
    market.list(listed(2 * i + 1, symbol, 'gate', 0));
  });
  // For ten minutes each symbol's second leg goes up and down as often as its number, D is quoted only at the end.
  for (let second = 0; second < 600; second++) {
    const time = START + second * 1_000_000;
    symbols.slice(0, 3).forEach((_, i) => {
      const wide = second % 120 < 20 * i && second % 20 < 10;
      feed(market, [{ instrument: 2 * i, bid: 100, ask: 100.1, receiveTime: time }], time);
      const bid = wide ? 105 : 100;
      feed(market, [{ instrument: 2 * i + 1, bid, ask: bid + 0.1, receiveTime: time + 1 }], time);
    });
  }
  const end = START + 600_000_000;
  for (const instrument of [6, 7])
    feed(market, [{ instrument, bid: 100, ask: 100.1, receiveTime: end }], end);
  market.settle();
  const often = (order?: 'asc' | 'desc') =>
    market
      .routes({ sort: 'opportunities', ...(order === undefined ? {} : { order }), identity: 'all' }, end)
      .routes.map(({ symbol, buy, opportunitiesPerHour }) => ({ symbol, buy, opportunitiesPerHour }));
  const falling = often();
  assert.deepEqual(
    falling.slice(0, 2).map(({ symbol, buy }) => `${symbol} ${buy}`),
    ['C-USDT okx', 'B-USDT okx'],
  );
  // C goes up twice in two minutes, B once; the first and the last two are all that is known to have any.
  assert.ok(
    Math.abs((falling[0]?.opportunitiesPerHour ?? 0) / (falling[1]?.opportunitiesPerHour ?? 1) - 2) < 0.01,
  );
  for (const list of [falling, often('asc')])
    assert.deepEqual(
      list.slice(-2).map(({ symbol, opportunitiesPerHour }) => [symbol, opportunitiesPerHour]),
      [
        ['D-USDT', null],
        ['D-USDT', null],
      ],
    );
  const known = (list: typeof falling) => list.slice(0, -2).map((one) => one.opportunitiesPerHour ?? -1);
  assert.deepEqual(
    known(often('asc')),
    known(falling).sort((a, b) => a - b),
  );
  const alphabet = (order: 'asc' | 'desc') => [
    ...new Set(
      market.routes({ sort: 'symbol', order, identity: 'all' }, end).routes.map((one) => one.symbol),
    ),
  ];
  assert.deepEqual([alphabet('asc'), alphabet('desc')], [symbols, symbols.toReversed()]);
});

test('a filter that is a symbol takes that one, any other text the symbols that contain it', () => {
  const market = new Market({ instrumentCapacity: 8, symbolCapacity: 4 });
  const symbols = ['WBTC-USDT', 'BTC-USDT', 'ETH-BTC'];
  symbols.forEach((symbol, i) => {
    market.list(listed(2 * i, symbol, 'okx', 0.001));
    market.list(listed(2 * i + 1, symbol, 'gate', 0.001));
  });
  feed(
    market,
    [0, 1, 2, 3, 4, 5].map((instrument) => ({ instrument })),
  );
  const found = (symbol: string): string[] => [
    ...new Set(market.routes({ symbol, sort: 'symbol' }, START).routes.map((route) => route.symbol)),
  ];
  assert.deepEqual(found('btc-usdt'), ['BTC-USDT']);
  assert.deepEqual(found('BTC'), ['BTC-USDT', 'ETH-BTC', 'WBTC-USDT']);
  assert.deepEqual(found('doge'), []);
});

test('more symbols than the tables were made for are refused with a code', () => {
  const market = new Market({ instrumentCapacity: 2, symbolCapacity: 1 });
  market.list(listed(0, 'A-USDT', 'okx', 0));
  assert.throws(() => market.list(listed(1, 'B-USDT', 'okx', 0)), { code: 'INSTRUMENTS_FULL' });
  assert.throws(() => market.list(listed(2, 'A-USDT', 'gate', 0)), { code: 'INSTRUMENTS_FULL' });
});

const price = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 90, max: 110, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.NaN, 100) },
);
const size = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 0.1, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.NaN) },
);
const step = fc.record({
  instrument: fc.nat(25),
  epoch: fc.integer({ min: 1, max: 4 }),
  ended: fc.boolean().map((b) => b),
  bid: price,
  spread: fc.double({ min: -0.5, max: 2, noNaN: true }),
  bidSize: size,
  askSize: size,
  pause: fc.oneof(fc.nat(2_000), fc.constantFrom(30_000, 61_000)),
  late: fc.nat(500),
});

test('after any run of quotes, ends, epochs and pauses the ranked routes are those of a naive market', () => {
  const sorts = ['net', 'gross', 'notional', 'size', 'age'] as const;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 120 }),
      fc.constantFrom(...sorts),
      fc.constantFrom(undefined, 'asc', 'desc'),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(undefined, -200, 0, 50),
      fc.constantFrom(undefined, 100, 500),
      (steps, sort, order, limit, minNetBps, minNotional) => {
        const market = new Market({ instrumentCapacity: 32, symbolCapacity: 4, maxQuoteAgeMs: 60_000 });
        const naive = new NaiveMarket(60_000);
        for (let i = 0; i < 24; i++) {
          const venue = VENUE_IDS[i % 8] ?? 'okx';
          const symbol = `S${Math.trunc(i / 8)}-USDT`;
          const fee = (i % 5) / 2000;
          market.list(listed(i, symbol, venue, fee));
          naive.list(i, symbol, venue, fee);
        }
        let now = START;
        for (const s of steps) {
          now += s.pause * 1000;
          // One step in four ends something, and only by the epoch that is alive or an older one.
          const ended = s.ended && s.late % 2 === 0;
          const quote = {
            bid: s.bid,
            bidSize: s.bidSize,
            ask: s.bid + s.spread,
            askSize: s.askSize,
            receiveTime: now - s.late * 1000,
          };
          feed(market, [{ instrument: s.instrument, epoch: s.epoch, ended, ...quote }], now);
          naive.apply(s.instrument, s.epoch, ended ? undefined : quote);
        }
        const query = {
          sort,
          limit,
          ...(order === undefined ? {} : { order }),
          ...(minNetBps === undefined ? {} : { minNetBps }),
          ...(minNotional === undefined ? {} : { minNotional }),
        };
        const actual = market.routes(query, now);
        const expected = naive
          .routes(now)
          .filter((route) => route.net * 10_000 >= (minNetBps ?? -Infinity))
          .filter((route) => route.notional >= (minNotional ?? 0));
        assert.equal(actual.total, expected.length);
        assert.equal(actual.routes.length, Math.min(limit, expected.length));
        const key = (route: NaiveRoute): number => route[sort];
        const rising = order === undefined ? sort === 'age' : order === 'asc';
        const keys = expected.map(key).sort((a, b) => (rising ? a - b : b - a));
        const byId = new Map(expected.map((route) => [route.id, route]));
        actual.routes.forEach((row, i) => {
          const want = byId.get(row.id);
          assert.ok(want, `${row.id} should not be there`);
          near(row.grossBps, want.gross * 10_000);
          near(row.netBps, want.net * 10_000);
          near(row.size, want.size);
          near(row.notional, want.notional);
          near(key(want), keys[i] ?? Number.NaN);
        });
        assert.equal(new Set(actual.routes.map((row) => row.id)).size, actual.routes.length);
      },
    ),
    { numRuns: 600 },
  );
});
