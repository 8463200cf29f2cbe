import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { buildConfig } from '../../src/app/config.ts';
import { startSpreadscope } from '../../src/app/start.ts';
import type { StatusReply } from '../../src/wire/api.ts';
import { startSimulatorProcess, until } from './simulated.ts';

const PAGES = [
  '',
  'route/BTC-USDT:okx:binance',
  'grid',
  'matrix/BTC-USDT',
  'opportunities',
  'venues',
  'bounds',
];
const MORE = ['alerts', 'identity'];

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

test('no page of a live run has a serious fault for those who cannot see, point or tell colours apart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spreadscope-axe-'));
  const simulator = await startSimulatorProcess([
    '--symbols',
    '10',
    '--rate',
    '2000',
    '--scenario',
    'collision',
  ]);
  const value = {
    via: simulator.url,
    server: { port: 0 },
    lake: { folder: join(folder, 'lake') },
    identity: { file: join(folder, 'identities.json') },
    alerts: { rules: [{ name: 'any', lastingMs: 0, cooldown: 1 }] },
    symbolsPerVenue: 30,
  };
  const { config } = buildConfig({ name: 'test.yaml', value, where: () => 'test.yaml' }, []);
  const running = await startSpreadscope(config, { log: { info() {}, warn() {}, error() {} } });
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  t.after(async () => {
    await browser.close();
    await running.stop();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const closed = async (): Promise<boolean> => {
    const reply = await fetch(`${running.url}/api/v1/status`);
    return ((await reply.json()) as StatusReply).opportunities.closed > 0;
  };
  await until(closed, 60_000, 'an opportunity has come and gone');
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const then = `past/${new Date(Math.floor(Date.now() / 1000 - 2) * 1000).toISOString().slice(0, 19)}Z/#/`;
  for (const colorScheme of ['dark', 'light'] as const) {
    // Axe makes a script element, which the page's policy keeps everybody from.
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    for (const path of [...PAGES.map((one) => `#/${one}`), ...MORE.map((one) => `#/${one}`), then]) {
      const page = await context.newPage();
      await page.goto(`${running.url}/${path}`);
      await page.locator('main :is(table, canvas, .empty):visible').first().waitFor();
      if (path === then) await page.click('#time-machine');
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as AxeResult;
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      const told = serious.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      );
      assert.deepEqual(told, [], `${colorScheme} ${path}`);
      await page.close();
    }
  }
});
