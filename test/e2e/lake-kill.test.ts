import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  difference,
  findMissing,
  glob,
  loadJournal,
  type PlainSql,
  plainSql,
  startRecording,
  temporaryFolder,
  unsorted,
  viewGaps,
  viewLake,
} from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

/** How often the program is killed; `SPREADSCOPE_KILLS=50` for the long run. */
const KILLS = Number(process.env.SPREADSCOPE_KILLS ?? 10);
const RATE = 20_000;
const SYMBOLS = 40;
const MOST_MISSING_US = 250_000;

/** What is missing from one kill to the next. */
async function missingSpells(
  sql: PlainSql,
  killed: readonly number[],
): Promise<{ spanUs: number; rows: number }[]> {
  const spells: { spanUs: number; rows: number }[] = [];
  for (const [i, at] of killed.entries()) {
    const [row] = await sql.rows(
      `SELECT count(*)::INT AS rows, coalesce(${at} - min(published), 0)::DOUBLE AS span FROM missing WHERE published > ${killed[i - 1] ?? 0} AND published <= ${at}`,
    );
    spells.push({ rows: Number(row?.rows), spanUs: Number(row?.span) });
  }
  return spells;
}

test(`killed ${KILLS} times at random instants: every file is always readable, no row is there twice, at most 250 ms are missing each time, and a gap says so`, async (t) => {
  const folder = await temporaryFolder();
  const [journal, lake] = [join(folder.path, 'journal.ndjson'), join(folder.path, 'lake')];
  const simulator = await startSimulatorProcess([
    ...['--symbols', `${SYMBOLS}`, '--rate', `${RATE}`, '--journal', journal],
  ]);
  const flags = ['--symbols', `${SYMBOLS}`, '--set', 'lake.partSeconds=1'];
  const sql = await plainSql();
  const killed: number[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const program = await startRecording(simulator.url, lake, flags);
      const flowing = async (): Promise<boolean> => (await program.status()).rates.quotes > RATE / 4;
      await until(flowing, 30_000, 'quotes');
      await wait(Math.random() * 3000);
      await program.kill();
      killed.push(Date.now() * 1000);
      // Whatever it was doing: no file that a reader's glob meets is half a file.
      for (const table of ['quotes', 'trades', 'gaps'] as const) {
        if (await glob(lake, table))
          await sql.count(`SELECT count(*) FROM read_parquet('${lake}/${table}/**/*.parquet')`);
      }
    }
    const last = await startRecording(simulator.url, lake, flags);
    await until(async () => (await last.status()).rates.quotes > 0, 30_000, 'quotes');
    await last.stop();
    await simulator.stop();

    await loadJournal(sql, journal);
    await viewLake(sql, lake);
    await viewGaps(sql, lake);
    const { foreign } = await difference(sql);
    assert.equal(foreign, 0, 'rows are there twice, or were never sent');
    assert.equal((await unsorted(sql, 'quotes')) + (await unsorted(sql, 'trades')), 0);
    await findMissing(sql);
    const spells = await missingSpells(sql, killed);
    for (const [i, { spanUs, rows }] of spells.entries())
      t.diagnostic(`kill ${i + 1}: ${rows} rows missing, over ${spanUs / 1000} ms`);
    const worst = Math.max(...spells.map(({ spanUs }) => spanUs));
    assert.ok(worst <= MOST_MISSING_US, `${worst / 1000} ms of rows are missing after one kill`);
    const total = spells.reduce((sum, { rows }) => sum + rows, 0);
    assert.equal(
      await sql.count('SELECT count(*) FROM missing'),
      total,
      'rows are missing that no kill explains',
    );
    // Each missing row lies in a gap of its venue that says that the program ended without a word. (It came some time after it was sent; how long nobody knows.)
    assert.equal(
      await sql.count(
        `SELECT count(*) FROM missing m WHERE NOT EXISTS (SELECT 1 FROM gaps g WHERE g.venue = m.venue AND g.reason = 'crash' AND m.published BETWEEN g."from" - ${MOST_MISSING_US} AND g."to")`,
      ),
      0,
      'missing rows that no gap tells of',
    );
    assert.equal(
      await sql.count(`SELECT count(DISTINCT "to") FROM gaps WHERE reason = 'crash' AND symbol IS NULL`),
      KILLS,
    );
  } finally {
    sql.close();
    await folder.remove();
  }
});
