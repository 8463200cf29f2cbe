import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryLake } from './journal-rig.ts';

const CHILD = join(import.meta.dirname, 'recorder-memory-child.js');

async function record(instruments: number): Promise<number> {
  const lake = temporaryLake();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, `${instruments}`, lake]);
    const { safe, lost, rows, maxRss } = JSON.parse(stdout) as Record<string, number | boolean>;
    assert.equal(safe, true);
    assert.equal(lost, 0);
    // The gaps of eight venues until their first rows are rows too.
    assert.ok(Number(rows) >= 1_500_000 && Number(rows) <= 1_500_100, `${rows}`);
    return Number(maxRss);
  } finally {
    rmSync(lake, { recursive: true });
  }
}

test('recording and converting 8,000 instruments takes as much memory as 8 at the same rate, within a fifth', async (t) => {
  const [few, many] = [await record(8), await record(8000)];
  t.diagnostic(`${Math.round(few / 1e6)} MB with 8, ${Math.round(many / 1e6)} MB with 8,000`);
  assert.ok(Math.abs(many / few - 1) < 0.2, `${few} and ${many} bytes`);
});
