import assert from 'node:assert/strict';
import { test } from 'node:test';
import { symbolByRule } from '../../src/app/quote-suffix.ts';

test('separators decide where there are any: the quote is what follows the last one', () => {
  assert.equal(symbolByRule('BTC-USDT'), 'BTC-USDT');
  assert.equal(symbolByRule('GT_USDT'), 'GT-USDT');
  assert.equal(symbolByRule('A-B_C-USD'), 'A-B_C-USD');
  assert.equal(symbolByRule('X-NOSUCH'), 'X-NOSUCH');
});

test('without a separator the longest known quote currency at the end decides', () => {
  for (const [id, symbol] of [
    ['BTCUSDT', 'BTC-USDT'],
    ['ETHBTC', 'ETH-BTC'],
    ['SOLUSDC', 'SOL-USDC'],
    ['BTCFDUSD', 'BTC-FDUSD'],
    ['USDCUSDT', 'USDC-USDT'],
    ['EURUSDT', 'EUR-USDT'],
    ['ADAEUR', 'ADA-EUR'],
    ['1000SATSUSDT', '1000SATS-USDT'],
    ['币安人生USDT', '币安人生-USDT'],
    ['btcusdt', 'BTC-USDT'],
    ['LYXeUSDT', 'LYXe-USDT'],
    ['BTCU', 'BTC-U'],
    ['BTCBKRW', 'BTC-BKRW'],
    ['$U(2)USDC', '$U(2)-USDC'],
  ]) {
    assert.equal(symbolByRule(id ?? ''), symbol);
  }
});

test('an id with no base or no known end has no symbol', () => {
  for (const id of ['', 'USDT', 'FOO', '-USDT', 'BTC-', '_', 'BTC_'])
    assert.equal(symbolByRule(id), undefined);
});
