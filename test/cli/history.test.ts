import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { HistoryColumns } from '../../src/app/history.ts';
import { drawHistory, picturePoints, plotCells, span } from '../../src/cli/history-picture.ts';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { openDuck } from '../../src/lake/duck.ts';
import { noteFees } from '../../src/lake/fees.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { VENUES } from '../../src/venues/index.ts';
import { temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';
import { run } from './run.ts';

const lake = temporaryLake();
after(() => rmSync(lake, { recursive: true }));
const quote = (instrument: number, ms: number, bid: number) => ({
  ...{ instrument, venueTime: Number.NaN, receiveTime: HOUR_14 + ms * 1000, sequence: ms },
  ...{ bid, bidSize: 1, ask: bid + 1, askSize: 1 },
});
writeSegment(lake, {
  ...{ number: 1, createdAt: HOUR_14 },
  instruments: [
    [0, 'okx', 'BTC-USDT'],
    [1, 'mexc', 'BTC-USDT'],
  ],
  frames: [
    { kind: 'quotes', venue: 'okx', number: 5, rows: [quote(0, 0, 999), quote(0, 2000, 1999)] },
    { kind: 'quotes', venue: 'mexc', number: 6, rows: [quote(1, 1000.001, 1010)] },
    {
      ...{ kind: 'gaps', number: 7 },
      rows: [
        {
          ...{ venue: 'okx', symbol: null, stream: null, reason: 'disk', rowsLost: null },
          ...{ from: HOUR_14 + 3_000_000, to: HOUR_14 + 4_000_000 },
        },
      ],
    },
  ],
});
const RANGE = ['--from', '2026-11-23T14:00:00Z', '--to', '2026-11-23 14:00:05', '--lake', lake];
const ROUTE = 'BTC-USDT:okx:mexc';
const BPS = 10_000;
const GROSS = [1010 / 1000, 1010 / 2000].map((ratio) => (ratio - 1) * BPS);

async function printed(...args: string[]): Promise<string> {
  const { code, out, err } = await run(['history', ROUTE, ...RANGE, ...args]);
  assert.deepEqual([code, err], [0, '']);
  return out;
}

test('net is after the fees that the venues asked for at the end of the range, as they were noted, else their usual ones', async () => {
  const net = async (): Promise<number> =>
    Number((await printed('--kind', 'net')).split('\n')[1]?.split(',')[1]);
  const after = (buy: number, sell: number): number => ((1010 * (1 - sell)) / (1000 * (1 + buy)) - 1) * BPS;
  const near = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < 1e-9, `${value}`);
  near(await net(), after(VENUES.okx.takerFee, VENUES.mexc.takerFee));
  const note = (since: number, fee: number) =>
    noteFees(realSteps, lake, new Map([['mexc', { since, usual: 0.0004, pairs: { 'BTC-USDT': fee } }]]));
  note(HOUR_14, 0.0007);
  note(HOUR_14 + 6_000_000, 0.0009);
  near(await net(), after(VENUES.okx.takerFee, 0.0007));
  rmSync(join(lake, '_journal/fees.json'));
});

test('piped, a history is CSV with ISO times and basis points', async () => {
  const lines = (await printed('--kind', 'gross')).split('\n');
  assert.equal(lines[0], 'time,value,upper,lower');
  const [time, value, upper, lower] = (lines[1] ?? '').split(',');
  assert.deepEqual([time, value], ['2026-11-23T14:00:01.000001Z', lower]);
  assert.ok(Math.abs(Number(value) - (GROSS[0] ?? 0)) < 1e-9);
  assert.equal(upper, value);
  assert.equal((lines[2] ?? '').slice(0, 27), '2026-11-23T14:00:02.000000Z');
  assert.deepEqual(lines.slice(3), ['2026-11-23T14:00:03.000000Z,,,', '']);
});

test('fees are those of the venues, or of the configuration', async () => {
  const first = (text: string) => Number(text.split('\n')[1]?.split(',')[1]);
  const net = (okx: number) => ((1010 * (1 - 0.0005)) / (1000 * (1 + okx)) - 1) * BPS;
  assert.ok(Math.abs(first(await printed()) - net(0.001)) < 1e-9);
  const file = join(lake, 'fees.yaml');
  writeFileSync(file, 'venues: { okx: { takerFee: 0.0002 } }\n');
  assert.ok(Math.abs(first(await printed('--config', file)) - net(0.0002)) < 1e-9);
});

test('NDJSON and JSON are those of the API', async () => {
  const lines = (await printed('--kind', 'gross', '--format', 'ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(lines[0]?.time, HOUR_14 + 1_000_001);
  assert.deepEqual(lines[2], { time: HOUR_14 + 3_000_000, value: null, upper: null, lower: null });
  const gap = { from: HOUR_14 + 3_000_000, to: HOUR_14 + 4_000_000, venue: 'okx', reason: 'disk' };
  assert.deepEqual(lines[3], { gap });
  const json = JSON.parse(await printed('--kind', 'gross', '--format', 'json')) as Record<string, unknown[]>;
  assert.deepEqual(Object.keys(json), [
    'route',
    'kind',
    'from',
    'to',
    'time',
    'value',
    'upper',
    'lower',
    'gaps',
    'unrecorded',
  ]);
  assert.deepEqual([json.route, json.time?.length, json.value?.at(-1), json.gaps], [ROUTE, 3, null, [gap]]);
});

test('Parquet and any other file are written whole or not at all', async () => {
  const file = join(lake, 'history.parquet');
  assert.equal(await printed('--kind', 'gross', '--out', file), '');
  const duck = await openDuck({ memoryMb: 64, threads: 1 });
  try {
    const rows = await duck.rows(`SELECT epoch_us(time)::DOUBLE, value FROM '${file}'`);
    assert.deepEqual(rows[0]?.[0], HOUR_14 + 1_000_001);
    assert.ok(Math.abs(Number(rows[1]?.[1]) - (GROSS[1] ?? 0)) < 1e-9);
    assert.deepEqual(rows[2], [HOUR_14 + 3_000_000, null]);
  } finally {
    duck.close();
  }
  assert.equal(await printed('--kind', 'gross', '--out', join(lake, 'history.csv')), '');
  assert.ok(existsSync(join(lake, 'history.csv')));
  assert.deepEqual(
    readdirSync(lake).filter((name) => name.includes('inprogress')),
    [],
  );
});

test('what is used wrongly is one line with a code', async () => {
  const cases: readonly (readonly [string[], ErrorCode, RegExp])[] = [
    [['history'], 'USAGE', /missing required argument 'route'/],
    [['history', 'BTC-USDT'], 'USAGE', /a route is SYMBOL:BUY:SELL/],
    [['history', 'BTC-USDT:okx:okx'], 'USAGE', /two venues/],
    [['history', 'BTC-USDT:okx:binanc'], 'UNKNOWN_VENUE', /did you mean binance/],
    [['history', ROUTE, '--from', 'noon'], 'BAD_REQUEST', /--from is "noon"; allowed is an ISO 8601/],
    [['history', ROUTE, '--from', 'now', '--to', '-1h'], 'BAD_REQUEST', /later/],
    [['history', ROUTE, '--kind', 'gros'], 'USAGE', /gross, net, basis/],
    [['history', ROUTE, '--points', '1'], 'USAGE', /--points takes a whole number from 2/],
    [['history', ROUTE, '--format', 'parquet'], 'USAGE', /needs --out/],
    [['history', ROUTE, '--lake', join(lake, 'nowhere')], 'NO_LAKE', /there is no folder/],
    [['history', ROUTE, '--lake', lake, '--out', join(lake, 'no', 'x.csv')], 'FILE_UNWRITABLE', /x\.csv/],
  ];
  for (const [args, code, message] of cases) {
    const ended = await run(args);
    assert.deepEqual([ended.out, ended.code], ['', ERRORS[code].exit], args.join(' '));
    assert.match(ended.err, new RegExp(`^error ${code}: [^\n]+\n$`), args.join(' '));
    assert.match(ended.err, message);
  }
});

function pictureOf(values: readonly number[], color = false): string[] {
  const batch: HistoryColumns = {
    time: Float64Array.from(values, (_, i) => i * 10),
    value: Float64Array.from(values),
    upper: Float64Array.from(values),
    lower: Float64Array.from(values),
  };
  const known = values.filter((value) => !Number.isNaN(value));
  const totals = { quotes: 0, ticks: known.length, breaks: 0, mean: 0, last: known.at(-1) ?? Number.NaN };
  return drawHistory({
    ...{ title: 'X', from: 0, to: values.length * 10, columns: 28, rows: 4, color, batches: [batch] },
    head: { gaps: [{ from: 80, to: 160, venue: 'okx', reason: 'silence' }], unrecorded: [] },
    totals: { ...totals, min: Math.min(...known), max: Math.max(...known) },
  });
}

test('the picture holds a value until the next, breaks where nothing is known, and marks the gap', () => {
  assert.deepEqual([plotCells(28), picturePoints(28)], [16, 64]);
  const values = Array.from({ length: 32 }, (_, i) =>
    i < 8 ? 0.0001 : i < 16 ? Number.NaN : i < 24 ? 0.0002 : 0.0001,
  );
  const lines = pictureOf(values);
  assert.equal(lines[1], '     2.00 │    ░░░░⠉⠉⠉⠉⡇   ');
  assert.equal(lines[4], '     1.00 │⣀⣀⣀⣀░░░░    ⣇⣀⣀⣀');
  assert.ok(lines.includes('░ 1 gap: okx silence 80 µs'), lines.join('\n'));
  assert.ok(pictureOf(values, true)[1]?.includes('\u001b[36m⠉'));
  const none = pictureOf([Number.NaN]);
  assert.equal(none[1], 'no tick at which both venues had a valid quote');
});

test('spans are told in their two largest units', () => {
  assert.deepEqual([0, 12, 90_000_000, 86_400_000_000, 93_784_000_000].map(span), [
    '0 s',
    '12 µs',
    '1 min 30 s',
    '1 d',
    '1 d 2 h',
  ]);
});
