import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkJson, JsonVerdict } from '../../src/venues/shared/json-check.ts';
import {
  firstElement,
  KeySet,
  nextElement,
  readMembers,
  readNumber,
} from '../../src/venues/shared/json-read.ts';
import { after, literal, scanNumber } from '../../src/venues/shared/scan.ts';

const into = new Float64Array(1);

/** What `scanNumber` makes of a text in quotes; NaN when it does not read it to its end. */
function scanned(text: string, scale = 1): number {
  const bytes = Buffer.from(`"${text}"`);
  const behind = scanNumber(bytes, 1, bytes.length, into, 0, scale);
  return behind === bytes.length - 1 ? (into[0] as number) : Number.NaN;
}

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });

test('a decimal number is read as the double that Number() gives, whatever its length', () => {
  fc.assert(
    fc.property(
      digits(1, 24),
      fc.option(digits(1, 24)),
      fc.constantFrom('', '-'),
      (whole, fraction, sign) => {
        const text = sign + whole + (fraction === null ? '' : `.${fraction}`);
        assert.equal(scanned(text), Number(text), text);
      },
    ),
    { numRuns: 20_000, seed: 1 },
  );
});

test('numbers as venues write them are read exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 12 }), (n, decimals) => {
      const text = (n / 10 ** (decimals / 2)).toFixed(decimals);
      assert.equal(scanned(text), Number(text), text);
    }),
    { numRuns: 20_000, seed: 2 },
  );
});

test('doubles in their shortest form are read exactly, exponents included', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
      if (String(value).includes('e+')) return;
      assert.equal(scanned(String(value)), Number(String(value)));
    }),
    { numRuns: 20_000, seed: 3 },
  );
});

test('bare numbers end at what follows them, also at the end of the bytes', () => {
  for (const number of [
    '0',
    '7',
    '123456789',
    '1234567890',
    '85123456789',
    '1790071390505',
    '12.5',
    '0.000001',
    '1e5',
  ]) {
    for (const tail of ['', ',', '}', ']', ' ']) {
      const bytes = Buffer.from(number + tail);
      assert.equal(scanNumber(bytes, 0, bytes.length, into, 0, 1), number.length, number + tail);
      assert.equal(into[0], Number(number));
    }
  }
});

test('what is no number is refused', () => {
  for (const text of [
    '',
    '-',
    '.',
    '.5',
    '5.',
    '1.2.3',
    'a',
    '1a',
    '1e',
    '1e+',
    '+1',
    '1,5',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    '1e999',
    `${'9'.repeat(70)}`,
  ]) {
    assert.ok(Number.isNaN(scanned(text)), text);
  }
  const bytes = Buffer.from('"12"');
  assert.equal(scanNumber(bytes, -1, bytes.length, into, 0, 1), -1);
});

test('a scale multiplies the exact value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000_000 }), (ms) => {
      assert.equal(scanned(String(ms), 1_000), ms * 1_000);
    }),
    { seed: 4 },
  );
});

test('absent, null and empty numbers are NaN, other things are refused', () => {
  for (const text of ['null', '""']) {
    const bytes = Buffer.from(`${text},`);
    into[0] = 1;
    assert.equal(readNumber(bytes, 0, bytes.length, into, 0, 1), true);
    assert.ok(Number.isNaN(into[0]));
  }
  assert.equal(readNumber(Buffer.from('x'), -1, 1, into, 0, 1), true);
  for (const text of ['true', '{}', '[1]', '"x"', '"1']) {
    const bytes = Buffer.from(text);
    assert.equal(readNumber(bytes, 0, bytes.length, into, 0, 1), false, text);
  }
});

test('a literal is matched whole and within the end', () => {
  const bytes = Buffer.from('ab"cd');
  assert.equal(after(bytes, 2, 5, literal('"cd')), 5);
  assert.equal(after(bytes, 2, 4, literal('"cd')), -1);
  assert.equal(after(bytes, 1, 5, literal('"cd')), -1);
  assert.equal(after(bytes, -1, 5, literal('')), -1);
});

/** JSON.parse as judge; `undefined` for what it refuses. */
function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

test('the JSON check agrees with JSON.parse on whole texts, their beginnings and their mutations', () => {
  const mutation = fc.record({
    at: fc.nat(400),
    byte: fc.constantFrom(...'{}[]",:\\0123e.-+tfnu \n\u0001'),
    kind: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.array(mutation, { maxLength: 2 }), (json, mutations) => {
      let text = json;
      for (const { at, byte, kind } of mutations) {
        const i = at % (text.length + 1);
        text = text.slice(0, i) + (kind === 0 ? '' : byte) + text.slice(kind === 1 ? i : i + 1);
        if (kind === 3) text = text.slice(0, i);
      }
      const bytes = Buffer.from(text);
      const whole = checkJson(bytes, 0, bytes.length) === JsonVerdict.whole;
      assert.equal(whole, parsed(text) !== undefined, text);
    }),
    { numRuns: 20_000, seed: 5 },
  );
});

test('every proper beginning of an object is called truncated, never malformed', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (json) => {
      const bytes = Buffer.from(`{"a":${json}}`);
      for (let length = 0; length < bytes.length; length += 1) {
        assert.equal(checkJson(bytes, 0, length), JsonVerdict.truncated);
      }
    }),
    { numRuns: 500, seed: 6 },
  );
});

test('nesting beyond any real message is malformed', () => {
  const deep = Buffer.from(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);
  assert.equal(checkJson(deep, 0, deep.length), JsonVerdict.malformed);
});

test('members are found in any order, unknown ones passed over, the last of two alike counting', () => {
  const keys = new KeySet(['a', 'bb']);
  const positions = new Int32Array(keys.count);
  const text = ' { "x" : {"a":1,"}":"\\"a"} ,"bb":[1,2],"a":1, "a" : 2 } ';
  const bytes = Buffer.from(text);
  assert.equal(readMembers(bytes, 0, bytes.length, keys, positions), text.length - 1);
  assert.equal(text[positions[keys.index.a] as number], '2');
  const list = positions[keys.index.bb] as number;
  const first = firstElement(bytes, list, bytes.length);
  const second = nextElement(bytes, first, bytes.length);
  assert.deepEqual([text[first], text[second]], ['1', '2']);
  assert.equal(nextElement(bytes, second, bytes.length), -1);
  assert.equal(readMembers(bytes, list, bytes.length, keys, positions), -1);
  assert.equal(positions[keys.index.a], -1);
});
