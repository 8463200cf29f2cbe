import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SpreadscopeError } from '../../src/core/errors.ts';
import { VENUE_IDS } from '../../src/core/venue-ids.ts';
import { VENUES } from '../../src/venues/index.ts';
import { CHANNELS, type Venue } from '../../src/venues/venue.ts';
import { decodeAll, frameBytes, loadFixture, tableOf } from './fixture.ts';
import { parseRaw, type Reshaping, seededRandom, writeReshaped } from './reshape-json.ts';

/** Frames that are not JSON cannot be written in another key order. */
const NOT_JSON: ReadonlySet<string> = new Set(['mexc']);

/** Limits of a venue that its facts do not state as numbers: [topics per message, bytes per message]. */
const MESSAGE_LIMITS = {
  binance: [200, 65_536],
  bybit: [10, 21_000],
  okx: [100, 65_536],
  gate: [100, 65_536],
  kucoin: [100, 65_536],
  bitget: [20, 4_096],
  mexc: [30, 65_536],
  bingx: [1, 65_536],
} as const satisfies Record<(typeof VENUE_IDS)[number], readonly [number, number]>;

test('every venue id has its venue', () => {
  assert.deepEqual(Object.keys(VENUES).sort(), [...VENUE_IDS].sort());
  for (const [id, venue] of Object.entries(VENUES)) assert.equal(venue.id, id);
});

for (const venue of Object.values<Venue>(VENUES)) {
  const fixture = loadFixture(venue.id);

  test(`${venue.id}: facts are in their ranges`, () => {
    assert.ok(venue.takerFee > 0 && venue.takerFee < 0.01);
    assert.match(venue.endpoints.rest, /^https:\/\/[^/]+$/);
    assert.match(venue.endpoints.ws, /^wss:\/\/[^/]+$/);
    assert.ok(venue.limits.symbolsPerConnection > 0);
    assert.ok(venue.limits.dials.count > 0 && venue.limits.messages.count > 0);
    assert.ok(venue.keepAlive.silenceMs > 0 && venue.keepAlive.silenceMs <= 15_000);
    assert.ok(venue.catalogue.instruments.path.startsWith('/'));
    assert.ok(venue.catalogue.tickers.path.startsWith('/'));
  });

  test(`${venue.id}: the catalogue is read as documented`, () => {
    const { now, instruments, tickers } = fixture.catalogue;
    const listed = venue.catalogue.parseInstruments(fixture.instruments, now);
    assert.deepEqual(JSON.parse(JSON.stringify(listed)), instruments);
    const read = venue.catalogue.parseTickers(fixture.tickers);
    const rows = read.map((t) => [
      t.nativeId,
      [t.last, t.quoteVolume, t.usdVolume].map((n) => (Number.isNaN(n) ? null : n)),
    ]);
    assert.deepEqual(Object.fromEntries(rows), tickers);
  });

  test(`${venue.id}: a reply of another shape is refused with a code, a row of another shape is left out`, () => {
    for (const reply of [
      null,
      7,
      'no',
      [],
      {},
      { code: '500', data: null },
      [[1]],
      { symbols: 3, result: [], data: 'x' },
    ]) {
      for (const parse of [
        venue.catalogue.parseTickers,
        (r: unknown) => venue.catalogue.parseInstruments(r, 0),
      ]) {
        try {
          assert.deepEqual(parse(reply), []);
        } catch (error) {
          assert.ok(error instanceof SpreadscopeError, String(error));
          assert.equal(error.code, 'VENUE_REPLY_INVALID');
          assert.ok(error.message.includes(venue.id));
        }
      }
    }
  });

  test(`${venue.id}: subscriptions name each symbol and channel once, within the venue's limits`, () => {
    const ids = Array.from({ length: venue.limits.symbolsPerConnection }, (_, i) => `COIN${i}-USDT`);
    const messages = venue.subscribe(ids, CHANNELS, 41, 1_790_071_390_505);
    const [maxTopics, maxBytes] = MESSAGE_LIMITS[venue.id];
    const asked = messages.flatMap((m) => m.topics.map((t) => `${t.channel} ${t.nativeId}`));
    assert.deepEqual(asked.sort(), CHANNELS.flatMap((c) => ids.map((id) => `${c} ${id}`)).sort());
    const keys = messages.flatMap((m) => m.topics.map((t) => t.key));
    assert.equal(new Set(keys).size, keys.length);
    for (const message of messages) {
      assert.ok(message.topics.length <= maxTopics, `${message.topics.length} topics in a message`);
      assert.ok(message.text.length <= maxBytes, `${message.text.length} bytes in a message`);
      assert.doesNotThrow(() => JSON.parse(message.text));
    }
    const requestIds = messages.map((m) => m.requestId).filter((id) => id !== undefined);
    assert.equal(new Set(requestIds).size, requestIds.length);
  });

  test(`${venue.id}: frames decode to the values in them`, () => {
    for (const { frame, records } of fixture.frames) {
      const sink = decodeAll(venue, fixture.symbols, [frameBytes(frame)]);
      assert.deepEqual(sink.records, records, frame);
      assert.deepEqual(sink.others, [], frame);
    }
  });

  test(`${venue.id}: acknowledgements, refusals, heartbeats, other channels and broken frames are told apart`, () => {
    for (const { frame, sink: expected } of fixture.others) {
      const sink = decodeAll(venue, fixture.symbols, [frameBytes(frame)]);
      assert.deepEqual(JSON.parse(JSON.stringify(sink.others)), expected, frame);
      assert.deepEqual(sink.records, [], frame);
    }
  });

  test(`${venue.id}: symbols that are not in the table are counted, not delivered`, () => {
    for (const { frame, records } of fixture.frames) {
      const sink = decodeAll(venue, { 'NOT-THERE': 'NOT-THERE' }, [frameBytes(frame)]);
      assert.deepEqual(sink.records, []);
      assert.ok(
        sink.others.every((kind) => kind === 'unknown-symbol'),
        frame,
      );
      assert.ok(sink.others.length <= Math.max(1, records.length));
    }
  });

  test(`${venue.id}: a frame cut anywhere delivers nothing and is counted once`, () => {
    for (const { frame } of fixture.frames) {
      const { bytes, binary } = frameBytes(frame);
      for (let length = 0; length < bytes.length; length += 1) {
        const sink = decodeAll(venue, fixture.symbols, [{ bytes: bytes.subarray(0, length), binary }]);
        if (NOT_JSON.has(venue.id)) continue;
        assert.deepEqual([sink.records, sink.others.length], [[], 1], `${frame} cut to ${length}`);
        if (!binary) assert.equal(sink.others[0], 'truncated', `${frame} cut to ${length}`);
      }
    }
  });

  test(`${venue.id}: a message is read where it lies in a chunk`, () => {
    for (const { frame, records } of fixture.frames) {
      const { bytes, binary } = frameBytes(frame);
      const chunk = new Uint8Array(bytes.length + 7).fill(0x7d);
      chunk.set(bytes, 3);
      const sink = decodeAll(venue, fixture.symbols, []);
      venue.createDecoder(tableOf(fixture.symbols), sink).decode(chunk, 3, 3 + bytes.length, binary);
      assert.deepEqual(sink.records, records, frame);
    }
  });

  const shapes: Record<string, Reshaping> = {
    'keys in any order': { shuffleKeys: true },
    'unknown keys': { unknownKeys: true },
    'white space': { space: true },
    'all of that': { shuffleKeys: true, unknownKeys: true, space: true },
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const skip = NOT_JSON.has(venue.id) ? 'its frames are not JSON' : false;
    test(`${venue.id}: ${name} change nothing in what is decoded`, { skip }, () => {
      const random = seededRandom(7);
      for (const { frame, records } of fixture.frames) {
        for (let round = 0; round < 20; round += 1) {
          const reshaped = reshapeFrame(frame, shape, random);
          const sink = decodeAll(venue, fixture.symbols, [reshaped]);
          const text = Buffer.from(reshaped.bytes).toString();
          assert.deepEqual(sink.records, records, text);
          assert.deepEqual(sink.others, [], text);
        }
      }
    });
  }

  test(`${venue.id}: a message over the limit is refused unread`, () => {
    const bytes = new Uint8Array(venue.limits.maxMessageBytes + 1).fill(0x20);
    const sink = decodeAll(venue, fixture.symbols, [{ bytes, binary: false }]);
    assert.deepEqual(sink.others, ['oversized']);
  });
}

/** Writes a frame's JSON in another shape; a gzip frame is one again afterwards. */
function reshapeFrame(
  frame: string,
  shape: Reshaping,
  random: () => number,
): { bytes: Uint8Array; binary: boolean } {
  const { bytes, binary } = frameBytes(frame);
  const text = (binary ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8');
  const reshaped = Buffer.from(writeReshaped(parseRaw(text), shape, random), 'utf8');
  return { bytes: binary ? gzipSync(reshaped) : reshaped, binary };
}
