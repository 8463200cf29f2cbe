import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanInteger, scanTime } from '../../../src/venues/shared/scan-integer.ts';

const into = new Float64Array(1);

function read(text: string): number | undefined {
  const bytes = Buffer.from(`"${text}"`);
  const behind = scanInteger(bytes, 1, bytes.length, into, 0, 1);
  if (behind >= 0) assert.equal(behind, bytes.length - 1);
  return behind < 0 ? undefined : into[0];
}

function time(text: string): number | undefined {
  const bytes = Buffer.from(text);
  return scanTime(bytes, 0, bytes.length, into, 0) < 0 ? undefined : into[0];
}

describe('scanInteger', () => {
  it('gives the double that Number() gives, for up to 20 digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), fc.nat(19), (value, drop) => {
        const text = String(value / 10n ** BigInt(drop));
        assert.equal(read(text), Number(text));
      }),
      { numRuns: 20_000 },
    );
    for (const text of [
      '0',
      '9007199254740993',
      '9007199254740995',
      '18446744073709551615',
      '99999999999999999999',
    ])
      assert.equal(read(text), Number(text));
  });

  it('refuses what has no digit or more than 20', () => {
    assert.equal(read(''), undefined);
    assert.equal(read('-1'), undefined);
    assert.equal(read('100000000000000000000'), undefined);
    assert.equal(scanInteger(Buffer.from('1'), -1, 1, into, 0, 1), -1);
  });
});

describe('scanTime', () => {
  it('reads ms, µs and ns as µs', () => {
    assert.equal(time('1788335265722'), 1788335265722000);
    assert.equal(time('1788335265722123'), 1788335265722123);
    assert.equal(time('1788335265722123999'), 1788335265722123);
    assert.equal(time('1788335265722000000'), 1788335265722000);
  });

  it('refuses other lengths', () => {
    for (const text of ['', '1', '1788335265', '17883352657221', '17883352657221239991'])
      assert.equal(time(text), undefined);
  });
});
