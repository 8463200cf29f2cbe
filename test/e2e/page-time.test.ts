import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeRow } from './page-data.ts';
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

test('each venue has a lane with its gaps, and a gap that is pointed at says from when to when, why, and what it cost', async () => {
  const to = Date.now() * 1000;
  const from = to - 86_400e6;
  const at = (part: number) => Math.round(from + part * 86_400e6);
  const gap = {
    venue: 'okx',
    reason: 'connection',
    open: false,
    symbols: null,
    symbolMs: null,
    rowsLost: 1_234,
  } as const;
  rig.gateway.replies.set('gaps', {
    ...{ from, to, more: false },
    gaps: [
      { ...gap, from: at(0.25), to: at(0.3) },
      {
        ...gap,
        from: at(0.28),
        to: at(0.5),
        reason: 'disk',
        symbols: 3,
        symbolMs: 3 * 5.28 * 3600e3,
        rowsLost: null,
      },
      { ...gap, venue: 'gate', from: at(0.9), to, open: true },
    ],
    recorded: [
      { venue: 'okx', since: from },
      { venue: 'gate', since: at(0.5) },
    ],
  });
  await rig.open('/#/venues');
  const { params } = await rig.gateway.request(({ name }) => name === 'gaps');
  assert.deepEqual(params, { from: '-24h', limit: '2000' });
  await rig.said('[data-lane="okx"] + .lane-sum', '2 · 1 h 12 min');
  await rig.said('[data-lane="gate"] + .lane-sum', '1 · 2 h 24 min');
  await rig.said('[data-lane="binance"] + .lane-sum', 'none');
  const unrecorded = (venue: string) =>
    rig.page.locator(`[data-lane="${venue}"] .unrecorded`).getAttribute('width');
  assert.deepEqual(
    [await unrecorded('okx'), await unrecorded('gate'), await unrecorded('mexc')],
    ['0', '500', '1000'],
  );
  const lane = await rig.page.locator('[data-lane="okx"]').boundingBox();
  assert.ok(lane !== null);
  const point = (part: number) => rig.page.mouse.move(lane.x + part * lane.width, lane.y + lane.height / 2);
  await point(0.26);
  await rig.said('.gap-tip', 'connection lost');
  await rig.said('.gap-tip', 'the whole venue');
  await rig.said('.gap-tip', '1 h 12 min');
  await rig.said('.gap-tip', '1,234');
  // Where both lie, the whole venue's counts.
  await point(0.29);
  await rig.said('.gap-tip', 'connection lost');
  await point(0.4);
  await rig.said('.gap-tip', '3 of 1,000 symbols');
  await rig.said('.gap-tip', 'not known');
  await point(0.7);
  await rig.page.locator('.gap-tip').waitFor({ state: 'detached' });
  const rows = await rig.page.getByRole('table', { name: 'Latest gaps' }).locator('tbody tr').allInnerTexts();
  assert.match(rows[0] ?? '', /Gate\s+connection lost\s+the venue\s+2 h 24 min …\s+1,234/);
  assert.match(rows[1] ?? '', /OKX\s+disk\s+3 symbols/);
  await rig.page.locator('[data-gap-span="1h"]').click();
  await rig.gateway.request(({ name, params: asked }) => name === 'gaps' && asked.from === '-1h');
});

test('a row in sight has the line of its last hour, and only those in sight are asked for', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => routeRow(`S${i}-USDT:okx:gate`, 1, 1.1, 200 - i));
  rig.gateway.routes = rows.slice(0, 70);
  rig.gateway.routesTotal = 200;
  const line = (low: number) => Array.from({ length: 60 }, (_, i) => (i === 30 ? null : low + i));
  rig.gateway.replies.set('sparklines', {
    time: [],
    routes: [
      { id: 'S0-USDT:okx:gate', netBps: line(-20) },
      { id: 'S1-USDT:okx:gate', netBps: line(5) },
    ],
  });
  await rig.open();
  const { params } = await rig.gateway.request(({ name }) => name === 'sparklines');
  const asked = params.routes?.split(',') ?? [];
  const seen = await rig.page.locator('tr[data-route]').count();
  assert.deepEqual(
    asked,
    rows.slice(0, seen).map(({ id }) => id),
  );
  assert.ok(seen < 60, `${seen} rows are drawn`);
  const spark = rig.page.locator('tr[data-route="S0-USDT:okx:gate"] .spark');
  await spark.waitFor();
  assert.equal(await spark.locator('title').textContent(), 'Last hour: −20.0 … +39.0 bps');
  const path = (await spark.locator('path').getAttribute('d')) ?? '';
  // A hole lifts the pen; −20 is at the foot, +39 at the top.
  assert.equal(path.split('M').length - 1, 2);
  assert.match(path, /^M0 18\.5/);
  assert.match(path, /L118 1\.5$/);
  assert.equal(await spark.locator('line').count(), 1);
  assert.equal(await rig.page.locator('tr[data-route="S1-USDT:okx:gate"] .spark line').count(), 0);
});
