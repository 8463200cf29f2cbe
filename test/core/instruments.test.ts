import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InstrumentIndex } from '../../src/core/instruments.ts';

const BTC = { venue: 'binance', nativeId: 'BTCUSDT', base: 'BTC', quote: 'USDT', takerFee: 0.001 } as const;

test('the same venue and native id always give the same number, and numbers are dense', () => {
  const index = new InstrumentIndex(8);
  const first = index.add(BTC);
  const second = index.add({ ...BTC, venue: 'okx', nativeId: 'BTC-USDT' });
  for (let i = 0; i < 100; i += 1) assert.equal(index.add({ ...BTC, takerFee: i }), first);
  assert.deepEqual([first.instrument, second.instrument, index.size], [0, 1, 2]);
  assert.equal(first.symbol, 'BTC-USDT');
  assert.equal(index.find('okx', 'BTC-USDT'), second);
  assert.equal(index.find('gate', 'BTC-USDT'), undefined);
});

test('the same native id on two venues, or two native ids with one symbol, stay apart', () => {
  const index = new InstrumentIndex(8);
  const a = index.add(BTC);
  const b = index.add({ ...BTC, venue: 'bybit' });
  const c = index.add({ ...BTC, nativeId: 'BTCUSDT2' });
  assert.deepEqual(
    [a, b, c].map((i) => [i.instrument, i.symbol]),
    [
      [0, 'BTC-USDT'],
      [1, 'BTC-USDT'],
      [2, 'BTC-USDT'],
    ],
  );
});

test('more instruments than the capacity is an error that says what to raise', () => {
  const index = new InstrumentIndex(1);
  index.add(BTC);
  assert.equal(index.add(BTC).instrument, 0);
  assert.throws(() => index.add({ ...BTC, nativeId: 'ETHUSDT' }), {
    code: 'INSTRUMENTS_FULL',
    message: /limits\.instruments/,
  });
});
