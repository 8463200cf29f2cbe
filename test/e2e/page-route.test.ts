import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { findings, historyReply, opportunity, routeRow, routeUpdate } from './page-data.ts';
import { PageRig } from './page-rig.ts';
import { plainSql, temporaryFolder } from './recorded.ts';

const BEST = routeRow('BTC-USDT:okx:binance', 65_432.1, 65_600.12, 5.6);
const OPEN = `/#/route/${BEST.id}`;
const MINUTE = 60e6;

const rig = new PageRig();

beforeEach(() => {
  rig.gateway.routes = [BEST];
  rig.gateway.route.set(BEST.id, routeUpdate(BEST, Date.now() * 1000));
});

const query = (): URLSearchParams => new URLSearchParams(new URL(rig.page.url()).hash.split('?')[1]);

/** An hour in minutes that ends now, with a break and a gap in it. */
function pastHour() {
  const now = Date.now() * 1000;
  const time = Array.from({ length: 60 }, (_, i) => now - (60 - i) * MINUTE);
  const value = time.map((_, i) => (i === 30 ? null : (i % 10) - 5));
  const gap = { from: now - 30 * MINUTE, to: now - 29 * MINUTE, venue: 'okx', reason: 'connection' } as const;
  return historyReply(time, value, {
    ...{ from: now - 60 * MINUTE, to: now, gaps: [gap] },
    sources: [{ from: now - 60 * MINUTE, to: now, source: 'lake' }],
  });
}

test('a range asks for its past and says what came', async () => {
  rig.gateway.replies.set('history', pastHour());
  const start = Date.now() * 1000 - 10 * MINUTE;
  rig.gateway.replies.set('opportunities', { opportunities: [opportunity(BEST.id, start, 44)], hole: null });
  await rig.open(OPEN);
  await rig.page.locator('[data-range="1h"]').click();
  const { params } = await rig.gateway.request(
    (asked) => asked.name === 'history' && asked.params.from === '-3600s',
  );
  assert.deepEqual(params, {
    ...{ symbol: 'BTC-USDT', buy: 'okx', sell: 'binance', kind: 'net' },
    ...{ from: '-3600s', to: 'now', points: '1200' },
  });
  const marks = await rig.gateway.request((asked) => asked.name === 'opportunities');
  assert.equal(marks.params.route, BEST.id);
  await rig.said('.notes', 'from lake · 1 gap · 1 opportunity');
  assert.equal(query().get('range'), '1h');
});

test('the crosshair tells the band, the gap and the opportunity beneath it', async () => {
  const past = pastHour();
  rig.gateway.replies.set('history', past);
  const peak = Date.now() * 1000 - 10 * MINUTE;
  rig.gateway.replies.set('opportunities', {
    opportunities: [opportunity(BEST.id, peak - MINUTE, 44)],
    hole: null,
  });
  await rig.open(`${OPEN}?range=1h`);
  await rig.said('.notes', '1 opportunity');
  const over = await rig.page.locator('.u-over').boundingBox();
  assert.ok(over !== null);
  const at = (minutesAgo: number) =>
    rig.page.mouse.move(over.x + over.width * (1 - minutesAgo / 60), over.y + 40);
  await at(50);
  await rig.said('.u-legend', '−5.0');
  await rig.said('.notes', 'band −6.0 … −4.0 bps');
  await at(30);
  await rig.said('.notes', 'not seen — OKX: connection');
  await at(11);
  await rig.said('.notes', 'opportunity of');
  await rig.said('.notes', 'peak 44.0 bps, 1.5 s');
});

test('dragging zooms into the past, and a double click goes back to the range', async () => {
  rig.gateway.replies.set('history', pastHour());
  await rig.open(`${OPEN}?range=1h`);
  await rig.said('.notes', 'from lake');
  const over = await rig.page.locator('.u-over').boundingBox();
  assert.ok(over !== null);
  const y = over.y + over.height / 2;
  const now = Date.now() / 1000;
  await rig.page.mouse.move(over.x + over.width * 0.25, y);
  await rig.page.mouse.down();
  await rig.page.mouse.move(over.x + over.width * 0.5, y, { steps: 4 });
  await rig.page.mouse.up();
  await rig.page.locator('#zoom-out').waitFor();
  const [from, to] = [Number(query().get('from')), Number(query().get('to'))];
  assert.ok(Math.abs(from - (now - 2_700)) < 120, `from ${now - from} s ago`);
  assert.ok(Math.abs(to - (now - 1_800)) < 120, `to ${now - to} s ago`);
  await rig.gateway.request(
    (asked) => asked.name === 'history' && asked.params.from === String(Math.round(from * 1e6)),
  );
  await rig.page.mouse.dblclick(over.x + over.width / 2, y);
  await rig.page.locator('#zoom-out').waitFor({ state: 'detached' });
  assert.equal(query().get('from'), null);
});

test('the wheel zooms at the pointer', async () => {
  rig.gateway.replies.set('history', pastHour());
  await rig.open(`${OPEN}?range=1h`);
  await rig.said('.notes', 'from lake');
  const over = await rig.page.locator('.u-over').boundingBox();
  assert.ok(over !== null);
  const now = Date.now() / 1000;
  await rig.page.mouse.move(over.x + over.width / 2, over.y + 40);
  await rig.page.mouse.wheel(0, -100);
  await rig.page.locator('#zoom-out').waitFor();
  const [from, to] = [Number(query().get('from')), Number(query().get('to'))];
  assert.ok(Math.abs(to - from - 3_600 / 1.25) < 5, `${to - from} s`);
  assert.ok(Math.abs((from + to) / 2 - (now - 1_800)) < 120);
});

test('gross and basis are asked for, and live points follow the kind', async () => {
  rig.gateway.replies.set('history', historyReply([], []));
  await rig.open(OPEN);
  await rig.page.locator('[data-kind="gross"]').click();
  await rig.gateway.request((asked) => asked.params.kind === 'gross');
  await rig.said('.u-legend', 'gross bps');
  await rig.said('.u-legend', '25.7');
  await rig.page.locator('[data-kind="basis"]').click();
  const bid = rig.gateway.route.get(BEST.id)?.route.legs.buy.bid ?? 0;
  await rig.said('.u-legend', ((65_600.12 / bid - 1) * 1e4).toFixed(1));
});

test('statistics, verdict and survival are those that were sent', async () => {
  const update = routeUpdate(BEST, Date.now() * 1000);
  const told = findings();
  rig.gateway.route.set(BEST.id, { ...update, route: { ...update.route, findings: told } });
  const group = {
    ...{ symbol: 'BTC-USDT', buy: 'okx', sell: 'binance', opportunities: 7, meanStartBps: 14.2 },
    ...{ overThreshold: [1, 0.5, 0.04], leftBps: [14, 6, 1], leftShare: [0.99, 0.42, 0.07], halfLifeMs: 87 },
  };
  rig.gateway.replies.set('survival', { by: 'all', delaysMs: [1, 100, 5000], groups: [group], hole: null });
  await rig.open(OPEN);
  await rig.said('#verdict-reason', told.verdict.reason);
  const figures = await rig.page.locator('.findings dl > div').allInnerTexts();
  const said = new Map(figures.map((text) => text.split('\n') as [string, string]));
  assert.deepEqual(
    ['Samples', 'Basis', 'Time above', 'Opportunities', 'Half-life', 'Asymmetry'].map((name) =>
      said.get(name),
    ),
    ['3,456 s', '+1.3 ± 4.5 bps', '12 %', '13 /h', '1.6 s', '−0.64'],
  );
  await rig.said('.survival', 'in 87 ms');
  assert.deepEqual(await rig.page.locator('.survival tbody tr').first().locator('td').allInnerTexts(), [
    '100 %',
    '50 %',
    '4.0 %',
  ]);
});

test('a gate that stops the route is told in the waterfall', async () => {
  const update = routeUpdate(BEST, Date.now() * 1000);
  const waterfall = update.route.waterfall.map((step) =>
    step.step === 'net' ? { ...step, gate: { rule: 'at least 10 bps', passes: false } } : step,
  );
  rig.gateway.route.set(BEST.id, { ...update, route: { ...update.route, waterfall } });
  await rig.open(OPEN);
  await rig.said('.waterfall tr.stopped', 'stopped: at least 10 bps');
});

test('what the chart shows can be taken away as a table and as a picture', async () => {
  const past = pastHour();
  rig.gateway.replies.set('history', past);
  await rig.open(`${OPEN}?range=1h`);
  await rig.said('.notes', 'from lake');
  const take = async (button: string) => {
    const [file] = await Promise.all([rig.page.waitForEvent('download'), rig.page.locator(button).click()]);
    return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
  };
  const csv = await take('#csv');
  assert.equal(csv.name, 'BTC-USDT_okx_binance-net.csv');
  const [head, ...lines] = csv.content.toString().trim().split('\n');
  assert.equal(head, 'time,value_bps,upper_bps,lower_bps,ask,bid');
  const second = new Date((past.time[1] ?? 0) / 1000).toISOString();
  assert.ok(lines.includes(`${second},-4,-3,-5,,`), lines.slice(0, 3).join('\n'));
  // DuckDB reads the same out of the other file.
  const parquet = await take('#parquet');
  assert.equal(parquet.name, 'BTC-USDT_okx_binance-net.parquet');
  const folder = await temporaryFolder();
  const sql = await plainSql();
  try {
    const file = join(folder.path, parquet.name);
    await writeFile(file, parquet.content);
    const rows = await sql.rows(
      `SELECT epoch_us(time)::DOUBLE AS time, value_bps, upper_bps, lower_bps, ask, bid, typeof(time) AS type FROM read_parquet('${file}') ORDER BY time`,
    );
    assert.equal(rows[0]?.type, 'TIMESTAMP WITH TIME ZONE');
    const cell = (value: unknown): string => (value === null ? '' : String(value));
    const same = rows.map((row) => {
      const figures = [row.value_bps, row.upper_bps, row.lower_bps, row.ask, row.bid].map(cell);
      return [new Date(Number(row.time) / 1000).toISOString(), ...figures].join(',');
    });
    assert.deepEqual(same, lines);
  } finally {
    sql.close();
    await folder.remove();
  }
  const png = await take('#png');
  assert.equal(png.name, 'BTC-USDT_okx_binance-net.png');
  assert.equal(png.content.subarray(1, 4).toString(), 'PNG');
});

test('trades of both venues stand below the chart, on its time axis, and the crosshair tells those of its span', async () => {
  const past = pastHour();
  rig.gateway.replies.set('history', past);
  const { from, to } = past;
  const at = (minute: number): number => from + minute * MINUTE;
  const lanes = [
    { venue: 'okx', time: [at(6), at(30)], bought: [1000, 0], sold: [0, 250], trades: [3, 1] },
    { venue: 'binance', time: [], bought: [], sold: [], trades: [] },
  ];
  rig.gateway.replies.set('trades', { symbol: 'BTC-USDT', from, to, points: 60, venues: lanes });
  await rig.open(`${OPEN}?range=1h`);
  const { params } = await rig.gateway.request((asked) => asked.name === 'trades');
  assert.deepEqual(params, {
    ...{ symbol: 'BTC-USDT', venues: 'okx,binance', from: `${from}`, to: `${to}`, points: '240' },
  });
  await rig.said('#trades', 'Trades (on show): OKX ▲ 1,000 ▼ 250.0 USDT in 4 · Binance none');
  // The middle of the minute that begins after six of sixty.
  const plot = await rig.page.locator('.plot .u-over').boundingBox();
  assert.ok(plot !== null);
  const minute = (plot.width / 60) * 6.5;
  await rig.page.mouse.move(plot.x + minute, plot.y + plot.height / 2);
  await rig.said('#trades', 'OKX ▲ 1,000 ▼ 0 USDT in 3 · Binance none');
  // Its bar is below it, in the colour of what was bought.
  const ink = await rig.page.evaluate(
    `(() => {
      const canvas = document.querySelector('.trades canvas');
      const over = document.querySelector('.plot .u-over').getBoundingClientRect();
      const left = over.left - canvas.getBoundingClientRect().left;
      const scale = canvas.width / canvas.clientWidth;
      const inked = (x) => [...canvas.getContext('2d').getImageData(Math.round((left + x) * scale), 2, 1, 8).data].some((v) => v > 0);
      return [inked(${(plot.width / 60) * 6.3}), inked(${(plot.width / 60) * 20})];
    })()`,
  );
  assert.deepEqual(ink, [true, false]);

  rig.expectComplaint(/404/);
  rig.gateway.failures.set('trades', {
    status: 404,
    error: { code: 'NO_LAKE', message: 'nothing is recorded: start without --no-record' },
  });
  await rig.page.locator('[data-range="6h"]').click();
  await rig.said('#trades', 'Trades: nothing is recorded: start without --no-record');
});

test('the route can have the whole page', async () => {
  await rig.open(OPEN);
  await rig.said('#route-net', '+5.6');
  await rig.page.keyboard.press('e');
  await rig.page.locator('.split.wide').waitFor();
  assert.equal(await rig.page.locator('.routes').isVisible(), false);
  await rig.page.keyboard.press('e');
  await rig.said('.routes', 'BTC-USDT');
});

test('a past that cannot be read is told, and the live chart stays', async () => {
  rig.gateway.failures.set('history', {
    status: 400,
    error: { code: 'BAD_REQUEST', message: 'the past is on strike' },
  });
  rig.expectComplaint(/400/);
  await rig.open(OPEN);
  await rig.said('.notes', 'the past is on strike');
  await rig.said('.u-legend', '65,432.1');
});
