import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { parseTime } from '../../src/core/times.ts';

const NOW = Date.UTC(2026, 10, 23, 14, 30, 15, 250) * 1000 + 7;
const DAY = 86_400_000_000;
const utc = (...parts: [number, number, number, number?, number?, number?, number?]) =>
  Date.UTC(...parts) * 1000;

test('ISO times are read as UTC unless they name a zone, to the µs', () => {
  const cases: Readonly<Record<string, number>> = {
    '2026-11-23': utc(2026, 10, 23),
    '2026-11-23T14:00': utc(2026, 10, 23, 14),
    '2026-11-23 14:00:01': utc(2026, 10, 23, 14, 0, 1),
    '2026-11-23T14:00:01.5': utc(2026, 10, 23, 14, 0, 1, 500),
    '2026-11-23T14:00:01.123456Z': utc(2026, 10, 23, 14, 0, 1, 123) + 456,
    '2026-11-23T14:00:01.123456789z': utc(2026, 10, 23, 14, 0, 1, 123) + 456,
    '2026-11-23T14:00:00+02:00': utc(2026, 10, 23, 12),
    '2026-11-23T14:00:00 02:00': utc(2026, 10, 23, 12),
    '2026-11-23T14:00:00-0530': utc(2026, 10, 23, 19, 30),
    '2026-11-23T14:00:00+01': utc(2026, 10, 23, 13),
    '2024-02-29': utc(2024, 1, 29),
    ' 2000-02-29 ': utc(2000, 1, 29),
  };
  for (const [text, time] of Object.entries(cases)) assert.equal(parseTime(text, NOW), time, text);
});

test('numbers are seconds, ms or µs since the epoch by their size', () => {
  assert.equal(parseTime('1700000000', NOW), 1_700_000_000_000_000);
  assert.equal(parseTime('1700000000.123456', NOW), 1_700_000_000_123_456);
  assert.equal(parseTime('1700000000123', NOW), 1_700_000_000_123_000);
  assert.equal(parseTime('1700000000123.4', NOW), 1_700_000_000_123_400);
  assert.equal(parseTime('1700000000123456', NOW), 1_700_000_000_123_456);
});

test('times back from now, and words', () => {
  const hour = DAY / 24;
  assert.equal(parseTime('-2h', NOW), NOW - 2 * hour);
  assert.equal(parseTime('-90m', NOW), NOW - 1.5 * hour);
  assert.equal(parseTime('-1d12h', NOW), NOW - 1.5 * DAY);
  assert.equal(parseTime('-30s', NOW), NOW - 30_000_000);
  assert.equal(parseTime('-1w', NOW), NOW - 7 * DAY);
  assert.equal(parseTime('-0.5h', NOW), NOW - hour / 2);
  assert.equal(parseTime('now', NOW), NOW);
  assert.equal(parseTime('Today', NOW), utc(2026, 10, 23));
  assert.equal(parseTime('yesterday', NOW), utc(2026, 10, 22));
});

test('anything else is refused with what is allowed', () => {
  const bad = [
    '',
    'noon',
    '2h',
    '-2',
    '-2y',
    '2026',
    '20261123',
    '2026-13-01',
    '2026-02-29',
    '2026-11-23T25:00',
  ];
  const more = [
    '2026-11-23T14:00:60',
    '2026-11-23T14:00+15:00',
    '1e9',
    '-100000000w',
    '999999999999999999',
    '2100-02-29',
  ];
  for (const text of [...bad, ...more])
    assert.throws(
      () => parseTime(text, NOW, 'from'),
      (error) =>
        error instanceof SpreadscopeError &&
        error.code === 'BAD_REQUEST' &&
        error.message.startsWith(`from is ${JSON.stringify(text)}; allowed is an ISO 8601 time`) &&
        error.message.includes('-2h'),
      text,
    );
});
