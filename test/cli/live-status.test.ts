import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunSummary, VenueSummary } from '../../src/app/run-summary.ts';
import { createLog } from '../../src/cli/console-log.ts';
import { ReachWatch, StateLines, statusBlock, UNREACHABLE } from '../../src/cli/live-status.ts';
import { Terminal } from '../../src/cli/terminal.ts';

function row(state: VenueSummary['state'], reason = ''): VenueSummary {
  return {
    venue: 'okx',
    title: 'OKX',
    state,
    reason,
    connections: { open: 1, wanted: 2 },
    instruments: 1000,
    subscriptions: { pending: 0, silent: 2, live: 998, refused: 0 },
    rates: { frames: 12_345, quotes: 12_000, trades: 345 },
  };
}

function summary(...venues: VenueSummary[]): RunSummary {
  return {
    venues,
    routes: 43_210,
    clients: 3,
    memory: { rss: 212e6, budget: 512e6 },
    lake: null,
    alarms: [],
  };
}

test('the block has a line per venue and the totals', () => {
  assert.deepEqual(statusBlock(summary(row('live'), row('down', 'refused\u001b[2J')), false), [
    '',
    '  venue    state        sockets  markets   heard  messages/s',
    '  OKX      ● live           1/2    1,000     998      12,345',
    '  OKX      ○ down           1/2    1,000     998      12,345  refused [2J',
    '',
    '  1 of 2 venues live · 43,210 routes · 3 viewers · 212 of 512 MB',
  ]);
  assert.equal(statusBlock(summary(row('down')), true).at(-1), `  ${UNREACHABLE}`);
});

test('nothing reachable is said when all venues are down, or none came up for long; never while one is live', () => {
  assert.equal(new ReachWatch(0).unreachable(summary(row('down'), row('down')), 0), true);
  assert.equal(new ReachWatch(0).unreachable(summary(row('down'), row('connecting')), 7999), false);
  assert.equal(new ReachWatch(0).unreachable(summary(row('down'), row('connecting')), 8000), true);
  const watch = new ReachWatch(0);
  assert.equal(watch.unreachable(summary(row('live'), row('down')), 9000), false);
  assert.equal(
    watch.unreachable(summary(row('connecting'), row('down')), 10_000),
    false,
    'a new outage has its own wait',
  );
});

test('without a terminal only changes of state are logged', () => {
  const written: string[] = [];
  const log = createLog({ level: 'info', json: true, write: (line) => written.push(line) });
  const lines = new StateLines(log);
  for (const state of ['connecting', 'connecting', 'live', 'live', 'down'] as const) {
    lines.update(summary(row(state, 'why')), state === 'down');
    lines.update(summary(row(state, 'why')), state === 'down');
  }
  const said = written.map((line) => (JSON.parse(line) as { message: string }).message);
  assert.deepEqual(said, ['OKX is connecting', 'OKX is live', 'OKX is down', UNREACHABLE]);
});

test('a log line is one line whatever the text from outside holds, and respects the level', () => {
  const written: string[] = [];
  const log = createLog({ level: 'warn', json: false, write: (line) => written.push(line) });
  log.info('not this');
  log.warn('a\nb', { reason: 'x\r\n\u202ey', n: 1 });
  assert.equal(written.length, 1);
  assert.match(written[0] ?? '', /^\d\d:\d\d:\d\d warn {2}a b reason="x\\r\\n y" n=1$/);
});

test('the block is erased before a line is printed above it, cut to the width and the height, and repainted', () => {
  let text = '';
  const terminal = new Terminal({ columns: 11, rows: 3, write: (part: string) => (text += part) });
  terminal.paint(['0123456789abc', 'two', 'three is cut']);
  assert.equal(text, '0123456789\ntwo\n');
  text = '';
  terminal.line('log');
  assert.equal(text, '\x1b[2A\x1b[Jlog\n0123456789\ntwo\n');
  text = '';
  terminal.close();
  terminal.line('end');
  assert.equal(text, 'end\n');
});

test('a terminal that says no size counts as 80 by 24', () => {
  let text = '';
  const terminal = new Terminal({ columns: 0, rows: 0, write: (part: string) => (text += part) });
  terminal.paint(['x'.repeat(100), 'two']);
  assert.equal(text, `${'x'.repeat(79)}\ntwo\n`);
});
