import { TRADE_ID_BYTES } from '../../core/records.ts';
import { isPresent, isString, skipScalar, skipString } from './json-read.ts';
import { afterInteger } from './scan.ts';

/** Where the text of a trade id begins: behind the quote, or at its first digit. Absent and null have none (length 0). */
export function idStart(bytes: Uint8Array, at: number, end: number): number {
  return isString(bytes, at, end) ? at + 1 : Math.max(at, 0);
}

/** The bytes of the id whose value is at `at`: 0 when there is none, −1 when it is longer than we keep or neither a string nor a whole number. */
export function idLength(bytes: Uint8Array, at: number, end: number): number {
  if (!isPresent(bytes, at, end)) return 0;
  if (isString(bytes, at, end)) return bounded(skipString(bytes, at, end) - 2 - at);
  const behind = skipScalar(bytes, at, end);
  return afterInteger(bytes, at, end) === behind ? bounded(behind - at) : -1;
}

function bounded(length: number): number {
  return length <= TRADE_ID_BYTES ? length : -1;
}
