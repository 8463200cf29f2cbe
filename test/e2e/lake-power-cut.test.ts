import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  difference,
  findMissing,
  glob,
  loadJournal,
  plainSql,
  startRecording,
  temporaryFolder,
  viewGaps,
  viewLake,
} from './recorded.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const CUTS = Number(process.env.SPREADSCOPE_CUTS ?? 3);
const RATE = 20_000;
const SYMBOLS = 40;
const MOST_MISSING_US = 1_000_000;
const IMAGE_BYTES = 512 * 1024 * 1024;

/** EXT4_IOC_SHUTDOWN with NOLOGFLUSH: nothing that was not synced reaches the disk any more, as when the power goes. */
const CUT =
  'open(my $f, "<", $ARGV[0]) or die "$!"; my $how = pack("I", 2); ioctl($f, 0x8004587d, $how) or die "$!"';

/** An ext4 file system in a file. */
class Disk {
  readonly #image: string;
  readonly path: string;

  constructor(folder: string) {
    this.#image = join(folder, 'disk.ext4');
    this.path = join(folder, 'disk');
  }

  async make(): Promise<void> {
    await writeFile(this.#image, '');
    await truncate(this.#image, IMAGE_BYTES);
    run('mkfs.ext4', '-q', '-F', this.#image);
    mkdirSync(this.path);
    this.mount();
  }

  mount(): void {
    run('mount', '-o', 'loop', this.#image, this.path);
  }

  cut(): void {
    run('perl', '-e', CUT, this.path);
  }

  /** The system may still be taking leave of the program's files for a moment after its end. */
  async unmount(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        run('umount', this.path);
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await wait(50);
      }
    }
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}

/** Why a file system cannot be mounted here; false = it can. */
async function obstacle(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'mounting a file system needs root';
  const folder = await temporaryFolder();
  try {
    const disk = new Disk(folder.path);
    await disk.make();
    await disk.unmount();
    return false;
  } catch (error) {
    return `no ext4 file system can be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  } finally {
    await folder.remove();
  }
}

test(`the power cut ${CUTS} times: no unreadable file, no row twice, at most 1 s of rows missing each time`, {
  skip: await obstacle(),
}, async (t) => {
  const folder = await temporaryFolder();
  const disk = new Disk(folder.path);
  await disk.make();
  const [journal, lake] = [join(folder.path, 'journal.ndjson'), join(disk.path, 'lake')];
  const simulator = await startSimulatorProcess([
    ...['--symbols', `${SYMBOLS}`, '--rate', `${RATE}`, '--journal', journal],
  ]);
  const flags = ['--symbols', `${SYMBOLS}`, '--set', 'lake.partSeconds=1'];
  const sql = await plainSql();
  const cuts: { at: number; ended: number }[] = [];
  try {
    for (let cut = 0; cut < CUTS; cut += 1) {
      const program = await startRecording(simulator.url, lake, flags);
      await until(async () => (await program.status()).rates.quotes > RATE / 4, 30_000, 'quotes');
      await wait(1500 + Math.random() * 2500);
      const at = Date.now() * 1000;
      disk.cut();
      await program.kill();
      cuts.push({ at, ended: Date.now() * 1000 });
      await disk.unmount();
      disk.mount();
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
    await findMissing(sql);
    let explained = 0;
    for (const [i, { at, ended }] of cuts.entries()) {
      // What came between the cut and the end of the program could not be kept by anybody.
      const [row] = await sql.rows(
        `SELECT count(*)::INT AS rows, coalesce(${at} - min(published), 0)::DOUBLE AS span FROM missing WHERE published > ${cuts[i - 1]?.ended ?? 0} AND published <= ${ended}`,
      );
      t.diagnostic(`${row?.rows} rows missing, from ${Number(row?.span) / 1000} ms before the cut on`);
      assert.ok(Number(row?.span) <= MOST_MISSING_US, `${Number(row?.span) / 1000} ms of rows are missing`);
      explained += Number(row?.rows);
    }
    assert.equal(await sql.count('SELECT count(*) FROM missing'), explained);
    assert.equal(
      await sql.count(`SELECT count(DISTINCT "to") FROM gaps WHERE reason = 'crash' AND symbol IS NULL`),
      CUTS,
    );
  } finally {
    sql.close();
    await disk.unmount();
    await folder.remove();
  }
});
