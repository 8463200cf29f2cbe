import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/feed/clock.ts';

const ORIGIN = 1_700_000_000_000;

/** A machine whose two clocks are set by the test; `held` ms pass whenever the wall clock is looked at. */
function machine() {
  const state = { monotonic: 0, wall: ORIGIN, held: 0 };
  const clock = systemClock({
    monotonic: () => state.monotonic,
    wall: () => {
      state.monotonic += state.held;
      state.wall += state.held;
      return Math.floor(state.wall);
    },
    origin: ORIGIN,
  });
  const pass = (ms: number): void => {
    state.monotonic += ms;
    state.wall += ms;
  };
  return { state, clock, pass, ahead: () => clock.micros() / 1000 - state.wall };
}

test('the clock tells the wall time of the machine in whole µs', () => {
  const clock = systemClock();
  clock.anchor();
  const now = clock.micros();
  assert.ok(Number.isInteger(now));
  assert.ok(Math.abs(now / 1000 - Date.now()) < 100);
});

test('a wall clock that is a little behind is caught up with slowly: time never runs backwards, not at the anchor either', () => {
  const { state, clock, pass, ahead } = machine();
  pass(5_000);
  state.wall -= 400;
  let last = 0;
  const look = (): void => {
    const now = clock.micros();
    assert.ok(now >= last, `${last - now} µs back`);
    last = now;
  };
  look();
  for (let i = 0; i < 1_200; i += 1) {
    if (i % 500 === 0) {
      assert.equal(clock.anchor(), 0);
      look();
    }
    pass(10);
    look();
    // A tenth of what passed, until it is right.
    const left = Math.max(0, 400 - (i + 1));
    assert.ok(Math.abs(ahead() - left) < 6, `${ahead()} ms ahead after ${(i + 1) * 10} ms`);
  }
});

test('a wall clock that was set is followed at once, and the step is told', () => {
  const { state, clock, pass, ahead } = machine();
  for (const step of [-3_600_000, 3_600_000, 20]) {
    pass(5_000);
    state.wall += step;
    assert.ok(Math.abs(clock.anchor() - step) < 1);
    assert.ok(Math.abs(ahead()) < 1);
  }
});

test('a thread that was held up between looking at both clocks sets nothing', () => {
  const { state, clock, pass, ahead } = machine();
  state.held = 160;
  for (let i = 0; i < 5; i += 1) {
    pass(5_000);
    assert.equal(clock.anchor(), 0);
    assert.ok(Math.abs(ahead()) < 1, `${ahead()} ms ahead`);
  }
});
