import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressBar } from '../../src/cli/progress.ts';

function rig(columns = 100, isTTY = true) {
  const written: string[] = [];
  let now = 5000;
  return {
    stream: { isTTY, columns, write: (text: string) => written.push(text) },
    written,
    clock: () => now,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test('nothing is shown before a second has passed, and nothing is cleared then', () => {
  const { stream, written, clock, wait } = rig();
  const bar = progressBar(stream, 'checking', clock);
  bar.update(1, 100);
  wait(999);
  bar.update(50, 100);
  bar.end();
  assert.deepEqual(written, []);
});

test('after a second there is one line with label, bar, percent, counts, remaining time and note', () => {
  const { stream, written, clock, wait } = rig();
  const bar = progressBar(stream, 'checking', clock);
  wait(2000);
  bar.update(1000, 4000, 'quotes/date=2026-11-23');
  assert.deepEqual(written, [
    `\r\x1b[Kchecking ${'█'.repeat(6)}${'░'.repeat(18)}  25 %  1,000/4,000  6 s left  quotes/date=2026-11-23`,
  ]);
  wait(598_000);
  bar.update(2000, 4000);
  assert.match(written[1] ?? '', /50 % {2}2,000\/4,000 {2}10 min 0 s left$/);
  bar.end();
  assert.equal(written[2], '\r\x1b[K');
});

test('it is repainted ten times a second at most', () => {
  const { stream, written, clock, wait } = rig();
  const bar = progressBar(stream, 'x', clock);
  wait(1000);
  for (let i = 0; i < 1000; i += 1) {
    bar.update(i, 1000);
    wait(1);
  }
  assert.equal(written.length, 10);
});

test('a line never reaches the last column, and what a name holds cannot move the cursor', () => {
  const { stream, written, clock, wait } = rig(40);
  const bar = progressBar(stream, 'label', clock);
  wait(3000);
  bar.update(1, 3, '\n\x1b[2Jx'.repeat(50));
  const line = (written[0] ?? '').replace('\r\x1b[K', '');
  assert.equal([...line].length, 39);
  assert.ok(!line.includes('\n') && !line.includes('\x1b'));
});

test('a total of nothing, or one that was passed, makes no nonsense', () => {
  const { stream, written, clock, wait } = rig();
  const bar = progressBar(stream, 'x', clock);
  wait(2000);
  bar.update(0, 0);
  wait(2000);
  bar.update(7, 5);
  assert.match(written[0] ?? '', / 0 % {2}0\/0$/);
  assert.match(written[1] ?? '', / 100 % {2}7\/5 {2}0 s left$/);
});

test('where there is no terminal nothing is written', () => {
  const { stream, written, clock, wait } = rig(100, false);
  const bar = progressBar(stream, 'x', clock);
  wait(5000);
  bar.update(1, 2);
  bar.end();
  assert.deepEqual(written, []);
});
