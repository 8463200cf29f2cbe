import type { BadFrame, SymbolTable } from '../venue.ts';
import { skipSpace } from './json-check.ts';
import { scanNumber } from './scan.ts';
import { utf8Bytes, utf8Text } from './symbol-table.ts';

/**
 * The general way to read a frame: objects in any key order, unknown keys passed over. Everything here expects bytes that `checkJson` called whole. A value is
 * known by the position where it begins; −1 = absent.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Key names and their numbers, for `readMembers`. */
export class KeySet<K extends string> {
  /** The number of each key: its index into `positions`. */
  readonly index: Readonly<Record<K, number>>;
  readonly count: number;
  readonly #names: readonly Uint8Array[];

  constructor(names: readonly K[]) {
    this.#names = names.map(utf8Bytes);
    this.count = names.length;
    this.index = Object.fromEntries(names.map((name, i) => [name, i])) as Record<K, number>;
  }

  /** The number of the key `bytes[start, end)`, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    for (let k = 0; k < this.count; k += 1) {
      if (equals(bytes, start, end, this.#names[k] as Uint8Array)) return k;
    }
    return -1;
  }
}

function equals(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) if (bytes[start + i] !== name[i]) return false;
  return true;
}

/**
 * Notes where the values of the object's known keys begin (−1 = absent; of a key written twice the last counts) and answers the position behind it, or −1 when
 * no object is at `at`.
 */
export function readMembers<K extends string>(
  bytes: Uint8Array,
  at: number,
  end: number,
  keys: KeySet<K>,
  positions: Int32Array,
): number {
  positions.fill(-1, 0, keys.count);
  const open = at < 0 ? at : skipSpace(bytes, at, end);
  if (!isObject(bytes, open, end)) return -1;
  let i = skipSpace(bytes, open + 1, end);
  while (i < end && bytes[i] === QUOTE) {
    const keyEnd = skipString(bytes, i, end);
    const key = keys.find(bytes, i + 1, keyEnd - 1);
    const value = skipSpace(bytes, skipSpace(bytes, keyEnd, end) + 1, end);
    if (key >= 0) positions[key] = value;
    i = skipSpace(bytes, skipValue(bytes, value, end), end);
    if (bytes[i] !== 0x2c) break;
    i = skipSpace(bytes, i + 1, end);
  }
  return i + 1;
}

/** The position of an array's first element, or −1 when it is empty or no array. */
export function firstElement(bytes: Uint8Array, at: number, end: number): number {
  if (!isArray(bytes, at, end)) return -1;
  const first = skipSpace(bytes, at + 1, end);
  return bytes[first] === 0x5d ? -1 : first;
}

/** The position of the element behind the one at `at`, or −1 when that is the last. */
export function nextElement(bytes: Uint8Array, at: number, end: number): number {
  const behind = skipSpace(bytes, skipValue(bytes, at, end), end);
  return bytes[behind] === 0x2c ? skipSpace(bytes, behind + 1, end) : -1;
}

export function isObject(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= 0 && at < end && bytes[at] === 0x7b;
}

export function isArray(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= 0 && at < end && bytes[at] === 0x5b;
}

export function isString(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= 0 && at < end && bytes[at] === QUOTE;
}

/** Whether there is a value other than null. */
export function isPresent(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= 0 && at < end && bytes[at] !== 0x6e;
}

/** Whether the value is this plain string. */
export function isText(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  return isString(bytes, at, end) && equals(bytes, at + 1, skipString(bytes, at, end) - 1, text);
}

/** Whether the value is a string that starts so. */
export function startsWith(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  return (
    isString(bytes, at, end) &&
    at + 1 + text.length < end &&
    equals(bytes, at + 1, at + 1 + text.length, text)
  );
}

/** Whether the value is a string that ends so. */
export function endsWith(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (!isString(bytes, at, end)) return false;
  const close = skipString(bytes, at, end) - 1;
  return close - text.length > at && equals(bytes, close - text.length, close, text);
}

/** 1 = true, 0 = false, −1 = neither. */
export function readBoolean(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at >= end) return -1;
  return bytes[at] === 0x74 ? 1 : bytes[at] === 0x66 ? 0 : -1;
}

/**
 * Reads a number, written bare or in quotes, into `into[index]`, times `scale`. Absent, null and "" are NaN. False when something else stands there.
 */
export function readNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): boolean {
  into[index] = Number.NaN;
  if (!isPresent(bytes, at, end)) return true;
  if (bytes[at] !== QUOTE) return scanNumber(bytes, at, end, into, index, scale) >= 0;
  if (bytes[at + 1] === QUOTE) return true;
  const behind = scanNumber(bytes, at + 1, end, into, index, scale);
  if (behind >= 0 && bytes[behind] === QUOTE) return true;
  into[index] = Number.NaN;
  return false;
}

/** The instrument that the string at `at` names, −1 when it is unknown, −2 when there is no string. */
export function readSymbol(symbols: SymbolTable, bytes: Uint8Array, at: number, end: number): number {
  if (!isString(bytes, at, end)) return -2;
  const close = skipString(bytes, at, end) - 1;
  for (let i = at + 1; i < close; i += 1) {
    if (bytes[i] === BACKSLASH) return findEscaped(symbols, bytes, at, close + 1);
  }
  return symbols.find(bytes, at + 1, close);
}

/** What is wrong when `readSymbol` answered a negative number. */
export function badSymbol(answer: number): BadFrame {
  return answer === -1 ? 'unknown-symbol' : 'bad-value';
}

/** Coins have names in all scripts, and some recorders write those as \\u escapes. */
function findEscaped(symbols: SymbolTable, bytes: Uint8Array, start: number, end: number): number {
  const text: unknown = JSON.parse(utf8Text(bytes, start, end));
  const name = utf8Bytes(String(text));
  return symbols.find(name, 0, name.length);
}

/** The position behind the string that opens at `at`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    i += byte === BACKSLASH ? 2 : 1;
  }
  return end;
}

/** The position behind any value. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const first = at < end ? (bytes[at] as number) : 0;
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first !== 0x7b && first !== 0x5b) return skipScalar(bytes, at, end);
  let depth = 0;
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) {
      i = skipString(bytes, i, end);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    i += 1;
    if (depth === 0) return i;
  }
  return end;
}

/** Behind `true`, `false`, `null` or a number: up to what must follow one. */
export function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20) break;
    i += 1;
  }
  return i;
}
