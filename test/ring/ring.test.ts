import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import {
  createRing,
  RingConsumer,
  RingProducer,
  readRing,
  ringBytes,
  ringProgress,
} from '../../src/ring/ring.ts';

const SCHEMA = { key: 'u32', value: 'f64', flag: 'u8', tag: 'bytes3' } as const;
const CAPACITY = 128;

type Row = { key: number; value: number; flag: number; tag: number[] };
type Producer = RingProducer<typeof SCHEMA>;
type Consumer = RingConsumer<typeof SCHEMA>;

function write(producer: Producer, row: Row): boolean {
  const slot = producer.claim();
  if (slot < 0) return false;
  const { key, value, flag, tag } = producer.columns;
  key[slot] = row.key;
  value[slot] = row.value;
  flag[slot] = row.flag;
  tag.set(row.tag, slot * 3);
  return true;
}

function readRow(consumer: Consumer, i: number): Row {
  const slot = consumer.slot(i);
  const { key, value, flag, tag } = consumer.columns;
  return {
    key: key[slot] as number,
    value: value[slot] as number,
    flag: flag[slot] as number,
    tag: [...tag.subarray(slot * 3, slot * 3 + 3)],
  };
}

function rowOf(n: number): Row {
  return { key: n, value: n / 3, flag: n % 256, tag: [n % 251, (n + 1) % 251, (n + 2) % 251] };
}

const OPERATIONS = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('write' as const), count: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ op: fc.constant('publish' as const), count: fc.constant(0) }),
    fc.record({
      op: fc.constantFrom('fast' as const, 'slow' as const),
      count: fc.integer({ min: 0, max: 200 }),
    }),
  ),
  { maxLength: 60 },
);

test('gating consumers see exactly the published rows, in order, and the producer is refused exactly when the slowest has not made room', () => {
  fc.assert(
    fc.property(OPERATIONS, (operations) => {
      const memory = createRing('model', SCHEMA, CAPACITY, [
        { name: 'fast', policy: 'gate' },
        { name: 'slow', policy: 'gate' },
      ]);
      const producer = new RingProducer(memory);
      const consumers = { fast: new RingConsumer(memory, 'fast'), slow: new RingConsumer(memory, 'slow') };
      const written: Row[] = [];
      const taken = { fast: 0, slow: 0 };
      let published = 0;
      for (const { op, count } of operations) {
        if (op === 'publish') {
          producer.publish();
          published = written.length;
        } else if (op === 'write') {
          for (let i = 0; i < count; i += 1) {
            const row = rowOf(written.length);
            const room = written.length - Math.min(taken.fast, taken.slow) < CAPACITY;
            assert.equal(write(producer, row), room);
            if (room) written.push(row);
          }
        } else {
          const consumer = consumers[op];
          assert.equal(consumer.available(), published - taken[op]);
          const rows = Math.min(count, consumer.available());
          for (let i = 0; i < rows; i += 1) assert.deepEqual(readRow(consumer, i), written[taken[op] + i]);
          assert.equal(consumer.release(rows), 0);
          taken[op] += rows;
        }
      }
      assert.equal(ringProgress(memory).produced, published);
      assert.deepEqual(ringProgress(memory).lag, {
        fast: published - taken.fast,
        slow: published - taken.slow,
      });
    }),
  );
});

test('a lapping consumer never holds the producer back, reads only intact rows in order, and read + missed = published', () => {
  fc.assert(
    fc.property(OPERATIONS, (operations) => {
      const memory = createRing('laps', SCHEMA, CAPACITY, [{ name: 'slow', policy: 'lap' }]);
      const producer = new RingProducer(memory);
      const consumer = new RingConsumer(memory, 'slow');
      let written = 0;
      let published = 0;
      let read = 0;
      let last = -1;
      const take = (most: number): void => {
        const rows = Math.min(most, consumer.available());
        const copies = Array.from({ length: rows }, (_, i) => readRow(consumer, i));
        for (const row of copies.slice(consumer.release(rows))) {
          assert.deepEqual(row, rowOf(row.key));
          assert.ok(row.key > last);
          last = row.key;
          read += 1;
        }
      };
      for (const { op, count } of operations) {
        if (op === 'publish') {
          producer.publish();
          published = written;
        } else if (op === 'write') {
          for (let i = 0; i < count; i += 1) {
            // Unpublished rows may not outrun the ring themselves: the feed publishes each chunk.
            if (written - published >= CAPACITY / 2) {
              producer.publish();
              published = written;
            }
            assert.ok(write(producer, rowOf(written)));
            written += 1;
          }
        } else take(count);
      }
      producer.publish();
      while (consumer.available() > 0) take(CAPACITY);
      assert.equal(read + consumer.missed, written);
      assert.equal(readRing(memory).lost, consumer.missed);
    }),
  );
});

test('a row written while a lapping consumer was reading its slot is reported as torn, not delivered', () => {
  const memory = createRing('torn', SCHEMA, CAPACITY, [{ name: 'slow', policy: 'lap' }]);
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory, 'slow');
  for (let n = 0; n < CAPACITY / 2; n += 1) write(producer, rowOf(n));
  producer.publish();
  const rows = consumer.available();
  assert.equal(rows, CAPACITY / 2);
  for (let n = CAPACITY / 2; n < CAPACITY + 10; n += 1) write(producer, rowOf(n));
  const torn = consumer.release(rows);
  assert.ok(torn >= 10, `${torn} rows were overwritten`);
  assert.equal(consumer.missed, torn);
});

test('cursors go on rightly after they wrap past 2^31', () => {
  const memory = createRing('wrap', SCHEMA, CAPACITY, [{ name: 'only', policy: 'gate' }]);
  // Start all cursors just before the sign changes; the layout is the ring's own, one line apart.
  const cursors = new Int32Array(memory.buffer, 0, 64);
  const start = 0x7fffffff - 5;
  for (const at of [0, 16, 48]) cursors[at] = start;
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory, 'only');
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < CAPACITY; i += 1) assert.ok(write(producer, rowOf(round * CAPACITY + i)));
    assert.equal(producer.claim(), -1);
    producer.publish();
    assert.equal(consumer.available(), CAPACITY);
    for (let i = 0; i < CAPACITY; i += 1) assert.equal(readRow(consumer, i).key, round * CAPACITY + i);
    consumer.release(CAPACITY);
  }
});

test('across threads every row arrives once, in order, whole, with the producer held back by a small ring', async () => {
  const memory = createRing('threads', SCHEMA, 256, [
    { name: 'main', policy: 'gate' },
    { name: 'other', policy: 'gate' },
  ]);
  const total = 300_000;
  const script = new URL('./ring-worker.js', import.meta.url);
  const producer = new Worker(script, { workerData: { role: 'produce', memory, total } });
  const other = new Worker(script, { workerData: { role: 'consume', memory, total } });
  const otherDone = once(other, 'message');
  const consumer = new RingConsumer(memory, 'main');
  let seen = 0;
  while (seen < total) {
    consumer.wait(1000);
    const rows = consumer.available();
    for (let i = 0; i < rows; i += 1) {
      const slot = consumer.slot(i);
      const n = seen + i;
      if (
        consumer.columns.key[slot] !== n ||
        consumer.columns.value[slot] !== n / 3 ||
        consumer.columns.flag[slot] !== n % 256
      ) {
        assert.deepEqual(readRow(consumer, i), rowOf(n));
      }
    }
    consumer.release(rows);
    seen += rows;
  }
  const [sum] = (await otherDone) as [number];
  assert.equal(sum, (total * (total - 1)) / 2);
  await Promise.all([producer.terminate(), other.terminate()]);
  const reading = readRing(memory);
  assert.equal(reading.used, 0);
  assert.ok(reading.peak <= 256 && reading.peak > 0);
});

test('a ring says what is wrong with its making', () => {
  assert.throws(() => createRing('odd', SCHEMA, 100, []), /power of two/);
  assert.throws(
    () =>
      createRing('twice', SCHEMA, 128, [
        { name: 'a', policy: 'gate' },
        { name: 'a', policy: 'lap' },
      ]),
    /same name/,
  );
  const memory = createRing('one', SCHEMA, 128, [{ name: 'a', policy: 'gate' }]);
  assert.throws(() => new RingConsumer(memory, 'b'), /without a consumer b/);
  assert.equal(memory.buffer.byteLength, ringBytes(SCHEMA, 128, 1));
});
