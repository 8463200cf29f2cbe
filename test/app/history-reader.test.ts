import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { HistoryReader } from '../../src/app/history-reader.ts';
import type { SpreadscopeError } from '../../src/core/errors.ts';
import type { HistoryAnswer, HistoryQuery } from '../../src/gateway/sources.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';

const ROWS = 40_000;
const lake = temporaryLake();
after(() => rmSync(lake, { recursive: true }));

/** One quote a venue each 50 ms; the bid of binance rises by one each time. */
function record(): void {
  const rows = (instrument: number, bid: (i: number) => number) =>
    Array.from({ length: ROWS }, (_, i) => ({
      ...{ instrument, venueTime: Number.NaN, receiveTime: HOUR_14 + i * 50_000, sequence: i },
      ...{ bid: bid(i), bidSize: 1, ask: bid(i), askSize: 1 },
    }));
  writeSegment(lake, {
    ...{ number: 1, createdAt: HOUR_14 },
    instruments: [
      [0, 'okx', 'BTC-USDT'],
      [1, 'binance', 'BTC-USDT'],
    ],
    frames: [
      { kind: 'quotes', venue: 'okx', number: 5, rows: rows(0, () => 1000) },
      { kind: 'quotes', venue: 'binance', number: 6, rows: rows(1, (i) => 1000 + i) },
    ],
  });
}
record();

function readerOf(idleMs?: number): HistoryReader {
  const feeOf = (_: string, venue: string) => (venue === 'okx' ? 0.01 : 0.02);
  return new HistoryReader({
    lake,
    maxQuoteAgeMs: 60_000,
    feeOf,
    ...(idleMs === undefined ? {} : { idleMs }),
  });
}

const QUERY: HistoryQuery = {
  ...{ symbol: 'BTC-USDT', buy: 'okx', sell: 'binance', kind: 'net' },
  ...{ from: HOUR_14, to: HOUR_14 + HOUR_US, now: HOUR_14 + HOUR_US },
};

async function valuesOf({ batches }: HistoryAnswer): Promise<number[]> {
  const values: number[] = [];
  for await (const batch of batches) values.push(...batch.value);
  return values;
}

test('a history comes whole through the thread, with the fees of its venues', async () => {
  const reader = readerOf();
  try {
    const values = await valuesOf(await reader.read(QUERY, new AbortController().signal));
    // Two points a tick, but for the first, and the end of the last quote.
    assert.equal(values.length, 2 * ROWS);
    const last = (1000 + ROWS - 1) * (1 - 0.02);
    assert.ok(Math.abs((values.at(-2) ?? 0) - (last / (1000 * 1.01) - 1)) < 1e-9);
    assert.ok(Number.isNaN(values.at(-1)));
    const [readings, engine] = reader.bounds();
    assert.deepEqual([readings?.used, readings?.peak, engine?.used], [0, 1, 1]);
  } finally {
    await reader.stop();
  }
  assert.equal(reader.bounds()[1]?.used, 0);
});

test('two are read at once and eight wait; the next is refused, and places are given back', async () => {
  const reader = readerOf();
  try {
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    // None of them takes its points: they stay where they are.
    const readings = controllers.map(({ signal }) => reader.read(QUERY, signal));
    const ends = Promise.allSettled(readings);
    await Promise.all(readings.slice(0, 2));
    await assert.rejects(
      reader.read(QUERY, new AbortController().signal),
      (error: SpreadscopeError) =>
        error.code === 'HISTORY_BUSY' && /2 histories are being read and 8 wait/.test(error.message),
    );
    assert.deepEqual([reader.bounds()[0]?.used, reader.bounds()[0]?.refused], [10, 1]);
    for (const controller of controllers) controller.abort(new Error('gone'));
    const settled = await ends;
    assert.deepEqual(
      settled.map(({ status }) => status),
      Array.from({ length: 10 }, (_, i) => (i < 2 ? 'fulfilled' : 'rejected')),
    );
    const answer = settled[0]?.status === 'fulfilled' ? settled[0].value : undefined;
    assert.ok(answer);
    await assert.rejects(valuesOf(answer), /gone/);
    assert.equal(reader.bounds()[0]?.used, 0);
    assert.equal((await valuesOf(await reader.read(QUERY, new AbortController().signal))).length, 2 * ROWS);
  } finally {
    await reader.stop();
  }
});

test('what the reading throws arrives with its code', async () => {
  const reader = new HistoryReader({
    lake: `${lake}/_journal/rows-0000000001.seg`,
    maxQuoteAgeMs: 1000,
    feeOf: () => 0,
  });
  try {
    await assert.rejects(
      reader.read(QUERY, new AbortController().signal),
      (error: SpreadscopeError) => error.code === 'INTERNAL' && /ENOTDIR/.test(error.message),
    );
    assert.equal(reader.bounds()[0]?.used, 0);
    const stopped = reader.stop();
    await assert.rejects(reader.read(QUERY, new AbortController().signal), /the program stops/);
    await stopped;
  } finally {
    await reader.stop();
  }
});

test('a question whose asker goes away is broken off at once, whether its turn has come or not', async () => {
  const reader = readerOf();
  try {
    const wish = { symbol: 'BTC-USDT', from: HOUR_14, to: HOUR_14 + HOUR_US };
    const question = { kind: 'leadLag', wish } as const;
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const asked = controllers.map(({ signal }) => reader.ask(question, signal));
    const settled = Promise.allSettled(asked);
    // Two have their turn by the next turn of the loop; no answer can have come.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reader.bounds()[0]?.used, 4);
    controllers.forEach((controller, i) => {
      controller.abort(new Error(`gone ${i}`));
    });
    assert.deepEqual(
      (await settled).map((one) => (one.status === 'rejected' ? String(one.reason) : 'answered')),
      [0, 1, 2, 3].map((i) => `Error: gone ${i}`),
    );
    assert.equal(reader.bounds()[0]?.used, 0);
    // Nothing waits in Parquet: there are no legs.
    const answer = await reader.ask(question, new AbortController().signal);
    assert.equal(answer.legs.length, 0);
  } finally {
    await reader.stop();
  }
});

test('the thread ends when nobody asks for a while, and comes back when somebody does', async () => {
  const reader = readerOf(1);
  try {
    for (let round = 0; round < 2; round += 1) {
      await valuesOf(await reader.read(QUERY, new AbortController().signal));
      while (reader.bounds()[1]?.used !== 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    await reader.stop();
  }
});

test('closed, it refuses and counts what is new, and reads what it reads to its end; open again, it reads', async () => {
  const reader = readerOf();
  try {
    const { signal } = new AbortController();
    const answer = await reader.read(QUERY, signal);
    reader.close(true);
    await assert.rejects(reader.read(QUERY, signal), { code: 'HISTORY_BUSY', message: /memory is short/ });
    assert.equal(reader.bounds().find(({ name }) => name === 'history.readings')?.refused, 1);
    const whole = (await valuesOf(answer)).length;
    reader.close(false);
    assert.equal((await valuesOf(await reader.read(QUERY, signal))).length, whole);
  } finally {
    await reader.stop();
  }
});
