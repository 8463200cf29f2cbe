import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBTimestampTZValue } from '@duckdb/node-api';
import { rowWriter } from '../../src/app/query-rows.ts';
import { answerTable } from '../../src/app/query-table.ts';
import { cells, cutToCells, visible, visibleJson } from '../../src/app/visible-text.ts';
import type { AnswerColumn } from '../../src/lake/query-sandbox.ts';

const NO_MORE = { rows: 0, exact: true };

function column(name: string, kind: AnswerColumn['kind'] = 'text'): AnswerColumn {
  return { name, uniqueName: name, kind };
}

test('numbers end at one place, text begins at one place, wide signs count twice, and times are readable', () => {
  const time = new DuckDBTimestampTZValue(1_795_442_400_000_001n);
  const columns = [column('symbol'), column('bid', 'number'), column('at', 'time'), column('note')];
  const rows = [
    ['BTC-USDT', 1.5, time, null],
    ['龙-USDT', 12_345, null, 'x'],
  ];
  assert.equal(
    answerTable(columns, rows, NO_MORE, 100),
    [
      'symbol      bid  at                           note',
      '────────  ─────  ───────────────────────────  ────',
      'BTC-USDT    1.5  2026-11-23 14:00:00.000001Z',
      '龙-USDT   12345                               x',
      '(2 rows)',
      '',
    ].join('\n'),
  );
});

test('rows that are not shown are counted, exactly or at least', () => {
  const table = (rows: number, exact: boolean) =>
    answerTable([column('a')], [['x']], { rows, exact }, 80)
      .split('\n')
      .at(-2);
  assert.equal(table(0, true), '(1 row)');
  assert.equal(table(1, true), '… 1 more row (--limit shows more)');
  assert.equal(table(12_345, true), '… 12,345 more rows (--limit shows more)');
  assert.equal(table(1_000_000, false), '… at least 1,000,000 more rows (--limit shows more)');
});

test('no line is wider than the screen: text gives way, numbers never, and what has no room is named', () => {
  const columns = [column('text'), column('number', 'number'), column('more'), column('last', 'number')];
  const rows = [['w'.repeat(500), 1234567890.123, 'v'.repeat(30), 9876543210]];
  for (const width of [20, 30, 50, 61, 100, 200]) {
    const lines = answerTable(columns, rows, NO_MORE, width).trimEnd().split('\n');
    for (const line of lines.slice(0, 3)) assert.ok(cells(line) <= width, `${width}: ${line}`);
    if (width >= 30) assert.match(lines[2] ?? '', /1234567890\.123/);
    if (width === 30) assert.match(lines[3] ?? '', /^… 2 more columns: more, last$/);
  }
});

test('on a terminal what would move its cursor or not be seen becomes a sign', () => {
  const hostile = 'a\u001b[2J\n\r\u007f\u009b\u202e\u2028\u{e0001}b';
  assert.equal(visible(hostile), 'a␛[2J␊␍␡<U+009B><U+202E><U+2028><U+E0001>b');
  const json = visibleJson(JSON.stringify({ hostile }));
  assert.doesNotMatch(json, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(JSON.parse(json), { hostile });
  const table = answerTable([column(hostile)], [[hostile]], NO_MORE, 80);
  assert.doesNotMatch(table.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.equal(table.split('\n').length, 5);
  const csv = rowWriter('csv', [column(hostile)], true);
  assert.doesNotMatch((csv.head() + csv.row([hostile], 0)).replaceAll('\n', ''), /\p{Cc}|\p{Cf}/u);
});

test('text is cut to cells, not to characters', () => {
  assert.equal(cutToCells('龙龙龙', 6), '龙龙龙');
  assert.equal(cutToCells('龙龙龙', 5), '龙龙…');
  assert.equal(cutToCells('龙龙龙', 4), '龙…');
  assert.equal(cutToCells('abc', 2), 'a…');
  assert.equal(cells('e\u0301'), 1);
});

test('in JSON every digit is kept, names are told apart, and no number is no number', () => {
  const columns = [
    { ...column('a', 'number'), uniqueName: 'a' },
    { ...column('a', 'number'), uniqueName: 'a:1' },
    column('b', 'number'),
  ];
  const writer = rowWriter('ndjson', columns, false);
  assert.equal(
    writer.row([9_223_372_036_854_775_807n, Number.NaN, 0.1], 0),
    '{"a":9223372036854775807,"a:1":"NaN","b":0.1}\n',
  );
});
