import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startPipeline, startSimulatorProcess, until } from './simulated.ts';
import { TAP, Tap } from './tap.ts';

const RATE = 50_000;
const SYMBOLS = 60;
const RUN_MS = 20_000;

/** A journal's lines per market and kind, in its order, in the tap's form. */
async function readJournal(path: string): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const row = JSON.parse(text) as Record<string, unknown>;
    const key = `${row.kind} ${row.venue} ${row.symbol}`;
    const values =
      row.kind === 'quote'
        ? [row.sequence, row.venueTime, row.bid, row.bidSize, row.ask, row.askSize]
        : [row.id, row.venueTime, row.price, row.size, row.side];
    const known = lines.get(key);
    if (known === undefined) lines.set(key, [JSON.stringify(values)]);
    else known.push(JSON.stringify(values));
  }
  return lines;
}

for (const transport of ['raw', 'ws']) {
  test(`${transport}: all that the simulator published at ${RATE} messages a second is in the rings, to the row, in order, with its values`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spreadscope-'));
    const journal = join(folder, 'journal.ndjson');
    const runMs = transport === 'raw' ? RUN_MS : RUN_MS / 5;
    const simulator = await startSimulatorProcess([
      '--symbols',
      `${SYMBOLS}`,
      '--rate',
      `${RATE}`,
      '--journal',
      journal,
      '--seed',
      '7',
    ]);
    const pipeline = startPipeline(
      simulator.url,
      { 'feed.transport': transport, symbolsPerVenue: `${SYMBOLS}` },
      { consumers: [{ name: TAP, policy: 'gate' }] },
    );
    const tap = new Tap(pipeline);
    try {
      const live = (): boolean => pipeline.board.rows(0).every((row) => row.subscriptions.live === SYMBOLS);
      await until(live, 25_000, `${SYMBOLS} live instruments on each venue`);
      await wait(runMs);
      await simulator.fault({ venue: '*', kind: 'silent' });
      const published = async (): Promise<number> => {
        const { published: counts } = (await simulator.get('status')) as {
          published: { quotes: number; trades: number };
        };
        return counts.quotes + counts.trades;
      };
      const total = await published();
      await until(
        () => tap.quotes + tap.trades >= total,
        10_000,
        `${total} rows; there are ${tap.quotes + tap.trades}`,
      );
    } finally {
      await simulator.stop();
      await pipeline.stop();
      tap.stop();
    }
    const expected = await readJournal(journal);
    await rm(folder, { recursive: true });
    const rows = [...expected.values()].reduce((sum, lines) => sum + lines.length, 0);
    assert.ok(rows > (RATE * runMs) / 1000 / 2, `only ${rows} rows were published`);
    assert.deepEqual([...tap.lines.keys()].sort(), [...expected.keys()].sort());
    for (const [key, lines] of expected) {
      const got = tap.lines.get(key) ?? [];
      const at = lines.findIndex((line, i) => line !== got[i]);
      assert.ok(at < 0, `${key}, row ${at}: published ${lines[at]}, arrived ${got[at]}`);
      assert.equal(got.length, lines.length, key);
    }
    for (const bound of pipeline.bounds())
      assert.deepEqual([bound.refused, bound.replaced, bound.lost], [0, 0, 0], bound.name);
  });
}
