import { afterDigits, scanNumber } from '../shared/scan.ts';

const DOT = 0x2e;

/** The decimals of a millisecond, in µs. */
const decimals = new Float64Array(1);

/**
 * Reads `1606292218213.4578`, milliseconds with decimals, as whole µs into `into[index]`, and answers the position behind it, or −1. Before and behind the point
 * apart: together they are more digits than a double holds.
 */
export function scanMillis(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: Float64Array,
  index: number,
): number {
  const point = afterDigits(bytes, at, end);
  if (point < 0) return -1;
  if (scanNumber(bytes, at, point, into, index, 1_000) !== point) return -1;
  if (point >= end || bytes[point] !== DOT) return point;
  const behind = afterDigits(bytes, point + 1, end);
  if (behind < 0 || scanNumber(bytes, point + 1, behind, decimals, 0, 1_000) !== behind) return -1;
  into[index] = (into[index] as number) + Math.round((decimals[0] as number) / 10 ** (behind - point - 1));
  return behind;
}
