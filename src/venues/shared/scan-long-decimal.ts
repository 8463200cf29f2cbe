import { scanNumber } from './scan.ts';

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
/** Digits of each half of a mantissa. */
const HALF = 9;
const MAX_DECIMALS = 22;
/** Exact up to 10^22. */
const POWERS = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, n) => 10 ** n);
/** Splits a double into two of 26 bits whose products are exact (Dekker). */
const SPLITTER = 134_217_729;

/**
 * `scanNumber` for values that often have 16 to 18 significant digits, such as sizes that a venue computed itself: those make no garbage here. The
 * mantissa is held as an exact sum of two doubles, and the quotient is corrected by its exact remainder.
 */
export function scanLongDecimal(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
): number {
  if (at < 0) return -1;
  let high = 0;
  let low = 0;
  let digits = 0;
  let dot = -1;
  let i = at;
  for (; i < end; i += 1) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > NINE - ZERO) {
      if (bytes[i] !== DOT || dot >= 0) break;
      dot = i;
      continue;
    }
    if (digits === 0 && digit === 0) continue;
    digits += 1;
    if (digits <= HALF) high = (Math.imul(high, 10) + digit) | 0;
    else if (digits <= 2 * HALF) low = (Math.imul(low, 10) + digit) | 0;
  }
  const decimals = dot < 0 ? 0 : i - dot - 1;
  const plain =
    digits <= HALF || digits > 2 * HALF || dot === at || decimals === 0 || decimals > MAX_DECIMALS;
  // An exponent is left to the general way too.
  if (plain || (i < end && ((bytes[i] as number) | 0x20) === 0x65))
    return scanNumber(bytes, at, end, into, index, 1);
  divide(high, POWERS[digits - HALF] as number, low, POWERS[decimals] as number, into, index);
  return i;
}

/** Writes (high × power + low) / divisor, rounded once. */
function divide(
  high: number,
  power: number,
  low: number,
  divisor: number,
  into: Float64Array,
  index: number,
): void {
  const upper = (high >>> 16) * power * 65_536;
  const lower = (high & 0xffff) * power + low;
  const sum = upper + lower;
  const virtual = sum - upper;
  const rest = upper - (sum - virtual) + (lower - virtual);
  const quotient = sum / divisor;
  const product = quotient * divisor;
  const scaledQuotient = SPLITTER * quotient;
  const quotientTop = scaledQuotient - (scaledQuotient - quotient);
  const quotientBottom = quotient - quotientTop;
  const scaledDivisor = SPLITTER * divisor;
  const divisorTop = scaledDivisor - (scaledDivisor - divisor);
  const divisorBottom = divisor - divisorTop;
  const error =
    quotientTop * divisorTop -
    product +
    quotientTop * divisorBottom +
    quotientBottom * divisorTop +
    quotientBottom * divisorBottom;
  into[index] = quotient + (sum - product - error + rest) / divisor;
}
