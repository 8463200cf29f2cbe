import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ReplayOutput, type WriteSome } from '../../src/app/replay-output.ts';
import type { Alert } from '../../src/core/alert.ts';
import { SpreadscopeError } from '../../src/core/errors.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'replay-output-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'out');
}

/** An alert of about 1 KB. */
function alertOf(id: number): Alert {
  return {
    ...{ id, rule: 'wide', kind: 'opened', severity: 'info', time: id, symbols: ['A-USDT', '龙-USDT'] },
    ...{ buy: 'okx', sell: 'binance', venue: null, netBps: 1, notional: 2, message: 'm'.repeat(900) },
  } as unknown as Alert;
}

const outOf = (folder: string, write?: WriteSome): ReplayOutput =>
  new ReplayOutput(folder, 'ndjson', () => undefined, write);

const isUnwritable = (text: RegExp) => (error: unknown) =>
  error instanceof SpreadscopeError && error.code === 'FILE_UNWRITABLE' && text.test(error.message);

test('a disk that takes a part of what is written gets the rest', (t) => {
  const folder = folderOf(t);
  const output = outOf(folder, (file, bytes) => writeSync(file, bytes.subarray(0, 1000)));
  for (let id = 0; id < 200; id += 1) output.alerted(alertOf(id));
  const files = output.end([]);
  assert.deepEqual(readdirSync(folder).sort(), [
    'alerts.ndjson',
    'opportunities.ndjson',
    'statistics.ndjson',
  ]);
  const lines = readFileSync(files[2] ?? '', 'utf8')
    .trim()
    .split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    Array.from({ length: 200 }, (_, id) => ({ ...alertOf(id), symbols: 'A-USDT 龙-USDT' })),
  );
});

test('a full disk says so while lines come and at the end, and nothing unfinished stays', (t) => {
  const folder = folderOf(t);
  let room = 100_000;
  const write: WriteSome = (file, bytes) => {
    if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const some = Math.min(room, bytes.length);
    room -= some;
    return writeSync(file, bytes.subarray(0, some));
  };
  const output = outOf(folder, write);
  assert.throws(
    () => {
      for (let id = 0; id < 200; id += 1) output.alerted(alertOf(id));
    },
    isUnwritable(/ENOSPC.*free space/),
  );
  output.drop();
  assert.deepEqual(readdirSync(folder), []);
  const short = outOf(folder, write);
  short.alerted(alertOf(1));
  assert.throws(() => short.end([]), isUnwritable(/ENOSPC/));
  short.drop();
  assert.deepEqual(readdirSync(folder), [], 'none has its name unless all are whole');
});

test('what cannot be opened or named leaves nothing behind', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'alerts.ndjson.inprogress'), { recursive: true });
  assert.throws(() => outOf(folder), isUnwritable(/EISDIR/));
  assert.deepEqual(readdirSync(folder), ['alerts.ndjson.inprogress']);
  rmSync(folder, { recursive: true });
  const output = outOf(folder);
  mkdirSync(join(folder, 'statistics.ndjson', 'in the way'), { recursive: true });
  assert.throws(() => output.end([]), isUnwritable(/statistics/));
  output.drop();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.inprogress')),
    [],
  );
});
