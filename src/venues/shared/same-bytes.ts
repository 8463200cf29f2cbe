/** Whether two stretches of the same bytes are equal. */
export function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = start, k = otherStart; i < end; i += 1, k += 1) if (bytes[i] !== bytes[k]) return false;
  return true;
}
