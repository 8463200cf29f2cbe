import { crc32 } from 'node:zlib';
import { VENUE_IDS, type VenueId, venueIndex } from '../core/venue-ids.ts';
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FrameKind, NO_VENUE } from './journal-format.ts';

/** A frame as its header tells; the payload was not looked at. */
export interface Frame {
  readonly kind: FrameKind;
  readonly venue: VenueId | undefined;
  readonly rows: number;
  /** In the whole journal, rising by one; a frame that was written again keeps its number. */
  readonly number: number;
  /** µs since the epoch. */
  readonly writtenAt: number;
  /** Receive times of its rows, µs; NaN = it has none. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Of the header in the file. */
  readonly offset: number;
  readonly payloadBytes: number;
}

const CHECKED_FROM = 12;
const LAST_KIND = Math.max(...Object.values(FrameKind));

/** Bytes that a payload takes in a file: the next multiple of 8. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/**
 * Writes a frame's header at `at` of `bytes`, where the payload already follows it.
 * @param payloadBytes a multiple of 8
 */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  header: Omit<Frame, 'offset' | 'payloadBytes'>,
  payloadBytes: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, payloadBytes, true);
  view.setUint8(12, header.kind);
  view.setUint8(13, header.venue === undefined ? NO_VENUE : venueIndex(header.venue));
  view.setUint16(14, 0, true);
  view.setUint32(16, header.rows, true);
  view.setUint32(20, 0, true);
  view.setFloat64(24, header.number, true);
  view.setFloat64(32, header.writtenAt, true);
  view.setFloat64(40, header.minTime, true);
  view.setFloat64(48, header.maxTime, true);
  view.setUint32(8, checksum(bytes, at, payloadBytes), true);
}

/** The frame that begins at `at` of `bytes`, `offset` in its file; undefined if that is no sound header. */
export function parseHeader(bytes: Uint8Array, at: number, offset: number): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
  const payloadBytes = view.getUint32(4, true);
  const kind = view.getUint8(12);
  const venue = view.getUint8(13);
  const number = view.getFloat64(24, true);
  const sound =
    view.getUint32(0, true) === FRAME_MAGIC &&
    payloadBytes % 8 === 0 &&
    kind <= LAST_KIND &&
    (venue === NO_VENUE || venue < VENUE_IDS.length) &&
    Number.isSafeInteger(number);
  if (!sound) return undefined;
  return {
    kind: kind as FrameKind,
    venue: VENUE_IDS[venue],
    rows: view.getUint32(16, true),
    number,
    writtenAt: view.getFloat64(32, true),
    minTime: view.getFloat64(40, true),
    maxTime: view.getFloat64(48, true),
    offset,
    payloadBytes,
  };
}

/** Whether header and payload, which begin at `at` of `bytes`, are as they were written. */
export function isSound(bytes: Uint8Array, at: number, payloadBytes: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
  return view.getUint32(8, true) === checksum(bytes, at, payloadBytes);
}

function checksum(bytes: Uint8Array, at: number, payloadBytes: number): number {
  return crc32(bytes.subarray(at + CHECKED_FROM, at + FRAME_HEADER_BYTES + payloadBytes));
}
