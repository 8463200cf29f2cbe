import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bitget } from '../../../src/venues/bitget/index.ts';
import { decodeAll } from '../../contract/fixture.ts';

const SYMBOLS = { BTCUSDT: 'BTC-USDT' };

function frame(items: readonly string[]): { bytes: Uint8Array; binary: boolean } {
  const head = '{"action":"snapshot","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"},"data":[';
  return { bytes: Buffer.from(`${head}${items.join(',')}],"ts":1}`), binary: false };
}

/** The nth newest of a snapshot. */
function item(n: number, side = 'buy'): string {
  return `{"ts":"${1_695_709_835_822 - n}","price":"1.5","size":"2","side":"${side}","tradeId":"${10_000 - n}"}`;
}

it('delivers the good trades of a frame, oldest first, and counts one bad for the others', () => {
  const items = [item(0), item(1, 'up'), item(2, 'sell'), item(3, 'down'), item(4)];
  const { records, others } = decodeAll(bitget, SYMBOLS, [frame(items)]);
  assert.deepEqual(
    records.map((r) => [r.id, r.side]),
    [
      ['9996', 'buy'],
      ['9998', 'sell'],
      ['10000', 'buy'],
    ],
  );
  assert.deepEqual(others, ['bad-value']);
});

it('takes as many trades as a frame may have, and none of a frame with more', () => {
  const items = Array.from({ length: 1025 }, (_, n) => item(n));
  const most = decodeAll(bitget, SYMBOLS, [frame(items.slice(1))]);
  assert.equal(most.records.length, 1024);
  const more = decodeAll(bitget, SYMBOLS, [frame(items)]);
  assert.deepEqual([more.records, more.others], [[], ['oversized']]);
});
