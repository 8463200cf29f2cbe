import { wordAt } from './frame-view.ts';
import { literal } from './scan.ts';

/**
 * Literal text of a frame whose shape is known, compared four bytes at once because most of a frame is keys.
 */
export interface FrameKey {
  readonly length: number;
  readonly bytes: Uint8Array;
  /** The same by little-endian words; up to three bytes are left over. */
  readonly words: Int32Array;
}

/** ASCII text to be met in frames. */
export function frameKey(text: string): FrameKey {
  const bytes = literal(text);
  const words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => wordAt(bytes, i * 4));
  return { length: bytes.length, bytes, words };
}

/** The position behind `key`, which must stand at `at`; −1 when it does not. A negative `at` passes through. */
export function afterKey(bytes: Uint8Array, at: number, end: number, key: FrameKey): number {
  const behind = at + key.length;
  if (at < 0 || behind > end) return -1;
  const words = key.words;
  let i = at;
  for (let word = 0; word < words.length; word += 1, i += 4) {
    if (wordAt(bytes, i) !== words[word]) return -1;
  }
  for (; i < behind; i += 1) if (bytes[i] !== key.bytes[i - at]) return -1;
  return behind;
}
