import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../src/gateway/limits.ts';
import { Outbox } from '../../src/gateway/outbox.ts';

interface Line {
  /** The age of each message when its last byte was read, ms. */
  readonly ages: number[];
  readonly left: number;
  readonly mostUnderWay: number;
  readonly endedAfterMs: number | undefined;
}

/**
 * A line to a client that reads so many bytes a ms, in steps of 10 ms: a queue of frames and pings, read in order. Every 50 ms there is a new message that is sent if the outbox has room.
 * The client stops reading at `stopsMs`.
 */
function simulate(bytesPerMs: number, messageBytes: number, lastsMs: number, stopsMs = Infinity): Line {
  const outbox = new Outbox(DEFAULT_LIMITS, 0);
  const queue: { bytes: number; readonly sentMs: number; readonly ping: number | undefined }[] = [];
  const ages: number[] = [];
  let left = 0;
  let mostUnderWay = 0;
  for (let nowMs = 0; nowMs < lastsMs; nowMs += 10) {
    let budget = nowMs < stopsMs ? bytesPerMs * 10 : 0;
    for (let first = queue[0]; first !== undefined && budget > 0; first = queue[0]) {
      const read = Math.min(budget, first.bytes);
      first.bytes -= read;
      budget -= read;
      if (first.bytes > 0) break;
      queue.shift();
      if (first.ping === undefined) ages.push(nowMs - first.sentMs);
      else assert.ok(outbox.pong(first.ping, nowMs));
    }
    if (nowMs % 50 === 0) {
      if (outbox.hasRoom(messageBytes)) {
        outbox.wrote(messageBytes, nowMs);
        queue.push({ bytes: messageBytes, sentMs: nowMs, ping: undefined });
      } else left++;
      const ping = outbox.nextPing(nowMs);
      if (ping !== undefined) queue.push({ bytes: 6, sentMs: nowMs, ping });
    }
    mostUnderWay = Math.max(mostUnderWay, outbox.underWay);
    if (outbox.ageMs(nowMs) >= DEFAULT_LIMITS.slowMs) {
      return { ages, left, mostUnderWay, endedAfterMs: nowMs - stopsMs };
    }
  }
  return { ages, left, mostUnderWay, endedAfterMs: undefined };
}

test('a fast client gets every message', () => {
  const { left, ages } = simulate(10_000, 4000, 60_000);
  assert.equal(left, 0);
  assert.ok(ages.length > 1190);
});

test('a client at 16 KB/s stays, and what it reads is under a second old once its line is known', () => {
  for (const bytes of [500, 2000, 8000]) {
    const { ages, left, endedAfterMs } = simulate(16, bytes, 600_000);
    assert.equal(endedAfterMs, undefined);
    assert.ok(bytes < 1000 || left > 0);
    const late = ages.slice(100).filter((age) => age > 1000);
    assert.ok(late.length <= ages.length / 100, `${bytes} B: ${late.length} of ${ages.length} over a second`);
  }
});

test('a client that stops reading is slow within 7 s, however small its topics are', () => {
  for (const [bytes, after] of [
    [40, 10_000],
    [4000, 10_000],
    [40_000, 0],
  ] as const) {
    const { endedAfterMs, mostUnderWay } = simulate(10_000, bytes, 60_000, after);
    assert.ok(
      endedAfterMs !== undefined && endedAfterMs >= 4000 && endedAfterMs <= 7000,
      `${endedAfterMs} ms`,
    );
    assert.ok(mostUnderWay <= DEFAULT_LIMITS.outboxBytes);
  }
});

test('a window that a bad minute made small grows again', () => {
  const outbox = new Outbox(DEFAULT_LIMITS, 0);
  const turn = (fromMs: number, tookMs: number): void => {
    for (let i = 0; i < 1000 && outbox.hasRoom(1000); i++) outbox.wrote(1000, fromMs);
    const ping = outbox.nextPing(fromMs);
    assert.ok(ping !== undefined && outbox.pong(ping, fromMs + tookMs));
  };
  turn(0, 4000);
  for (let i = 0; i < 3; i++) outbox.wrote(1000, 10_000);
  assert.equal(outbox.hasRoom(2000), false);
  const ping = outbox.nextPing(10_000) ?? -1;
  outbox.pong(ping, 10_001);
  for (let i = 0; i < 8; i++) turn(20_000 + i * 1000, 1);
  assert.equal(outbox.hasRoom(DEFAULT_LIMITS.outboxBytes), true);
  outbox.wrote(100_000, 40_000);
  assert.equal(outbox.hasRoom(31_072), true);
  assert.equal(outbox.hasRoom(31_073), false);
});

test('an idle client is asked every 15 s, and a pong that nobody asked for proves nothing', () => {
  const outbox = new Outbox(DEFAULT_LIMITS, 0);
  assert.equal(outbox.nextPing(14_999), undefined);
  const ping = outbox.nextPing(15_000);
  assert.equal(outbox.pong((ping ?? 0) + 1, 15_001), false);
  assert.equal(outbox.pong(Number.NaN, 15_001), false);
  assert.equal(outbox.ageMs(29_999), 0);
  assert.ok(outbox.silentMs(30_000) >= 30_000);
  outbox.wrote(100, 30_000);
  assert.equal(outbox.ageMs(34_999), 4999, 'what was sent later did not wait for as long as the ping');
});
