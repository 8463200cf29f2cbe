import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConflatingProducer } from '../../src/ring/conflating-producer.ts';
import { createRing, RingConsumer, RingProducer } from '../../src/ring/ring.ts';

const SCHEMA = { key: 'u32', value: 'f64', tag: 'bytes2' } as const;
const KEYS = 40;
const GROUPS = 4;

test('against a plain model: rows of a key arrive in order, the newest always arrives, and arrived + replaced = written', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ op: fc.constant('write' as const), n: fc.integer({ min: 0, max: KEYS - 1 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('burst' as const), n: fc.integer({ min: 1, max: 300 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('read' as const), n: fc.integer({ min: 0, max: 200 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = createRing('quotes', SCHEMA, 128, [{ name: 'market', policy: 'gate' }]);
      const groupOf = Uint8Array.from({ length: KEYS }, (_, key) => key % GROUPS);
      const producer = new ConflatingProducer(new RingProducer(memory), KEYS, groupOf, GROUPS);
      const consumer = new RingConsumer(memory, 'market');
      const written = new Map<number, number[]>();
      const arrived = new Map<number, number[]>();
      let count = 0;
      const write = (key: number): void => {
        count += 1;
        const slot = producer.claim(key);
        producer.columns.key[slot] = key;
        producer.columns.value[slot] = count;
        producer.columns.tag.set([count % 251, count % 241], slot * 2);
        written.set(key, [...(written.get(key) ?? []), count]);
      };
      const read = (most: number): void => {
        const rows = Math.min(most, consumer.available());
        for (let i = 0; i < rows; i += 1) {
          const slot = consumer.slot(i);
          const value = consumer.columns.value[slot] as number;
          const key = consumer.columns.key[slot] as number;
          assert.deepEqual(
            [...consumer.columns.tag.subarray(slot * 2, slot * 2 + 2)],
            [value % 251, value % 241],
          );
          arrived.set(key, [...(arrived.get(key) ?? []), value]);
        }
        consumer.release(rows);
      };
      for (const { op, n } of steps) {
        if (op === 'write') write(n);
        else if (op === 'burst') for (let i = 0; i < n; i += 1) write((i * 7) % KEYS);
        else read(n);
        producer.publish();
        assert.ok(producer.read().used <= KEYS);
      }
      for (;;) {
        producer.publish();
        if (consumer.available() === 0) break;
        read(1000);
      }
      let total = 0;
      for (const [key, values] of written) {
        const got = arrived.get(key) ?? [];
        assert.equal(got.at(-1), values.at(-1), `the newest row of key ${key}`);
        assert.deepEqual(
          got,
          [...got].sort((a, b) => a - b),
        );
        assert.deepEqual(
          got,
          values.filter((value) => got.includes(value)),
        );
        total += got.length;
      }
      assert.equal(total + producer.read().replaced, count);
      for (let group = 0; group < GROUPS; group += 1) {
        const lost = [...written]
          .filter(([key]) => key % GROUPS === group)
          .reduce((sum, [key, values]) => sum + values.length - (arrived.get(key)?.length ?? 0), 0);
        assert.equal(producer.replaced[group], lost);
      }
    }),
  );
});
