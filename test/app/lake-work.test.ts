import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { countLake, examineLake, type LakeWork, mergeLake } from '../../src/app/lake-work.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { smallLake } from './query-rig.ts';

/** Work that is told to stop at its n-th step. */
function stoppedAt(step: number): { work: LakeWork; reason: SpreadscopeError; notes: string[] } {
  const controller = new AbortController();
  const reason = new SpreadscopeError('INTERRUPTED', 'stopped');
  const notes: string[] = [];
  const progress = (done: number, total: number, note: string) => {
    assert.ok(done >= 0 && done <= total, `${done} of ${total}`);
    notes.push(note);
    if (notes.length === step) controller.abort(reason);
  };
  return { work: { progress, signal: controller.signal }, reason, notes };
}

test('a check, a count and a merge end at the next step when they are told to, and the lake is whole and free', async () => {
  const lake = await smallLake(3, 2);
  try {
    for (const run of [
      (work: LakeWork) => examineLake(lake, work),
      (work: LakeWork) => countLake(lake, work),
      (work: LakeWork) => mergeLake(lake, true, work),
    ]) {
      for (const step of [1, 3]) {
        const { work, reason, notes } = stoppedAt(step);
        await assert.rejects(run(work), (error: unknown) => error === reason);
        assert.equal(notes.length, step);
      }
    }
    const merge = await mergeLake(lake, true, stoppedAt(Number.NaN).work);
    assert.ok(merge.compacted.filesBefore > 0);
    const check = await examineLake(lake, stoppedAt(Number.NaN).work);
    assert.deepEqual(
      [check.wrong, check.notes, check.tables.quotes.rows, check.tables.trades.rows],
      [0, 0, 500, 500],
    );
  } finally {
    rmSync(lake, { recursive: true });
  }
});
