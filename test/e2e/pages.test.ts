import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Opportunity } from '../../src/core/opportunity.ts';
import type {
  AlertsReply,
  BoundsReply,
  IdentityReply,
  OpportunitiesReply,
  QuoteRow,
} from '../../src/wire/api.ts';
import type { OpportunitiesUpdate } from '../../src/wire/stream.ts';
import { FakeGateway } from './fake-gateway.ts';
import { routeRow, routeUpdate, venueRow } from './page-data.ts';
import { PageRig, WIDE } from './page-rig.ts';

const NOW = Date.now() * 1000;
const BEST = routeRow('BTC-USDT:okx:binance', 65_432.1, 65_600.12, 5.6);

let rig: PageRig;
let gateway: FakeGateway;
let page: Page;

before(async () => {
  rig = await PageRig.start();
});
after(() => rig.stop());

beforeEach(async () => {
  gateway = await FakeGateway.start(rig.webRoot);
  gateway.venues = [
    venueRow('binance', 'Binance', 'live'),
    venueRow('okx', 'OKX', 'live'),
    venueRow('gate', 'Gate', 'stale', 'no message for 12 s'),
  ];
  gateway.routes = [BEST];
  gateway.route.set(BEST.id, routeUpdate(BEST, NOW));
  gateway.topics.set('opportunities', OPPORTUNITIES);
  gateway.topics.set('bounds', BOUNDS);
  gateway.topics.set('alerts', ALERTS);
  gateway.topics.set('quotes/BTC-USDT', { symbol: 'BTC-USDT', quotes: QUOTES });
  gateway.paths.set('opportunities', PAST);
  gateway.paths.set('identity', IDENTITY);
  gateway.paths.set('symbols', { symbols: [{ symbol: 'BTC-USDT', venues: ['binance', 'okx', 'gate'] }] });
  rig.complaints.length = 0;
});

afterEach(async () => {
  await page.close();
  await gateway.stop();
  assert.deepEqual(rig.complaints, [], 'the browser complained');
});

function opportunity(symbol: string, durationMs: number, peak: number, end: number | null): Opportunity {
  return {
    ...{ symbol, buy: 'okx', sell: 'binance', start: NOW, end, durationMs, openBps: 10 },
    ...{ startNetBps: 11, peakNetBps: peak, peakTime: NOW, meanNetBps: 12, timeMeanNetBps: 12.5, ticks: 4 },
    ...{ size: 1, notional: 100, peakSize: 2, peakNotional: 250, buyAgeMs: 1, sellAgeMs: 2 },
    ...{ buyVenueTime: null, sellVenueTime: null, closedBy: end === null ? null : 'spread', survivalBps: [] },
  };
}

const TOTALS = { open: 1, opened: 4, closed: 3, refused: 0 };
const OPPORTUNITIES: Omit<OpportunitiesUpdate, 'time'> = {
  open: [opportunity('BTC-USDT', 1250, 31.25, null)],
  closed: [opportunity('ETH-USDT', 3, 14, NOW), opportunity('SOL-USDT', 65_000, 18, NOW)],
  totals: TOTALS,
};
const PAST: OpportunitiesReply = {
  opportunities: [3, 30, 35, 65_000].map((ms) => opportunity('ETH-USDT', ms, 14, NOW)),
  hole: null,
  totals: TOTALS,
};
const none = { refused: 0, replaced: 0, evicted: 0, lost: 0 };
const BOUNDS: BoundsReply = {
  ...{ budget: 512e6, total: 300e6, allowance: 100e6 },
  bounds: [
    {
      ...{ name: 'feed0.quotes', policy: 'refuse', capacity: 131_072, capacityBytes: 9.6e6 },
      ...{ cleanedBy: 'the reader', used: 12, usedBytes: 1, peak: 4000, ...none },
    },
    {
      ...{ name: 'lake.rows', policy: 'drop-oldest', capacity: 10, capacityBytes: 1e6 },
      ...{ cleanedBy: 'the disk', used: 10, usedBytes: 1, peak: 10, ...none, lost: 7 },
    },
  ],
};
const ALERTS: AlertsReply = {
  alerts: [
    {
      ...{ id: 1, kind: 'route', rule: 'wide', time: NOW, symbol: 'BTC-USDT', buy: 'okx', sell: 'binance' },
      ...{ venue: null, netBps: 31, notional: 100, lastedMs: 0, verdict: null, symbols: [], coins: null },
      message: 'wide: BTC-USDT <b>is wide</b>',
    },
  ],
  rules: [{ name: 'wide', on: 'route' }],
  sinks: [
    { sink: 'webhook', delivered: 0, undelivered: 1, waiting: 0, retries: 4, lastError: 'it answers 500' },
  ],
  counts: { told: 1, cooled: 2, grouped: 0, untrusted: 0, dropped: 0 },
};
const IDENTITY: IdentityReply = {
  pairs: [
    {
      ...{ symbol: 'ABC-USDT', venues: ['okx', 'gate'], state: 'quarantined', reason: 'power-of-ten' },
      ...{ since: NOW, ratio: 1000, minRatio: 999, maxRatio: 1001, decidedTime: null },
    },
  ],
  quarantined: 1,
  file: 'identities.json',
};
const quote = (venue: QuoteRow['venue'], bid: number, ask: number, valid = true): QuoteRow => ({
  ...{ venue, bid, bidSize: 1, ask, askSize: 1, venueTime: null, receiveTime: NOW, ageMs: 200, valid },
});
const QUOTES = [quote('binance', 99.9, 100), quote('okx', 101, 101.1), quote('gate', 50, 51, false)];

const said = (selector: string, text: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor();
const rowsOf = async (selector: string): Promise<string[][]> => {
  const rows = await page.locator(`${selector} tbody tr`).all();
  return Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
};

test('the pages are links that an address names, and the list is the first', async () => {
  page = await rig.open(gateway.url);
  await said('.pages a[aria-current="page"]', 'Routes');
  for (const name of ['Opportunities', 'Matrix', 'Alerts', 'Bounds']) {
    await page.locator('.pages a', { hasText: name }).click();
    await said('.pages a[aria-current="page"]', name);
    assert.equal(new URL(page.url()).hash, `#/${name.toLowerCase()}`);
    const topic = name === 'Matrix' ? 'quotes/BTC-USDT' : name.toLowerCase();
    await gateway.command((command) => command.op === 'subscribe' && command.topic === topic);
  }
  await page.goBack();
  await said('.pages a[aria-current="page"]', 'Alerts');
  // Only what is shown is asked for.
  await gateway.command(({ op, topic }) => op === 'unsubscribe' && topic === 'routes');
  await gateway.command(({ op, topic }) => op === 'unsubscribe' && topic === 'opportunities');
  await gateway.command(({ op, topic }) => op === 'unsubscribe' && topic === 'bounds');
});

test('opportunities: what is open, what closed, and how long and high they were', async () => {
  page = await rig.open(`${gateway.url}/#/opportunities`);
  await said('#open', 'BTC-USDT');
  const [[, ...open] = []] = await rowsOf('#open');
  assert.deepEqual(open, ['BTC-USDT', 'OKX', 'Binance', '1.25 s', '11.0', '31.3', '12.5', '250.0', '']);
  const closed = await rowsOf('#closed');
  assert.deepEqual(
    closed.map((cells) => [cells[1], cells[4], cells[9]]),
    [
      ['ETH-USDT', '3 ms', 'spread'],
      ['SOL-USDT', '1 min 5 s', 'spread'],
    ],
  );
  await said('#totals', '1 open · 3 closed in this run');
  await said('#distributions', 'Duration of 4');
  const bars = await page.locator('#distributions figure').first().locator('rect title').allTextContents();
  assert.deepEqual(
    bars.map((text) => Number(text.split(': ')[1])),
    [0, 1, 2, 0, 0, 0, 1, 0],
  );
  await page.locator('#search').fill('sol');
  await said('#open + h2, .wait', 'None is open');
  assert.equal((await rowsOf('#closed')).length, 1);
  gateway.topics.set('opportunities', { ...OPPORTUNITIES, totals: { ...TOTALS, closed: 9 } });
  gateway.push('opportunities');
  await said('#totals', '9 closed');
});

test('the matrix shows what is left after both fees, nothing where a leg is invalid, and leads to the route', async () => {
  page = await rig.open(`${gateway.url}/#/matrix/BTC-USDT`);
  await said('#matrix', 'Binance');
  const fee = 0.001;
  const net = ((101 * (1 - fee)) / (100 * (1 + fee)) - 1) * 10_000;
  const cell = (id: string): Promise<string | null> => page.locator(`td[data-route="${id}"]`).textContent();
  assert.equal(await cell('BTC-USDT:binance:okx'), `+${net.toFixed(1)}`);
  assert.equal(await cell('BTC-USDT:gate:okx'), '–');
  assert.equal(await cell('BTC-USDT:binance:gate'), '–');
  await page.locator('td[data-route="BTC-USDT:okx:binance"] a').click();
  await said('#route h2', 'BTC-USDT');
  await page.goBack();
  await page.locator('#search').fill('none-usdt');
  await page.keyboard.press('Enter');
  await said('.trouble', /no venue pair has that route/);
});

test('alerts are told as text, sinks with their failures, and a pair in quarantine can be decided', async () => {
  page = await rig.open(`${gateway.url}/#/alerts`);
  await said('#alerts li', 'wide: BTC-USDT <b>is wide</b>');
  assert.deepEqual((await rowsOf('#sinks'))[0], ['webhook', '0', '1', '0', 'it answers 500']);
  await said('#identity', 'a power of ten apart');
  gateway.paths.set('identity', { ...IDENTITY, pairs: [], quarantined: 0 });
  await page.getByRole('button', { name: 'Same coin' }).click();
  await said('.wait', 'Every ticker seems to be the same coin');
  const posted = gateway.asked.find(({ body }) => body !== '');
  assert.deepEqual(JSON.parse(posted?.body ?? ''), {
    ...{ symbol: 'ABC-USDT', venues: ['okx', 'gate'], decision: 'approved' },
  });
});

test('every bound is there with its limit, use and losses, and the sum against the budget', async () => {
  page = await rig.open(`${gateway.url}/#/bounds`);
  await said('#budget', '400 MB of 512 MB');
  const lines = page.locator('#bounds tr[data-bound]');
  assert.equal(await lines.count(), 2);
  const cells = await page.locator('tr[data-bound="lake.rows"] td').allInnerTexts();
  assert.deepEqual([cells[0], cells[1], cells[2], cells[4]], ['rows', '10', '10', '1 MB']);
  assert.deepEqual(cells.slice(5), ['oldest goes', 'the disk', '7 lost']);
});

test('filters are asked of the server and kept in the address, so that a link is a view', async () => {
  page = await rig.open(`${gateway.url}/?sort=gross&net=5&verdict=fair&venues=okx,binance&nonsense=1`);
  const first = await gateway.command(({ op, topic }) => op === 'subscribe' && topic === 'routes');
  assert.deepEqual(first.op === 'subscribe' && first.params, {
    ...{ sort: 'gross', limit: 100, minNetBps: 5, verdict: 'fair', buy: 'okx,binance', sell: 'okx,binance' },
  });
  assert.equal(await page.locator('#min-net').inputValue(), '5');
  await page.locator('#min-notional').fill('250');
  await gateway.command(
    (command) =>
      command.op === 'subscribe' && command.topic === 'routes' && command.params?.minNotional === 250,
  );
  await page.locator('#verdict').selectOption('');
  await page.locator('#venue-choice summary').click();
  await page.getByRole('checkbox', { name: 'OKX' }).uncheck();
  await page.waitForURL(/venues=binance/);
  assert.equal(new URL(page.url()).search, '?sort=gross&net=5&notional=250&venues=binance');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.waitForURL(/\?sort=gross$/);
});

test('starred routes are a list of their own, hidden ones are left out, and both are kept', async () => {
  page = await rig.open(gateway.url);
  await said('.routes', 'BTC-USDT');
  await page.getByRole('button', { name: `Star ${BEST.id}` }).click();
  await page.locator('#stars').filter({ hasText: '★ 1' }).click();
  const asks = (name: 'only' | 'hide', value: string) =>
    gateway.command(
      (command) =>
        command.op === 'subscribe' && command.topic === 'routes' && command.params?.[name] === value,
    );
  await asks('only', BEST.id);
  await page.goto(`${gateway.url}/?stars=1#/route/${BEST.id}`);
  await page.getByRole('button', { name: 'Hide coin' }).click();
  await asks('hide', 'BTC-USDT');
  await page.reload();
  await said('#show-all', 'Show 1 hidden');
  await page.locator('#show-all').click();
  await page.locator('#show-all').waitFor({ state: 'detached' });
  assert.equal(await page.locator('#stars').getAttribute('aria-pressed'), 'true');
});

test('the chart of a route begins with what was recorded, over the time that is chosen', async () => {
  const end = Date.now() * 1000;
  const time = [3000, 2400, 1800, 1200, 600].map((seconds) => end - seconds * 1e6);
  gateway.paths.set('history', { time, value: [-7.5, null, -3.25, -3.25, -3.25] });
  gateway.route.set(BEST.id, routeUpdate(BEST, end));
  page = await rig.open(`${gateway.url}/#/route/${BEST.id}`);
  await said('.u-legend', '65,432.1');
  const over = await page.locator('.u-over').boundingBox();
  assert.ok(over !== null);
  const spans = page.locator('.spans');
  await spans.getByRole('button', { name: '1 h' }).click();
  const at = (secondsAgo: number) =>
    page.mouse.move(over.x + over.width * (1 - secondsAgo / 3600), over.y + 20);
  const net = '.u-legend .u-series:nth-child(2) .u-value';
  await at(3000);
  await said(net, /^−7\.5$/);
  await at(1200);
  await said(net, /^−3\.3$/);
  await at(2400);
  await said(net, /^–|--$/);
  await spans.getByRole('button', { name: '7 d' }).click();
  await page.waitForFunction('document.querySelector(".spans [aria-pressed=true]").textContent === "7 d"');
  const froms = gateway.asked
    .map(({ path }) => new URLSearchParams(path.split('?')[1]))
    .filter((query) => query.get('symbol') === 'BTC-USDT')
    .map((query) => `${query.get('buy')} ${query.get('sell')} ${query.get('from')}`);
  assert.deepEqual([...new Set(froms)], ['okx binance -3600s', 'okx binance -604800s']);
});

test('a route tells what is left of its edges, and its spread can be taken along', async () => {
  const row = { symbol: null, buy: null, sell: null, opportunities: 84, meanStartBps: 12 };
  const curve = { overThreshold: [1, 0.25], leftBps: [12, 3], leftShare: [1, 0.25], halfLifeMs: 640 };
  gateway.paths.set('survival', {
    by: 'all',
    delaysMs: [1, 1000],
    groups: [{ ...row, ...curve }],
    hole: null,
  });
  page = await rig.open(`${gateway.url}/#/route/${BEST.id}`);
  await said('#survival', '84 opportunities of 24 h, half of the edge gone after 640 ms');
  assert.deepEqual(await page.locator('#survival dd').allInnerTexts(), ['100 %', '25 %']);
  gateway.paths.set('history', { time: [1], value: [2] });
  const download = page.waitForEvent('download');
  await page.locator('#save-csv').click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), 'BTC-USDT_okx_binance.csv');
  assert.deepEqual(JSON.parse(readFileSync(await saved.path(), 'utf8')), { time: [1], value: [2] });
});

test('? tells the keys, and Esc takes them away', async () => {
  page = await rig.open(gateway.url);
  await said('.routes', 'BTC-USDT');
  await page.keyboard.press('?');
  await said('#help[open]', 'freeze the list');
  await page.keyboard.press('Escape');
  await page.locator('#help[open]').waitFor({ state: 'detached' });
});

test('a recording that is played is told on every page', async () => {
  gateway.status = {
    ...gateway.status,
    replay: { from: NOW - 1e9, to: NOW, time: NOW - 5e8, speed: 10, ended: false },
  };
  page = await rig.open(`${gateway.url}/#/bounds`);
  await said('#replay', /A recording is played again:.*10 times as fast as life\. Nothing here is of now/);
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

test('no page has a serious fault for those who cannot see, point or tell colours apart', async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const path of ['', `#/route/${BEST.id}`, '#/opportunities', '#/matrix', '#/alerts', '#/bounds']) {
      const one = await rig.open('about:blank');
      await one.emulateMedia({ colorScheme });
      await one.goto(`${gateway.url}/${path}`);
      await one.locator('main table').first().waitFor();
      await one.evaluate(axe);
      const { violations } = (await one.evaluate('axe.run()')) as AxeResult;
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      const told = serious.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`,
      );
      assert.deepEqual(told, [], `${colorScheme} ${path}`);
      await one.close();
    }
  }
  page = await rig.open(gateway.url);
});

test('no page scrolls sideways on a phone', async () => {
  for (const path of ['', '#/opportunities', '#/matrix', '#/alerts', '#/bounds']) {
    const narrow = await rig.open(`${gateway.url}/${path}`, { width: 390, height: 780 });
    await narrow.locator('.pages').waitFor();
    await narrow.locator('main table').first().waitFor();
    const wide = await narrow.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.equal(wide, 0, path);
    await narrow.close();
  }
  page = await rig.open(gateway.url, WIDE);
});
