import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LakeReport } from '../../src/app/lake-host.ts';
import { notReady } from '../../src/app/readiness.ts';
import type { ThreadReading } from '../../src/app/thread-watch.ts';
import type { RecorderStatus } from '../../src/core/lake-status.ts';

const thread = (p99: number): ThreadReading => ({
  delaySeconds: { p50: 0, p99, max: p99 },
  heap: { usedBytes: 1, limitBytes: 2 },
});
const host = (name: string, p99 = 0, heardMs = performance.now()) => ({ name, thread: thread(p99), heardMs });
const report = (recording: boolean, messages: readonly string[]): LakeReport => ({
  folder: 'lake',
  recorder: { recording } as RecorderStatus,
  keeper: undefined,
  opportunities: { recorded: 0, lost: 0 },
  troubles: messages.map((message) => ({ code: 'LAKE_DISK_FULL', message, since: 0 })),
});

test('threads that answer and a recording that reaches the disk are ready', () => {
  const parts = { hosts: [host('feed0'), host('feed1')], thread: thread(0.05) };
  assert.deepEqual(notReady({ ...parts, lake: undefined }), []);
  // Something may stand without keeping rows from the disk.
  assert.deepEqual(notReady({ ...parts, lake: report(true, ['nearly full']) }), []);
});

test('what is not ready is named: late or silent threads, a recording that stands still', () => {
  const late = {
    hosts: [host('feed0', 0, performance.now() - 60_000), host('feed1', 4)],
    thread: thread(2.25),
  };
  assert.deepEqual(notReady({ ...late, lake: report(false, ['the disk is full']) }), [
    'the thread main answers 2.3 s late',
    'the thread feed0 does not report',
    'the thread feed1 answers 4.0 s late',
    'nothing is recorded: the disk is full',
  ]);
  const fresh = { hosts: [{ name: 'feed0', thread: undefined, heardMs: Number.NaN }], thread: thread(0) };
  const lake = {
    folder: 'lake',
    recorder: undefined,
    keeper: undefined,
    opportunities: { recorded: 0, lost: 0 },
    troubles: [],
  };
  assert.deepEqual(notReady({ ...fresh, lake }), [
    'the thread feed0 does not report',
    'nothing is recorded yet',
  ]);
});
