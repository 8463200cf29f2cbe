import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NativeIdTable, utf8Bytes, utf8Text } from '../../src/venues/shared/symbol-table.ts';

function lookUp(table: NativeIdTable, id: string): number {
  const bytes = Buffer.from(`>${id}<`);
  return table.find(bytes, 1, bytes.length - 1);
}

test('finds what was added and nothing else, like a map', () => {
  const id = fc.string({ unit: fc.constantFrom(...'ABCDU_-3币'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 300 }), fc.array(id, { maxLength: 300 }), (added, asked) => {
      const table = new NativeIdTable(300);
      const model = new Map<string, number>();
      added.forEach((nativeId, instrument) => {
        table.add(nativeId, instrument);
        model.set(nativeId, instrument);
      });
      assert.equal(table.size, model.size);
      for (const nativeId of [...added, ...asked])
        assert.equal(lookUp(table, nativeId), model.get(nativeId) ?? -1);
    }),
    { seed: 1 },
  );
});

test('ids that share their beginning, end and length stay apart', () => {
  const table = new NativeIdTable(2_000);
  const ids = Array.from({ length: 2_000 }, (_, i) => `AAAA${String(i).padStart(4, '0')}USDT`);
  ids.forEach((nativeId, i) => {
    table.add(nativeId, i);
  });
  ids.forEach((nativeId, i) => {
    assert.equal(lookUp(table, nativeId), i);
  });
  assert.equal(lookUp(table, 'AAAA2000USDT'), -1);
  assert.equal(lookUp(table, ''), -1);
});

test('a table holds what it was made for and refuses more', () => {
  const table = new NativeIdTable(2);
  table.add('A', 7);
  table.add('B', 8);
  table.add('A', 9);
  assert.equal(lookUp(table, 'A'), 9);
  assert.throws(() => table.add('C', 1), RangeError);
  assert.equal(lookUp(table, 'C'), -1);
});

test('an id of 64 bytes is found, a longer one is not kept', () => {
  const table = new NativeIdTable(4);
  table.add('X'.repeat(64), 1);
  table.add('X'.repeat(65), 2);
  assert.equal(lookUp(table, 'X'.repeat(64)), 1);
  assert.equal(lookUp(table, 'X'.repeat(65)), -1);
});

test('UTF-8 goes to text and back as Buffer does it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const wellFormed = Buffer.from(text).toString();
      assert.deepEqual(utf8Bytes(wellFormed), Uint8Array.from(Buffer.from(wellFormed)));
      assert.equal(utf8Text(Buffer.from(wellFormed), 0, Buffer.byteLength(wellFormed)), wellFormed);
    }),
    { seed: 2 },
  );
});

test('bytes that are not UTF-8 become replacement characters, never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = utf8Text(bytes, 0, bytes.length);
      if (Buffer.from(bytes).toString().includes('\uFFFD')) assert.ok(text.includes('\uFFFD'));
      else assert.equal(text, Buffer.from(bytes).toString());
    }),
    { seed: 3, numRuns: 2_000 },
  );
});
