import { isPresent, isString } from './json-read.ts';
import { scanInteger } from './scan-integer.ts';

/** Reads an update id of up to 20 digits, bare or in quotes, as the nearest double; absent, null and "" are NaN. False when something else stands there. */
export function readSequence(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
): boolean {
  into[index] = Number.NaN;
  if (!isPresent(bytes, at, end)) return true;
  if (!isString(bytes, at, end)) return scanInteger(bytes, at, end, into, index, 1) >= 0;
  return bytes[at + 1] === 0x22 || scanInteger(bytes, at + 1, end, into, index, 1) >= 0;
}
