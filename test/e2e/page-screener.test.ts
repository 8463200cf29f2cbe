import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { RouteFindings } from '../../src/wire/api.ts';
import { findings, routeRow, routeUpdate } from './page-data.ts';
import { PageRig } from './page-rig.ts';

const BEST = {
  ...routeRow('BTC-USDT:okx:binance', 65_432.1, 65_600.12, 5.6),
  ...{ bandLowBps: -20.4, bandHighBps: -11.6, opportunitiesPerHour: 12 },
  ...({ verdict: 'excellent', identity: 'suspect' } as const),
};
const SECOND = routeRow('PEPE-USDT:gate:mexc', 0.000012345, 0.00001235, -15.9);

const rig = new PageRig();

beforeEach(() => {
  rig.gateway.routes = [BEST, SECOND];
  for (const row of rig.gateway.routes) rig.gateway.route.set(row.id, routeUpdate(row, Date.now() * 1000));
});

const hash = (): string => new URL(rig.page.url()).hash;

test('bands, opportunities, verdict and identity of a route stand in its line', async () => {
  await rig.open();
  const line = rig.page.locator(`tr[data-route="${BEST.id}"]`);
  assert.equal(
    await line.locator('.band-bar').getAttribute('aria-label'),
    'mostly −20.4 … −11.6 bps, now 5.6',
  );
  assert.equal(await line.locator('.band-bar .at.above').count(), 1);
  assert.equal(await line.locator('td.often').textContent(), '12');
  assert.equal(await line.locator('td.verdict').textContent(), 'excellent');
  assert.equal(await line.locator('.identity').getAttribute('title'), 'Identity: suspect');
  // Lines are counted by their height: one of which little is known is as tall as the others.
  const tall = await rig.page
    .locator('tr[data-route]')
    .evaluateAll((rows: { getBoundingClientRect(): { readonly height: number } }[]) =>
      rows.map((row) => row.getBoundingClientRect().height),
    );
  assert.deepEqual(tall, [24, 24]);
});

test('a verdict tells its reason when it is pointed at', async () => {
  const told: RouteFindings = findings();
  rig.gateway.replies.set('routes/BTC-USDT/okx/binance', {
    ...routeUpdate(BEST, Date.now() * 1000).route,
    findings: told,
  });
  await rig.open();
  await rig.page.locator(`tr[data-route="${BEST.id}"] td.verdict`).hover();
  await rig.said('.hint', told.verdict.reason);
  await rig.page.mouse.move(5, 5);
  await rig.page.locator('.hint').waitFor({ state: 'detached' });
});

test('a link is a view: filters and order go from the address to the server', async () => {
  await rig.open('/#/?sort=gross&q=BTC&net=-5&notional=100&verdict=fair&identity=all&buy=okx,gate&sell=mexc');
  const { params } = (await rig.params('routes', ({ sort }) => sort === 'gross')) as { params?: object };
  assert.deepEqual(
    { ...params, limit: 0, offset: 0 },
    {
      ...{ sort: 'gross', symbol: 'BTC', minNetBps: -5, minNotional: 100, verdict: 'fair' },
      ...{ identity: 'all', buy: 'okx,gate', sell: 'mexc', limit: 0, offset: 0 },
    },
  );
  assert.equal(await rig.page.locator('#search').inputValue(), 'BTC');
  assert.equal(await rig.page.locator('#min-notional').inputValue(), '100');
  await rig.page.locator('#clear').click();
  await rig.params('routes', ({ sort, symbol, buy }) => sort === 'gross' && !symbol && !buy);
  assert.equal(hash(), '#/?sort=gross');
});

test('filters go into the address, and stay while a route is open', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  await rig.page.locator('#venue-choice summary').click();
  await rig.page.getByLabel('sell on MEXC').check();
  await rig.params('routes', ({ sell }) => sell === 'mexc');
  await rig.page.locator('#verdict').selectOption('excellent');
  await rig.params('routes', ({ sell, verdict }) => sell === 'mexc' && verdict === 'excellent');
  assert.equal(hash(), '#/?sell=mexc&verdict=excellent');
  await rig.page.locator(`tr[data-route="${BEST.id}"] td.symbol a`).click();
  await rig.page.waitForURL(`**/#/route/${BEST.id}?sell=mexc&verdict=excellent`);
  await rig.page.locator('#route .close').click();
  await rig.page.waitForURL('**/#/?sell=mexc&verdict=excellent');
});

test('starred routes make the watchlist, hidden ones are asked to be left out, and both outlive the page', async () => {
  await rig.open();
  await rig.page.getByLabel(`Watch ${SECOND.id}`).click();
  await rig.page.locator('#watchlist').click();
  await rig.params('routes', ({ only }) => only === SECOND.id);
  assert.equal(hash(), `#/?only=${SECOND.id}`);
  await rig.page.locator('#watchlist').click();
  await rig.page.locator(`tr[data-route="${BEST.id}"] td.symbol a`).focus();
  await rig.page.keyboard.press('x');
  await rig.params('routes', ({ hide, only }) => hide === BEST.id && only === undefined);
  await rig.page.goto('about:blank');
  await rig.page.goto(rig.gateway.url);
  await rig.page.locator('#watchlist', { hasText: '1' }).waitFor();
  await rig.page.waitForURL(`**/#/?hide=${BEST.id}`);
  await rig.page.locator('#presets summary').click();
  await rig.page.locator('#unhide').click();
  await rig.page.waitForURL('**/#/');
});

test('a view that is kept by a name comes back', async () => {
  await rig.open('/#/?net=3&sort=notional');
  await rig.page.locator('#presets summary').click();
  await rig.page.locator('#presets input').fill('mine');
  await rig.page.locator('#presets form button').click();
  await rig.page.getByRole('button', { name: 'Everything' }).click();
  await rig.page.waitForURL('**/#/');
  await rig.page.getByRole('button', { name: 'mine', exact: true }).click();
  await rig.params('routes', ({ minNetBps, sort }) => minNetBps === 3 && sort === 'notional');
  assert.equal(hash(), '#/?net=3&sort=notional');
});

test('of many routes only those in sight are asked for and drawn, however far down', async () => {
  rig.gateway.routes = Array.from({ length: 60 }, (_, i) => routeRow(`S${i}-USDT:okx:gate`, 100, 101, -i));
  rig.gateway.routesTotal = 56_000;
  await rig.open();
  await rig.said('.shown', '56,000 routes');
  assert.ok((await rig.page.locator('tr[data-route]').count()) <= 60);
  await rig.page.locator('.scroll').evaluate((box: { scrollTop: number }) => {
    box.scrollTop = 24 * 30_000;
  });
  const { params } = (await rig.params('routes', ({ offset }) => Number(offset) > 29_000)) as {
    params?: { offset?: number; limit?: number };
  };
  assert.equal(params?.offset, 29_980);
  await rig.said('tr[data-route] .rank', /^30001$/);
  assert.ok(Number(params.limit) <= 90);
});

test('the rows keep their order while the pointer rests on them', async () => {
  await rig.open();
  await rig.page.locator(`tr[data-route="${SECOND.id}"] td.symbol a`).hover();
  rig.gateway.routes = [{ ...SECOND, netBps: 7.25 }, BEST];
  rig.gateway.push('routes');
  await rig.said(`tr[data-route="${SECOND.id}"]`, '+7.3');
  const order = () =>
    rig.page
      .locator('tr[data-route]')
      .evaluateAll((rows: { getAttribute(name: string): string | null }[]) =>
        rows.map((row) => row.getAttribute('data-route')),
      );
  assert.deepEqual(await order(), [BEST.id, SECOND.id]);
  await rig.page.mouse.move(5, 5);
  await rig.said('tr[data-route]:first-child', 'PEPE');
  assert.deepEqual(await order(), [SECOND.id, BEST.id]);
});

test('keys lead to the pages and explain themselves', async () => {
  await rig.open();
  await rig.said('.routes', 'BTC-USDT');
  await rig.page.keyboard.press('?');
  await rig.said('dialog[open]', 'search');
  await rig.page.keyboard.press('Escape');
  await rig.page.locator('dialog[open]').waitFor({ state: 'detached' });
  await rig.page.keyboard.press('6');
  await rig.page.waitForURL('**/#/bounds');
  await rig.gateway.command((command) => command.op === 'unsubscribe' && command.topic === 'routes');
  await rig.page.keyboard.press('1');
  await rig.page.waitForURL('**/#/');
  await rig.said('.routes', 'BTC-USDT');
});

test('colours follow the system until the reader chooses', async () => {
  await rig.open();
  const theme = () => rig.page.locator('html').getAttribute('data-theme');
  await rig.page.emulateMedia({ colorScheme: 'dark' });
  await rig.page.locator('html[data-theme="dark"]').waitFor();
  await rig.page.emulateMedia({ colorScheme: 'light' });
  await rig.page.locator('html[data-theme="light"]').waitFor();
  await rig.page.locator('#theme').click();
  assert.equal(await theme(), 'dark');
  await rig.page.reload();
  assert.equal(await theme(), 'dark');
});
