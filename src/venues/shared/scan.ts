import { viewOf, wordAt } from './frame-view.ts';

/**
 * The fast way to read a frame whose shape is known: literal bytes are checked as they come and numbers land in typed arrays. Positions go in and out as
 * small integers and a negative one passes through, so a chain of calls needs one check at its end; nothing is allocated per message (a double that a
 * function returns is boxed unless the call is inlined).
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;

/** Exact powers of ten: a mantissa below 2^53 divided by one of these is the correctly rounded double. */
const POWERS = Float64Array.from({ length: 23 }, (_, n) => 10 ** n);

/** The digits that `scanWide` is given. */
const SMALL_DIGITS = 9;

/** The value of a digit's byte, in each byte of a word. */
const DIGIT_BITS = 0x0f0f0f0f;

/** The most bytes that the fast way looks at: eight digits, a dot, eight decimals. */
const FAST_BYTES = 20;

/** Digits whose mantissa surely fits a double exactly. */
const EXACT_DIGITS = 15;

/** No number of a venue is as long; a limit on what one may cost. */
const MAX_NUMBER_BYTES = 64;

/** The position behind `literal`, which must stand at `at`; −1 when it does not. */
export function after(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): number {
  const length = literal.length;
  if (at < 0 || at + length > end) return -1;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== literal[i]) return -1;
  return at + length;
}

/** The position of the next `byte` from `at` on, or −1. */
export function find(bytes: Uint8Array, at: number, end: number, byte: number): number {
  if (at < 0) return -1;
  for (let i = at; i < end; i += 1) if (bytes[i] === byte) return i;
  return -1;
}

/** The position of the next `byte` inside the plain string (no escapes) whose content goes on at `at`, or −1. */
export function findInString(bytes: Uint8Array, at: number, end: number, byte: number): number {
  if (at < 0) return -1;
  for (let i = at; i < end; i += 1) {
    const here = bytes[i] as number;
    if (here === byte) return i;
    if (here === QUOTE || here === BACKSLASH || here < 0x20) return -1;
  }
  return -1;
}

/** The position of the quote that closes a plain string (no escapes) whose content starts at `at`, or −1. */
export function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0) return -1;
  for (let i = at; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH || byte < 0x20) return -1;
  }
  return -1;
}

/** The position behind a run of digits of at least one, or −1. */
export function afterDigits(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0) return -1;
  let i = at;
  while (i < end && (bytes[i] as number) >= ZERO && (bytes[i] as number) <= NINE) i += 1;
  return i === at ? -1 : i;
}

/** The position behind a bare integer as JSON has it, where a leading zero stands alone; −1 when none is there. */
export function afterInteger(bytes: Uint8Array, at: number, end: number): number {
  const behind = afterDigits(bytes, at, end);
  return behind > at + 1 && bytes[at] === ZERO ? -1 : behind;
}

/** The position behind a copy of `bytes[from, to)`, which must stand at `at`; −1 when it does not. */
export function afterCopy(bytes: Uint8Array, at: number, end: number, from: number, to: number): number {
  if (at < 0 || from < 0 || at + to - from > end) return -1;
  for (let i = from, j = at; i < to; i += 1, j += 1) if (bytes[i] !== bytes[j]) return -1;
  return at + to - from;
}

/**
 * Reads the decimal number at `at` into `into[index]`, times `scale`, and answers the position behind it, or −1 when none is there. The result is the double
 * that Number() gives. Plain decimals of a few digits, nearly all there are, take the fast way: four digits at a time, found and put together without a branch per
 * digit (how many there are is what a processor cannot foresee), and one exact division.
 */
export function scanNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  if (at < 0) return -1;
  // Words may reach into the next frame of the chunk; what they find there is behind a byte that ends the number.
  if (at + FAST_BYTES > bytes.length) return scanAnyNumber(bytes, at, end, into, index, scale);
  const view = viewOf(bytes);
  let word = view.getInt32(at, true);
  let other = nonDigits(word);
  let i = at;
  let whole = 0;
  if (other !== 0) {
    const digits = leading(other);
    if (digits === 0) return scanAnyNumber(bytes, at, end, into, index, scale);
    whole = digitsOf(word, digits);
    i += digits;
  } else {
    whole = fourDigits(word & DIGIT_BITS);
    word = view.getInt32(at + 4, true);
    other = nonDigits(word);
    if (other === 0) return scanLongWhole(bytes, at, end, into, index, scale);
    const digits = leading(other);
    if (digits > 0) whole = whole * (POWERS[digits] as number) + digitsOf(word, digits);
    i += 4 + digits;
  }
  if (i >= end) return scanAnyNumber(bytes, at, end, into, index, scale);
  const byte = bytes[i] as number;
  if (byte !== DOT) {
    if (!endsInteger(byte)) return scanAnyNumber(bytes, at, end, into, index, scale);
    if (byte !== QUOTE && bytes[at] === ZERO && i > at + 1) return -1;
    into[index] = whole * scale;
    return i;
  }
  i += 1;
  let decimals = 0;
  let fraction = 0;
  word = view.getInt32(i, true);
  other = nonDigits(word);
  if (other !== 0) {
    decimals = leading(other);
    if (decimals === 0) return -1;
    fraction = digitsOf(word, decimals);
  } else {
    fraction = fourDigits(word & DIGIT_BITS);
    word = view.getInt32(i + 4, true);
    other = nonDigits(word);
    decimals = other === 0 ? 4 : leading(other);
    fraction = fraction * (POWERS[decimals] as number) + (decimals === 0 ? 0 : digitsOf(word, decimals));
    decimals += 4;
  }
  i += decimals;
  // A ninth decimal, or the end of the frame inside the number, is left to the general way.
  if (i >= end || bytes[i] !== QUOTE) return scanAnyNumber(bytes, at, end, into, index, scale);
  if (fraction === 0) {
    into[index] = whole * scale;
    return i;
  }
  const power = POWERS[decimals] as number;
  const mantissa = whole * power + fraction;
  if (mantissa > Number.MAX_SAFE_INTEGER) return scanAnyNumber(bytes, at, end, into, index, scale);
  into[index] = (mantissa / power) * scale;
  return i;
}

/** A whole number of eight digits or more. */
function scanLongWhole(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  const byte = bytes[at + 8] as number;
  const head =
    fourDigits(wordAt(bytes, at) & DIGIT_BITS) * 10_000 + fourDigits(wordAt(bytes, at + 4) & DIGIT_BITS);
  if (at + 8 < end && endsInteger(byte) && bytes[at] !== ZERO) {
    into[index] = head * scale;
    return at + 8;
  }
  if (byte < ZERO || byte > NINE) return scanAnyNumber(bytes, at, end, into, index, scale);
  return scanWide(bytes, at, end, head * 10 + (byte - ZERO), into, index, scale);
}

/** A bit in each byte of the word that is no digit. Bytes behind the first such one may be marked wrongly; the first is right. */
function nonDigits(word: number): number {
  return ((word + 0x46464646) | (word - 0x30303030)) & 0x80808080;
}

/** How many digits stand in a word before the first byte that `nonDigits` marked. */
function leading(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}

/** The number that the first `count` (1 to 3, or 4) digits of a word are. */
function digitsOf(word: number, count: number): number {
  return fourDigits((word & DIGIT_BITS) << (32 - 8 * count));
}

/** The number of four digit values, the first of them in the lowest byte. */
function fourDigits(digits: number): number {
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff;
}

/** An integer of 10 to 15 digits (times, update ids) whose first nine are `head`; anything else is left to the general way. */
function scanWide(
  bytes: Uint8Array,
  at: number,
  end: number,
  head: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  let i = at + SMALL_DIGITS;
  const wideEnd = Math.min(at + EXACT_DIGITS, end);
  let byte = 0;
  let tail = 0;
  while (i < wideEnd) {
    byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) break;
    tail = (Math.imul(tail, 10) + (byte - ZERO)) | 0;
    i += 1;
  }
  const plain = i < end && endsInteger(bytes[i] as number) && bytes[at] !== ZERO;
  if (!plain) return scanAnyNumber(bytes, at, end, into, index, scale);
  into[index] = (head * (POWERS[i - at - SMALL_DIGITS] as number) + tail) * scale;
  return i;
}

function endsInteger(byte: number): boolean {
  return byte === QUOTE || byte === 0x2c || byte === 0x7d;
}

/** The general number: a sign, many digits, an exponent. */
function scanAnyNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  let i = at;
  let negative = false;
  if (i < end && bytes[i] === MINUS) {
    negative = true;
    i += 1;
  }
  const first = i;
  let mantissa = 0;
  let byte = 0;
  while (i < end) {
    byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) break;
    mantissa = mantissa * 10 + (byte - ZERO);
    i += 1;
  }
  if (i === first) return -1;
  const padded = bytes[first] === ZERO && i > first + 1;
  let digits = i - first;
  let decimals = 0;
  if (i < end && byte === DOT) {
    i += 1;
    const fraction = i;
    while (i < end) {
      byte = bytes[i] as number;
      if (byte < ZERO || byte > NINE) break;
      mantissa = mantissa * 10 + (byte - ZERO);
      i += 1;
    }
    decimals = i - fraction;
    if (decimals === 0) return -1;
    digits += decimals;
  }
  // JSON allows that in a string only.
  if (padded && i < end && byte !== QUOTE) return -1;
  const exponent = i < end && (byte === 0x65 || byte === 0x45);
  if (exponent || (digits > EXACT_DIGITS && mantissa > Number.MAX_SAFE_INTEGER) || decimals > 22) {
    return scanLongNumber(bytes, at, i, end, into, index, scale);
  }
  const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
  into[index] = (negative ? -value : value) * scale;
  return i;
}

/** The rare number: more digits than a double's mantissa holds, or an exponent. `mantissaEnd` is behind its digits. */
function scanLongNumber(
  bytes: Uint8Array,
  at: number,
  mantissaEnd: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  let i = mantissaEnd;
  const byte = i < end ? (bytes[i] as number) : 0;
  if (byte === 0x65 || byte === 0x45) {
    i += 1;
    const sign = i < end ? (bytes[i] as number) : 0;
    if (sign === PLUS || sign === MINUS) i += 1;
    i = afterDigits(bytes, i, end);
    if (i < 0) return -1;
  }
  if (i - at > MAX_NUMBER_BYTES) return -1;
  const value = Number(String.fromCharCode(...bytes.subarray(at, i)));
  if (!Number.isFinite(value)) return -1;
  into[index] = value * scale;
  return i;
}

/** The bytes of an ASCII literal, for `after` and comparisons. */
export function literal(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
