import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alerts } from '../../src/app/alerts.ts';
import { buildConfig, defaultConfig } from '../../src/app/config.ts';
import { configuredMarket } from '../../src/app/configured-market.ts';
import { checkMemoryBudget, lakeShares, sharesOf } from '../../src/app/memory-budget.ts';
import type { BoundFacts } from '../../src/core/bounds.ts';
import { run } from '../cli/run.ts';

const MARKET: readonly BoundFacts[] = [
  { name: 'market', policy: 'refuse', capacity: 1, capacityBytes: 40e6, cleanedBy: 'nobody' },
];
const flag = (path: string, text: string) => ({ path, flag: `--${path}`, text });

test('the defaults fit the default budget', () => {
  const config = defaultConfig();
  checkMemoryBudget(config, sharesOf(config, MARKET, 1));
});

test('as many rules and sinks for alerts as may be fit it too, beside everything else', () => {
  const rules = Array.from({ length: 16 }, (_, i) => ({ name: `r${i}` }));
  const alerts = {
    rules,
    webhook: { url: 'https://example.org' },
    telegram: { token: '1:0123456789', chat: '@us' },
  };
  const { config } = buildConfig({ name: 'test.yaml', value: { alerts }, where: () => '' }, []);
  const log = { info() {}, warn() {}, error() {} };
  const own = new Alerts(config, log, () => 0).bounds();
  assert.ok(own.length > 5);
  checkMemoryBudget(config, [
    ...sharesOf(config, [...configuredMarket(config).bounds(), ...own], 2),
    ...lakeShares(config),
  ]);
});

test('bounds that do not fit are refused with the largest of them named', () => {
  const config = defaultConfig([flag('memory.budget', '256MB'), flag('rings.quotes', '4194304')]);
  // 4,194,304 rows of 8 doubles, 2 words and a byte each.
  const rings = Math.ceil((4_194_304 * (8 * 8 + 2 * 4 + 1)) / 1e6);
  assert.throws(() => checkMemoryBudget(config, sharesOf(config, MARKET, 1)), {
    code: 'MEMORY_BUDGET',
    message: new RegExp(`256 MB and .* the largest: feed0\\.quotes ${rings} MB, V8 and libraries`),
  });
});

test('start refuses them in one line before anything is opened', async () => {
  const ended = await run([
    'start',
    '--port',
    '0',
    '--via',
    'http://127.0.0.1:9',
    '--set',
    'memory.budget=128MB',
  ]);
  assert.equal(ended.code, 2);
  assert.match(ended.err, /^error MEMORY_BUDGET: memory\.budget is 128 MB[^\n]*\n$/);
  assert.equal(ended.out, '');
});
