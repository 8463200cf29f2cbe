import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { ProtobufEnd, ProtobufReader, readVarint, WireType } from '../../../src/venues/shared/protobuf.ts';

const reader = new ProtobufReader();
const into = new Float64Array(1);

/** Every field as [number, wire type, hex of the value], and how the message ended. */
function walk(bytes: Uint8Array): { fields: [number, number, string][]; end: number } {
  const fields: [number, number, string][] = [];
  reader.open(bytes, 0, bytes.length);
  for (;;) {
    const field = reader.next();
    if (field <= 0) return { fields, end: field };
    const value = Buffer.from(bytes.subarray(reader.start, reader.end)).toString('hex');
    fields.push([field, reader.wireType, value]);
  }
}

const field = fc.tuple(
  fc.integer({ min: 1, max: 2 ** 28 - 1 }),
  fc.constantFrom(...Object.values(WireType)),
  fc.uint8Array({ maxLength: 300 }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

describe('ProtobufReader', () => {
  it('walks what another library wrote', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (list) => {
        const writer = protobuf.Writer.create();
        const expected: [number, number, string][] = list.map(([number, type, bytes, integer]) => {
          const value = protobuf.Writer.create();
          writer.uint32(number * 8 + type);
          if (type === WireType.bytes) writer.bytes(bytes);
          else if (type === WireType.varint) {
            writer.uint64(String(integer));
            value.uint64(String(integer));
          } else if (type === WireType.fixed32) {
            writer.fixed32(Number(integer % 2n ** 32n));
            value.fixed32(Number(integer % 2n ** 32n));
          } else {
            writer.double(Number(integer));
            value.double(Number(integer));
          }
          const raw = type === WireType.bytes ? bytes : value.finish();
          return [number, type, Buffer.from(raw).toString('hex')];
        });
        assert.deepEqual(walk(writer.finish()), { fields: expected, end: ProtobufEnd.whole });
      }),
    );
  });

  it('never leaves the message, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(10), (bytes, margin) => {
        reader.open(bytes, 0, Math.max(0, bytes.length - margin));
        for (let n = reader.next(); n > 0; n = reader.next())
          assert.ok(reader.start <= reader.end && reader.end <= bytes.length - margin);
      }),
      { numRuns: 5000 },
    );
  });

  it('tells a cut message from a broken one', () => {
    const end = (hex: string): number => walk(Buffer.from(hex, 'hex')).end;
    for (const cut of ['0a', '0a05', '0a0561', '08', '0880', '80', '0d000000', '09000000', '0a80'])
      assert.equal(end(cut), ProtobufEnd.truncated, cut);
    for (const broken of [
      '0b',
      '0c',
      '0e',
      '0f',
      '00',
      '02',
      '08ffffffffffffffffffff01',
      '0affffffff7f',
      'ffffffffffff',
    ])
      assert.equal(end(broken), ProtobufEnd.malformed, broken);
  });
});

describe('readVarint', () => {
  it('reads 64-bit integers, negative ones too, as the double nearest to them up to 2^53', () => {
    const edge = [0n, 1n, 127n, 128n, 2n ** 28n - 1n, 2n ** 28n, 2n ** 53n, -1n, -5n];
    const exact = fc.oneof(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), fc.constantFrom(...edge));
    fc.assert(
      fc.property(exact, (value) => {
        const bytes = protobuf.Writer.create().int64(String(value)).finish();
        readVarint(bytes, 0, bytes.length, into, 0, 1);
        assert.equal(into[0], Number(value));
      }),
      { numRuns: 2000 },
    );
  });
});
