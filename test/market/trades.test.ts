import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TRADE_SCHEMA, type TradeColumns, TradeSide } from '../../src/core/records.ts';
import { Market } from '../../src/market/market.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';

const VENUES = ['okx', 'gate', 'bybit'] as const;
const NAMES: readonly string[] = VENUES;
const SYMBOLS = ['A-USDT', 'B-USDT'];
const ROWS = 16;

function marketOf(): Market {
  const market = new Market({ instrumentCapacity: 7, symbolCapacity: 2 });
  SYMBOLS.forEach((symbol, s) => {
    VENUES.forEach((venue, v) => {
      const [base = '', quote = ''] = symbol.split('-');
      market.list({ instrument: 3 * s + v, venue, nativeId: symbol, symbol, base, quote, takerFee: 0 });
    });
  });
  return market;
}

function columnsOf(): TradeColumns {
  return layColumns(TRADE_SCHEMA, ROWS, new ArrayBuffer(columnBytes(TRADE_SCHEMA, ROWS)), 0);
}

test('each leg tells its last trade and how old it is, whatever came in between, also over the end of a ring', () => {
  const trade = fc.record({
    instrument: fc.nat({ max: 7 }),
    price: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    size: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    receiveTime: fc.nat({ max: 1e9 }),
  });
  const trades = fc.array(trade, { maxLength: ROWS });
  fc.assert(
    fc.property(trades, fc.nat({ max: ROWS - 1 }), (rows, first) => {
      const [market, columns] = [marketOf(), columnsOf()];
      rows.forEach((row, i) => {
        const slot = (first + i) % ROWS;
        columns.instrument[slot] = row.instrument;
        columns.price[slot] = row.price;
        columns.size[slot] = row.size;
        columns.side[slot] = TradeSide[row.side];
        columns.receiveTime[slot] = row.receiveTime;
        columns.venueTime[slot] = Number.NaN;
      });
      market.applyTrades(columns, first, rows.length, ROWS - 1);
      const now = 2e9;
      SYMBOLS.forEach((symbol, s) => {
        for (const { venue, lastTrade } of market.quotes(symbol, now) ?? []) {
          const own = rows.filter(({ instrument }) => instrument === 3 * s + NAMES.indexOf(venue));
          const last = own.at(-1);
          if (last === undefined) assert.equal(lastTrade, null);
          else {
            const { instrument: _, ...told } = last;
            assert.deepEqual(lastTrade, { ...told, ageMs: (now - last.receiveTime) / 1000 });
          }
        }
      });
      assert.equal(market.counts.trades, rows.filter(({ instrument }) => instrument < 7).length);
    }),
  );
});

test('an instrument that takes a leg over has not traded', () => {
  const [market, columns] = [marketOf(), columnsOf()];
  columns.instrument[0] = 0;
  columns.price[0] = 5;
  columns.receiveTime[0] = 1;
  market.applyTrades(columns, 0, 1, ROWS - 1);
  const okx = () => market.quotes('A-USDT', 2)?.find(({ venue }) => venue === 'okx')?.lastTrade;
  assert.equal(okx()?.price, 5);
  const names = { nativeId: 'A2', symbol: 'A-USDT', base: 'A', quote: 'USDT', takerFee: 0 };
  market.list({ ...names, instrument: 6, venue: 'okx' });
  assert.equal(okx(), null);
});
