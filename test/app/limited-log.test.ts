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

/** A log that keeps its lines, with a clock that is set by hand. */
function kept() {
  const lines: { readonly message: string; readonly fields: LogFields }[] = [];
  const clock = { ms: 0 };
  const keep = (message: string, fields: LogFields = {}): void => {
    lines.push({ message, fields });
  };
  return { lines, clock, log: limitedLog({ info: keep, warn: keep, error: keep }, () => clock.ms) };
}

test('ten thousand lines of a kind in four seconds are one line, and none is forgotten', () => {
  const { lines, clock, log } = kept();
  for (let i = 0; i < 10_000; i += 1) {
    clock.ms = i * 0.4;
    log.warn('a connection ended', { venue: 'okx', reason: `reason ${i}` });
  }
  assert.equal(lines.length, 1);
  clock.ms = 6000;
  log.warn('a connection ended', { venue: 'okx', reason: 'at last' });
  assert.deepEqual(lines[1], {
    message: 'a connection ended',
    fields: { venue: 'okx', reason: 'at last', moreLikeIt: 9999 },
  });
  assert.equal(log.bound().evicted, 9999);
});

test('ten thousand kinds at once are as many lines as there are places and one more, and take no more memory', () => {
  const { lines, clock, log } = kept();
  for (let i = 0; i < 10_000; i += 1) log.info(`message ${i}`);
  assert.equal(lines.length, 257);
  const { used, capacity, peak, evicted } = log.bound();
  assert.deepEqual([used, capacity, peak, evicted], [256, 256, 256, 10_000 - 257]);
  // Those that are remembered are still told apart.
  log.info('message 3');
  assert.equal(lines.length, 257);
  clock.ms = 5000;
  log.info('something new');
  assert.deepEqual(lines.at(-1), { message: 'something new', fields: {} });
  // Lines left out, the last of number 3 among them, and the one kind that made room.
  assert.equal(log.bound().evicted, 10_000 - 257 + 1 + 1);
});

test('the kind that was said longest ago makes room, not all at once', () => {
  const { lines, clock, log } = kept();
  for (let i = 0; i < 256; i += 1) {
    clock.ms = i * 100;
    log.warn(`message ${i}`);
  }
  // 25.5 s: number 255 was said just now, number 0 long ago.
  log.warn('one more');
  for (const still of [254, 255]) log.warn(`message ${still}`);
  assert.equal(lines.length, 257);
  assert.equal(log.bound().used, 256);
});

test('lines that a log before it has left out are counted in', () => {
  const { lines, clock, log } = kept();
  log.warn('again', { moreLikeIt: 4 });
  log.warn('again', { moreLikeIt: 10 });
  clock.ms = 5000;
  log.warn('again', { moreLikeIt: 100 });
  assert.deepEqual(
    lines.map(({ fields }) => fields.moreLikeIt),
    [4, 111],
  );
});

test('nothing secret comes through, in a field of its own or within a text', () => {
  const { lines, log } = kept();
  log.error('a request failed', {
    token: 'hunter2',
    authorization: 'Bearer hunter2',
    apiKey: 'hunter2',
    path: '/api/v1/stream?ticket=hunter2&topic=routes',
    reason: 'GET wss://user:hunter2@host/ws?token=hunter2 with Bearer hunter2 was refused',
    tokens: 12,
    venue: 'okx',
  });
  assert.equal(JSON.stringify(lines).includes('hunter2'), false);
  assert.deepEqual(lines[0]?.fields, {
    token: '…',
    authorization: '…',
    apiKey: '…',
    path: '/api/v1/stream?ticket=…&topic=routes',
    reason: 'GET wss://user:…@host/ws?token=… with Bearer … was refused',
    tokens: 12,
    venue: 'okx',
  });
});
