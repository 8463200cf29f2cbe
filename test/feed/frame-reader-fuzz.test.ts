import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { closePayload, cut, type Outcome, read, serverFrame } from './frames.ts';

/** The `ws` library's receiving half, whose types are not published. */
interface RivalReceiver {
  on(event: string, listener: (...args: never[]) => void): void;
  write(chunk: Buffer): void;
}
const { Receiver } = createRequire(import.meta.url)('ws') as {
  Receiver: new (options: {
    isServer: boolean;
    maxPayload: number;
    skipUTF8Validation: boolean;
  }) => RivalReceiver;
};

const MAX = 4000;
const ROUNDS = 30_000;

/** A small seeded generator (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What `ws` makes of the same chunks, in the same words. */
async function readByWs(chunks: readonly Buffer[]): Promise<Outcome> {
  const outcome: Outcome = [];
  const receiver = new Receiver({ isServer: false, maxPayload: MAX, skipUTF8Validation: false });
  let over = false;
  receiver.on('message', (data: Buffer, binary: boolean) => {
    outcome.push(`${binary ? 'binary' : 'text'} ${Buffer.from(data).toString('hex')}`);
  });
  receiver.on('ping', (data: Buffer) => outcome.push(`ping ${data.toString('hex')}`));
  receiver.on('pong', (data: Buffer) => outcome.push(`pong ${data.toString('hex')}`));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    over = true;
    outcome.push(`close ${code} ${reason.toString()}`);
  });
  receiver.on('error', (error: Error) => {
    if (over) return;
    over = true;
    const code = Object.getOwnPropertySymbols(error).find((s) => s.description === 'status-code');
    assert.ok(code !== undefined, error.message);
    outcome.push(`violation ${String((error as unknown as Record<symbol, unknown>)[code])}`);
  });
  for (const chunk of chunks) if (!over) receiver.write(chunk);
  // A stream tells of its error a little later.
  await new Promise((resolve) => setImmediate(resolve));
  return outcome;
}

/** A frame that is mostly right, so that streams go on for a while. */
function someFrame(
  random: (below: number) => number,
  fragmented: boolean,
): { frame: Buffer; fragmented: boolean } {
  const wrong = random(40);
  if (wrong === 0) return { frame: serverFrame(random(16), 'x', { bits: random(8) << 4 }), fragmented };
  if (wrong === 1) return { frame: serverFrame(1, 'x', { mask: true }), fragmented };
  if (wrong === 2) return { frame: serverFrame(random(3), 'y', { fin: random(2) === 0 }), fragmented };
  if (wrong === 3) return { frame: serverFrame(8, closePayload(random(6000), 'why')), fragmented };
  if (wrong === 4)
    return { frame: serverFrame(8, closePayload(1000, Buffer.of(random(256), random(256)))), fragmented };
  if (wrong === 5)
    return { frame: serverFrame(8 + random(3), 'z'.repeat(random(200)), { fin: random(3) > 0 }), fragmented };
  if (wrong === 6) return { frame: serverFrame(2, Buffer.alloc(random(2 * MAX), 9)), fragmented };
  if (wrong < 12) return { frame: serverFrame(9 + random(2), 'p'.repeat(random(126))), fragmented };
  const fin = random(3) > 0;
  const length = random(4) === 0 ? random(1000) : random(200);
  const opcode = fragmented ? 0 : 1 + random(2);
  return { frame: serverFrame(opcode, 'm'.repeat(length), { fin }), fragmented: !fin };
}

test(`${ROUNDS} random streams, split at random: the same messages or the same close code as ws`, async () => {
  const random = randomOf(20_261_123);
  let violations = 0;
  let messages = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const frames: Buffer[] = [];
    let fragmented = false;
    for (let i = 1 + random(8); i > 0; i -= 1) {
      const made = someFrame(random, fragmented);
      frames.push(made.frame);
      fragmented = made.fragmented;
    }
    const stream = Buffer.concat(frames);
    const chunks = cut(
      stream,
      Array.from({ length: random(6) }, () => random(stream.length + 1)),
    );
    const expected = await readByWs(chunks);
    assert.deepEqual(
      read(chunks, MAX),
      expected,
      `round ${round}: ${chunks.map((c) => c.toString('hex')).join(' ')}`,
    );
    if (expected.at(-1)?.startsWith('violation') === true) violations += 1;
    else messages += expected.length;
  }
  // Both kinds of outcome were really met.
  assert.ok(violations > ROUNDS / 20, `${violations} violations`);
  assert.ok(messages > ROUNDS, `${messages} messages`);
});

test(`${ROUNDS} streams of random bytes: the same as ws, but for lengths, where ws is more lenient`, async () => {
  const random = randomOf(7);
  for (let round = 0; round < ROUNDS; round += 1) {
    const stream = Buffer.from(serverFrame(1 + random(2), 'm'.repeat(1 + random(150))));
    for (let i = random(4); i > 0; i -= 1) stream[random(stream.length)] = random(256);
    // Lengths not in their shortest form, which RFC 6455 §5.2 forbids and ws lets pass, are judged in frame-reader.test.ts. So is UTF-8 in text, which we leave to decoders.
    const second = stream[1] as number;
    const long = (second & 127) === 127 || ((second & 127) === 126 && stream.readUInt16BE(2) < 126);
    if (long || stream.some((byte, i) => i > 1 && byte > 127)) continue;
    const chunks = cut(stream, [random(stream.length + 1), random(stream.length + 1)]);
    assert.deepEqual(read(chunks, MAX), await readByWs(chunks), stream.toString('hex'));
  }
});
