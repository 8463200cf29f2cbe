import { afterInteger } from './scan.ts';

const ZERO = 0x30;
/** Digits that surely fit a small integer. */
const SMALL_DIGITS = 9;
const BILLION = 1e9;
/** Digits of a decimal that a double holds exactly. */
const EXACT_DIGITS = 15;
/** Digits of the largest 64-bit integer. */
const MAX_DIGITS = 20;

/**
 * Reads the run of at most 20 digits at `at` into `into[index]`, times `scale`, and answers the position behind it, or −1. Times and update ids have 13 to 19
 * digits: read in two halves they need no text, and the result is the double nearest to them all the same (before scaling).
 */
export function scanInteger(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): number {
  const behind = afterInteger(bytes, at, end);
  if (behind < 0) return -1;
  return integerOf(bytes, at, behind, into, index, scale) ? behind : -1;
}

/**
 * Reads a Unix time of µs resolution out of a run of digits: 13 = ms, 16 = µs, 19 = ns, of which what is finer than a µs is cut off. Answers the position
 * behind it, or −1 when it is none of them.
 */
export function scanTime(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
): number {
  const behind = afterInteger(bytes, at, end);
  const digits = behind - at;
  if (behind < 0 || (digits !== 13 && digits !== 16 && digits !== 19)) return -1;
  integerOf(bytes, at, digits === 19 ? behind - 3 : behind, into, index, digits === 13 ? 1000 : 1);
  return behind;
}

function integerOf(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): boolean {
  const digits = end - at;
  if (digits <= SMALL_DIGITS) {
    into[index] = smallInteger(bytes, at, end) * scale;
    return true;
  }
  if (digits > MAX_DIGITS) return false;
  const split = end - SMALL_DIGITS;
  const low = smallInteger(bytes, split, end);
  if (digits <= EXACT_DIGITS) {
    into[index] = (smallInteger(bytes, at, split) * BILLION + low) * scale;
    return true;
  }
  const top = split - at > SMALL_DIGITS ? split - SMALL_DIGITS : at;
  const high = smallInteger(bytes, at, top) * BILLION + smallInteger(bytes, top, split);
  // high × 10^9 in two exact products, so that only the last addition rounds.
  const highTop = Math.floor(high / 65536);
  const upper = highTop * BILLION;
  const lower = (high - highTop * 65536) * BILLION;
  const carry = Math.floor(upper / 65536);
  into[index] = (carry * 4294967296 + ((upper - carry * 65536) * 65536 + lower + low)) * scale;
  return true;
}

/** At most nine digits. */
function smallInteger(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i += 1) value = (Math.imul(value, 10) + ((bytes[i] as number) - ZERO)) | 0;
  return value;
}
