import { isPresent, isString, skipScalar } from './json-read.ts';
import { scanInteger } from './scan-integer.ts';

const QUOTE = 0x22;

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
  if (!isString(bytes, at, end))
    return scanInteger(bytes, at, end, into, index, 1) === skipScalar(bytes, at, end);
  if (bytes[at + 1] === QUOTE) return true;
  const behind = scanInteger(bytes, at + 1, end, into, index, 1);
  return behind >= 0 && bytes[behind] === QUOTE;
}
