import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultConfig } from '../../src/app/config.ts';
import { startReplay } from '../../src/app/replay-server.ts';
import { openDuck } from '../../src/lake/duck.ts';
import { HOUR_US } from '../../src/lake/layout.ts';
import { HOUR_14 } from '../lake/lake-model.ts';

/** Two venues' quotes, a second apart; those of the second cannot be read to their end. */
async function damagedLake(lake: string): Promise<void> {
  const duck = await openDuck({ memoryMb: 128, threads: 1 });
  try {
    for (const [venue, sequence] of [
      ['okx', 'i::BIGINT'],
      ['bybit', `'no number'`],
    ] as const) {
      const folder = join(lake, `quotes/date=2026-11-23/hour=14/venue=${venue}`);
      mkdirSync(folder, { recursive: true });
      await duck.run(
        `COPY (SELECT 'A-USDT' AS symbol, make_timestamptz(${HOUR_14} + i * 1000000) AS venue_time, make_timestamptz(${HOUR_14} + i * 1000000) AS receive_time,
           100.0::DOUBLE AS bid, 1.0::DOUBLE AS bid_size, 100.0::DOUBLE AS ask, 1.0::DOUBLE AS ask_size, ${sequence} AS sequence FROM range(10) r(i))
         TO '${join(folder, '0000000001-0000000001.parquet')}' (FORMAT parquet)`,
      );
    }
  } finally {
    duck.close();
  }
}

test('a replay whose reading fails says so, and can be stopped: nothing stays behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-server-'));
  const before = process.env.TMPDIR;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  });
  const [lake, temporary] = [join(folder, 'lake'), join(folder, 'tmp')];
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
  await damagedLake(lake);
  const config = defaultConfig([{ path: 'server.port', flag: '--port', text: '0' }]);
  const log = { info() {}, warn() {}, error() {} };
  const range = { from: HOUR_14, to: HOUR_14 + HOUR_US };
  const server = await startReplay(config, { lake, ...range, speed: Infinity, log });
  await assert.rejects(server.ended, /no number/);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await assert.rejects(server.stop(), /no number/);
  await assert.rejects(fetch(`${server.url}/healthz`), TypeError);
  assert.deepEqual(readdirSync(temporary), []);
});
