import { viewOf, wordAt } from './frame-view.ts';
import { literal } from './scan.ts';

/**
 * Literal text of a frame whose shape is known, compared four bytes at once because most of a frame is keys. The last word overlaps the one before it, so that no
 * single bytes are left over.
 */
export interface FrameKey {
  readonly length: number;
  readonly bytes: Uint8Array;
  /** The first and the last four bytes as little-endian words; 0 when there are fewer. */
  readonly head: number;
  readonly tail: number;
  /** The words between them. */
  readonly middle: Int32Array;
}

/** ASCII text to be met in frames. */
export function frameKey(text: string): FrameKey {
  const bytes = literal(text);
  const { length } = bytes;
  const word = (at: number): number => (length < 4 ? 0 : wordAt(bytes, at));
  const between = Math.max(0, ((length - 1) >> 2) - 1);
  const middle = Int32Array.from({ length: between }, (_, i) => word(4 + i * 4));
  return { length, bytes, head: word(0), tail: word(length - 4), middle };
}

/** The position behind `key`, which must stand at `at`; −1 when it does not. A negative `at` passes through. */
export function afterKey(bytes: Uint8Array, at: number, end: number, key: FrameKey): number {
  const behind = at + key.length;
  if (at < 0 || behind > end) return -1;
  if (key.length < 4) {
    for (let i = at; i < behind; i += 1) if (bytes[i] !== key.bytes[i - at]) return -1;
    return behind;
  }
  const view = viewOf(bytes);
  if (view.getInt32(at, true) !== key.head || view.getInt32(behind - 4, true) !== key.tail) return -1;
  const { middle } = key;
  for (let i = 0; i < middle.length; i += 1) if (view.getInt32(at + 4 + i * 4, true) !== middle[i]) return -1;
  return behind;
}
