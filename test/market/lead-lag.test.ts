import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LAGS_MS, leadLag, type MidChanges } from '../../src/market/lead-lag.ts';

const START = 1_700_000_000_000_000;

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A price that walks every ms for so many seconds. */
function walk(seconds: number, seed: number): Float64Array {
  const random = randomOf(seed);
  const price = new Float64Array(seconds * 1000);
  let at = 100;
  for (let ms = 0; ms < price.length; ms++) {
    at *= 1 + 1e-5 * (random() + random() + random() - 1.5);
    price[ms] = at;
  }
  return price;
}

/** What a venue tells that sees the price `delayMs` late, at random times, with noise of its own. */
function seen(
  price: Float64Array,
  delayMs: number,
  everyMs: number,
  noise: number,
  seed: number,
): MidChanges {
  const random = randomOf(seed);
  const [time, mid]: [number[], number[]] = [[], []];
  for (let ms = 3000; ms < price.length - 3000; ) {
    ms += Math.max(1, Math.round(-Math.log(1 - random()) * everyMs));
    const truth = price[Math.round(ms - delayMs)];
    if (truth === undefined) break;
    time.push(START + ms * 1000 + Math.floor(random() * 900));
    mid.push(truth * (1 + noise * (random() - 0.5)));
  }
  return { time: Float64Array.from(time), mid: Float64Array.from(mid) };
}

test('a leg that follows another is found with its delay, whichever is named first', () => {
  const price = walk(240, 1);
  for (const delay of [0, 4, 12, 45, 180, 640]) {
    const [leader, follower] = [seen(price, 0, 40, 0, 2), seen(price, delay, 55, 0, 3)];
    const found = leadLag(leader, follower);
    const error = Math.max(6, delay * 0.15);
    assert.ok(Math.abs(found.leadMs - delay) <= error, `${delay} ms: ${found.leadMs}`);
    const mirrored = leadLag(follower, leader);
    assert.ok(Math.abs(mirrored.leadMs + delay) <= error, `${-delay} ms: ${mirrored.leadMs}`);
    assert.deepEqual([mirrored.changesA, mirrored.changesB], [found.changesB, found.changesA]);
    if (delay === 0) assert.equal(found.clear, false);
    if (delay < 45) continue;
    assert.ok(found.clear && mirrored.clear);
    assert.ok(found.ratio > 1 && mirrored.ratio < 1, `${found.ratio}, ${mirrored.ratio}`);
    assert.ok(found.agreement === 1 && found.spreadMs <= Math.max(10, delay * 0.3), JSON.stringify(found));
    assert.ok(found.correlation > found.correlationAtZero);
  }
});

test('noise of each venue hides how strong the tie is, not who is first', () => {
  const price = walk(300, 4);
  const found = leadLag(seen(price, 0, 40, 1e-4, 5), seen(price, 100, 40, 1e-4, 6));
  assert.ok(Math.abs(found.leadMs - 100) <= 20, `${found.leadMs}`);
});

test('legs that have nothing to do with one another have no lead', () => {
  for (let seed = 10; seed < 20; seed++) {
    const found = leadLag(
      seen(walk(120, seed), 0, 30, 0, seed),
      seen(walk(120, seed + 100), 0, 30, 0, seed + 1),
    );
    assert.ok(Number.isNaN(found.leadMs), `${seed}: ${found.leadMs} with ${found.correlation}`);
    assert.ok(Number.isNaN(found.agreement) && !found.clear);
  }
});

test('too few changes, or none, say nothing', () => {
  const none: MidChanges = { time: new Float64Array(0), mid: new Float64Array(0) };
  const one = seen(walk(10, 1), 0, 100, 0, 1);
  for (const found of [leadLag(none, none), leadLag(one, none), leadLag(none, one)]) {
    assert.ok(Number.isNaN(found.leadMs) && Number.isNaN(found.correlation));
  }
});

/** The definition, pair by pair. */
function naive(a: MidChanges, b: MidChanges, lagMs: number): number {
  let [sum, ofA, ofB] = [0, 0, 0];
  const change = ({ mid }: MidChanges, i: number): number => Math.log((mid[i] ?? 0) / (mid[i - 1] ?? 0));
  for (let i = 1; i < a.time.length; i++) {
    ofA += change(a, i) ** 2;
    for (let j = 1; j < b.time.length; j++) {
      const [from, to] = [(a.time[i - 1] ?? 0) + lagMs * 1000, (a.time[i] ?? 0) + lagMs * 1000];
      if (Math.max(from, b.time[j - 1] ?? 0) < Math.min(to, b.time[j] ?? 0))
        sum += change(a, i) * change(b, j);
    }
  }
  for (let j = 1; j < b.time.length; j++) ofB += change(b, j) ** 2;
  return sum / Math.sqrt(ofA * ofB);
}

const LEG = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 9000, max: 11_000 })), {
    minLength: 25,
    maxLength: 60,
  })
  .map((steps): MidChanges => {
    let at = START;
    return {
      time: Float64Array.from(steps, ([gap]) => (at += gap)),
      mid: Float64Array.from(steps, ([, mid]) => mid / 100),
    };
  });

test('the correlations are those of the definition, on any legs', () => {
  fc.assert(
    fc.property(LEG, LEG, (a, b) => {
      const found = leadLag(a, b);
      assert.ok(Math.abs(found.correlationAtZero - naive(a, b, 0)) < 1e-9);
      const best = Math.max(...LAGS_MS.map((lag) => naive(a, b, lag)));
      assert.ok(found.correlation >= best - 1e-9);
      let [ahead, behind] = [0, 0];
      for (const lag of LAGS_MS) {
        if (lag > 0) ahead += naive(a, b, lag) ** 2;
        if (lag < 0) behind += naive(a, b, lag) ** 2;
      }
      const close =
        behind === 0
          ? !Number.isFinite(found.ratio)
          : Math.abs(found.ratio - ahead / behind) <= 1e-6 * found.ratio;
      assert.ok(close, `${found.ratio} is not ${ahead / behind}`);
    }),
    { numRuns: 60 },
  );
});
