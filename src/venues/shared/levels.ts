import { firstElement, isArray, isPresent, nextElement, readNumber } from './json-read.ts';

/**
 * Reads the best level of a side written `[["price","size",…],…]` into two fields. An absent, null or empty side is NaN in both. False when it is anything else.
 */
export function readBestLevel(
  bytes: Uint8Array,
  side: number,
  end: number,
  fields: Float64Array,
  price: number,
  size: number,
): boolean {
  fields[price] = Number.NaN;
  fields[size] = Number.NaN;
  if (!isPresent(bytes, side, end)) return true;
  if (!isArray(bytes, side, end)) return false;
  const level = firstElement(bytes, side, end);
  return level < 0 || readLevel(bytes, level, end, fields, price, size);
}

/** Reads one level, `["price","size",…]`. */
export function readLevel(
  bytes: Uint8Array,
  level: number,
  end: number,
  fields: Float64Array,
  price: number,
  size: number,
): boolean {
  const first = firstElement(bytes, level, end);
  const second = first < 0 ? -1 : nextElement(bytes, first, end);
  return (
    second >= 0 &&
    readNumber(bytes, first, end, fields, price, 1) &&
    readNumber(bytes, second, end, fields, size, 1)
  );
}
