import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { KeptEngine } from '../../src/app/kept-engine.ts';
import { type Duck, openDuck } from '../../src/lake/duck.ts';
import { findRecorded, sumSurvival } from '../../src/lake/opportunity-query.ts';

/** Hours of work. */
const ENDLESS =
  'SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 3';

async function engine(t: { after(end: () => void): void }): Promise<Duck> {
  const duck = await openDuck({ memoryMb: 64, threads: 1 });
  t.after(() => duck.close());
  return duck;
}

test('a query that is not wanted any more is broken off, and others on the engine go on', async (t) => {
  const duck = await engine(t);
  const abort = new AbortController();
  const endless = duck.apart((session) => session.rows(ENDLESS), abort.signal);
  const other = duck.apart(async (session) => {
    const result = await session.connection.stream('SELECT range FROM range(100000)');
    const first = await result.fetchChunk();
    abort.abort(new Error('gone'));
    await assert.rejects(endless, /gone/);
    let rows = first?.rowCount ?? 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; ) {
      rows += chunk.rowCount;
      chunk = await result.fetchChunk();
    }
    return rows;
  }, new AbortController().signal);
  assert.equal(await other, 100_000);
  await assert.rejects(
    duck.apart(() => assert.fail('it has begun'), abort.signal),
    /gone/,
  );
  assert.deepEqual(await duck.rows('SELECT 1'), [[1]]);
});

test('a query that had only just been asked for is broken off too', async (t) => {
  const duck = await engine(t);
  for (let turns = 0; turns < 8; turns += 1) {
    const abort = new AbortController();
    const endless = duck.apart((session) => session.rows(ENDLESS), abort.signal);
    const settled = assert.rejects(endless, /gone/);
    for (let turn = 0; turn < turns; turn += 1) await wait(0);
    abort.abort(new Error('gone'));
    await settled;
  }
});

test('questions about opportunities look at the signal before each query', async (t) => {
  const duck = await engine(t);
  const { signal } = { signal: AbortSignal.abort(new Error('gone')) };
  const files = () => ['/nowhere.parquet'];
  await assert.rejects(findRecorded(files, duck, {}, 1, signal), /gone/);
  await assert.rejects(sumSurvival(files, duck, {}, 'all', 1, [], signal), /gone/);
});

test('an engine that could not be opened is opened by whoever needs it next', async () => {
  let tries = 0;
  const kept = new KeptEngine(async () => {
    tries += 1;
    if (tries <= 2) throw new Error('no memory just now');
    return await openDuck({ memoryMb: 64, threads: 1 });
  });
  // Two at once wait for one try.
  const [one, two] = await Promise.allSettled([kept.get(), kept.get()]);
  assert.deepEqual([one?.status, two?.status, tries], ['rejected', 'rejected', 1]);
  await assert.rejects(kept.get(), /no memory just now/);
  const duck = await kept.get();
  assert.deepEqual([await kept.get(), tries], [duck, 3]);
  assert.deepEqual(await duck.rows('SELECT 1'), [[1]]);
  await kept.close();
});
