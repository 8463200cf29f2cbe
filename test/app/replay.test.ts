import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultConfig } from '../../src/app/config.ts';
import { replay } from '../../src/app/replay.ts';
import { ReplayOutput } from '../../src/app/replay-output.ts';
import { routeReports } from '../../src/app/route-reports.ts';
import { noteFees } from '../../src/lake/fees.ts';
import { realSteps } from '../../src/lake/file-steps.ts';
import { VENUES } from '../../src/venues/index.ts';
import { type RigQuote, temporaryLake, writeSegment } from '../lake/journal-rig.ts';
import { HOUR_14 } from '../lake/lake-model.ts';
import { type NaiveRow, naiveOpportunities } from '../market/naive-opportunities.ts';

/** Three venues whose prices cross now and then. */
function rowsOf(count: number): NaiveRow[] {
  let seed = 3;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  let time = HOUR_14 + 1000;
  return Array.from({ length: count }, (_, i) => {
    time += 1 + Math.floor(random() * 200_000);
    const mid = 100 + random() * 0.9;
    return {
      time,
      venue: i % 3,
      bid: mid - 0.01,
      ask: mid + 0.01,
      bidSize: 1 + random(),
      askSize: 1 + random(),
    };
  });
}

test('a recording gives the opportunities of a naive model, and the same files each time', async () => {
  const lake = temporaryLake();
  const out = mkdtempSync(join(tmpdir(), 'spreadscope-replayed-'));
  try {
    const rows = rowsOf(3000);
    const venues = ['binance', 'bybit', 'okx'] as const;
    const quotes = venues.map((_, venue) =>
      rows
        .filter((row) => row.venue === venue)
        .map(
          ({ time, bid, bidSize, ask, askSize }): RigQuote => ({
            ...{ instrument: venue, venueTime: Number.NaN, receiveTime: time, bid, bidSize, ask, askSize },
            sequence: Number.NaN,
          }),
        ),
    );
    writeSegment(lake, {
      number: 1,
      createdAt: HOUR_14,
      instruments: venues.map((venue, i) => [i, venue, 'X-USDT'] as const),
      frames: venues.map((venue, i) => ({
        ...{ kind: 'quotes' as const, venue, number: 10 + i, rows: quotes[i] ?? [] },
      })),
    });
    // Of this pair one venue asks less than usual, and of another the configuration says what is paid.
    const base = defaultConfig();
    for (const [venue, usual] of [
      ['okx', 0.0004],
      ['bybit', 0.0002],
    ] as const)
      noteFees(
        realSteps,
        lake,
        new Map([[venue, { since: HOUR_14, usual: 0.001, pairs: { 'X-USDT': usual } }]]),
      );
    const config = { ...base, venues: { ...base.venues, bybit: { ...base.venues.bybit, takerFee: 0.0006 } } };
    const run = async (name: string): Promise<{ text: string; statistics: string }> => {
      let output: ReplayOutput | undefined;
      const done = await replay(
        config,
        { lake, from: HOUR_14, to: HOUR_14 + 3_599_000_000, signal: new AbortController().signal },
        (nameOf) => {
          output = new ReplayOutput(join(out, name), 'ndjson', nameOf);
          return [output];
        },
      );
      assert.equal(done.rows, rows.length);
      const files = output?.end(routeReports(done, 'routes')) ?? [];
      const [text = '', statistics = ''] = files.map((file) => readFileSync(file, 'utf8'));
      return { text, statistics };
    };
    const [one, two] = [await run('one'), await run('two')];
    assert.equal(one.text, two.text);
    assert.equal(one.statistics, two.statistics);
    const fees = [VENUES.binance.takerFee, 0.0006, 0.0004];
    const expected = naiveOpportunities(
      rows,
      fees,
      config.maxQuoteAgeMs * 1000,
      { openNet: 0.001, closeNet: 0.0005 },
      rows.at(-1)?.time ?? 0,
    );
    const found = one.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | string>);
    assert.ok(found.length > 100);
    const key = (start: unknown, end: unknown, buy: unknown, ticks: unknown): string =>
      [start, end, buy, ticks].map(String).join(' ');
    assert.deepEqual(
      found.map((row) => key(row.start, row.end, row.buy, row.ticks)).sort(),
      expected.map((row) => key(row.start, row.end, venues[row.buy], row.ticks)).sort(),
    );
  } finally {
    for (const folder of [lake, out]) rmSync(folder, { recursive: true, force: true });
  }
});

test('a range without rows is refused with what to look at', async () => {
  const lake = temporaryLake();
  try {
    writeSegment(lake, { number: 1, createdAt: HOUR_14, instruments: [], frames: [] });
    const request = { lake, from: HOUR_14, to: HOUR_14 + 1, signal: new AbortController().signal };
    await assert.rejects(
      replay(defaultConfig(), request, () => []),
      /nothing was recorded in that range/,
    );
  } finally {
    rmSync(lake, { recursive: true });
  }
});
