import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '../../src/app/config.ts';
import { checkMemoryBudget, sharesOf } from '../../src/app/memory-budget.ts';
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
