import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertsReply } from '../../src/wire/api.ts';
import { PageRig } from './page-rig.ts';

const NOW = Date.now() * 1000;
const rig = new PageRig();

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
    { sink: 'webhook', delivered: 2, undelivered: 1, waiting: 0, retries: 4, lastError: 'it answers 500' },
  ],
  counts: { told: 1, cooled: 2, grouped: 3, untrusted: 4, dropped: 0 },
};

test('alerts are told as text and lead to their route; sinks tell what they could not deliver', async () => {
  rig.gateway.topics.set('alerts', ALERTS);
  await rig.open('/#/alerts');
  await rig.said('#alerts td', 'wide: BTC-USDT <b>is wide</b>');
  await rig.said('.shown', '2 within a cooldown, 3 as one of a venue, 4 of doubtful identity');
  const cells = await rig.page.locator('#sinks tbody td').allInnerTexts();
  assert.deepEqual(cells, ['2', '1', '0', 'it answers 500']);
  await rig.page.locator('#alerts a').click();
  await rig.page.waitForURL(/#\/route\/BTC-USDT:okx:binance/);
});

test('without a rule the page says how to write one', async () => {
  rig.gateway.topics.set('alerts', { ...ALERTS, alerts: [], rules: [] });
  await rig.open('/#/alerts');
  await rig.said('.empty', 'alerts.rules');
});

test('a recording that is played is told on every page', async () => {
  rig.gateway.topics.set('alerts', ALERTS);
  rig.gateway.status = {
    ...rig.gateway.status,
    replay: { from: NOW - 1e9, to: NOW, time: NOW - 5e8, speed: 10, ended: false },
  };
  await rig.open('/#/alerts');
  await rig.said(
    '#replay',
    /A recording is played again:.*10 times as fast as life\. Nothing here is of now/,
  );
});
