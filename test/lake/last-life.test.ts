import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { writeConverted } from '../../src/lake/converted.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { gapsSince, lastLife, stateAtStart } from '../../src/lake/last-life.ts';
import { readState, writeState } from '../../src/lake/state.ts';
import { temporaryLake } from './journal-rig.ts';
import { type RawFrame, rawSegment, writeRawSegment } from './raw-segment.ts';

const HOUR = 3_600_000_000;
/** 2026-11-24 10:00 UTC. */
const TEN = Date.UTC(2026, 10, 24, 10) * 1000;
const SECOND = 1_000_000;

let lake: string;

beforeEach(() => {
  lake = temporaryLake();
});

afterEach(() => rmSync(lake, { recursive: true }));

function heading(
  number: number,
  createdAt: number,
  venues: readonly VenueId[],
  open: unknown[] = [],
): RawFrame[] {
  const instruments = venues.flatMap((venue, i) => [
    [i * 10, venue, 'BTC-USDT'],
    [i * 10 + 1, venue, 'ETH-USDT'],
  ]);
  const base = number * 1000;
  return [
    {
      kind: 'segment',
      number: base,
      writtenAt: createdAt,
      json: { segment: number, createdAt, venues, run: 'r' },
    },
    { kind: 'instruments', number: base + 1, writtenAt: createdAt, json: instruments },
    { kind: 'openGaps', number: base + 2, writtenAt: createdAt, json: open },
  ];
}

function quotes(number: number, time: number, ...rows: [instrument: number, kind: number][]): RawFrame {
  const price = { venueTime: time, receiveTime: time, bid: 1, bidSize: 1, ask: 2, askSize: 1, sequence: 1 };
  return {
    kind: 'quotes',
    venue: 'okx',
    number,
    writtenAt: time + 10,
    quotes: rows.map(([instrument, kind]) => ({ instrument, kind, ...price })),
  };
}

function beat(number: number, writtenAt: number): RawFrame {
  return { kind: 'heartbeat', number, writtenAt };
}

function write(number: number, frames: readonly RawFrame[], cut = 0): void {
  const bytes = rawSegment(frames);
  writeRawSegment(lake, number, bytes.subarray(0, bytes.length - cut));
}

function gap(
  venue: VenueId,
  symbol: string | null,
  from: number,
  to: number,
  reason: GapRow['reason'],
): GapRow {
  return { venue, symbol, stream: null, from, to, reason, rowsLost: null };
}

test('a lake that does not exist yet has no last life, and no gaps come of it', () => {
  const life = lastLife(join(lake, 'none'));
  assert.equal(life.nextSegment, 0);
  assert.equal(life.clean, false);
  assert.deepEqual(gapsSince(life, ['okx', 'gate'], TEN), []);
});

test('the state is read as it was written, and a damaged one is none', () => {
  mkdirSync(join(lake, '_journal'));
  const state = { venues: new Map([['okx', { since: 5, last: 7 }]] as const), clean: true };
  writeState(realSteps, lake, state);
  assert.deepEqual(readState(lake), state);
  for (const text of [
    '',
    '{',
    '{"clean":true}',
    '{"venues":{"okx":{"since":"x","last":1}},"clean":true}',
    '[]',
  ]) {
    writeFileSync(join(lake, '_journal', 'state.json'), text);
    assert.equal(readState(lake), undefined, text);
  }
});

test('after a stop in peace each venue was not watched from its last moment until now', () => {
  mkdirSync(join(lake, '_journal'));
  const venues = new Map<VenueId, { since: number; last: number }>([
    ['okx', { since: TEN, last: TEN + 50 }],
    ['gate', { since: TEN, last: TEN + 20 }],
  ]);
  writeState(realSteps, lake, { venues, clean: true });
  const life = lastLife(lake);
  assert.ok(life.clean);
  assert.deepEqual(gapsSince(life, ['okx', 'gate', 'mexc'], TEN + HOUR), [
    gap('okx', null, TEN + 50, TEN + HOUR, 'stopped'),
    gap('gate', null, TEN + 20, TEN + HOUR, 'stopped'),
  ]);
});

test('after a crash the last sound frame tells until when the venues were watched, a heartbeat as well as rows', () => {
  mkdirSync(join(lake, '_journal'));
  const venues = new Map([['okx', { since: TEN - HOUR, last: TEN - 10 }]] as const);
  writeState(realSteps, lake, { venues, clean: false });
  write(4, [
    ...heading(4, TEN, ['okx', 'gate']),
    quotes(4003, TEN + SECOND, [0, 0]),
    beat(4004, TEN + 2 * SECOND),
  ]);
  const life = lastLife(lake);
  assert.equal(life.clean, false);
  assert.equal(life.nextSegment, 5);
  assert.deepEqual(gapsSince(life, ['okx', 'gate'], TEN + HOUR), [
    gap('okx', null, TEN + 2 * SECOND, TEN + HOUR, 'crash'),
    gap('gate', null, TEN + 2 * SECOND, TEN + HOUR, 'crash'),
  ]);
  const state = stateAtStart(life, ['okx', 'gate', 'mexc'], TEN + HOUR);
  assert.deepEqual(Object.fromEntries(state.venues), {
    okx: { since: TEN - HOUR, last: TEN + 2 * SECOND },
    gate: { since: TEN, last: TEN + 2 * SECOND },
    mexc: { since: TEN + HOUR, last: TEN + HOUR },
  });
});

test('a frame that was cut off, or whose bytes are wrong, tells nothing, nor does what follows it', () => {
  const frames = [...heading(1, TEN, ['okx']), beat(1003, TEN + 1), quotes(1004, TEN + SECOND, [0, 0])];
  write(1, frames, 1);
  assert.equal(lastLife(lake).venues.get('okx')?.last, TEN + 1);
  const bytes = rawSegment([...frames, beat(1005, TEN + HOUR)]);
  const spoilt = rawSegment(frames).length - 3;
  bytes[spoilt] = (bytes[spoilt] ?? 0) ^ 1;
  writeRawSegment(lake, 1, bytes);
  assert.equal(lastLife(lake).venues.get('okx')?.last, TEN + 1);
});

test('a segment that was made and not yet written leaves the word to the one before it', () => {
  write(1, [...heading(1, TEN, ['okx']), beat(1003, TEN + 7)]);
  writeRawSegment(lake, 2, Buffer.alloc(0));
  const life = lastLife(lake);
  assert.equal(life.nextSegment, 3);
  assert.equal(life.venues.get('okx')?.last, TEN + 7);
});

test('a venue that the last life did not watch was stopped, whatever befell that life', () => {
  mkdirSync(join(lake, '_journal'));
  const venues = new Map([['gate', { since: TEN - 9, last: TEN - 5 }]] as const);
  writeState(realSteps, lake, { venues, clean: false });
  write(1, heading(1, TEN, ['okx']));
  assert.deepEqual(gapsSince(lastLife(lake), ['okx', 'gate'], TEN + 100), [
    gap('okx', null, TEN, TEN + 100, 'crash'),
    gap('gate', null, TEN - 5, TEN + 100, 'stopped'),
  ]);
});

test('what was open ends where the last life ended, the open ends of its segment replayed', () => {
  const open = [
    { instrument: 0, venue: 'okx', symbol: 'BTC-USDT', stream: null, from: TEN - 5, reason: 'silence' },
    { instrument: 10, venue: 'gate', symbol: 'BTC-USDT', stream: null, from: TEN - 4, reason: 'connection' },
    { instrument: null, venue: 'gate', symbol: null, stream: 'trades', from: TEN - 3, reason: 'overflow' },
    { instrument: null, venue: 'okx', symbol: null, stream: 'quotes', from: TEN - 2, reason: 'disk' },
    { instrument: 'x' },
  ];
  const closed = { ...gap('okx', null, TEN - 2, TEN + 3, 'disk'), stream: 'quotes', rowsLost: 12 };
  write(1, [
    ...heading(1, TEN, ['okx', 'gate'], open),
    // BTC comes back; ETH ends, which is told twice.
    quotes(1003, TEN + 10, [0, QuoteKind.quote], [1, QuoteKind.ended]),
    quotes(1004, TEN + 20, [1, QuoteKind.silent]),
    { kind: 'gaps', number: 1005, writtenAt: TEN + 25, json: [closed] },
    beat(1006, TEN + 30),
  ]);
  assert.deepEqual(gapsSince(lastLife(lake), [], TEN + HOUR), [
    { ...gap('gate', null, TEN - 3, TEN, 'overflow'), stream: 'trades' },
    { ...gap('gate', null, TEN, TEN + 30, 'overflow'), stream: 'trades' },
    gap('gate', 'BTC-USDT', TEN - 4, TEN, 'connection'),
    gap('gate', 'BTC-USDT', TEN, TEN + 30, 'connection'),
    gap('okx', 'ETH-USDT', TEN + 10, TEN + 30, 'connection'),
  ]);
});

test('a gap that was split at the end of an hour goes on from there', () => {
  write(1, [
    ...heading(1, TEN - SECOND, ['okx']),
    quotes(1003, TEN - 10, [0, QuoteKind.unlisted]),
    {
      kind: 'gaps',
      number: 1004,
      writtenAt: TEN + 1,
      json: [gap('okx', 'BTC-USDT', TEN - 10, TEN, 'unlisted')],
    },
    beat(1005, TEN + 5),
  ]);
  assert.deepEqual(gapsSince(lastLife(lake), [], TEN + HOUR), [
    gap('okx', 'BTC-USDT', TEN, TEN + 5, 'unlisted'),
  ]);
});

test('a clock that was set back makes no negative gap', () => {
  const open = [{ instrument: null, venue: 'okx', symbol: null, stream: null, from: TEN, reason: 'disk' }];
  write(1, [...heading(1, TEN, ['okx'], open), beat(1003, TEN + HOUR)]);
  const rows = gapsSince(lastLife(lake), ['okx'], TEN - HOUR);
  assert.deepEqual(rows, [gap('okx', null, TEN - HOUR, TEN - HOUR, 'crash')]);
});

test('the next segment has a greater number than any part, whatever its name ends in, and than what was converted', () => {
  const part = (name: string) => {
    const path = join(lake, 'quotes/date=2026-11-24/hour=10/venue=okx', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  };
  part('0000000003-0000000007.parquet');
  assert.equal(lastLife(lake).nextSegment, 8);
  part('0000000003-0000000009.2of3.parquet.merged');
  assert.equal(lastLife(lake).nextSegment, 10);
  part('0000000003-0000000011.parquet.inprogress');
  assert.equal(lastLife(lake).nextSegment, 12);
  mkdirSync(join(lake, '_journal'));
  writeConverted(realSteps, lake, { segment: 20, run: 'r', frame: 1, holes: [] });
  assert.equal(lastLife(lake).nextSegment, 21);
  writeRawSegment(lake, 30, Buffer.alloc(3));
  assert.equal(lastLife(lake).nextSegment, 31);
});

test('a lake whose state was lost tells by its folders which venues were recorded', () => {
  for (const hour of ['08', '09'])
    mkdirSync(join(lake, `quotes/date=2026-11-24/hour=${hour}/venue=okx`), { recursive: true });
  assert.deepEqual(gapsSince(lastLife(lake), ['okx', 'gate'], TEN + 5), [
    gap('okx', null, TEN, TEN + 5, 'crash'),
  ]);
  write(3, heading(3, TEN - HOUR / 2, ['okx']));
  assert.deepEqual(lastLife(lake).venues.get('okx'), {
    since: TEN - 2 * HOUR,
    last: TEN - HOUR / 2,
    watched: true,
  });
});
