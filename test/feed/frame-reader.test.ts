import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from '../../src/feed/byte-budget.ts';
import { FrameReader } from '../../src/feed/frame-reader.ts';
import { closePayload, cut, type Outcome, read, serverFrame } from './frames.ts';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const [CONT, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** Streams and what RFC 6455 says of them. */
const RULES: readonly [name: string, stream: Buffer[], expected: Outcome][] = [
  ['an empty text message', [serverFrame(TEXT, '')], ['text ']],
  ['the RFC’s own example (§5.7): Hello', [Buffer.from('810548656c6c6f', 'hex')], [`text ${hex('Hello')}`]],
  ['the RFC’s fragmented Hello', [Buffer.from('010348656c80026c6f', 'hex')], [`text ${hex('Hello')}`]],
  ['the RFC’s unmasked ping', [Buffer.from('890548656c6c6f', 'hex')], [`ping ${hex('Hello')}`]],
  ...[125, 126, 127, 128, 255, 256, 65_535, 65_536, 70_000].map((length): [string, Buffer[], Outcome] => [
    `a binary message of ${length} bytes`,
    [serverFrame(BINARY, Buffer.alloc(length, 7))],
    [`binary ${'07'.repeat(length)}`],
  ]),
  ['a pong nobody asked for', [serverFrame(PONG, 'x')], [`pong ${hex('x')}`]],
  ['a ping of 125 bytes', [serverFrame(PING, 'p'.repeat(125))], [`ping ${hex('p'.repeat(125))}`]],
  [
    'control frames between fragments',
    [
      serverFrame(TEXT, 'a', { fin: false }),
      serverFrame(PING, '1'),
      serverFrame(CONT, '', { fin: false }),
      serverFrame(PONG, '2'),
      serverFrame(CONT, 'b'),
      serverFrame(TEXT, 'c'),
    ],
    [`ping ${hex('1')}`, `pong ${hex('2')}`, `text ${hex('ab')}`, `text ${hex('c')}`],
  ],
  [
    'a close in the middle of a fragmented message',
    [serverFrame(TEXT, 'a', { fin: false }), serverFrame(CLOSE, closePayload(1000))],
    ['close 1000 '],
  ],
  ['a close without a code', [serverFrame(CLOSE, '')], ['close 1005 ']],
  ['a close with a reason', [serverFrame(CLOSE, closePayload(1001, 'búst'))], ['close 1001 búst']],
  ['nothing after a close', [serverFrame(CLOSE, ''), serverFrame(TEXT, 'late')], ['close 1005 ']],
  ['a close of one byte', [serverFrame(CLOSE, 'x')], ['violation 1002']],
  [
    'a close reason that is not UTF-8',
    [serverFrame(CLOSE, closePayload(1000, Buffer.of(0xff)))],
    ['violation 1007'],
  ],
  [
    'a close reason cut in a character',
    [serverFrame(CLOSE, closePayload(1000, Buffer.of(0xc3)))],
    ['violation 1007'],
  ],
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
    (code): [string, Buffer[], Outcome] => [
      `close code ${code} is allowed`,
      [serverFrame(CLOSE, closePayload(code))],
      [`close ${code} `],
    ],
  ),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
    (code): [string, Buffer[], Outcome] => [
      `close code ${code} is not allowed`,
      [serverFrame(CLOSE, closePayload(code))],
      ['violation 1002'],
    ],
  ),
  ...[0x40, 0x20, 0x10, 0x70].map((bits): [string, Buffer[], Outcome] => [
    `reserved bits ${bits.toString(16)}`,
    [serverFrame(TEXT, 'ok'), serverFrame(TEXT, 'a', { bits }), serverFrame(TEXT, 'late')],
    [`text ${hex('ok')}`, 'violation 1002'],
  ]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Buffer[], Outcome] => [
    `opcode ${opcode}`,
    [serverFrame(opcode, 'a')],
    ['violation 1002'],
  ]),
  ['a masked frame', [serverFrame(TEXT, 'a', { mask: true })], ['violation 1002']],
  ['a masked ping', [serverFrame(PING, '', { mask: true })], ['violation 1002']],
  ['a continuation of nothing', [serverFrame(CONT, 'a')], ['violation 1002']],
  ['an unfinished continuation of nothing', [serverFrame(CONT, 'a', { fin: false })], ['violation 1002']],
  [
    'a continuation behind a whole message',
    [serverFrame(TEXT, 'a'), serverFrame(CONT, 'b')],
    [`text ${hex('a')}`, 'violation 1002'],
  ],
  [
    'a new message inside a fragmented one',
    [serverFrame(TEXT, 'a', { fin: false }), serverFrame(TEXT, 'b')],
    ['violation 1002'],
  ],
  [
    'a new fragmented message inside a fragmented one',
    [serverFrame(BINARY, 'a', { fin: false }), serverFrame(BINARY, 'b', { fin: false })],
    ['violation 1002'],
  ],
  ['a fragmented ping', [serverFrame(PING, 'a', { fin: false })], ['violation 1002']],
  ['a fragmented close', [serverFrame(CLOSE, '', { fin: false })], ['violation 1002']],
  ['a ping of 126 bytes', [serverFrame(PING, 'p'.repeat(126))], ['violation 1002']],
  ['a close of 126 bytes', [serverFrame(CLOSE, closePayload(1000, 'p'.repeat(124)))], ['violation 1002']],
  [
    '16-bit length for 125 bytes',
    [serverFrame(TEXT, 'a'.repeat(125), { lengthBytes: 2 })],
    ['violation 1002'],
  ],
  [
    '64-bit length for 65,535 bytes',
    [serverFrame(TEXT, 'a'.repeat(65_535), { lengthBytes: 8 })],
    ['violation 1002'],
  ],
  ['a length with its top bit set', [Buffer.from('827f8000000000010000', 'hex')], ['violation 1002']],
  ['a message over the limit', [serverFrame(BINARY, Buffer.alloc(100_001))], ['violation 1009']],
  ['a header that promises 2^62 bytes', [Buffer.from('827f4000000000000000', 'hex')], ['violation 1009']],
  [
    'fragments that together are over the limit',
    [serverFrame(BINARY, Buffer.alloc(60_000), { fin: false }), serverFrame(CONT, Buffer.alloc(60_000))],
    ['violation 1009'],
  ],
  ['half a frame', [serverFrame(TEXT, 'hello').subarray(0, 4)], []],
];

for (const [name, stream, expected] of RULES) {
  test(`RFC 6455: ${name}`, () => {
    const whole = Buffer.concat(stream);
    assert.deepEqual(read([whole]), expected, 'in one chunk');
    assert.deepEqual(
      read(
        cut(
          whole,
          Array.from({ length: Math.min(whole.length, 400) }, (_, i) => i),
        ),
      ),
      expected,
      'byte by byte',
    );
  });
}

test('a stream cut in two at every place, and in three at many, gives the same messages', () => {
  const stream = Buffer.concat([
    serverFrame(TEXT, 'short'),
    serverFrame(BINARY, Buffer.alloc(140, 1)),
    serverFrame(TEXT, 'a', { fin: false }),
    serverFrame(PING, 'now'),
    serverFrame(CONT, 'b'.repeat(130), { fin: false }),
    serverFrame(CONT, 'c'),
    serverFrame(TEXT, ''),
    serverFrame(BINARY, Buffer.alloc(126, 2)),
    serverFrame(CLOSE, closePayload(1000, 'bye')),
  ]);
  const expected = read([stream]);
  assert.equal(expected.length, 7);
  for (let at = 0; at <= stream.length; at += 1) {
    assert.deepEqual(read(cut(stream, [at])), expected, `cut at ${at}`);
    for (let second = at; second <= stream.length; second += 11) {
      assert.deepEqual(read(cut(stream, [at, second])), expected, `cut at ${at} and ${second}`);
    }
  }
});

test('a frame larger than a chunk is put together once and its memory given back', () => {
  const body = Buffer.alloc(90_000, 3);
  const stream = Buffer.concat([serverFrame(BINARY, body), serverFrame(TEXT, 'after')]);
  const chunks = cut(
    stream,
    Array.from({ length: 90 }, (_, i) => i * 1000),
  );
  assert.deepEqual(read(chunks), [`binary ${body.toString('hex')}`, `text ${hex('after')}`]);
});

test('when the connections’ common memory is used up, a large message is refused with 1009 and the budget stays whole', () => {
  const budget = new ByteBudget(10_000);
  const told: string[] = [];
  const reader = new FrameReader(
    {
      message: () => told.push('message'),
      pinged: () => told.push('ping'),
      ponged: () => told.push('pong'),
      closed: () => told.push('close'),
      violated: (code) => told.push(`violation ${code}`),
    },
    100_000,
    budget,
  );
  const frame = serverFrame(BINARY, Buffer.alloc(50_000));
  for (const chunk of cut(
    frame,
    Array.from({ length: 50 }, (_, i) => i * 1000),
  ))
    reader.push(chunk);
  assert.deepEqual(told, ['violation 1009']);
  const bound = budget.read({
    name: 'feed.large-messages',
    policy: 'close',
    capacity: budget.capacity,
    capacityBytes: budget.capacity,
    cleanedBy: 'the end of the message',
  });
  assert.equal(bound.used, 0);
  assert.ok(bound.peak <= 10_000);
  assert.equal(bound.refused, 1);
});

test('nothing is told after stop, even inside a chunk', () => {
  const told: number[] = [];
  const reader: FrameReader = new FrameReader(
    {
      message: () => {
        told.push(1);
        if (told.length === 2) reader.stop();
      },
      pinged: () => undefined,
      ponged: () => undefined,
      closed: () => undefined,
      violated: () => undefined,
    },
    1000,
    new ByteBudget(0),
  );
  reader.push(Buffer.concat(Array.from({ length: 5 }, () => serverFrame(TEXT, 'abc'))));
  reader.push(serverFrame(TEXT, 'abc'));
  assert.equal(told.length, 2);
});
