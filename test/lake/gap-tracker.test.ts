import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind } from '../../src/core/records.ts';
import { GapTracker, splitByHour } from '../../src/lake/gap-tracker.ts';

const HOUR = 3_600_000_000;
/** 2026-11-23 14:00 UTC. */
const H14 = Date.UTC(2026, 10, 23, 14) * 1000;

function tracker(): GapTracker {
  return new GapTracker(8, (i) =>
    i < 4 ? { venue: i < 2 ? 'okx' : 'gate', symbol: `S${i}-USDT` } : undefined,
  );
}

function heard(gaps: GapTracker, instrument: number, time: number): void {
  gaps.heard(instrument, Float64Array.of(time), 0);
}

function rows(gaps: GapTracker): GapRow[] {
  const all = [...gaps.first(gaps.waiting)];
  gaps.take(all.length);
  return all;
}

test('an instrument that ended is in a gap until its next quote; a second end tells nothing new', () => {
  const gaps = tracker();
  gaps.ended(1, QuoteKind.ended, H14 + 10);
  gaps.ended(1, QuoteKind.silent, H14 + 20);
  gaps.ended(2, QuoteKind.unlisted, H14 + 30);
  heard(gaps, 0, H14 + 40);
  assert.deepEqual(rows(gaps), []);
  heard(gaps, 1, H14 + 50);
  assert.deepEqual(rows(gaps), [
    {
      venue: 'okx',
      symbol: 'S1-USDT',
      stream: null,
      from: H14 + 10,
      to: H14 + 50,
      reason: 'connection',
      rowsLost: null,
    },
  ]);
  assert.deepEqual(
    gaps.open().map(({ instrument, reason }) => [instrument, reason]),
    [[2, 'unlisted']],
  );
});

test('a gap without length is told too, for it ended what was said', () => {
  const gaps = tracker();
  gaps.ended(0, QuoteKind.silent, H14 + 10);
  heard(gaps, 0, H14 + 10);
  assert.deepEqual(
    rows(gaps).map(({ from, to, reason }) => [from, to, reason]),
    [[H14 + 10, H14 + 10, 'silence']],
  );
});

test('what is open at the end of an hour is split there, whoever it is of', () => {
  const gaps = tracker();
  gaps.split(H14);
  gaps.ended(3, QuoteKind.ended, H14 + 5);
  gaps.openVenue('okx', 'connection', H14 + 6);
  gaps.split(H14 + HOUR - 1);
  assert.deepEqual(rows(gaps), []);
  gaps.split(H14 + HOUR + 7);
  assert.deepEqual(
    rows(gaps).map(({ venue, symbol, from, to }) => [venue, symbol, from, to]),
    [
      ['okx', null, H14 + 6, H14 + HOUR],
      ['gate', 'S3-USDT', H14 + 5, H14 + HOUR],
    ],
  );
  heard(gaps, 3, H14 + HOUR + 9);
  gaps.closeVenue('okx', H14 + HOUR + 10);
  assert.deepEqual(
    rows(gaps).map(({ from, to }) => [from, to]),
    [
      [H14 + HOUR, H14 + HOUR + 9],
      [H14 + HOUR, H14 + HOUR + 10],
    ],
  );
});

test('at the end each open gap is told; what our own leave ended once for a venue', () => {
  const gaps = tracker();
  gaps.ended(0, QuoteKind.ended, H14 + 10);
  gaps.ended(1, QuoteKind.ended, H14 + 100);
  gaps.ended(2, QuoteKind.ended, H14 + 101);
  gaps.ended(3, QuoteKind.ended, H14 + 102);
  gaps.closeAll(H14 + 100, H14 + 200);
  assert.deepEqual(
    rows(gaps).map(({ venue, symbol, from, to, reason }) => [venue, symbol, from, to, reason]),
    [
      ['okx', 'S0-USDT', H14 + 10, H14 + 200, 'connection'],
      ['okx', null, H14 + 100, H14 + 200, 'stopped'],
      ['gate', null, H14 + 101, H14 + 200, 'stopped'],
    ],
  );
  assert.deepEqual(gaps.open(), []);
});

test('while no more gaps can wait, those that are open stay open', () => {
  const gaps = tracker();
  const row = splitByHour({
    venue: 'okx',
    symbol: null,
    stream: null,
    from: H14,
    to: H14,
    reason: 'clock',
    rowsLost: null,
  });
  while (gaps.waiting < gaps.read('gaps').capacity) for (const one of row) gaps.tell(one);
  gaps.ended(0, QuoteKind.ended, H14 + 10);
  heard(gaps, 0, H14 + 20);
  assert.equal(gaps.open().length, 1);
  assert.equal(gaps.read('gaps').refused, 1);
  gaps.take(1);
  heard(gaps, 0, H14 + 30);
  assert.equal(gaps.open().length, 0);
  assert.deepEqual(
    [gaps.first(gaps.waiting).at(-1)].map((one) => one?.to),
    [H14 + 30],
  );
});

test('a loss over several hours lies in each of them, and its rows are counted once', () => {
  const pieces = splitByHour({
    venue: 'okx',
    symbol: null,
    stream: 'quotes',
    from: H14 + 1,
    to: H14 + 2 * HOUR + 5,
    reason: 'disk',
    rowsLost: 12,
  });
  assert.deepEqual(
    pieces.map(({ from, to, rowsLost }) => [from, to, rowsLost]),
    [
      [H14 + 1, H14 + HOUR, 0],
      [H14 + HOUR, H14 + 2 * HOUR, 0],
      [H14 + 2 * HOUR, H14 + 2 * HOUR + 5, 12],
    ],
  );
});
