import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUOTE_SCHEMA, type QuoteColumns, QuoteKind } from '../../src/core/records.ts';
import { Market } from '../../src/market/market.ts';
import { leastWindowBytes, WindowArena } from '../../src/market/window-arena.ts';
import { ASK, BID, decodePage, SampleEncoder, STATE_STRIDE, TIME } from '../../src/market/window-codec.ts';
import { PAGE_BYTES, pagesBytes } from '../../src/market/window-pages.ts';
import { columnBytes, layColumns } from '../../src/ring/ring.ts';
import { type NaiveSample, NaiveWindows } from './naive-window.ts';

const START = 1_700_000_000_000_000;
const SECOND = 1_000_000;
const columns: QuoteColumns = layColumns(QUOTE_SCHEMA, 1, new ArrayBuffer(columnBytes(QUOTE_SCHEMA, 1)), 0);

function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function row(instrument: number, { time, bid, ask, kind }: NaiveSample): void {
  columns.instrument[0] = instrument;
  columns.kind[0] = kind;
  columns.receiveTime[0] = time;
  columns.bid[0] = bid;
  columns.ask[0] = ask;
}

/** The bytes that samples take as one page. */
function bytesOf(samples: readonly NaiveSample[]): Uint8Array {
  const encoder = new SampleEncoder();
  const [cells, state] = [new Float64Array(3), new Float64Array(STATE_STRIDE)];
  const bytes: number[] = [];
  for (const [i, { time, bid, ask, kind }] of samples.entries()) {
    cells[TIME] = time;
    cells[BID] = bid;
    cells[ASK] = Number.isNaN(bid) ? kind : ask;
    bytes.push(...encoder.bytes.subarray(0, encoder.encode(cells, 0, state, 0, i === 0)));
  }
  return Uint8Array.from(bytes);
}

/** Prices as venues send them, and now and then some that are no short decimals. */
function randomPrices(random: () => number): { bid: number; ask: number } {
  const what = random();
  if (what < 0.05) return { bid: random() * 1e-7, ask: random() + 1 };
  const decimals = Math.floor(random() * 9);
  const text = (value: number) => Number(value.toFixed(decimals));
  const bid = text(1 + 10 ** Math.floor(random() * 6) * random());
  return { bid, ask: text(bid + random()) };
}

test('a page gives back the very doubles it was made of, whatever the prices', () => {
  const random = chance(7);
  for (let round = 0; round < 300; round += 1) {
    let time = START + Math.floor(random() * 1e9);
    let last = randomPrices(random);
    const samples = Array.from({ length: 1 + Math.floor(random() * 40) }, (): NaiveSample => {
      time += 1 + Math.floor(random() * (random() < 0.1 ? 4e12 : 2e6));
      const what = random();
      if (what < 0.2) return { time, bid: Number.NaN, ask: Number.NaN, kind: Math.floor(random() * 4) };
      if (what < 0.5) last = randomPrices(random);
      if (what > 0.8) last = { bid: Number((last.bid + 0.01).toFixed(2)), ask: last.ask + 1 };
      return { time, ...last, kind: 0 };
    });
    const bytes = bytesOf(samples);
    const out = { time: new Float64Array(40), bid: new Float64Array(40), ask: new Float64Array(40) };
    const count = decodePage(bytes, 0, bytes.length, out, 0);
    assert.equal(count, samples.length);
    for (const [i, sample] of samples.entries()) {
      const ask = Number.isNaN(sample.bid) ? sample.kind : sample.ask;
      assert.deepEqual([out.time[i], out.bid[i], out.ask[i]], [sample.time, sample.bid, ask]);
    }
  }
});

test('a busy instrument takes fewer than eight bytes a sample', () => {
  const random = chance(3);
  let bid = 6_431_207;
  const samples = Array.from({ length: 30 }, (_, i): NaiveSample => {
    bid += Math.floor(random() * 2000) - 1000;
    const time = START + i * SECOND + Math.floor(random() * SECOND);
    return { time, bid: bid / 100, ask: (bid + 1) / 100, kind: 0 };
  });
  assert.ok(bytesOf(samples).length < 30 * 8, `${bytesOf(samples).length}`);
});

/** What a random market does: instruments that tick often, seldom, in bursts; ends; clocks that go back a little or much. */
function* randomTicks(seed: number, instruments: number, steps: number): Generator<[number, NaiveSample]> {
  const random = chance(seed);
  let time = START;
  for (let step = 0; step < steps; step += 1) {
    const what = random();
    time += Math.floor(random() * 300_000);
    if (what < 0.002) time += 20 * SECOND;
    if (what > 0.999) time -= Math.floor(random() * 4 * SECOND);
    // Some tick far more often than others, and all but a few fall silent for a time.
    const awake = 1 + Math.floor(instruments * (0.3 + 0.7 * Math.abs(Math.sin(step / 1500))));
    const instrument = Math.floor(random() ** 2 * awake) % instruments;
    const kind = random() < 0.05 ? 1 + Math.floor(random() * 3) : QuoteKind.quote;
    const valid = kind === QuoteKind.quote && random() > 0.03;
    const { bid, ask } = valid ? randomPrices(random) : { bid: Number.NaN, ask: Number.NaN };
    yield [instrument, { time: time - Math.floor(random() * 2) * 50, bid, ask, kind }];
  }
}

for (const [pages, span] of [
  [20, 60],
  [20, 3600],
  [200, 60],
  [2000, 3600],
] as const) {
  test(`windows of ${pages} pages and ${span} s are those of plain lists, whatever ticks, ends, falls silent or sets its clock back`, () => {
    const instruments = 40;
    const bytes = leastWindowBytes(instruments) + pagesBytes(pages - Math.ceil(instruments / 16));
    const arena = new WindowArena({ spanMs: span * 1000, resolutionMs: 1000, bytes }, instruments);
    const { capacity } = arena.bound();
    assert.equal(capacity, pages);
    assert.ok(arena.bytes <= bytes);
    const naive = new NaiveWindows(SECOND, span * SECOND, capacity);
    const fits = (samples: readonly NaiveSample[]) => bytesOf(samples).length <= PAGE_BYTES;
    let step = 0;
    for (const [instrument, sample] of randomTicks(pages + span, instruments, 30_000)) {
      row(instrument, sample);
      arena.sample(columns, 0, !Number.isNaN(sample.bid));
      naive.add(instrument, sample, fits);
      step += 1;
      if (step % 997 === 0 || step === 30_000) compare(step);
    }
    assert.equal(arena.bound().evicted > 0, pages < 200, 'the model evicts where it should');

    function compare(at: number): void {
      const bound = arena.bound();
      assert.deepEqual([bound.used, bound.evicted], [naive.used, naive.evicted], `step ${at}`);
      assert.ok(bound.usedBytes <= bound.capacityBytes);
      for (let instrument = 0; instrument < instruments; instrument += 1) {
        const window = arena.window(instrument);
        const expected = naive.samples(instrument);
        assert.equal(window?.coveredFrom, naive.covered.get(instrument));
        assert.deepEqual(
          window === undefined ? [] : samplesOf(window),
          expected.map(({ time, bid, ask, kind }) => [time, bid, ask, kind]),
        );
      }
    }
  });
}

function samplesOf(window: {
  readonly time: Float64Array;
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  readonly kind: Uint8Array;
}): unknown[] {
  return Array.from(window.time, (time, i) => [time, window.bid[i], window.ask[i], window.kind[i]]);
}

test('what is covered shrinks when windows make room for others, and says how much of the span is left', () => {
  const bytes = leastWindowBytes(64);
  const arena = new WindowArena({ spanMs: 3_600_000, resolutionMs: 1000, bytes }, 64);
  assert.equal(arena.cover(START).coveredMs, 0);
  for (let second = 0; second < 3000; second += 1) {
    row(second % 7, { time: START + second * SECOND, bid: 1, ask: 2, kind: 0 });
    arena.sample(columns, 0, true);
  }
  const now = START + 3000 * SECOND;
  const { coveredMs, windows, evicted, spanMs, resolutionMs } = arena.cover(now);
  assert.deepEqual([windows, spanMs, resolutionMs], [7, 3_600_000, 1000]);
  assert.ok(evicted > 0);
  const latest = Math.max(...[0, 1, 2, 3, 4, 5, 6].map((i) => arena.window(i)?.coveredFrom ?? 0));
  assert.ok(Math.abs((now - latest) / 1000 - coveredMs) < 1);
  assert.ok(coveredMs > 0 && coveredMs < 3_000_000);
});

test('a market keeps a window of each instrument that was heard, its ends and unsound quotes as no price, and one of a renamed instrument anew', () => {
  const windows = { spanMs: 60_000, resolutionMs: 1000, bytes: leastWindowBytes(8) };
  const market = new Market({ instrumentCapacity: 8, symbolCapacity: 4, windows });
  const common = { symbol: 'A-USDT', base: 'A', quote: 'USDT', takerFee: 0 };
  market.list({ ...common, instrument: 0, venue: 'okx', nativeId: 'A' });
  market.list({ ...common, instrument: 1, venue: 'gate', nativeId: 'A' });
  columns.bidSize[0] = 1;
  columns.askSize[0] = 1;
  columns.epoch[0] = 1;
  const say = (instrument: number, time: number, bid: number, ask: number, kind = 0) => {
    row(instrument, { time, bid, ask, kind });
    market.applyQuotes(columns, 0, 1, 0, time);
  };
  assert.equal(market.window('A-USDT', 'okx'), undefined);
  say(0, START, 1, 2);
  say(0, START + SECOND, 3, 4);
  say(0, START + SECOND + 1, 5, 6);
  say(0, START + 2 * SECOND, 6, 5);
  say(0, START + 3 * SECOND, Number.NaN, Number.NaN, QuoteKind.silent);
  const window = market.window('A-USDT', 'okx');
  assert.ok(window);
  const none = Number.NaN;
  assert.deepEqual(samplesOf(window), [
    [START, 1, 2, QuoteKind.quote],
    [START + SECOND + 1, 5, 6, QuoteKind.quote],
    [START + 2 * SECOND, none, none, QuoteKind.quote],
    [START + 3 * SECOND, none, none, QuoteKind.silent],
  ]);
  assert.equal(market.window('A-USDT', 'gate'), undefined);
  assert.equal(market.window('B-USDT', 'gate'), undefined);
  assert.equal(market.windowCover(START + 3 * SECOND)?.windows, 1);
  assert.ok(market.bounds().some(({ name }) => name === 'market.windows'));
  market.list({ ...common, instrument: 2, venue: 'okx', nativeId: 'A2' });
  assert.equal(market.window('A-USDT', 'okx'), undefined);
  say(0, START + 4 * SECOND, 7, 8);
  say(2, START + 5 * SECOND, 9, 10);
  assert.deepEqual(market.window('A-USDT', 'okx')?.time, Float64Array.of(START + 5 * SECOND));
});
