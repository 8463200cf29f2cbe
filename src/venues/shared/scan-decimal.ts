import { scanNumber } from './scan.ts';

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
/** Digits that surely fit a small integer. */
const SMALL_DIGITS = 9;
const POWERS = Float64Array.from({ length: SMALL_DIGITS + 1 }, (_, n) => 10 ** n);

/**
 * Reads the decimal that all of `bytes[start, end)` is into `into[index]`, as the double that Number() gives; nothing there is NaN. False when it is no
 * decimal. For encodings that say where a text ends.
 */
export function readDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
  index: number,
): boolean {
  let i = start;
  let whole = 0;
  const wholeEnd = Math.min(end, start + SMALL_DIGITS);
  for (; i < wholeEnd; i += 1) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) break;
    whole = (Math.imul(whole, 10) + (byte - ZERO)) | 0;
  }
  if (i === end) {
    into[index] = start === end ? Number.NaN : whole;
    return true;
  }
  const first = i + 1;
  if (bytes[i] !== DOT || i === start || first === end || end - first > SMALL_DIGITS)
    return scanNumber(bytes, start, end, into, index, 1) === end;
  let fraction = 0;
  for (i = first; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) return scanNumber(bytes, start, end, into, index, 1) === end;
    fraction = (Math.imul(fraction, 10) + (byte - ZERO)) | 0;
  }
  const power = POWERS[end - first] as number;
  const mantissa = whole * power + fraction;
  if (mantissa > Number.MAX_SAFE_INTEGER) return scanNumber(bytes, start, end, into, index, 1) === end;
  into[index] = mantissa / power;
  return true;
}
