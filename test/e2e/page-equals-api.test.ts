import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { RoutesReply, StatusReply } from '../../src/wire/api.ts';
import * as compare from './page-compare.ts';
import * as tables from './page-compare-tables.ts';
import { LiveRig } from './page-live-rig.ts';
import { until } from './simulated.ts';

suite('over the whole program and the simulated exchanges', () => {
  let rig!: LiveRig;

  before(async () => {
    rig = await LiveRig.start();
  });
  after(async () => {
    await rig.stop();
  });

  const greyed = async (): Promise<boolean> =>
    await rig.page.evaluate("getComputedStyle(document.querySelector('main')).filter !== 'none'");

  /** What is read once and not heard is read again. */
  const again = async (): Promise<void> => {
    await rig.page.reload();
  };

  test('the screener shows the ranking of the API, to the figure', async () => {
    await rig.open('');
    await rig.agree(() => compare.screener(rig));
  });

  test('the grid chooses the best routes of the API, and shows their present spreads', async () => {
    await rig.open('#/grid');
    await rig.agree(
      () => compare.grid(rig),
      () => rig.page.locator('#again').click(),
    );
  });

  test('every cell of the matrix is the net spread that the API has of that route', async () => {
    await rig.open('#/matrix/BTC-USDT');
    await rig.agree(() => compare.matrix(rig));
  });

  test('the opportunities are those of the API, open and closed, and all are in the histogram', async () => {
    await rig.open('#/opportunities');
    await rig.agree(() => compare.opportunities(rig), again);
  });

  test('every figure of every venue is that of the API', async () => {
    await rig.open('#/venues');
    await rig.agree(() => tables.venues(rig));
  });

  test('the bounds are the ledger of the API', async () => {
    await rig.open('#/bounds');
    await rig.agree(() => tables.bounds(rig));
  });

  test('the alerts and their deliveries are those of the API', async () => {
    await rig.open('#/alerts');
    await rig.agree(() => tables.alerts(rig));
  });

  test('the pairs in doubt are those of the API', async () => {
    await rig.open('#/identity');
    await rig.agree(() => tables.identity(rig), again);
  });

  test('a route’s page says of prices, steps, statistics and chart what the API says', async () => {
    const { routes } = await rig.get<RoutesReply>('routes?only=BTC-USDT&limit=1');
    const id = routes[0]?.id ?? '';
    await rig.open(`#/route/${id}`);
    await rig.agree(() => compare.route(id)(rig));
  });

  test('a page that hangs is closed as slow, and comes back with the whole state', async () => {
    await rig.open('');
    await rig.page.locator('tr[data-route]').first().waitFor();
    assert.deepEqual(await rig.closeCodes(), []);
    const tools = await rig.page.context().newCDPSession(rig.page);
    await tools.send('Debugger.enable');
    await tools.send('Debugger.pause');
    const left = async (): Promise<boolean> => (await rig.get<StatusReply>('status')).clients === 0;
    await until(left, 20_000, 'the client is closed');
    await tools.send('Debugger.resume');
    await tools.send('Debugger.disable');
    await until(async () => (await rig.closeCodes()).length > 0, 20_000, 'a close');
    assert.deepEqual(await rig.closeCodes(), [4001]);
    await rig.page.locator('#lost').waitFor({ state: 'detached' });
    await rig.agree(() => compare.screener(rig));
  });

  for (const [signal, how] of [
    ['SIGTERM', 'stops'],
    ['SIGKILL', 'dies'],
  ] as const) {
    test(`when the server ${how} the page says so and greys its figures, and has the whole state when it is back`, async () => {
      await rig.open('');
      await rig.page.locator('tr[data-route]').first().waitFor();
      await rig.endProgram(signal);
      await rig.page.locator('#lost', { hasText: 'Connection lost' }).waitFor();
      await rig.page.locator('main.old tr[data-route]').first().waitFor();
      await until(greyed, 10_000, 'the figures are greyed');
      await rig.startProgram();
      await rig.page.locator('#lost').waitFor({ state: 'detached' });
      await rig.page.locator('main:not(.old)').waitFor();
      await rig.agree(() => compare.screener(rig));
    });
  }
});
