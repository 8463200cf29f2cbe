import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageRig } from './page-rig.ts';

const rig = new PageRig();

test('the memory of the last hours is a line under the budget, and says what is pointed at', async () => {
  const now = Date.now() * 1000;
  const time = Array.from({ length: 361 }, (_, i) => now - (360 - i) * 10e6);
  const rss = time.map((_, i) => 200e6 + i * 1e5);
  rig.gateway.topics.set('bounds', { budget: 512e6, total: 1, allowance: 0, bounds: [] });
  rig.gateway.replies.set('memory', { budget: 512e6, everyMs: 10_000, time, rss });
  await rig.open('/#/bounds');
  await rig.said('#memory-line figcaption', '236 MB now, at most 236 MB in 1 h 0 min, +36 MB since');
  const over = await rig.page.locator('#memory-line .u-over').boundingBox();
  assert.ok(over !== null);
  await rig.page.mouse.move(over.x + over.width / 2, over.y + 20);
  await rig.said('#memory-line figcaption', /218 MB, 43 % of the budget/);
});
