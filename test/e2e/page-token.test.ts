import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { FakeSources, start } from '../gateway/fake-sources.ts';

const TOKEN = 'a-token-for-the-page-0123456789';

test('the page asks for the token, says when it is wrong, and lives under the strict policy with trusted types', async () => {
  const webRoot = fileURLToPath(new URL('../../../dist/web', import.meta.url));
  const gateway = await start(new FakeSources(), { token: TOKEN, webRoot });
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (line) => {
      if (/Content Security Policy|Trusted/i.test(line.text())) faults.push(line.text());
    });
    await page.goto(`${gateway.url}/#/route/BTC-USDT:okx:gate`);
    await page.locator('#token b', { hasText: 'asks for a token' }).waitFor();
    const enter = async (token: string): Promise<void> => {
      await page.locator('#token input').fill(token);
      await page.locator('#token button').click();
    };
    await enter('not-the-token-0123456789');
    await page.locator('#token b', { hasText: 'not the token' }).waitFor();
    await enter(TOKEN);
    await page.locator('.routes', { hasText: 'BTC-USDT' }).waitFor();
    await page.locator('.u-legend').waitFor();
    await page.locator('.status', { hasText: '1.2.3' }).waitFor();
    await page.reload();
    await page.locator('.routes', { hasText: 'BTC-USDT' }).waitFor();
    assert.equal(await page.locator('#token').count(), 0);
    assert.equal(page.url().includes(TOKEN), false);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    await gateway.stop();
  }
});
