import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Instrument } from '../../src/core/instruments.ts';
import type { GapRow } from '../../src/core/lake-status.ts';
import { QUOTE_SCHEMA, QuoteKind, TRADE_ID_BYTES, TRADE_SCHEMA } from '../../src/core/records.ts';
import { VENUE_IDS, type VenueId } from '../../src/core/venue-ids.ts';
import { gapsSince, lastLife } from '../../src/lake/last-life.ts';
import { Recorder, type RecorderLimits } from '../../src/lake/recorder.ts';
import { RECORDER } from '../../src/lake/ring-intake.ts';
import { createRing, RingProducer } from '../../src/ring/ring.ts';
import { chance, temporaryLake } from './journal-rig.ts';
import { failure, MemoryJournal } from './memory-journal.ts';
import { readJournal } from './read-journal.ts';

/** 2026-11-23 14:59:50 UTC: an hour ends soon. */
const START = Date.UTC(2026, 10, 23, 14, 59, 50) * 1000;
const VENUES: readonly VenueId[] = ['okx', 'gate'];

interface Told {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly time: number;
  readonly value: number;
}

/** A feed of two venues, a recorder at its rings, and a disk in memory. */
function rig(
  options: {
    rows?: number;
    fromStart?: boolean;
    firstGaps?: GapRow[];
    limits?: Partial<RecorderLimits>;
  } = {},
) {
  const consumers = [{ name: RECORDER, policy: 'lap' }] as const;
  const rows = options.rows ?? 4096;
  const quoteRing = createRing('q', QUOTE_SCHEMA, rows, consumers);
  const tradeRing = createRing('t', TRADE_SCHEMA, rows, consumers);
  const [quotes, trades] = [new RingProducer(quoteRing), new RingProducer(tradeRing)];
  const disk = new MemoryJournal();
  const clock = { ms: 0 };
  const micros = (): number => START + clock.ms * 1000;
  const recorder = new Recorder({
    rings: [{ quotes: quoteRing, trades: tradeRing, venues: VENUES }],
    venues: VENUES,
    instrumentCapacity: 64,
    files: disk,
    nextSegment: 0,
    run: 'r',
    firstGaps: options.firstGaps ?? [],
    began: START,
    fromStart: options.fromStart ?? true,
    clock: micros,
    ms: () => clock.ms,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    limits: { poolBytes: 1 << 20, ...options.limits },
  });
  recorder.announce(
    VENUES.flatMap((venue, v) =>
      Array.from(
        { length: 5 },
        (_, i): Instrument => ({
          instrument: v * 5 + i,
          venue,
          symbol: `S${i}-USDT`,
          nativeId: `S${i}`,
          base: `S${i}`,
          quote: 'USDT',
          takerFee: 0.001,
        }),
      ),
    ),
  );
  const numbers = new Map<string, number>();
  const next = (key: string): number => {
    numbers.set(key, (numbers.get(key) ?? 0) + 1);
    return numbers.get(key) ?? 0;
  };
  const told = { quotes: [] as Told[], trades: [] as Told[] };
  const quote = (instrument: number, kind: QuoteKind = QuoteKind.quote, epoch = 1): void => {
    const venue = VENUES[Math.trunc(instrument / 5)] as VenueId;
    const number = kind === QuoteKind.quote ? next(`${venue} q`) : (numbers.get(`${venue} q`) ?? 0);
    const [slot, row, time] = [quotes.claim(), quotes.columns, micros() + 0.5];
    row.instrument[slot] = instrument;
    row.kind[slot] = kind;
    row.epoch[slot] = epoch;
    row.number[slot] = number;
    row.receiveTime[slot] = time;
    for (const name of ['venueTime', 'bid', 'bidSize', 'ask', 'askSize', 'sequence'] as const)
      row[name][slot] = kind === QuoteKind.quote ? number : Number.NaN;
    if (kind === QuoteKind.quote)
      told.quotes.push({ venue, symbol: `S${instrument % 5}-USDT`, time: Math.floor(time), value: number });
    quotes.publish();
  };
  const trade = (instrument: number): void => {
    const venue = VENUES[Math.trunc(instrument / 5)] as VenueId;
    const number = next(`${venue} t`);
    const [slot, row] = [trades.claim(), trades.columns];
    row.instrument[slot] = instrument;
    row.epoch[slot] = 1;
    row.number[slot] = number;
    row.receiveTime[slot] = micros();
    row.venueTime[slot] = Number.NaN;
    row.price[slot] = number;
    row.size[slot] = 1;
    row.side[slot] = number % 2;
    const id = Buffer.from(`id-${number}`);
    row.idLength[slot] = id.byteLength;
    row.id.set(id, slot * TRADE_ID_BYTES);
    told.trades.push({ venue, symbol: `S${instrument % 5}-USDT`, time: micros(), value: number });
    trades.publish();
  };
  const totals = () =>
    VENUES.map((venue) => ({
      venue,
      quotes: numbers.get(`${venue} q`) ?? 0,
      trades: numbers.get(`${venue} t`) ?? 0,
    }));
  /** Lets time pass, a tick of the recorder every 10 ms. */
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i += 10) {
      clock.ms += 10;
      recorder.tick();
      for (let k = 0; k < 8; k += 1) await turn();
    }
  };
  const stop = async (goodbye = micros()): Promise<boolean> => {
    const ended = recorder.stop(totals(), goodbye, 60_000);
    const ticking = setInterval(() => (clock.ms += 300), 1);
    const { safe } = await ended;
    clearInterval(ticking);
    return safe;
  };
  return { recorder, disk, clock, micros, quote, trade, told, pass, stop, numbers };
}

function read(disk: MemoryJournal): ReturnType<typeof readJournal> {
  const lake = temporaryLake();
  try {
    disk.lay(lake, true);
    return readJournal(lake);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

function quotesIn(journal: ReturnType<typeof readJournal>): Told[] {
  return journal.quotes
    .filter(({ kind }) => kind === QuoteKind.quote)
    .map(({ venue, symbol, receiveTime, bid }) => ({ venue, symbol, time: receiveTime, value: bid }));
}

function tradesIn(journal: ReturnType<typeof readJournal>): Told[] {
  return journal.trades.map(({ venue, symbol, receiveTime, price }) => ({
    venue,
    symbol,
    time: receiveTime,
    value: price,
  }));
}

function ofVenue(rows: readonly Told[], venue: VenueId): Told[] {
  return rows.filter((row) => row.venue === venue);
}

test('every row that goes through the rings is in the journal, once, in its venue’s order, with its values', async () => {
  const { quote, trade, told, pass, stop, disk, recorder } = rig();
  const random = chance(1);
  for (let i = 0; i < 200; i += 1) {
    for (let n = Math.floor(random() * 60); n > 0; n -= 1) quote(Math.floor(random() * 10));
    for (let n = Math.floor(random() * 9); n > 0; n -= 1) trade(Math.floor(random() * 10));
    await pass(10);
  }
  assert.ok(await stop());
  const journal = read(disk);
  for (const venue of VENUES) {
    assert.deepEqual(ofVenue(quotesIn(journal), venue), ofVenue(told.quotes, venue));
    assert.deepEqual(ofVenue(tradesIn(journal), venue), ofVenue(told.trades, venue));
  }
  assert.ok(journal.trades.every(({ id, price }) => id === `id-${price}`));
  const status = recorder.status();
  const recorded = status.venues.reduce((sum, { recorded: rows }) => sum + rows.quotes + rows.trades, 0);
  assert.equal(recorded, told.quotes.length + told.trades.length);
  assert.deepEqual(
    status.venues.map(({ lost }) => [lost.quotes, lost.trades]),
    [
      [0, 0],
      [0, 0],
    ],
  );
  assert.deepEqual(status.troubles, []);
});

test('while the disk fails rows wait, then the ring overwrites them: journal = told − counted losses, and each loss is in a gap', async () => {
  for (let seed = 0; seed < 4; seed += 1) {
    const random = chance(seed);
    const { quote, trade, told, pass, stop, disk, recorder } = rig({
      limits: { poolBytes: 1_000_000 },
    });
    const from = 20 + Math.floor(random() * 40);
    for (let i = 0; i < 200; i += 1) {
      disk.fault = (step) =>
        i > from && i < from + 120 && step !== 'close'
          ? failure(seed % 2 === 0 ? 'ENOSPC' : 'EIO')
          : undefined;
      for (let n = 100 + Math.floor(random() * 500); n > 0; n -= 1) quote(Math.floor(random() * 10));
      for (let n = Math.floor(random() * 120); n > 0; n -= 1) trade(Math.floor(random() * 10));
      await pass(10);
      if (i === from + 119) assert.equal(recorder.status().recording, false);
    }
    await pass(2500);
    assert.equal(recorder.status().recording, true, `seed ${seed}: it healed`);
    assert.ok(await stop());
    const journal = read(disk);
    const status = recorder.status();
    let lostAtAll = 0;
    for (const { venue, lost, recorded } of status.venues) {
      const [quotes, sold] = [ofVenue(quotesIn(journal), venue), ofVenue(tradesIn(journal), venue)];
      assert.equal(recorded.quotes, quotes.length);
      assert.equal(recorded.trades, sold.length);
      assert.equal(ofVenue(told.quotes, venue).length, quotes.length + lost.quotes, `seed ${seed}`);
      assert.equal(ofVenue(told.trades, venue).length, sold.length + lost.trades, `seed ${seed}`);
      for (const [stream, all, got] of [
        ['quotes', ofVenue(told.quotes, venue), quotes],
        ['trades', ofVenue(told.trades, venue), sold],
      ] as const) {
        const gaps = journal.gaps.filter((gap) => gap.venue === venue && gap.stream === stream);
        const inGaps = gaps.reduce((sum, { rowsLost }) => sum + (rowsLost ?? 0), 0);
        assert.equal(inGaps, all.length - got.length, `seed ${seed}: ${venue} ${stream}`);
        lostAtAll += inGaps;
        const known = new Set(got.map(({ value }) => value));
        for (const row of all)
          if (!known.has(row.value))
            assert.ok(
              gaps.some(
                ({ from: begin, to, reason }) => reason === 'disk' && begin <= row.time && row.time <= to,
              ),
              `seed ${seed}: ${row.value} is lost and no gap covers it`,
            );
      }
    }
    assert.ok(lostAtAll > 0, 'nothing was lost: the test tests nothing');
  }
});

test('a disk that does not answer is told within a second or so, keeps nothing up, and costs nothing while there is room', async () => {
  const { quote, told, pass, stop, disk, recorder } = rig();
  quote(0);
  await pass(600);
  let release: (() => void) | undefined;
  disk.fault = (step) =>
    step === 'sync' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
  for (let i = 0; i < 500; i += 1) {
    quote(i % 10);
    await pass(10);
  }
  assert.deepEqual(
    recorder.status().troubles.map(({ code }) => code),
    ['LAKE_DISK_STALLED'],
  );
  disk.fault = () => undefined;
  release?.();
  await pass(300);
  assert.deepEqual(recorder.status().troubles, []);
  assert.ok(await stop());
  const journal = read(disk);
  for (const venue of VENUES)
    assert.deepEqual(ofVenue(quotesIn(journal), venue), ofVenue(told.quotes, venue));
});

test('the time until a venue’s first row, and from a row that says that a quote ended to the next quote, is a gap, split where an hour ends', async () => {
  const { quote, pass, stop, disk, clock, micros } = rig();
  clock.ms = 1000;
  quote(0);
  await pass(100);
  const ended = micros();
  quote(0, QuoteKind.silent);
  quote(1, QuoteKind.ended);
  await pass(12_000);
  const back = micros();
  quote(0);
  quote(5);
  await pass(100);
  assert.ok(await stop());
  const hour = Date.UTC(2026, 10, 23, 15) * 1000;
  const rows = read(disk).gaps.map(({ venue, symbol, from, to, reason }) => [
    venue,
    symbol,
    from,
    to,
    reason,
  ]);
  const of = (symbol: string | null, venue: string): unknown[] =>
    rows.filter((row) => row[0] === venue && row[1] === symbol);
  assert.deepEqual(of(null, 'okx'), [['okx', null, START, START + 1_000_000, 'connection']]);
  assert.deepEqual(of('S0-USDT', 'okx'), [
    ['okx', 'S0-USDT', ended, hour, 'silence'],
    ['okx', 'S0-USDT', hour, back, 'silence'],
  ]);
  assert.deepEqual(of(null, 'gate'), [
    ['gate', null, START, hour, 'connection'],
    ['gate', null, hour, back, 'connection'],
  ]);
  const [first, second] = of('S1-USDT', 'okx') as (typeof rows)[];
  assert.deepEqual(first, ['okx', 'S1-USDT', ended, hour, 'connection']);
  assert.equal(second?.[2], hour);
});

test('a feed that died is a gap of its venues until its successor’s first row; rows that it had left behind are kept and end nothing', async () => {
  const { quote, pass, stop, disk, recorder, micros, numbers, told } = rig();
  quote(0);
  quote(5);
  await pass(100);
  const died = micros();
  quote(1);
  recorder.feedDied(['okx'], 10);
  await pass(500);
  numbers.delete('okx q');
  const back = micros();
  quote(0, QuoteKind.quote, 11);
  await pass(100);
  assert.ok(await stop());
  const journal = read(disk);
  assert.equal(quotesIn(journal).length, told.quotes.length);
  const [, gap] = journal.gaps.filter(({ venue, symbol }) => venue === 'okx' && symbol === null);
  assert.equal(gap?.reason, 'connection');
  assert.ok(gap !== undefined && gap.from <= died && gap.from >= died - 10_000);
  assert.equal(gap?.to, back);
  assert.deepEqual(
    recorder.status().venues.map(({ lost }) => lost.quotes),
    [0, 0],
  );
});

test('when nothing comes, heartbeats say that we were looking', async () => {
  const { pass, disk } = rig();
  await pass(5000);
  const { beats } = read(disk);
  assert.ok(beats >= 15 && beats <= 25, `${beats}`);
});

test('clock steps and messages that could not be read are gaps, forward ones with their length', async () => {
  const { recorder, pass, stop, disk, micros } = rig();
  await pass(100);
  const now = micros();
  recorder.clockStepped(now, now + 5_000_000);
  recorder.clockStepped(now + 5_000_000, now);
  recorder.malformed('gate', now, now + 10, 3);
  assert.deepEqual(
    recorder.status().troubles.map(({ code }) => code),
    ['LAKE_CLOCK_STEPPED'],
  );
  assert.ok(await stop());
  const gaps = read(disk).gaps.filter(({ venue }) => venue === 'gate');
  assert.deepEqual(
    gaps.filter(({ reason }) => reason === 'clock').map(({ from, to }) => to - from),
    [5_000_000, 0],
  );
  assert.deepEqual(
    gaps.filter(({ reason }) => reason === 'malformed').map(({ rowsLost }) => rowsLost),
    [3],
  );
});

test('a recorder takes memory when it is made, and none for more instruments or rows', () => {
  const { recorder } = rig();
  const names = recorder.bounds().map(({ name }) => name);
  assert.deepEqual(names, [
    'lake.row-batches',
    'lake.journal-frames',
    'lake.gaps',
    'lake.opportunities',
    'lake.instruments',
  ]);
  assert.ok(recorder.bounds().every(({ capacityBytes }) => capacityBytes > 0));
  assert.equal(VENUE_IDS.length, 8);
});

/** The gaps that the next life tells when this one ends without a word now. */
function toldAfterCrash(
  disk: MemoryJournal,
  now: number,
): { gaps: GapRow[]; journal: ReturnType<typeof readJournal> } {
  const lake = temporaryLake();
  try {
    disk.lay(lake);
    const journal = readJournal(lake);
    return { gaps: [...journal.gaps, ...gapsSince(lastLife(lake), VENUES, now)], journal };
  } finally {
    rmSync(lake, { recursive: true });
  }
}

test('a crash soon after the disk was in trouble: the gap begins before the first row that is missing', async () => {
  const { quote, told, pass, disk, micros } = rig();
  quote(0);
  quote(5);
  await pass(500);
  disk.fault = (step) => (step === 'close' ? undefined : failure('ENOSPC'));
  for (let i = 0; i < 300; i += 1) {
    quote(i % 10);
    await pass(10);
  }
  // The disk is well again; a segment is begun, and nothing more of what waits is written.
  let appends = 0;
  disk.fault = (step) => {
    if (step !== 'append') return undefined;
    appends += 1;
    return appends === 1 ? undefined : new Promise(() => undefined);
  };
  for (let i = 0; i < 200; i += 1) {
    quote(i % 10);
    await pass(10);
  }
  assert.ok(appends > 1, 'no segment was begun: the test tests nothing');
  const { gaps, journal } = toldAfterCrash(disk, micros());
  for (const venue of VENUES) {
    const there = new Set(ofVenue(quotesIn(journal), venue).map(({ value }) => value));
    const missing = ofVenue(told.quotes, venue).filter(({ value }) => !there.has(value));
    assert.ok(missing.length > 100);
    const crash = gaps.find((gap) => gap.venue === venue && gap.reason === 'crash');
    assert.ok(crash !== undefined && crash.from <= (missing[0]?.time ?? 0), `${crash?.from}`);
    assert.ok(crash.to >= (missing.at(-1)?.time ?? 0));
  }
});

test('what was to be told of the time before a life outlives its end at any moment', async () => {
  const before = { venue: 'okx', symbol: null, stream: null, reason: 'stopped', rowsLost: null } as const;
  const [from, to] = [START - 7_200_000_000, START];
  for (let allowed = 1; allowed < 4; allowed += 1) {
    const { quote, pass, disk, micros } = rig({ firstGaps: [{ ...before, from, to }] });
    quote(0);
    let appends = 0;
    disk.fault = (step) => {
      if (step !== 'append') return undefined;
      appends += 1;
      return appends <= allowed ? undefined : new Promise(() => undefined);
    };
    await pass(1000);
    const { gaps } = toldAfterCrash(disk, micros());
    const told = gaps.filter(({ venue, reason }) => venue === 'okx' && reason === 'stopped');
    assert.equal(Math.min(...told.map((gap) => gap.from)), from, `after ${allowed} writes`);
    assert.ok(Math.max(...told.map((gap) => gap.to)) >= to, `after ${allowed} writes`);
  }
});
