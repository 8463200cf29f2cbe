import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitedLog } from '../../src/app/limited-log.ts';
import type { LogFields } from '../../src/core/log.ts';

test('of one message of one venue there is a line in five seconds, and the next says how many were left out', () => {
  const lines: string[] = [];
  let now = 0;
  const keep = (message: string, fields?: LogFields): void => {
    lines.push(`${now} ${message} ${JSON.stringify(fields)}`);
  };
  const log = limitedLog({ info: keep, warn: keep, error: keep }, () => now);
  for (; now < 12_000; now += 1_000) {
    log.warn('a connection ended', { venue: 'okx' });
    if (now < 2_000) log.warn('a connection ended', { venue: 'gate' });
  }
  assert.deepEqual(lines, [
    '0 a connection ended {"venue":"okx"}',
    '0 a connection ended {"venue":"gate"}',
    '5000 a connection ended {"venue":"okx","moreLikeIt":4}',
    '10000 a connection ended {"venue":"okx","moreLikeIt":4}',
  ]);
});

test('the kinds that it remembers are bounded', () => {
  let lines = 0;
  const keep = (): void => {
    lines += 1;
  };
  const log = limitedLog({ info: keep, warn: keep, error: keep }, () => 0);
  for (let i = 0; i < 1_000; i += 1) log.info(`message ${i}`);
  assert.equal(lines, 1_000);
});
