import { parentPort, workerData } from 'node:worker_threads';
import { RingConsumer, type RingMemory, RingProducer } from '../../src/ring/ring.ts';

const SCHEMA = { key: 'u32', value: 'f64', flag: 'u8', tag: 'bytes3' } as const;
const { role, memory, total } = workerData as {
  role: string;
  memory: RingMemory<typeof SCHEMA>;
  total: number;
};

if (role === 'produce') produce();
else consume();

function produce(): void {
  const producer = new RingProducer(memory);
  const { key, value, flag } = producer.columns;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let n = 0; n < total; n += 1) {
    let slot = producer.claim();
    while (slot < 0) {
      producer.publish();
      Atomics.wait(pause, 0, 0, 1);
      slot = producer.claim();
    }
    key[slot] = n;
    value[slot] = n / 3;
    flag[slot] = n % 256;
    if (n % 17 === 0) producer.publish();
  }
  producer.publish();
}

function consume(): void {
  const consumer = new RingConsumer(memory, 'other');
  let seen = 0;
  let sum = 0;
  while (seen < total) {
    consumer.wait(1000);
    const rows = consumer.available();
    for (let i = 0; i < rows; i += 1) sum += consumer.columns.key[consumer.slot(i)] as number;
    consumer.release(rows);
    seen += rows;
  }
  parentPort?.postMessage(sum);
}
