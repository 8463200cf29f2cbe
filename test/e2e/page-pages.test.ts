import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BoundReading } from '../../src/core/bounds.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import type { IdentityPair, IdentityReply, QuoteRow } from '../../src/wire/api.ts';
import { historyReply, opportunity, routeRow, routeUpdate, venueRow } from './page-data.ts';
import { PageRig } from './page-rig.ts';

const rig = new PageRig();

function quote(venue: VenueId, bid: number, ask: number, valid = true): QuoteRow {
  return {
    ...{ venue, bid, ask, bidSize: 1, askSize: 1, venueTime: null, receiveTime: 1, ageMs: 300, valid },
    ...{ takerFeeBps: venue === 'okx' ? 20 : 10, lastTrade: null },
  };
}

test('the matrix has the net spread of every pair of venues, and leads to the route', async () => {
  const quotes = [quote('binance', 100, 101), quote('okx', 103, 104), quote('gate', 90, 91, false)];
  rig.gateway.topics.set('quotes/BTC-USDT', { symbol: 'BTC-USDT', quotes });
  rig.gateway.replies.set('symbols', {
    symbols: [
      { symbol: 'ETH-USDT', venues: ['binance', 'okx'] },
      { symbol: 'BTC-USDT', venues: ['binance', 'okx', 'gate'] },
    ],
  });
  const row = routeRow('BTC-USDT:binance:okx', 101, 103, 177.6);
  rig.gateway.route.set(row.id, routeUpdate(row, Date.now() * 1000));
  await rig.open('/#/matrix');
  // Of this pair okx asks twice its usual fee.
  const net = ((103 * 0.998) / (101 * 1.001) - 1) * 1e4;
  await rig.said(`td.plus[data-route="${row.id}"]`, `+${net.toFixed(1)}`);
  await rig.said('td.minus[data-route="BTC-USDT:okx:binance"]', '−');
  await rig.said('td.none[data-route="BTC-USDT:gate:okx"]', '–');
  await rig.said('.matrix th.invalid', 'not valid');
  rig.gateway.topics.set('quotes/BTC-USDT', {
    symbol: 'BTC-USDT',
    quotes: [quote('binance', 100, 101), quote('okx', 101, 102)],
  });
  rig.gateway.push('quotes/BTC-USDT');
  await rig.said(`td.minus[data-route="${row.id}"]`, '−30.0');
  await rig.page.locator(`td[data-route="${row.id}"] a`).click();
  await rig.page.waitForURL(`**/#/route/${row.id}`);
  await rig.said('#route-net', '+177.6');
});

test('a symbol of the matrix is found by a part of it', async () => {
  rig.gateway.replies.set('symbols', { symbols: [{ symbol: 'PEPE-USDT', venues: ['gate', 'mexc'] }] });
  await rig.open('/#/matrix/NONE-USDT');
  await rig.said('#matrix .trouble', 'UNKNOWN_ROUTE');
  rig.gateway.topics.set('quotes/PEPE-USDT', { symbol: 'PEPE-USDT', quotes: [quote('gate', 1, 2)] });
  await rig.page.keyboard.press('/');
  await rig.page.keyboard.type('pep');
  await rig.page.keyboard.press('Enter');
  await rig.page.waitForURL('**/#/matrix/PEPE-USDT');
  await rig.said('.matrix', 'Gate');
});

test('opportunities stand in one log, open ones first, and are counted by peak, duration and hour', async () => {
  const start = Date.now() * 1000 - 60e6;
  const open = { ...opportunity('A-USDT:okx:gate', start, 33), end: null, closedBy: null };
  const closed = [
    opportunity('B-USDT:okx:gate', start - 60e6, 12),
    opportunity('C-USDT:okx:gate', start, 18),
  ];
  const totals = { open: 1, opened: 1_234, closed: 1_233, refused: 0 };
  rig.gateway.topics.set('opportunities', { open: [open], closed: closed.slice(1), totals });
  rig.gateway.replies.set('opportunities', { opportunities: [open, ...closed], hole: null, totals });
  await rig.open('/#/opportunities');
  await rig.said('.log', 'B-USDT');
  assert.deepEqual(await rig.page.locator('.log tbody th').allInnerTexts(), ['A-USDT', 'C-USDT', 'B-USDT']);
  assert.equal(await rig.page.locator('#open-count').textContent(), '1');
  await rig.said('.shown', '1,234 opened');
  const bins = (title: string) => rig.page.locator(`ol[aria-label^="${title}"] li .unseen`).allInnerTexts();
  assert.deepEqual(
    (await bins('Peak')).filter((text) => !text.endsWith(': 0')),
    ['10 … 15: 1', '15 … 20: 1', '30 … 50: 1'],
  );
  assert.deepEqual(
    (await bins('Duration')).filter((text) => !text.endsWith(': 0')),
    ['1 s … 3 s: 3'],
  );
  const cells = await rig.page.locator('.log tr', { hasText: 'C-USDT' }).locator('td').allInnerTexts();
  assert.deepEqual(cells.slice(1, 8), ['OKX', 'Gate', '1.5 s', '+18.0', '12.0', '21.0', '250.5']);
  assert.equal(cells.at(-1), 'the spread');
  const later = opportunity('D-USDT:okx:gate', start + 30e6, 55);
  rig.gateway.topics.set('opportunities', { open: [], closed: [later, ...closed], totals });
  rig.gateway.push('opportunities');
  await rig.said('.log', 'D-USDT');
});

test('opportunities are filtered by the address', async () => {
  await rig.open('/#/opportunities?span=24h&peak=20&q=BTC-USDT&state=closed');
  const { params } = await rig.gateway.request((asked) => asked.name === 'opportunities');
  assert.deepEqual(params, { from: '-86400s', limit: '1000', minPeakBps: '20', symbol: 'BTC-USDT' });
  await rig.said('#opportunities .empty', 'No opportunity passes the filters');
  await rig.page.locator('[data-span="7d"]').click();
  await rig.gateway.request((asked) => asked.params.from === '-604800s');
  await rig.page.waitForURL('**/#/opportunities?span=7d&peak=20&q=BTC-USDT&state=closed');
});

test('bounds add up against the budget, and losses stand out', async () => {
  const bound = (name: string, more: Partial<BoundReading>): BoundReading => ({
    ...{ name, policy: 'drop-oldest', capacity: 1_000, capacityBytes: 2_000_000, cleanedBy: 'the reader' },
    ...{ used: 250, usedBytes: 500_000, peak: 900, refused: 0, replaced: 0, evicted: 0, lost: 0 },
    ...more,
  });
  const bounds = [bound('feed0.quotes', { lost: 3 }), bound('market.legs', { capacityBytes: 9_000_000 })];
  rig.gateway.topics.set('bounds', { budget: 512e6, total: 300e6, allowance: 128e6, bounds });
  await rig.open('/#/bounds');
  await rig.said('#bounds-total', '300 MB');
  await rig.said('#bounds-budget', '512 MB');
  await rig.said('.budget', '84 MB');
  assert.deepEqual(await rig.page.locator('.ledger tbody th').allInnerTexts(), [
    'market.legs',
    'feed0.quotes',
  ]);
  const line = rig.page.locator('[data-bound="feed0.quotes"]');
  assert.deepEqual((await line.locator('td').allInnerTexts()).slice(0, 5), [
    'drop-oldest',
    'the reader',
    '250',
    '900',
    '1,000',
  ]);
  assert.equal(await line.locator('.use title').textContent(), '25 % in use, at most 90 %');
  assert.equal(await line.locator('td.bad').textContent(), '3');
});

test('every venue has a line with its figures', async () => {
  rig.gateway.venues = [
    { ...venueRow('okx', 'OKX', 'live'), recording: { recorded: 10, lost: 4, gaps: 2 } },
    venueRow('mexc', 'MEXC', 'down', 'connection refused'),
  ];
  await rig.open('/#/venues');
  await rig.said('#venues h2', '1 of 2 venues live');
  const cells = await rig.page.locator('[data-venue-row="okx"] td').allInnerTexts();
  assert.deepEqual(
    cells.map((text) => text.trim()),
    [
      ...['live', '12,345', '12,000', '345', '8', '41', '0.0 s', '4/4', '2', '991 of 1,000'],
      ...['6', '0', '3', '1', '2', '4', '10'],
    ],
  );
  await rig.said('[data-venue-row="mexc"]', 'connection refused');
});

test('a pair in quarantine is approved with one press, and shown as it was answered', async () => {
  const pair: IdentityPair = {
    ...{ symbol: 'ABC-USDT', venues: ['okx', 'gate'], state: 'quarantined', reason: 'power-of-ten' },
    ...{ since: 1_700_000_000_000_000, ratio: 10.02, minRatio: 9.9, maxRatio: 10.1, decidedTime: null },
  };
  const reply: IdentityReply = { pairs: [pair], quarantined: 1, file: '/lake/identities.json' };
  rig.gateway.replies.set('identity', reply);
  await rig.open('/#/identity');
  await rig.said('#identities h2', '1 pair in quarantine');
  await rig.said('[data-pair="ABC-USDT:okx:gate"]', 'prices a power of ten apart');
  const decided = { ...pair, state: 'approved', decidedTime: 1_700_000_001_000_000 } as const;
  rig.gateway.replies.set('identity', { ...reply, pairs: [decided], quarantined: 0 });
  await rig.page.getByLabel('Approve ABC-USDT on okx and gate').click();
  const { body } = await rig.gateway.request((asked) => asked.body !== '');
  assert.deepEqual(JSON.parse(body), {
    symbol: 'ABC-USDT',
    venues: ['okx', 'gate'],
    decision: 'approved',
  });
  await rig.said('.identity-state', 'approved');
  await rig.page.getByLabel('Withdraw ABC-USDT on okx and gate').waitFor();
});

test('the grid shows the best routes side by side, live, under one crosshair', async () => {
  const rows = [routeRow('A-USDT:okx:gate', 1, 1.1, 3.3), routeRow('B-USDT:okx:gate', 1, 1.1, 2.2)];
  const now = Date.now() * 1000;
  const time = Array.from({ length: 15 }, (_, i) => now - (14 - i) * 60e6);
  rig.gateway.routes = rows;
  rig.gateway.replies.set('routes', { total: 2, routes: rows });
  rig.gateway.replies.set(
    'history',
    historyReply(
      time,
      time.map((_, i) => i),
    ),
  );
  await rig.open('/#/grid?count=6');
  await rig.params('routes', ({ only, limit }) => only === 'A-USDT:okx:gate,B-USDT:okx:gate' && limit === 2);
  await rig.gateway.request((asked) => asked.name === 'history' && asked.params.symbol === 'B-USDT');
  await rig.said('[data-card="A-USDT:okx:gate"] b', '+3.3');
  rig.gateway.routes = [routeRow('A-USDT:okx:gate', 1, 1.1, 9.9), ...rows.slice(1)];
  rig.gateway.push('routes');
  await rig.said('[data-card="A-USDT:okx:gate"] b', '+9.9');
  const over = await rig.page.locator('[data-card="A-USDT:okx:gate"] .u-over').boundingBox();
  assert.ok(over !== null);
  await rig.page.mouse.move(over.x + over.width * 0.5, over.y + over.height / 2);
  await rig.said('[data-card="A-USDT:okx:gate"] b', /:\d\d {2}\d/);
  await rig.said('[data-card="B-USDT:okx:gate"] b', /:\d\d {2}\d/);
});

test('no page scrolls sideways on a phone, beside its own tables', async () => {
  rig.gateway.topics.set('bounds', { budget: 1, total: 1, allowance: 0, bounds: [] });
  rig.gateway.topics.set('quotes/BTC-USDT', { symbol: 'BTC-USDT', quotes: [quote('gate', 1, 2)] });
  await rig.open('/#/bounds', { width: 360, height: 740 });
  const pages = [
    ...['#/bounds #bounds', '#/venues #venues', '#/matrix/BTC-USDT .matrix'],
    ...['#/opportunities #opportunities', '#/identity #identities', '#/grid #grid'],
  ];
  for (const item of pages) {
    const [address = '', shown = ''] = item.split(' ');
    await rig.page.goto(`${rig.gateway.url}/${address}`);
    await rig.page.locator(shown).waitFor();
    assert.equal(await rig.overflow('html'), 0, address);
    assert.equal(await rig.overflow('main'), 0, address);
  }
});

test('on a phone the link of the present page is in sight', async () => {
  await rig.open('/#/identity', { width: 390, height: 844 });
  const inSight = async (name: string): Promise<boolean> => {
    const box = await rig.page.getByRole('link', { name, exact: true }).boundingBox();
    return box !== null && box.x >= 0 && box.x + box.width <= 390;
  };
  await rig.page.locator('#identities').waitFor();
  assert.equal(await inSight('Identity'), true);
  assert.equal(await inSight('Screener'), false);
  await rig.page.goto(`${rig.gateway.url}/#/`);
  await rig.page.locator('.list').waitFor();
  assert.equal(await inSight('Screener'), true);
});
