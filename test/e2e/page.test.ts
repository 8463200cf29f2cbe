import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { routeRow, routeUpdate, statusReply, venueRow } from './page-data.ts';
import { PageRig } from './page-rig.ts';

const BEST = routeRow('BTC-USDT:okx:binance', 65_432.1, 65_600.12, 5.6);
const SECOND = routeRow('PEPE-USDT:gate:mexc', 0.000012345, 0.00001235, -15.9);

const rig = new PageRig();

beforeEach(() => {
  rig.gateway.routes = [BEST, SECOND];
  for (const row of rig.gateway.routes) rig.gateway.route.set(row.id, routeUpdate(row, Date.now() * 1000));
});

function cells(id: string): Promise<string[]> {
  return rig.page.locator(`tr[data-route="${id}"] td:not(.star)`).allInnerTexts();
}

test('the table shows the rows that were sent, in their order, and changes them in place', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  assert.deepEqual(await cells(BEST.id), [
    '1',
    'BTC-USDT',
    'OKX',
    '65,432.1',
    'Binance',
    '65,600.12',
    '25.7',
    '+5.6',
    '',
    '1.250',
    '81,790',
    '0.3 s · 1.2 s',
    '–',
    '–',
    'too little data',
  ]);
  assert.deepEqual((await cells(SECOND.id)).slice(0, 6), [
    '2',
    'PEPE-USDT',
    'Gate',
    '0.0000123450',
    'MEXC',
    '0.0000123500',
  ]);
  const row = await rig.page.locator(`tr[data-route="${SECOND.id}"]`).elementHandle();
  rig.gateway.routes = [{ ...SECOND, netBps: 7.25 }, BEST];
  rig.gateway.push('routes');
  await rig.said(`tr[data-route="${SECOND.id}"] .rank`, /^1$/);
  assert.equal(
    await row?.evaluate((element: { readonly isConnected: boolean }) => element.isConnected),
    true,
  );
  assert.equal(await row?.textContent().then((text) => text?.includes('+7.3')), true);
});

test('a heading sorts on the server', async () => {
  await rig.open();
  await rig.page.locator('[data-sort="notional"]').click();
  await rig.params('routes', ({ sort }) => sort === 'notional');
  await rig.page.locator('th.notional[aria-sort="descending"]').waitFor();
  await rig.page.locator('[data-sort="notional"]').click();
  await rig.params('routes', ({ sort, order }) => sort === 'notional' && order === 'asc');
  await rig.page.locator('th.notional[aria-sort="ascending"]').waitFor();
  assert.equal(await rig.page.locator('.routes th[aria-sort]').count(), 1);
  await rig.page.waitForURL('**/#/?sort=notional&order=asc');
  await rig.page.locator('[data-sort="age"]').click();
  await rig.params('routes', ({ sort, order }) => sort === 'age' && order === undefined);
  await rig.page.locator('th.age[aria-sort="ascending"]').waitFor();
  await rig.page.locator('[data-sort="opportunities"]').click();
  await rig.page.locator('th.often[aria-sort="descending"]').waitFor();
  await rig.page.waitForURL('**/#/?sort=opportunities');
});

test('the search and the least net spread are asked of the server, in one subscription after the typing', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  await rig.page.keyboard.press('/');
  await rig.page.keyboard.type('pepe');
  await rig.params('routes', ({ symbol }) => symbol === 'PEPE');
  const partial = rig.gateway.commands.filter(
    (command) => command.op === 'subscribe' && command.params?.symbol === 'PE',
  );
  assert.deepEqual(partial, []);
  await rig.page.locator('#min-net').fill('-20');
  await rig.params('routes', ({ symbol, minNetBps }) => symbol === 'PEPE' && minNetBps === -20);
  rig.gateway.routes = [];
  rig.gateway.push('routes');
  await rig.said('.empty', 'No route passes the filters');
  await rig.page.locator('.empty button').click();
  await rig.params('routes', (sent) => sent.symbol === undefined && sent.minNetBps === undefined);
});

test('choosing a route puts it in the address and draws what was sent', async () => {
  const now = Date.now() * 1000;
  const past = {
    time: [now - 3e6, now - 2e6, now - 1e6],
    netBps: [4, null, 6],
    ask: [65_400, null, 65_420],
    bid: [65_500, null, 65_550],
  };
  rig.gateway.route.set(BEST.id, routeUpdate(BEST, now, past));
  await rig.open();
  await rig.page.locator(`tr[data-route="${BEST.id}"]`).click();
  await rig.page.waitForURL('**/#/route/BTC-USDT:okx:binance');
  await rig.said('#route-net', '+5.6');
  await rig.said('.u-legend', '65,432.1');
  const legend = await rig.page.locator('.u-legend .u-value').allInnerTexts();
  assert.deepEqual(legend.slice(1), ['5.6', '65,432.1', '65,600.12']);
  assert.equal(await inked(), true);
  rig.gateway.route.set(BEST.id, routeUpdate({ ...BEST, netBps: 9.87 }, now + 1e5));
  rig.gateway.push(`route/${BEST.id}`);
  await rig.said('.u-legend', '9.9');
});

test('the crosshair reads the point beneath it, and nothing where a leg was invalid', async () => {
  const now = Date.now() * 1000;
  const time = [1, 2, 3, 4].map((step) => now - 10e6 + step * 2e6);
  const past = { time, netBps: [1, null, 3, 4], ask: [10, null, 30, 40], bid: [11, null, 33, 44] };
  rig.gateway.route.set(BEST.id, routeUpdate(BEST, now, past));
  await rig.open(`/#/route/${BEST.id}`);
  await rig.said('.u-legend', '65,432.1');
  const over = await rig.page.locator('.u-over').boundingBox();
  assert.ok(over !== null);
  // "All" shows at least ten seconds, so the four points stand at 2/10, 4/10, 6/10 and 8/10 of the width.
  const at = (share: number) => rig.page.mouse.move(over.x + over.width * share, over.y + 20);
  await at(0.2);
  await rig.said('.u-legend', '10.0000');
  await at(0.6);
  await rig.said('.u-legend', '33.0000');
  await at(0.4);
  await rig.said('.u-legend .u-series:nth-child(3) .u-value', /^–|--$/);
});

test('an invalid leg shows its reason and no spread', async () => {
  rig.gateway.route.set(
    BEST.id,
    routeUpdate(BEST, Date.now() * 1000, undefined, 'OKX: the connection ended'),
  );
  await rig.open(`/#/route/${BEST.id}`);
  await rig.said('#invalid', 'OKX: the connection ended');
  assert.equal(await rig.page.locator('#route-net').textContent(), '–');
  await rig.said('.legs td', /^invalid/);
  await rig.said('.legs td.invalid', '65,432.1');
});

test('a link to a route that nobody lists says so, and opens it once it is listed', async () => {
  await rig.open('/#/route/NOPE-USDT:okx:gate');
  await rig.said('#route .trouble', 'UNKNOWN_ROUTE');
  rig.gateway.route.set(
    'NOPE-USDT:okx:gate',
    routeUpdate({ ...SECOND, id: 'NOPE-USDT:okx:gate' }, Date.now() * 1000),
  );
  await rig.said('#route-net', '−15.9');
});

test('a tab that is not seen gives up routes, and comes back to fresh ones', async () => {
  await rig.open();
  await rig.said('.routes', '+5.6');
  await hideTab(true);
  await rig.gateway.command((command) => command.op === 'unsubscribe' && command.topic === 'routes');
  assert.equal(
    rig.gateway.commands.some((command) => command.op === 'unsubscribe' && command.topic === 'venues'),
    false,
  );
  rig.gateway.routes = [{ ...BEST, netBps: 7.7 }];
  await hideTab(false);
  await rig.said('.routes', '+7.7');
});

test('keys walk the routes, open one and go back', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  await rig.page.keyboard.press('ArrowDown');
  await rig.page.keyboard.press('ArrowDown');
  await rig.page.keyboard.press('Enter');
  await rig.page.waitForURL(`**/#/route/${SECOND.id}`);
  await rig.said('#route-net', '−15.9');
  await rig.page.keyboard.press('Escape');
  await rig.page.locator('#route').waitFor({ state: 'detached' });
  await rig.gateway.command(
    (command) => command.op === 'unsubscribe' && command.topic === `route/${SECOND.id}`,
  );
});

test('a frozen table keeps its figures until it is let go', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  await rig.page.keyboard.press('f');
  await rig.said('.shown', 'as of');
  rig.gateway.routes = [{ ...BEST, netBps: 99.9 }];
  rig.gateway.push('routes');
  rig.gateway.venues = [venueRow('binance', 'Binance', 'stale', 'after the rows')];
  rig.gateway.push('venues');
  await rig.said('.tile', 'after the rows');
  assert.equal((await cells(BEST.id))[7], '+5.6');
  await rig.page.locator('#freeze').click();
  await rig.said('.routes', '+99.9');
});

test('each venue shows its state in word and shape, and why it is not live', async () => {
  await rig.open();
  await rig.said('.tile[data-venue="mexc"][data-state="down"]', 'connection refused');
  await rig.said('.tile[data-venue="gate"][data-state="stale"]', 'no message for 12 s');
  await rig.said('.tile[data-venue="okx"][data-state="live"]', '12,345 /s');
  const shapes = await rig.page
    .locator('.tile svg path')
    .evaluateAll((paths: { getAttribute(name: string): string | null }[]) =>
      paths.map((path) => path.getAttribute('d')),
    );
  assert.equal(new Set(shapes).size, 3);
  await rig.page.locator('.tile[data-venue="okx"] summary').click();
  await rig.said('.tile[open] .more', /Instruments live\s*991 of 1,000/);
});

test('when no venue can be reached the page says so and names the demo', async () => {
  rig.gateway.venues = [
    venueRow('binance', 'Binance', 'down', 'no route to host'),
    venueRow('okx', 'OKX', 'connecting', 'no route to host'),
  ];
  rig.gateway.routes = [];
  await rig.open();
  await rig.said('#nobody', 'npm run demo');
  rig.gateway.venues = [venueRow('binance', 'Binance', 'connecting'), venueRow('okx', 'OKX', 'connecting')];
  rig.gateway.push('venues');
  await rig.said('.empty', 'Connecting to 2 exchanges');
});

test('a dropped server is announced, greyed out, and picked up again with fresh figures', async () => {
  await rig.open(`/#/route/${BEST.id}`);
  await rig.said('.routes', 'BTC-USDT');
  rig.gateway.drop(null, true);
  await rig.said('#lost', 'Connection lost');
  await rig.page.locator('main.old').waitFor();
  rig.gateway.routes = [{ ...SECOND, netBps: 42 }];
  rig.gateway.accept();
  await rig.said('.routes', '+42.0');
  await rig.page.locator('#lost').waitFor({ state: 'detached' });
  await rig.said('#connection', 'live');
  await rig.said('#route-net', '+5.6');
});

test('a slow-client close comes back by itself', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  const before = rig.gateway.commands.length;
  rig.gateway.drop(4001);
  await rig.gateway.command(
    (command) => command.topic === 'routes' && rig.gateway.commands.indexOf(command, before) >= 0,
  );
  await rig.page.locator('#lost').waitFor({ state: 'detached' });
});

test('a close that asks not to come back is obeyed until the reader asks', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  rig.gateway.drop(4502);
  await rig.said('#lost', 'more clients than the server may have');
  await rig.said('#lost', 'not to come back by itself');
  await rig.page.locator('#lost button').click();
  await rig.page.locator('#lost').waitFor({ state: 'detached' });
});

test('the foot shows version, rates and memory, and alarms stand on top', async () => {
  rig.gateway.status = {
    ...statusReply(),
    alarms: [{ code: 'DISK_FULL', message: 'recording stopped', since: 0 }],
  };
  await rig.open();
  await rig.said('.status', '9.8.7');
  for (const part of ['98,765 msg/s', '320 MB of 512 MB', '41 of 60 min', '1 h 2 min', '45,678 routes']) {
    await rig.said('.status', part);
  }
  await rig.said('#alarms', 'recording stopped');
});

test('a phone and a small laptop never scroll sideways, with and without a route', async () => {
  const long = routeRow('1000000MOGWAI-USDT:kucoin:binance', 0.00000012345678, 0.00000012345999, 1.5);
  rig.gateway.routes = [long, BEST, SECOND];
  rig.gateway.route.set(long.id, routeUpdate(long, Date.now() * 1000));
  await rig.open(`/#/route/${long.id}`, { width: 360, height: 740 });
  await rig.said('#route-net', '+1.5');
  for (const width of [360, 390, 768, 1024, 1280]) {
    await rig.page.setViewportSize({ width, height: 740 });
    for (const selector of ['html', '.panel', '.scroll']) {
      assert.equal(await rig.overflow(selector), 0, `${selector} at ${width}`);
    }
  }
});

test('text of a venue is shown as text', async () => {
  rig.gateway.venues = [venueRow('okx', '<img src=x>', 'down', '<script>alert(1)</script>')];
  await rig.open();
  await rig.said('.tile', '<script>alert(1)</script>');
  assert.equal(await rig.page.locator('.tile img, .tile script').count(), 0);
});

/** Tells the page that its tab is hidden or seen; headless Chromium never hides one by itself. */
function hideTab(hidden: boolean): Promise<unknown> {
  return rig.page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}

/** Whether the chart's canvas has any pixel of the net line's colour. */
function inked(): Promise<unknown> {
  return rig.page.evaluate(`(() => {
    const canvas = document.querySelector('.uplot canvas');
    const wanted = getComputedStyle(document.documentElement).getPropertyValue('--net').trim();
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(wanted.slice(at, at + 2), 16));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 200 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12) return true;
    }
    return false;
  })()`);
}
