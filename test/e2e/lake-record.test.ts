import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  difference,
  loadJournal,
  plainSql,
  startRecording,
  temporaryFolder,
  unsorted,
  viewLake,
} from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const RATE = 50_000;
const SYMBOLS = 200;
/** `SPREADSCOPE_RECORD_SECONDS=60` for the long run. */
const RUN_MS = Number(process.env.SPREADSCOPE_RECORD_SECONDS ?? 20) * 1000;

test(`after a run at ${RATE} messages a second and SIGTERM, DuckDB finds in the Parquet files the simulator's journal, row by row`, async (t) => {
  const folder = await temporaryFolder();
  const [journal, lake] = [join(folder.path, 'journal.ndjson'), join(folder.path, 'lake')];
  const simulator = await startSimulatorProcess([
    '--symbols',
    `${SYMBOLS}`,
    '--rate',
    `${RATE}`,
    '--journal',
    journal,
  ]);
  const program = await startRecording(simulator.url, lake, ['--symbols', `${SYMBOLS}`]);
  const live = async (): Promise<boolean> => (await program.status()).rates.quotes > RATE / 2;
  await until(live, 30_000, 'the full rate');
  await wait(RUN_MS);
  // While the venues go on publishing: what they had said when we took our leave is recorded too.
  const stopMs = await program.stop();
  await simulator.stop();
  t.diagnostic(`the stop took ${Math.round(stopMs)} ms`);

  const sql = await plainSql();
  try {
    await loadJournal(sql, journal);
    await viewLake(sql, lake);
    const sent = await sql.count(
      'SELECT (SELECT count(*) FROM sent_quotes) + (SELECT count(*) FROM sent_trades)',
    );
    assert.ok(sent > (RATE * RUN_MS) / 1000 / 2, `only ${sent} rows were published`);
    assert.deepEqual(await difference(sql), { missing: 0, foreign: 0 });
    assert.equal(await unsorted(sql, 'quotes'), 0);
    assert.equal(await unsorted(sql, 'trades'), 0);
    assert.ok(stopMs < 10_000, `the stop took ${stopMs} ms`);
  } finally {
    sql.close();
    await folder.remove();
  }
});
