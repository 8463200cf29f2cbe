import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUOTE_SCHEMA, QuoteKind } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { Market, type RouteQuery } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';

const START = 1_700_000_000_000_000;
const VENUES: readonly VenueId[] = ['binance', 'okx', 'gate', 'mexc'];
const SYMBOLS = ['A-USDT', 'B-USDT', 'C-USDT'];
const ROWS = 16;

/** Three symbols on four venues, every quote another. */
function market(): Market {
  const made = new Market({ instrumentCapacity: ROWS, symbolCapacity: 4 });
  const columns = layColumns(QUOTE_SCHEMA, ROWS, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, ROWS)), 0);
  SYMBOLS.forEach((symbol, s) => {
    VENUES.forEach((venue, v) => {
      const instrument = s * VENUES.length + v;
      const [base = '', quote = ''] = symbol.split('-');
      made.list({ instrument, venue, nativeId: symbol, symbol, base, quote, takerFee: 0.001 });
      const middle = 100 + ((instrument * 7) % 12);
      columns.instrument[instrument] = instrument;
      columns.kind[instrument] = QuoteKind.quote;
      columns.epoch[instrument] = 1;
      columns.receiveTime[instrument] = START;
      columns.bid[instrument] = middle - 0.1;
      columns.ask[instrument] = middle + 0.1;
      columns.bidSize[instrument] = 1;
      columns.askSize[instrument] = 1;
    });
  });
  made.applyQuotes(columns, 0, SYMBOLS.length * VENUES.length, ROWS - 1, START);
  return made;
}

const idsOf = (from: Market, query: RouteQuery): string[] =>
  from.routes({ limit: 1000, ...query }, START).routes.map(({ id }) => id);

test('any part of the ranking is what the whole of it has there', () => {
  const full = market();
  const all = idsOf(full, {});
  assert.equal(all.length, 36);
  for (const offset of [0, 1, 7, 35, 36, 500]) {
    for (const limit of [1, 5, 40]) {
      assert.deepEqual(idsOf(full, { offset, limit }), all.slice(offset, offset + limit));
      assert.equal(full.routes({ offset, limit }, START).total, 36);
    }
  }
});

test('venues, symbols and routes that are named are the only ones, or left out', () => {
  const full = market();
  const all = idsOf(full, {});
  const cases: readonly [RouteQuery, (symbol: string, buy: string, sell: string) => boolean][] = [
    [{ buy: 'okx' }, (_, buy) => buy === 'okx'],
    [{ buy: 'okx,gate', sell: 'mexc' }, (_, buy, sell) => buy !== 'binance' && sell === 'mexc'],
    [{ only: 'A-USDT' }, (symbol) => symbol === 'A-USDT'],
    [{ hide: 'A-USDT,X-USDT' }, (symbol) => symbol !== 'A-USDT'],
    [{ hide: 'B-USDT:okx:gate' }, (...of) => of.join() !== 'B-USDT,okx,gate'],
    [
      { only: 'A-USDT,B-USDT:okx:gate', hide: 'A-USDT:okx:gate' },
      (...of) => (of[0] === 'A-USDT' && of.join() !== 'A-USDT,okx,gate') || of.join() === 'B-USDT,okx,gate',
    ],
    [{ only: 'X-USDT,A-USDT:okx:nowhere' }, () => false],
  ];
  for (const [query, passes] of cases) {
    const expected = all.filter((id) => {
      const [symbol = '', buy = '', sell = ''] = id.split(':');
      return passes(symbol, buy, sell);
    });
    assert.deepEqual(idsOf(full, query), expected, JSON.stringify(query));
    assert.equal(full.routes(query, START).total, expected.length);
  }
});

test('why a route is missing names the list and the part of the ranking', () => {
  const full = market();
  const why = (query: RouteQuery) => full.why('A-USDT', 'okx', 'gate', query, START);
  assert.match(why({ hide: 'A-USDT' }).reasons.join(), /list: it is not among/);
  const { rank } = why({});
  assert.ok(rank !== null);
  assert.equal(why({ offset: rank - 1, limit: 1 }).shown, true);
  assert.equal(why({ offset: rank, limit: 1 }).shown, false);
});
