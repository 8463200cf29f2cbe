import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { scanLongDecimal } from '../../../src/venues/shared/scan-long-decimal.ts';

const into = new Float64Array(1);

function read(text: string): number | undefined {
  const bytes = Buffer.from(`${text}"`);
  const behind = scanLongDecimal(bytes, 0, bytes.length, into, 0);
  if (behind >= 0) assert.equal(behind, bytes.length - 1, text);
  return behind < 0 ? undefined : into[0];
}

it('reads the double that Number() gives, however many digits there are', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.nat(22), fc.nat(24), (value, drop, decimals) => {
      const digits = String(value / 10n ** BigInt(drop)).padStart(decimals + 1, '0');
      const split = digits.length - decimals;
      const text = decimals === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
      assert.equal(read(text), Number(text), text);
    }),
    { numRuns: 100_000 },
  );
});

it('rounds halfway cases to even as Number() does', () => {
  for (const text of [
    '9007199254740993.0',
    '9007199254740995.0',
    '4503599627370497.5',
    '1125899906842624.125',
    '0.1000000000000000055',
  ])
    assert.equal(read(text), Number(text), text);
});

it('refuses what is no number', () => {
  for (const text of ['', '.', '.5', 'x', '1.', '-', '1.2345678901234567e'])
    assert.equal(read(text), undefined, text);
  assert.equal(scanLongDecimal(Buffer.from('1.5'), -1, 3, into, 0), -1);
});
