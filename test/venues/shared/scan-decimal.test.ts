import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { readDecimal } from '../../../src/venues/shared/scan-decimal.ts';

const into = new Float64Array(1);

function read(text: string): number | undefined {
  const bytes = Buffer.from(`<${text}>`);
  return readDecimal(bytes, 1, bytes.length - 1, into, 0) ? into[0] : undefined;
}

it('reads the double that Number() gives for any decimal', () => {
  const digits = (max: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
  fc.assert(
    fc.property(digits(20), fc.option(digits(20)), (whole, fraction) => {
      const text = fraction === null ? whole : `${whole}.${fraction}`;
      assert.equal(read(text), Number(text));
    }),
    { numRuns: 20_000 },
  );
  assert.equal(read('1.3e-8'), 1.3e-8);
  assert.equal(read('-2.5'), -2.5);
});

it('reads nothing as NaN and refuses what is no decimal', () => {
  assert.ok(Number.isNaN(read('')));
  for (const text of [
    '.',
    '1.',
    '.5',
    'x',
    '1x',
    '1.x',
    '1,5',
    '1.2.3',
    ' 1',
    '1 ',
    '--1',
    '1e',
    'NaN',
    '1e999',
  ])
    assert.equal(read(text), undefined, text);
});
