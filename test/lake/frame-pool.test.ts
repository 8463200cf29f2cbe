import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSound, parseHeader } from '../../src/lake/frame.ts';
import { FramePool } from '../../src/lake/frame-pool.ts';
import { FRAME_HEADER_BYTES, FrameKind } from '../../src/lake/journal-format.ts';

/** Frames of the pool as text, by their payloads. */
function texts(pool: FramePool): string[] {
  const found: string[] = [];
  for (let i = 0; i < pool.length; i += 1) {
    const data = pool.at(i)?.data ?? new Uint8Array();
    found.push(Buffer.from(data.subarray(FRAME_HEADER_BYTES)).toString().trimEnd());
  }
  return found;
}

test('frames of any size go in and out as in a plain queue, and none is ever written over', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ release: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ end: fc.integer({ min: 0, max: 3 }) }),
    ),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const pool = new FramePool(1024);
      const model: string[] = [];
      let count = 0;
      for (const step of all) {
        if ('add' in step) {
          count += 1;
          const text = JSON.stringify(`${count}`.padEnd(step.add, 'x'));
          if (pool.addJson(FrameKind.gaps, 1, 5, JSON.parse(text))) model.push(text);
        } else if ('release' in step) {
          pool.release(step.release);
          model.splice(0, step.release);
        } else if (step.end <= model.length) {
          pool.insertEnd(step.end, 7, 5);
          model.splice(step.end, 0, '');
        }
        assert.deepEqual(texts(pool), model);
      }
    }),
    { numRuns: 300 },
  );
});

test('a full pool refuses, says so, and takes again what fits once something is released', () => {
  const pool = new FramePool(512);
  const big = 'x'.repeat(180);
  assert.ok(pool.addJson(FrameKind.gaps, 1, 0, big));
  assert.ok(pool.addJson(FrameKind.gaps, 1, 0, big));
  assert.equal(pool.addJson(FrameKind.gaps, 1, 0, big), false);
  assert.equal(pool.read('pool').refused, 1);
  pool.release(1);
  assert.ok(pool.addJson(FrameKind.gaps, 1, 0, 'x'.repeat(100)));
  assert.equal(pool.length, 2);
});

test('a frame keeps the number that it is given first, and its checksum holds', () => {
  const pool = new FramePool(4096);
  pool.addJson(FrameKind.gaps, 1, 9, ['a']);
  pool.number(0, 41);
  pool.number(0, 42);
  const data = pool.at(0)?.data ?? new Uint8Array();
  const frame = parseHeader(data, 0, 0);
  assert.equal(frame?.number, 41);
  assert.equal(frame?.writtenAt, 9);
  assert.ok(isSound(data, 0, data.byteLength - FRAME_HEADER_BYTES));
});

test('an end that did not come to be becomes a frame that says nothing, of the same number', () => {
  const pool = new FramePool(4096);
  pool.insertEnd(0, 5, 1);
  pool.unsayEnds();
  const data = pool.at(0)?.data ?? new Uint8Array();
  assert.equal(parseHeader(data, 0, 0)?.kind, FrameKind.heartbeat);
  assert.equal(parseHeader(data, 0, 0)?.number, 5);
  assert.ok(isSound(data, 0, 0));
});
