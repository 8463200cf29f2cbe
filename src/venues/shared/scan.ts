/**
 * Reading JSON in place: positions go in and out as small integers and numbers land in typed arrays, so that nothing is allocated per message
 * (a double that a function returns is boxed unless the call is inlined). Every function answers −1 when the bytes are not what it reads.
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

/** Digits whose mantissa surely fits a double exactly. */
const EXACT_DIGITS = 15;

/**
 * Reads a JSON number at `at` into `into[index]`, times `scale`, and answers the position behind it. Up to 15 significant digits take the fast way; longer ones
 * and exponents go through Number() and are just as exact.
 */
export function scanNumber(
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
  const exponent = i < end && (byte === 0x65 || byte === 0x45);
  if (exponent || (digits > EXACT_DIGITS && mantissa > Number.MAX_SAFE_INTEGER) || decimals > 22) {
    return scanLongNumber(bytes, at, i, end, into, index, scale);
  }
  const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
  into[index] = (negative ? -value : value) * scale;
  return i;
}

/** The rare number: more digits than a double's mantissa holds, or an exponent. `i` is behind its mantissa. */
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
    const first = i;
    while (i < end && (bytes[i] as number) >= ZERO && (bytes[i] as number) <= NINE) i += 1;
    if (i === first) return -1;
  }
  // A limit on what one number may cost; no venue comes near it.
  if (i - at > 64) return -1;
  const value = Number(String.fromCharCode(...bytes.subarray(at, i)));
  if (!Number.isFinite(value)) return -1;
  into[index] = value * scale;
  return i;
}

/**
 * Reads `"123.45"` or `123.45`. An empty string is read as NaN: some venues write an absent side so.
 */
export function scanQuotedNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  if (at >= end) return -1;
  if (bytes[at] !== QUOTE) return scanNumber(bytes, at, end, into, index, scale);
  if (at + 1 < end && bytes[at + 1] === QUOTE) {
    into[index] = Number.NaN;
    return at + 2;
  }
  const behind = scanNumber(bytes, at + 1, end, into, index, scale);
  return behind >= 0 && behind < end && bytes[behind] === QUOTE ? behind + 1 : -1;
}

/** The position behind white space. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    i += 1;
  }
  return i;
}

/** The position behind the string that opens at `at`. Its content is `bytes[at + 1, result − 1)`, still escaped. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return -1;
  let i = at + 1;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return -1;
    i += byte === BACKSLASH ? 2 : 1;
  }
  return -1;
}

/** The deepest nesting that is passed over; deeper is hostile, not data. */
const MAX_DEPTH = 32;

/** The position behind any JSON value: strings are honoured, brackets matched, scalars only measured. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const first = at < end ? (bytes[at] as number) : 0;
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first !== 0x7b && first !== 0x5b) return skipScalar(bytes, at, end);
  let depth = 0;
  // One bit a level: 1 = object, 0 = array.
  let shapes = 0;
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      i = skipString(bytes, i, end);
      if (i < 0) return -1;
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (depth === MAX_DEPTH) return -1;
      shapes = (shapes << 1) | (byte === 0x7b ? 1 : 0);
      depth += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      if ((shapes & 1) !== (byte === 0x7d ? 1 : 0)) return -1;
      shapes >>>= 1;
      depth -= 1;
      if (depth === 0) return i + 1;
    }
    i += 1;
  }
  return -1;
}

/** Behind `true`, `false`, `null` or a number. */
function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    const part =
      (byte >= ZERO && byte <= NINE) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === MINUS ||
      byte === PLUS ||
      byte === DOT ||
      byte === 0x45;
    if (!part) break;
    i += 1;
  }
  return i === at ? -1 : i;
}
