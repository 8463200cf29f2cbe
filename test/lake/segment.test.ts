import assert from 'node:assert/strict';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { TRADE_ID_BYTES } from '../../src/core/records.ts';
import { type Frame, writeHeader } from '../../src/lake/frame.ts';
import { FrameKind } from '../../src/lake/journal-format.ts';
import { listSegments, Segment } from '../../src/lake/segment.ts';
import { chance, type RigQuote, type RigTrade, temporaryLake } from './journal-rig.ts';
import { type RawFrame, rawFrame, rawSegment, writeRawSegment } from './raw-segment.ts';

const T = 1_764_000_000_000_000;

let lake: string;

beforeEach(() => {
  lake = temporaryLake();
});

afterEach(() => rmSync(lake, { recursive: true }));

function randomQuotes(random: () => number, rows: number): RigQuote[] {
  return Array.from({ length: rows }, (_, i) => ({
    instrument: Math.floor(random() * 2 ** 32),
    kind: Math.floor(random() * 4),
    venueTime: random() < 0.2 ? Number.NaN : T + i - 5,
    receiveTime: T + i,
    bid: random() * 1e6,
    bidSize: random(),
    ask: -random(),
    askSize: 1 / random(),
    sequence: Math.floor(random() * 2 ** 53),
  }));
}

function randomTrades(random: () => number, rows: number): RigTrade[] {
  return Array.from({ length: rows }, (_, i) => ({
    instrument: Math.floor(random() * 2 ** 32),
    venueTime: T,
    receiveTime: T + i,
    price: random(),
    size: random(),
    side: Math.floor(random() * 2),
    id: 'x'.repeat(Math.floor(random() * (TRADE_ID_BYTES + 1))),
  }));
}

/** One of each kind, with odd numbers of rows. */
function someFrames(seed: number): RawFrame[] {
  const random = chance(seed);
  const facts = { segment: 1, createdAt: T, venues: ['okx', 'gate'], run: 'r' };
  const instruments = [
    [0, 'okx', 'BTC-USDT'],
    [1, 'gate', '龙-USDT'],
    [-1, 'okx', 'A-B'],
    [2, 'nowhere', 'A-B'],
    [3],
    'x',
  ];
  const frames: Omit<RawFrame, 'number' | 'writtenAt'>[] = [
    { kind: 'segment', json: facts },
    { kind: 'instruments', json: instruments },
    { kind: 'openGaps', json: [] },
    { kind: 'quotes', venue: 'okx', quotes: randomQuotes(random, 5) },
    { kind: 'trades', venue: 'gate', trades: randomTrades(random, 3) },
    { kind: 'heartbeat' },
    { kind: 'quotes', venue: 'bingx', quotes: randomQuotes(random, 1) },
    { kind: 'gaps', json: [] },
    { kind: 'instruments', json: [[7, 'mexc', 'C-D']] },
    { kind: 'end' },
  ];
  return frames.map((frame, i) => ({ ...frame, number: 100 + i, writtenAt: T + i }));
}

function reading<R>(path: string, read: (segment: Segment) => R): R {
  const segment = Segment.open(path);
  try {
    return read(segment);
  } finally {
    segment.close();
  }
}

/** What a frame carries, as plain values; undefined = unsound. */
function contents(segment: Segment, frame: Frame): unknown {
  if (frame.kind === FrameKind.quotes) {
    const columns = segment.quotes(frame);
    return columns === undefined
      ? undefined
      : Array.from({ length: frame.rows }, (_, i) => quoteAt(columns, i));
  }
  if (frame.kind === FrameKind.trades) {
    const columns = segment.trades(frame);
    return columns === undefined
      ? undefined
      : Array.from({ length: frame.rows }, (_, i) => tradeAt(columns, i));
  }
  if (frame.kind === FrameKind.heartbeat || frame.kind === FrameKind.end)
    return segment.isSound(frame) ? 'nothing' : undefined;
  return segment.json(frame);
}

function quoteAt(columns: NonNullable<ReturnType<Segment['quotes']>>, i: number): unknown {
  const { instrument, kind, venueTime, receiveTime, bid, bidSize, ask, askSize, sequence } = columns;
  return {
    instrument: instrument[i],
    kind: kind[i],
    venueTime: venueTime[i],
    receiveTime: receiveTime[i],
    bid: bid[i],
    bidSize: bidSize[i],
    ask: ask[i],
    askSize: askSize[i],
    sequence: sequence[i],
  };
}

function tradeAt(columns: NonNullable<ReturnType<Segment['trades']>>, i: number): unknown {
  const { instrument, venueTime, receiveTime, price, size, side, id, idLength } = columns;
  return {
    instrument: instrument[i],
    venueTime: venueTime[i],
    receiveTime: receiveTime[i],
    price: price[i],
    size: size[i],
    side: side[i],
    id: Buffer.from(id.subarray(i * TRADE_ID_BYTES, i * TRADE_ID_BYTES + (idLength[i] ?? 0))).toString(),
  };
}

/** What was put into a frame. */
function told(frame: RawFrame): unknown {
  return frame.quotes ?? frame.trades ?? frame.json ?? 'nothing';
}

/** Where each frame of a file ends. */
function ends(frames: readonly RawFrame[]): number[] {
  let at = 0;
  return frames.map((frame) => {
    at += rawFrame(frame).length;
    return at;
  });
}

test('what is written byte by byte as the format is described is read, every value of it', () => {
  const frames = someFrames(1);
  const path = writeRawSegment(lake, 12, rawSegment(frames));
  reading(path, (segment) => {
    assert.equal(segment.number, 12);
    const walk = segment.walk();
    assert.equal(walk.end, 'closed');
    assert.deepEqual(
      walk.frames.map((frame) => frame.number),
      frames.map((frame) => frame.number),
    );
    assert.deepEqual(
      walk.frames.map((frame) => frame.venue),
      frames.map((frame) => frame.venue),
    );
    assert.deepEqual(
      walk.frames.map((frame) => frame.writtenAt),
      frames.map((frame) => frame.writtenAt),
    );
    assert.deepEqual(
      walk.frames.map((frame) => contents(segment, frame)),
      frames.map(told),
    );
    const quotes = walk.frames[3];
    assert.deepEqual([quotes?.rows, quotes?.minTime, quotes?.maxTime], [5, T, T + 4]);
    assert.deepEqual(Object.fromEntries(segment.instruments(walk.frames)), {
      0: { venue: 'okx', symbol: 'BTC-USDT' },
      1: { venue: 'gate', symbol: '龙-USDT' },
      7: { venue: 'mexc', symbol: 'C-D' },
    });
  });
});

test('a header that the program writes is, byte by byte, the one that is described', () => {
  for (const frame of someFrames(2)) {
    const expected = rawFrame(frame);
    const at = 16;
    const bytes = new Uint8Array(at + expected.length);
    bytes.set(expected.subarray(56), at + 56);
    const rows = [...(frame.quotes ?? []), ...(frame.trades ?? [])];
    const times = rows.map((row) => row.receiveTime);
    const header = {
      kind: FrameKind[frame.kind],
      venue: frame.venue,
      rows: rows.length,
      number: frame.number,
      writtenAt: frame.writtenAt,
      minTime: rows.length === 0 ? Number.NaN : Math.min(...times),
      maxTime: rows.length === 0 ? Number.NaN : Math.max(...times),
    };
    writeHeader(bytes, at, header, expected.length - 56);
    assert.deepEqual(Buffer.from(bytes.subarray(at)), expected, frame.kind);
  }
});

test('a file that was cut off anywhere has the frames that are whole', () => {
  const frames = someFrames(3);
  const bytes = rawSegment(frames);
  const path = writeRawSegment(lake, 1, bytes);
  const whole = ends(frames);
  for (let size = bytes.length; size >= 0; size -= 1) {
    truncateSync(path, size);
    const walk = reading(path, (segment) => segment.walk());
    const count = whole.filter((end) => end <= size).length;
    const next = whole[count - 1] ?? 0;
    const end = size === bytes.length ? 'closed' : size === next ? 'open' : 'cut';
    assert.deepEqual([walk.frames.length, walk.end, walk.next], [count, end, next], `cut at ${size}`);
  }
});

test('with any bit wrong, what is read as sound is what was written, and all before the damage is there', () => {
  const frames = someFrames(4);
  const sound = rawSegment(frames);
  const whole = ends(frames);
  for (let at = 0; at < sound.length; at += 1) {
    const bytes = Buffer.from(sound);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    const path = writeRawSegment(lake, 1, bytes);
    reading(path, (segment) => {
      const walk = segment.walk();
      const read = walk.frames.map((frame) => contents(segment, frame));
      const before = whole.filter((end) => end <= at).length;
      assert.ok(walk.frames.length >= before);
      read.forEach((value, i) => {
        if (i < before) assert.deepEqual(value, told(frames[i] as RawFrame));
        else if (i === before) assert.equal(value, undefined, `bit at ${at} is not seen`);
      });
    });
  }
});

test('no bytes make reading throw, or take memory beyond a frame', () => {
  const frame = fc.record({
    kind: fc.integer({ min: 0, max: 9 }),
    venue: fc.integer({ min: 0, max: 255 }),
    rows: fc.oneof(fc.nat(20), fc.nat(2 ** 32 - 1)),
    payload: fc.uint8Array({ maxLength: 300 }),
    claims: fc.option(fc.nat(2 ** 32 - 1)),
    number: fc.double(),
    spoil: fc.boolean(),
  });
  const part = fc.oneof(frame, fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const bytes = Buffer.concat(parts.map((one) => (one instanceof Uint8Array ? one : hostileFrame(one))));
      reading(writeRawSegment(lake, 1, bytes), readAll);
    }),
    { numRuns: 2000 },
  );
});

/** Sound by its checksum, and whatever else it may be. */
function hostileFrame(frame: {
  kind: number;
  venue: number;
  rows: number;
  payload: Uint8Array;
  claims: number | null;
  number: number;
  spoil: boolean;
}): Uint8Array {
  const padded = Math.ceil(frame.payload.length / 8) * 8;
  const bytes = new Uint8Array(56 + padded);
  bytes.set(frame.payload, 56);
  const header = { venue: undefined, rows: frame.rows, number: frame.number, writtenAt: T };
  const kind = (frame.kind % 8) as FrameKind;
  writeHeader(bytes, 0, { kind, ...header, minTime: T, maxTime: T }, padded);
  const view = new DataView(bytes.buffer);
  if (frame.claims !== null) view.setUint32(4, frame.claims, true);
  if (frame.spoil) view.setUint8(13, frame.venue);
  return bytes;
}

function readAll(segment: Segment): void {
  const { frames, next } = segment.walk();
  assert.ok(next >= frames.reduce((sum, frame) => sum + 56 + frame.payloadBytes, 0));
  segment.instruments(frames);
  for (const frame of frames) {
    segment.quotes(frame);
    segment.trades(frame);
    segment.json(frame);
  }
  segment.walk(next);
}

test('a frame that claims more than the file holds, or more rows than it has, is where the journal ends', () => {
  const claims = Buffer.from(rawFrame({ kind: 'heartbeat', number: 2, writtenAt: T }));
  claims.writeUInt32LE(0xfffffff8, 4);
  const rows = Buffer.from(
    rawFrame({ kind: 'quotes', venue: 'okx', number: 2, writtenAt: T, quotes: randomQuotes(chance(1), 2) }),
  );
  rows.writeUInt32LE(3, 16);
  const first = rawFrame({ kind: 'heartbeat', number: 1, writtenAt: T });
  for (const bad of [claims, rows]) {
    const path = writeRawSegment(lake, 1, Buffer.concat([first, bad, first]));
    const walk = reading(path, (segment) => segment.walk());
    assert.deepEqual([walk.frames.length, walk.end, walk.next], [1, 'cut', first.length]);
  }
});

test('a frame whose number is not greater than the one before is where the journal ends', () => {
  const beat = (number: number) => rawFrame({ kind: 'heartbeat', number, writtenAt: T });
  const path = writeRawSegment(lake, 1, Buffer.concat([beat(4), beat(5), beat(5), beat(6)]));
  assert.deepEqual(
    reading(path, (segment) => segment.walk()).frames.map(({ number }) => number),
    [4, 5],
  );
});

test('a walk goes on where an earlier one ended, over long frames and short ones', () => {
  const random = chance(9);
  const frames = Array.from({ length: 300 }, (_, i): RawFrame => {
    const rows = i % 7 === 0 ? 400 : i % 3;
    return { kind: 'quotes', venue: 'okx', number: i, writtenAt: T, quotes: randomQuotes(random, rows) };
  });
  const path = writeRawSegment(lake, 1, rawSegment(frames.slice(0, 200)));
  reading(path, (segment) => {
    const first = segment.walk();
    assert.deepEqual([first.frames.length, first.end], [200, 'open']);
    writeFileSync(path, rawSegment(frames.slice(200)), { flag: 'a' });
    const second = segment.walk(first.next);
    assert.deepEqual(
      second.frames.map(({ number }) => number),
      frames.slice(200).map(({ number }) => number),
    );
    assert.deepEqual(contents(segment, second.frames[10] as Frame), told(frames[210] as RawFrame));
  });
});

test('a segment that another thread appends to is at every instant a sound beginning of what it becomes', async () => {
  const frames = Array.from({ length: 40 }, (_, i) => someFrames(i).slice(0, -1))
    .flat()
    .concat({ kind: 'end', number: 0, writtenAt: T })
    .map((frame, i) => ({ ...frame, number: i }));
  const path = writeRawSegment(lake, 1, Buffer.alloc(0));
  const worker = new Worker(join(import.meta.dirname, 'segment-appender.js'), {
    workerData: { path, bytes: new Uint8Array(rawSegment(frames)), slices: [1, 700, 3, 64, 55, 8, 2000] },
  });
  const segment = Segment.open(path);
  try {
    let [seen, next] = [0, 0];
    for (let end = 'open'; end !== 'closed'; ) {
      const walk = segment.walk(next);
      for (const frame of walk.frames) {
        assert.deepEqual(contents(segment, frame), told(frames[seen] as RawFrame));
        seen += 1;
      }
      ({ end, next } = walk);
      await setImmediate();
    }
    assert.equal(seen, frames.length);
  } finally {
    segment.close();
    await worker.terminate();
  }
});

test('segments are listed by their numbers, and nothing else is', () => {
  assert.deepEqual(listSegments(lake), []);
  for (const number of [300, 20, 1]) writeRawSegment(lake, number, Buffer.alloc(number));
  mkdirSync(join(lake, '_journal/other'));
  writeFileSync(join(lake, '_journal/rows-1.seg'), '');
  writeFileSync(join(lake, '_journal/state.json'), '');
  assert.deepEqual(
    listSegments(lake).map(({ number, bytes }) => [number, bytes]),
    [
      [1, 1],
      [20, 20],
      [300, 300],
    ],
  );
});
