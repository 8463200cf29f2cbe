import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import { collect, run, spawnProgram } from './run.ts';

test('demo serves eight live venues, and SIGTERM ends it and its simulator with exit 0', async () => {
  const child = spawnProgram(['demo', '--port', '0', '--symbols', '5', '--rate', '200']);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [, url] = await out.match(/^spreadscope (http:\/\/127\.0\.0\.1:\d+)\n/);
  for (const id of VENUE_IDS) await err.match(new RegExp(`is live venue=${id} `));
  const reply = await fetch(`${url}/api/v1/venues`);
  const { venues } = (await reply.json()) as { venues: { venue: string; state: string }[] };
  assert.deepEqual(
    venues.map((row) => `${row.venue} ${row.state}`),
    VENUE_IDS.map((id) => `${id} live`),
  );
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], err.text());
  assert.doesNotMatch(err.text(), /^error/m);
});

test('a second recorder on a lake refuses to start and names the process that has it; the first goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spreadscope-'));
  const flags = ['start', '--port', '0', '--via', 'http://127.0.0.1:9', '--lake', join(folder, 'lake')];
  const first = spawnProgram(flags);
  const out = collect(first.stdout);
  const ended = once(first, 'close') as Promise<[number | null]>;
  await out.match(/^spreadscope (\S+)\n/);
  const second = await run(flags);
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`^error LAKE_LOCKED: .*process ${first.pid} .*\n$`));
  first.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  const third = spawnProgram(flags);
  await collect(third.stdout).match(/^spreadscope (\S+)\n/);
  const thirdEnded = once(third, 'close');
  third.kill('SIGTERM');
  assert.deepEqual(await thirdEnded, [0, null]);
  await rm(folder, { recursive: true });
});

test('start keeps trying where nothing can be reached, says so, names demo, and still ends with exit 0', async () => {
  const child = spawnProgram(['start', '--port', '0', '--via', 'http://127.0.0.1:9', '--json']);
  const err = collect(child.stderr);
  const ended = once(child, 'close') as Promise<[number | null]>;
  await err.match(/no exchange can be reached yet; still trying\. Without a network: spreadscope demo/);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null], err.text());
  for (const line of err.text().trim().split('\n')) {
    const { level, time } = JSON.parse(line) as { level: string; time: string };
    assert.match(level, /^(info|warn)$/);
    assert.ok(!Number.isNaN(Date.parse(time)));
  }
});

test('the heap of a server stays near what it holds, from before it is loaded', async () => {
  const probe = join(import.meta.dirname, 'heap-probe.js');
  const flags = ['start', '--no-record', '--port', '0', '--via', 'http://127.0.0.1:9'];
  const child = spawnProgram(flags, undefined, { NODE_OPTIONS: `--import=${probe}` });
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, 'close');
  await out.match(/^spreadscope (\S+)\n/);
  child.kill('SIGTERM');
  await ended;
  const [, said = ''] = /^heap (.+)$/m.exec(err.text()) ?? [];
  const { youngBytes, growth } = JSON.parse(said) as { youngBytes: number; growth: number };
  // Let alone they are 34 MB and 4.4 times.
  assert.ok(youngBytes < 17e6, `${youngBytes} bytes for new objects`);
  assert.ok(growth < 3, `the heap grows to ${growth} times of what it holds`);
});

test('the simulator of a demo ends when its parent is gone, however it went, and leaves signals to it', async () => {
  const child = spawnProgram(['sim', '--tied', '--port', '0', '--symbols', '1']);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [, url] = await collect(child.stdout).match(/^simulator (\S+)\n/);
  child.kill('SIGTERM');
  child.kill('SIGINT');
  assert.equal((await fetch(`${url}/_sim/quotes`)).status, 200);
  // The kernel closes a dead parent's end of the pipe just so.
  child.stdin?.destroy();
  assert.deepEqual(await ended, [0, null]);
});
