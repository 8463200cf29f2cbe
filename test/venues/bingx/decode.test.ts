import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bingx } from '../../../src/venues/bingx/index.ts';
import { decodeAll } from '../../contract/fixture.ts';

const SYMBOLS = { 'BTC-USDT': 'BTC-USDT' };
const TEXTS = [
  '{"code":0,"data":{"A":"0.000016","B":"4.372149","E":1760066515920,"a":"121348.56","b":"121342.22","e":"bookTicker","s":"BTC-USDT"},"dataType":"BTC-USDT@bookTicker","success":true}',
  '{"code":0,"data":{"E":1788336366302,"T":1788336366288,"e":"trade","m":false,"p":"77495.49","q":"0.0074439581595275245","s":"BTC-USDT","t":"233847470"},"dataType":"BTC-USDT@trade","success":true,"timestamp":1788336366302}',
  '{"ping":"2177c68e4d0e45679965f482929b59c2","time":"2022-06-07T16:27:36.323+0800"}',
];

it('reads a message the same whether it comes as text or inflated, however it is broken', () => {
  let delivered = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...TEXTS),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('{}[]",:01.9 \\eAbm\u0001'))), {
        maxLength: 2,
      }),
      (text, changes) => {
        const bytes = Buffer.from(text);
        for (const [where, byte] of changes) bytes[where % bytes.length] = byte;
        const plain = decodeAll(bingx, SYMBOLS, [{ bytes, binary: false }]);
        const packed = decodeAll(bingx, SYMBOLS, [{ bytes: gzipSync(bytes), binary: true }]);
        assert.deepEqual(packed.records, plain.records);
        assert.deepEqual(packed.others, plain.others);
        delivered += plain.records.length;
        // What is not JSON is never delivered.
        if (plain.records.length > 0) assert.doesNotThrow(() => JSON.parse(bytes.toString()));
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(delivered > 300, `${delivered} delivered`);
});

it('refuses a message that inflates beyond the limit', () => {
  const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20));
  assert.deepEqual(decodeAll(bingx, SYMBOLS, [{ bytes: bomb, binary: true }]).others, ['oversized']);
});
