import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryLine, memoryLineFacts } from '../../src/app/memory-line.ts';

test('the line has the newest readings in order of time, and no more than its capacity', (t) => {
  let taken = 0;
  const line = new MemoryLine({ read: () => taken * 100, budget: 5, clock: () => ++taken });
  t.after(() => line.stop());
  assert.deepEqual(line.columns(), { budget: 5, everyMs: 10_000, time: [1], rss: [100] });
  const { capacity, capacityBytes } = memoryLineFacts();
  assert.deepEqual([capacity, capacityBytes], [2160, 34_560]);
  while (taken < capacity) line.take();
  assert.deepEqual([line.columns().time.length, line.columns().time[0]], [capacity, 1]);
  assert.equal(line.bound().evicted, 0);
  for (let i = 0; i < 5; i++) line.take();
  const { time, rss } = line.columns();
  const newest = Array.from({ length: capacity }, (_, i) => i + 6);
  assert.deepEqual(time, newest);
  assert.deepEqual(
    rss,
    newest.map((at) => at * 100),
  );
  const { used, evicted } = line.bound();
  assert.deepEqual([used, evicted], [capacity, 5]);
});
