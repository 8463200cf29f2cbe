import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ReplayRows } from '../../src/app/replay-rows.ts';
import { QuoteKind } from '../../src/core/records.ts';
import { Converter } from '../../src/lake/converter.ts';
import { openDuck } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { ParquetWriter } from '../../src/lake/parquet-writer.ts';
import { openRecording } from '../../src/lake/recording.ts';
import { RowPool } from '../../src/lake/row-pool.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { type RigFrame, type RigQuote, writeSegment } from './journal-rig.ts';
import { HOUR_14 } from './lake-model.ts';

const HOUR_15 = HOUR_14 + HOUR_US;
const INSTRUMENTS = [
  [0, 'binance', 'X-USDT'],
  [1, 'okx', 'X-USDT'],
] as const;

function quote(instrument: number, receiveTime: number, bid: number): RigQuote {
  const [venueTime, sequence] = [Number.NaN, Number.NaN];
  return { instrument, venueTime, receiveTime, bid, bidSize: 1, ask: bid + 1, askSize: 1, sequence };
}

function base(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Every row that is read, as time − 14:00 in µs, instrument, kind and bid. */
async function rowsOf(lake: string, scratch: string): Promise<(readonly number[])[]> {
  mkdirSync(scratch);
  const { signal } = new AbortController();
  const recording = await openRecording(lake, scratch, { from: HOUR_14, to: HOUR_15 + HOUR_US - 1 }, signal);
  try {
    const { columns } = new ReplayRows();
    const rows: (readonly number[])[] = [];
    const take = (count: number): void => {
      const { receiveTime, instrument, kind, bid } = columns;
      for (let i = 0; i < count; i += 1)
        rows.push([Number(receiveTime[i]) - HOUR_14, Number(instrument[i]), Number(kind[i]), Number(bid[i])]);
    };
    await recording.read(columns, take, signal);
    return rows;
  } finally {
    recording.close();
  }
}

test('an hour in which the first venue has a gap and no quote is read, and tells the end', async (t) => {
  const folder = base(t);
  const lake = join(folder, 'lake');
  const gap = { venue: 'binance', symbol: null, stream: null, rowsLost: null } as const;
  const frames: RigFrame[] = [
    { kind: 'quotes', venue: 'binance', number: 10, rows: [quote(0, HOUR_14 + 1, 100)] },
    {
      kind: 'quotes',
      venue: 'okx',
      number: 11,
      rows: [quote(1, HOUR_14 + 2, 101), quote(1, HOUR_15 + 9, 102)],
    },
    {
      ...{ kind: 'gaps', number: 12 },
      rows: [
        { ...gap, from: HOUR_15 + 5, to: HOUR_15 + 8, reason: 'connection' },
        { ...gap, from: HOUR_15 + 9, to: HOUR_15 + 11, reason: 'silence' },
        // Of trades, and of bad messages: told to nobody.
        { ...gap, from: HOUR_15 + 6, to: HOUR_15 + 7, reason: 'overflow', stream: 'trades' },
        { ...gap, from: HOUR_15 + 6, to: HOUR_15 + 7, reason: 'malformed' },
      ],
    },
  ];
  writeSegment(lake, { number: 1, createdAt: HOUR_14, instruments: INSTRUMENTS, frames });
  assert.deepEqual(await rowsOf(lake, join(folder, 'scratch')), [
    [1, 0, QuoteKind.quote, 100],
    [2, 1, QuoteKind.quote, 101],
    [HOUR_US + 5, 0, QuoteKind.ended, Number.NaN],
    [HOUR_US + 9, 1, QuoteKind.quote, 102],
    [HOUR_US + 9, 0, QuoteKind.silent, Number.NaN],
  ]);
});

test('an hour of which there is nothing but gaps is read', async (t) => {
  const folder = base(t);
  const lake = join(folder, 'lake');
  const rows = [quote(1, HOUR_14 + 2, 101)];
  const gap = { venue: 'okx', symbol: 'X-USDT', stream: 'quotes', rowsLost: 3 } as const;
  const frames: RigFrame[] = [
    { kind: 'quotes', venue: 'okx', number: 10, rows },
    { kind: 'gaps', number: 11, rows: [{ ...gap, from: HOUR_15, to: HOUR_15 + 8, reason: 'unlisted' }] },
  ];
  writeSegment(lake, { number: 1, createdAt: HOUR_14, instruments: INSTRUMENTS, frames });
  assert.deepEqual(await rowsOf(lake, join(folder, 'scratch')), [
    [2, 0, QuoteKind.quote, 101],
    [HOUR_US, 0, QuoteKind.unlisted, Number.NaN],
  ]);
});

test('quotes of one µs keep the order in which they came, wherever the tail of the journal is put', async (t) => {
  const folder = base(t);
  const lake = join(folder, 'm');
  const segment = (number: number, bids: readonly number[]) => {
    const rows = bids.map((bid) => quote(0, HOUR_14 + 1, bid));
    const frames: RigFrame[] = [{ kind: 'quotes', venue: 'binance', number: number * 10, rows }];
    writeSegment(lake, { number, createdAt: HOUR_14, instruments: INSTRUMENTS, frames });
  };
  segment(1, [103, 101]);
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  t.after(() => duck.close());
  await new Converter(lake, realSteps, new RowPool(100)).convert(listSegments(lake), new ParquetWriter(duck));
  segment(2, [102, 100]);
  for (const scratch of ['a', 'z']) {
    const bids = (await rowsOf(lake, join(folder, scratch))).map(([, , , bid]) => bid);
    assert.deepEqual(bids, [103, 101, 102, 100], `scratch ${scratch}`);
  }
});
