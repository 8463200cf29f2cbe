import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Converter } from '../../src/lake/converter.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { ParquetWriter } from '../../src/lake/parquet-writer.ts';
import { RowPool } from '../../src/lake/row-pool.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { sumTrades, type TradesWish } from '../../src/lake/trade-query.ts';
import { temporaryLake, writeSegment } from './journal-rig.ts';
import { type FlatRow, HOUR_14, randomLake } from './lake-model.ts';

let duck: Duck;
let writer: ParquetWriter;
before(async () => {
  duck = await openDuck({ memoryMb: 128, threads: 1 });
  writer = new ParquetWriter(duck);
});
after(() => duck.close());

/** By plain addition over the rows that were written: span → [bought, sold, trades]. */
function model(rows: readonly FlatRow[], venue: string, { symbol, from, to, spans }: TradesWish) {
  const sums = new Map<number, [number, number, number]>();
  for (const row of rows) {
    const [price, size] = [row[5], row[6]].map((text) => (text === null ? Number.NaN : Number(text)));
    const [time, worth] = [Number(row[3]), (price ?? Number.NaN) * (size ?? Number.NaN)];
    if (row[0] !== venue || row[1] !== symbol || !(worth >= 0) || time < from || time >= to) continue;
    const span = Math.floor(((time - from) * spans) / (to - from));
    const sum = sums.get(span) ?? [0, 0, 0];
    sum[row[7] === 'buy' ? 0 : 1] += worth;
    sum[2] += 1;
    sums.set(span, sum);
  }
  return [...sums].sort(([a], [b]) => a - b);
}

test('trades are added up by span and side, whether they are in Parquet or in the journal', async () => {
  let trades = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const { segments, trades: rows } = randomLake(seed, 2);
    const lake = temporaryLake();
    try {
      for (const segment of segments) writeSegment(lake, segment);
      const files = listSegments(lake);
      const converted = files.slice(0, Math.floor((files.length * (seed % 4)) / 3));
      if (converted.length > 0)
        await new Converter(lake, realSteps, new RowPool(1000)).convert(converted, writer);
      const wish: TradesWish = {
        ...{ symbol: 'ETH-USDT', venues: ['okx', 'binance'], from: HOUR_14 + 3_590_000_000 },
        ...{ to: HOUR_14 + 3_650_000_000, spans: 60 },
      };
      for (const { venue, time, bought, sold, trades: counts } of await sumTrades(lake, duck, wish)) {
        const wanted = model(rows, venue, wish);
        assert.deepEqual(
          time,
          wanted.map(([span]) => wish.from + span * 1e6),
          `seed ${seed}`,
        );
        wanted.forEach(([, [buys, sells, count]], i) => {
          assert.ok(Math.abs((bought[i] ?? Number.NaN) - buys) <= 1e-9 * buys, `seed ${seed}: bought`);
          assert.ok(Math.abs((sold[i] ?? Number.NaN) - sells) <= 1e-9 * sells, `seed ${seed}: sold`);
          assert.equal(counts[i], count);
          trades += count;
        });
      }
    } finally {
      rmSync(lake, { recursive: true });
    }
  }
  assert.ok(trades > 100, `${trades} trades were compared`);
});
