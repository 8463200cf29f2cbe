/**
 * Whether bytes are one whole JSON text (RFC 8259), without building anything of it. Nothing is read from a frame off the fast path before this has said
 * `whole`, so what reads it afterwards meets well-formed JSON only and no half frame is ever believed.
 */
export const JsonVerdict = { whole: 0, truncated: 1, malformed: 2 } as const;
export type JsonVerdict = (typeof JsonVerdict)[keyof typeof JsonVerdict];

/** The deepest nesting accepted; deeper is hostile, not data. One bit a level must fit a small integer. */
const MAX_DEPTH = 30;

/** Positions are ≥ 0; these take the place of one. */
const MALFORMED = -1;
const TRUNCATED = -2;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

export function checkJson(bytes: Uint8Array, start: number, end: number): JsonVerdict {
  // One bit a level, the innermost lowest: 1 = object, 0 = array. The leading 1 marks the bottom.
  let shapes = 1;
  let depth = 0;
  let i = start;
  for (;;) {
    i = skipSpace(bytes, i, end);
    if (i === end) return JsonVerdict.truncated;
    const byte = bytes[i] as number;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === MAX_DEPTH) return JsonVerdict.malformed;
      const object = byte === OPEN_OBJECT;
      shapes = (shapes << 1) | (object ? 1 : 0);
      depth += 1;
      i = skipSpace(bytes, i + 1, end);
      if (i === end) return JsonVerdict.truncated;
      if (bytes[i] !== (object ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        if (object) i = checkKey(bytes, i, end);
        if (i < 0) return verdictOf(i);
        continue;
      }
    } else {
      i = byte === QUOTE ? checkString(bytes, i, end) : checkScalar(bytes, i, end);
      if (i < 0) return verdictOf(i);
    }
    // Behind a value, or on the bracket that closes an empty one.
    for (;;) {
      i = skipSpace(bytes, i, end);
      if (depth === 0) return i === end ? JsonVerdict.whole : JsonVerdict.malformed;
      if (i === end) return JsonVerdict.truncated;
      const next = bytes[i] as number;
      const object = (shapes & 1) === 1;
      i += 1;
      if (next === COMMA) {
        if (object) i = checkKey(bytes, skipSpace(bytes, i, end), end);
        if (i < 0) return verdictOf(i);
        break;
      }
      if (next !== (object ? CLOSE_OBJECT : CLOSE_ARRAY)) return JsonVerdict.malformed;
      shapes >>= 1;
      depth -= 1;
    }
  }
}

function verdictOf(position: number): JsonVerdict {
  return position === TRUNCATED ? JsonVerdict.truncated : JsonVerdict.malformed;
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

/** Behind `"key":` at `at`. */
function checkKey(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return TRUNCATED;
  if (bytes[at] !== QUOTE) return MALFORMED;
  let i = checkString(bytes, at, end);
  if (i < 0) return i;
  i = skipSpace(bytes, i, end);
  if (i === end) return TRUNCATED;
  return bytes[i] === COLON ? i + 1 : MALFORMED;
}

/** Behind the string that opens at `at`. */
function checkString(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return MALFORMED;
    if (byte === 0x5c) {
      i = checkEscape(bytes, i + 1, end);
      if (i < 0) return i;
    } else i += 1;
  }
  return TRUNCATED;
}

/** Behind the escape whose letter is at `at`. */
function checkEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return TRUNCATED;
  if (bytes[at] !== 0x75)
    return '"\\/bfnrt'.includes(String.fromCharCode(bytes[at] as number)) ? at + 1 : MALFORMED;
  for (let i = at + 1; i < at + 5; i += 1) {
    if (i === end) return TRUNCATED;
    const byte = (bytes[i] as number) | 0x20;
    const hex =
      ((bytes[i] as number) >= 0x30 && (bytes[i] as number) <= 0x39) || (byte >= 0x61 && byte <= 0x66);
    if (!hex) return MALFORMED;
  }
  return at + 5;
}

const LITERALS: readonly Uint8Array[] = ['true', 'false', 'null'].map((word) =>
  Uint8Array.from(word, (letter) => letter.charCodeAt(0)),
);

/** Behind `true`, `false`, `null` or a number. */
function checkScalar(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first === 0x2d || isDigit(first)) return checkNumber(bytes, at, end);
  for (const word of LITERALS) {
    if (word[0] !== first) continue;
    for (let i = 0; i < word.length; i += 1) {
      if (at + i === end) return TRUNCATED;
      if (bytes[at + i] !== word[i]) return MALFORMED;
    }
    return at + word.length;
  }
  return MALFORMED;
}

function checkNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === 0x2d ? at + 1 : at;
  const zero = i < end && bytes[i] === 0x30;
  i = zero ? i + 1 : checkDigits(bytes, i, end);
  if (i < 0) return i;
  if (i < end && bytes[i] === 0x2e) i = checkDigits(bytes, i + 1, end);
  if (i >= 0 && i < end && ((bytes[i] as number) | 0x20) === 0x65) {
    i += 1;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i += 1;
    i = checkDigits(bytes, i, end);
  }
  return i;
}

/** Behind one or more digits. */
function checkDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i] as number)) i += 1;
  if (i > at) return i;
  return i === end ? TRUNCATED : MALFORMED;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
