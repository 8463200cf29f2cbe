import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverloadOptions } from '../../bench/overload-options.ts';
import { runOverload } from '../../bench/overload-run.ts';
import { CLOSE_CODES } from '../../src/wire/stream.ts';

const OPTIONS: OverloadOptions = {
  target: 'spreadscope',
  rate: 20_000,
  symbols: 100,
  clients: 10,
  stalled: 2,
  slow: 2,
  seconds: 10,
  burst: undefined,
  storm: 0,
  timeline: false,
  updatesPerSecond: 10,
  budgetMb: 512,
  flags: [],
  keep: undefined,
};
/** From the stop of a client to its close. */
const STALLED_CLOSED_WITHIN_MS = 10_000;
const BROKEN_OFF = 1006;

test('at 20,000 messages a second with clients that are slow or stopped, no row is lost, the stopped are closed, the others see the truth, and memory stays under the budget', async (t) => {
  const result = await runOverload(OPTIONS);
  for (const { what, held, detail } of result.verdicts)
    t.diagnostic(`${held ? 'held' : 'BROKEN'}: ${what}: ${detail}`);
  const { ledger, views, rss, stalls, healthy, closedByServer } = result;
  assert.equal(result.trouble, undefined);
  assert.deepEqual([result.died, result.stop.how], [undefined, 'exit 0']);
  assert.equal(ledger.length, 16, 'eight venues with two streams each');
  for (const { venue, stream, sent, recorded, lost, missing, foreign } of ledger) {
    assert.ok(sent > 0, `${venue} sent no ${stream}`);
    assert.deepEqual([recorded, lost, missing, foreign], [sent, 0, 0, 0], `${venue} ${stream}`);
  }
  assert.ok(views.compared > 0);
  assert.deepEqual(views.wrong, []);
  assert.deepEqual([healthy.silentGaps, healthy.codes], [0, []]);
  assert.ok(rss.max < OPTIONS.budgetMb, `${rss.max} MB`);
  assert.equal(stalls.length, OPTIONS.stalled);
  const goodbyes: readonly number[] = [CLOSE_CODES.slow.code, CLOSE_CODES.noPong.code];
  for (const { client, closedAfterMs, code } of stalls) {
    assert.ok(
      (closedAfterMs ?? Number.POSITIVE_INFINITY) < STALLED_CLOSED_WITHIN_MS,
      `client ${client}: ${closedAfterMs}`,
    );
    // The goodbye of a client whose buffers are full finds no room; the log has its code.
    assert.ok([...goodbyes, BROKEN_OFF].includes(code ?? 0), `client ${client} read ${code}`);
  }
  assert.ok(closedByServer.length >= OPTIONS.stalled);
  for (const code of closedByServer) assert.ok(goodbyes.includes(code), `closed with ${code}`);
});
