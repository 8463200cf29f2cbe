import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FrameLine, LineSplitter } from '../../src/app/frame-lines.ts';

function split(chunks: readonly Uint8Array[], max = 100): { frames: FrameLine[]; lines: number } {
  const splitter = new LineSplitter(max);
  const frames: FrameLine[] = [];
  for (const chunk of chunks) {
    // The stream's memory is reused, as Node's may be.
    const reused = new Uint8Array(chunk);
    splitter.feed(reused);
    for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame);
    reused.fill(0x2a);
  }
  const last = splitter.end();
  if (last !== undefined) frames.push(last);
  return { frames, lines: splitter.lines };
}

/** A frame as `line:binary:bad:hex`. */
function brief(frame: FrameLine): string {
  return [
    frame.line,
    frame.binary ? 'b' : 't',
    frame.bad ?? '-',
    Buffer.from(frame.bytes).toString('hex'),
  ].join(':');
}

const INPUT = Buffer.from('\ufeffab\r\n\nbase64:AAEC\nhex:ff00\nhex:f\nbase64:A\nbase64:AA=\nlast');

test('text, base64 and hex lines become frames with their line numbers; what cannot be read is malformed', () => {
  const { frames, lines } = split([INPUT]);
  assert.equal(lines, 8);
  assert.deepEqual(frames.map(brief), [
    '1:t:-:6162',
    '3:b:-:000102',
    '4:b:-:ff00',
    '5:b:malformed:',
    '6:b:malformed:',
    '7:b:malformed:',
    '8:t:-:6c617374',
  ]);
});

test('of a capture, what the exchange sent is a frame; blank lines and what the recorder did are none', () => {
  const lines = [
    'wss://example.test/ws <-> 1619093531.891181',
    'wss://example.test/ws <- 1619093532.77: {"op":1}',
    'https://example.test/list -> 1619093532.78: []',
    '1619093533.5: {"a":1}',
    '1619093533: hex:ff',
    ' \t',
    '12.5: {}',
    'hello',
    '1619093533.5:{}',
  ];
  const text = (frame: FrameLine): string => `${frame.line} ${Buffer.from(frame.bytes).toString('latin1')}`;
  assert.deepEqual(split([Buffer.from(lines.join('\n'))]).frames.map(text), [
    '4 {"a":1}',
    '5 \xff',
    '7 12.5: {}',
    '8 hello',
    '9 1619093533.5:{}',
  ]);
});

test('wherever the stream is cut, the frames are the same', () => {
  const whole = split([INPUT]).frames.map(brief);
  for (let cut = 0; cut <= INPUT.length; cut += 1) {
    assert.deepEqual(split([INPUT.subarray(0, cut), INPUT.subarray(cut)]).frames.map(brief), whole);
  }
  assert.deepEqual(split([...INPUT].map((byte) => Uint8Array.of(byte))).frames.map(brief), whole);
});

test('a line over the limit is reported once as oversized and the next one is read', () => {
  const chunks = [Buffer.from('x'.repeat(150)), Buffer.from('x'.repeat(150)), Buffer.from('x\nok\n')];
  assert.deepEqual(split(chunks).frames.map(brief), ['1:t:oversized:', '2:t:-:6f6b']);
});

test('base64 with and without padding is read, and nothing else is', () => {
  const read = (text: string): string => brief(split([Buffer.from(`base64:${text}`)]).frames[0] as FrameLine);
  for (const text of ['', 'YQ==', 'YQ', 'YWI=', 'YWI', 'YWJj']) {
    assert.equal(read(text), `1:b:-:${Buffer.from(text, 'base64').toString('hex')}`);
  }
  for (const text of ['Y', 'YQ=', 'YQ===', 'Y Q', 'Y_Q-', 'YWJj='])
    assert.equal(read(text), '1:b:malformed:');
});
