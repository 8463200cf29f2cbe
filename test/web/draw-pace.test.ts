import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DrawClock, DrawPace } from '../../web/src/chart/draw-pace.ts';

/** A clock that a test moves; a frame comes every 16 ms. */
class TestClock implements DrawClock {
  #now = 1_000;
  readonly #waiting = new Map<object, { readonly at: number; readonly then: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    const key = {};
    this.#waiting.set(key, { at: this.#now + ms, then });
    return () => this.#waiting.delete(key);
  }

  atFrame(then: () => void): () => void {
    return this.after(16 - (this.#now % 16), then);
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (; this.#now <= end; this.#now += 1) {
      for (const [key, { at, then }] of this.#waiting) {
        if (at > this.#now) continue;
        this.#waiting.delete(key);
        then();
      }
    }
  }
}

function paced() {
  const clock = new TestClock();
  const drawn: number[] = [];
  const pace = new DrawPace(clock, () => drawn.push(clock.now()));
  return { clock, drawn, pace };
}

test('a live chart is drawn once in its gap, however often it is told', () => {
  const { clock, drawn, pace } = paced();
  for (let i = 0; i < 100; i++) {
    pace.soon(400);
    clock.pass(9);
  }
  assert.equal(drawn.length, 3);
  assert.ok(drawn.every((at, i) => i === 0 || at - (drawn[i - 1] ?? 0) >= 400));
});

test('what the reader asks for is drawn at the next frame, though a slow drawing is under way', () => {
  const { clock, drawn, pace } = paced();
  pace.soon(400);
  clock.pass(40);
  pace.soon(400);
  clock.pass(10);
  const asked = clock.now();
  pace.soon(0);
  pace.soon(400);
  clock.pass(40);
  assert.equal(drawn.length, 2);
  assert.ok((drawn[1] ?? Number.NaN) - asked <= 32);
  clock.pass(1_000);
  assert.equal(drawn.length, 2, 'the slow one was the same drawing');
});

test('a chart that is gone is not drawn', () => {
  const { clock, drawn, pace } = paced();
  pace.soon(0);
  pace.stop();
  clock.pass(100);
  assert.deepEqual(drawn, []);
});
