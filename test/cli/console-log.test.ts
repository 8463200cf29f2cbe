import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/cli/console-log.ts';

test('a line for programs has its own time, level and message, whatever its fields are called', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', json: true, write: (line) => lines.push(line) });
  log.warn('memory is short', { level: 3, time: 17, message: 'another', percent: 92 });
  const [line] = lines;
  const found = JSON.parse(line ?? '') as Record<string, unknown>;
  assert.deepEqual(Object.keys(found), ['time', 'level', 'message', 'percent']);
  assert.match(String(found.time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual([found.level, found.message, found.percent], ['warn', 'memory is short', 92]);
});
