import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRADE_ID_BYTES } from '../../src/core/records.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import type { RigQuote, RigTrade } from './journal-rig.ts';

/*
 * A journal segment byte by byte, as its format is described and with nothing of the program's own writing: what this writes and the program reads, or the other way round, says
 * that both keep to the description.
 */
export interface RawFrame {
  kind: 'segment' | 'instruments' | 'openGaps' | 'quotes' | 'trades' | 'gaps' | 'heartbeat' | 'end';
  number: number;
  writtenAt: number;
  venue?: VenueId;
  /** Of quotes and trades frames. */
  quotes?: readonly RigQuote[];
  trades?: readonly RigTrade[];
  /** Of segment, instruments, openGaps and gaps. */
  json?: unknown;
}

const KINDS = ['segment', 'instruments', 'openGaps', 'quotes', 'trades', 'gaps', 'heartbeat', 'end'] as const;

export function rawSegment(frames: readonly RawFrame[]): Buffer {
  return Buffer.concat(frames.map(rawFrame));
}

export function writeRawSegment(lake: string, number: number, bytes: Uint8Array): string {
  mkdirSync(join(lake, '_journal'), { recursive: true });
  const path = join(lake, '_journal', `rows-${String(number).padStart(10, '0')}.seg`);
  writeFileSync(path, bytes);
  return path;
}

export function rawFrame(frame: RawFrame): Buffer {
  const payload = payloadOf(frame);
  const times = [...(frame.quotes ?? []), ...(frame.trades ?? [])].map((row) => row.receiveTime);
  const header = Buffer.alloc(56);
  header.write('SSF1', 0, 'latin1');
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt8(KINDS.indexOf(frame.kind), 12);
  header.writeUInt8(frame.venue === undefined ? 255 : VENUE_IDS.indexOf(frame.venue), 13);
  header.writeUInt32LE(times.length, 16);
  header.writeDoubleLE(frame.number, 24);
  header.writeDoubleLE(frame.writtenAt, 32);
  header.writeDoubleLE(times.length === 0 ? Number.NaN : Math.min(...times), 40);
  header.writeDoubleLE(times.length === 0 ? Number.NaN : Math.max(...times), 48);
  header.writeUInt32LE(slowCrc32(Buffer.concat([header.subarray(12), payload])), 8);
  return Buffer.concat([header, payload]);
}

function payloadOf({ kind, json, quotes = [], trades = [] }: RawFrame): Buffer {
  if (kind === 'heartbeat' || kind === 'end') return Buffer.alloc(0);
  if (kind === 'quotes') return padded(quoteBytes(quotes), 0);
  if (kind === 'trades') return padded(tradeBytes(trades), 0);
  return padded(Buffer.from(JSON.stringify(json)), 0x20);
}

/** The columns one after another, with nothing between them: the widest values first. */
function quoteBytes(rows: readonly RigQuote[]): Buffer {
  return Buffer.concat([
    doubles(rows.map((row) => row.venueTime)),
    doubles(rows.map((row) => row.receiveTime)),
    doubles(rows.map((row) => row.bid)),
    doubles(rows.map((row) => row.bidSize)),
    doubles(rows.map((row) => row.ask)),
    doubles(rows.map((row) => row.askSize)),
    doubles(rows.map((row) => row.sequence)),
    words(rows.map((row) => row.instrument)),
    Buffer.from(rows.map((row) => row.kind ?? 0)),
  ]);
}

function tradeBytes(rows: readonly RigTrade[]): Buffer {
  return Buffer.concat([
    doubles(rows.map((row) => row.venueTime)),
    doubles(rows.map((row) => row.receiveTime)),
    doubles(rows.map((row) => row.price)),
    doubles(rows.map((row) => row.size)),
    words(rows.map((row) => row.instrument)),
    Buffer.from(rows.map((row) => row.side)),
    Buffer.from(rows.map((row) => Buffer.byteLength(row.id))),
    Buffer.concat(rows.map((row) => Buffer.concat([Buffer.from(row.id)], TRADE_ID_BYTES))),
  ]);
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, i * 8);
  return bytes;
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return bytes;
}

function padded(bytes: Buffer, filler: number): Buffer {
  const rest = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.alloc(rest, filler)]);
}

/** CRC-32 as IEEE 802.3 tells, bit by bit. */
function slowCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
