import { paddedBytes, writeHeader } from './frame.ts';
import { FRAME_HEADER_BYTES, type FrameKind } from './journal-format.ts';

/**
 * A whole frame of JSON, or without `value` of nothing.
 * @param writtenAt µs since the epoch
 */
export function jsonFrame(
  kind: FrameKind,
  number: number,
  writtenAt: number,
  value?: unknown,
): Uint8Array<ArrayBuffer> {
  const payload = value === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(value));
  const payloadBytes = paddedBytes(payload.byteLength);
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payloadBytes).fill(0x20, FRAME_HEADER_BYTES);
  bytes.set(payload, FRAME_HEADER_BYTES);
  const header = { kind, venue: undefined, rows: 0, number, writtenAt };
  writeHeader(bytes, 0, { ...header, minTime: Number.NaN, maxTime: Number.NaN }, payloadBytes);
  return bytes;
}
