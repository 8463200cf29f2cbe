import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, deflateRawSync, gunzipSync, gzipSync, inflateRawSync, crc32 as zlibCrc } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../../src/venues/shared/crc32.ts';
import { Gunzip, GunzipFailure } from '../../../src/venues/shared/gunzip.ts';

const BOUND = 256 * 1024;
const gunzip = new Gunzip(BOUND);

function inflate(member: Uint8Array): Buffer | number {
  const length = gunzip.inflate(member, 0, member.length);
  return length < 0 ? length : Buffer.from(gunzip.output.subarray(0, length));
}

/** What zlib makes of the same bytes; undefined = it refuses them. */
function reference(member: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(member);
  } catch {
    return undefined;
  }
}

/** What zlib makes of a bare deflate stream that ends where the bytes end; undefined = it refuses it. */
function referenceRaw(stream: Uint8Array): Buffer | undefined {
  try {
    const { buffer, engine } = inflateRawSync(stream, { info: true }) as unknown as RawResult;
    return engine.bytesWritten === stream.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

interface RawResult {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** A member made by hand: any header, any deflate stream, the true CRC and length of `content`. */
function member(header: Buffer, stream: Uint8Array, content: Uint8Array): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content, 0, content.length) >>> 0, 0);
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, stream, trailer]);
}

const PLAIN_HEADER = Buffer.from('1f8b08000000000000ff', 'hex');
const MESSAGE = Buffer.from(
  '{"code":0,"data":{"A":"0.000016","B":"4.372149","E":1760066515920,"a":"121348.56","b":"121342.22","e":"bookTicker","s":"BTC-USDT"},"dataType":"BTC-USDT@bookTicker","success":true}',
);

const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FIXED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FILTERED,
];

const content = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }))
    .map(([text, times]) => Buffer.from(text.repeat(times))),
  // Few symbols with very uneven frequencies make the longest codes.
  fc.integer({ min: 5, max: 18 }).map((symbols) => skewed(symbols)),
);

/** Symbol n appears as often as the nth Fibonacci number. */
function skewed(symbols: number): Buffer {
  const bytes: number[] = [];
  for (let n = 0, a = 1, b = 1; n < symbols; n += 1, [a, b] = [b, a + b])
    for (let i = 0; i < a; i += 1) bytes.push(33 + n);
  for (let i = bytes.length - 1, state = 7; i > 0; i -= 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const j = state % (i + 1);
    [bytes[i], bytes[j]] = [bytes[j] as number, bytes[i] as number];
  }
  return Buffer.from(bytes);
}

/** Bytes that look like deflate: any bytes of each block type, and real streams of few bytes with some of them changed. */
const deflateStream = fc.oneof(
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 120 }), fc.nat(7)).map(([bytes, head]) => {
    bytes[0] = ((bytes[0] as number) & 0xf8) | head;
    return bytes;
  }),
  fc
    .tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...STRATEGIES), fc.nat(), fc.nat(255))
    .map(([bytes, strategy, where, value]) => {
      const stream = deflateRawSync(bytes, { strategy });
      stream[where % stream.length] = value;
      return new Uint8Array(stream);
    }),
);

describe('the CRC', () => {
  it('is the known check value', () => {
    assert.equal(crc32(Buffer.from('123456789'), 0, 9) >>> 0, 0xcbf43926);
  });

  it('equals that of zlib over any range', {
    skip: zlibCrc === undefined && 'this Node has no zlib.crc32',
  }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        assert.equal(crc32(bytes, from, bytes.length) >>> 0, zlibCrc(bytes.subarray(from)));
      }),
    );
  });
});

describe('gunzip', () => {
  it('inflates what zlib compressed, at each level and strategy', () => {
    fc.assert(
      fc.property(
        content,
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...STRATEGIES),
        fc.integer({ min: 1, max: 9 }),
        (bytes, level, strategy, memLevel) => {
          assert.deepEqual(inflate(gzipSync(bytes, { level, strategy, memLevel })), bytes);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('inflates codes longer than one table look-up', () => {
    const bytes = skewed(22);
    for (const strategy of STRATEGIES)
      assert.deepEqual(inflate(gzipSync(bytes, { strategy, level: 9 })), bytes);
  });

  it('inflates matches as far back as deflate allows', () => {
    const far = Buffer.concat([MESSAGE, Buffer.alloc(32768 - MESSAGE.length - 300, 'x'), MESSAGE]);
    assert.deepEqual(inflate(gzipSync(far, { level: 9 })), far);
  });

  it('reads a member out of the middle of a larger buffer', () => {
    const packed = gzipSync(MESSAGE);
    const around = Buffer.concat([Buffer.alloc(13, 1), packed, Buffer.alloc(9, 2)]);
    const length = gunzip.inflate(around, 13, 13 + packed.length);
    assert.equal(Buffer.from(gunzip.output.subarray(0, length)).toString(), MESSAGE.toString());
  });

  it('inflates several blocks of different kinds, flushed in between', () => {
    const stored = Buffer.concat([Buffer.from([0, 5, 0, 250, 255]), Buffer.from('hello')]);
    const empty = Buffer.from([0, 0, 0, 255, 255]);
    const rest = deflateRawSync(MESSAGE);
    const whole = Buffer.concat([Buffer.from('hello'), MESSAGE]);
    assert.deepEqual(inflate(member(PLAIN_HEADER, Buffer.concat([stored, empty, rest]), whole)), whole);
  });

  it('reads every optional header field', () => {
    const extra = Buffer.from([3, 0, 9, 9, 9]);
    const name = Buffer.from('name\0');
    const comment = Buffer.from('comment\0');
    const stream = deflateRawSync(MESSAGE);
    for (let flags = 0; flags < 32; flags += 1) {
      const parts = [Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255])];
      if ((flags & 4) !== 0) parts.push(extra);
      if ((flags & 8) !== 0) parts.push(name);
      if ((flags & 16) !== 0) parts.push(comment);
      const bare = Buffer.concat(parts);
      const crc = Buffer.alloc(2);
      crc.writeUInt16LE(crc32(bare, 0, bare.length) & 0xffff);
      const header = (flags & 2) !== 0 ? Buffer.concat([bare, crc]) : bare;
      const packed = member(header, stream, MESSAGE);
      assert.deepEqual(inflate(packed), reference(packed), `flags ${flags}`);
      for (let cut = 0; cut < header.length; cut += 1)
        assert.equal(
          inflate(packed.subarray(0, cut)),
          GunzipFailure.truncated,
          `flags ${flags} cut at ${cut}`,
        );
    }
    const wrongCrc = Buffer.from([0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255, 1, 2]);
    assert.equal(inflate(member(wrongCrc, stream, MESSAGE)), GunzipFailure.corrupt);
    const reserved = Buffer.from([0x1f, 0x8b, 8, 32, 0, 0, 0, 0, 0, 255]);
    assert.equal(inflate(member(reserved, stream, MESSAGE)), GunzipFailure.corrupt);
  });

  it('calls a member cut at any byte truncated', () => {
    for (const strategy of STRATEGIES)
      for (const bytes of [MESSAGE, skewed(14)]) {
        const packed = gzipSync(bytes, { strategy });
        for (let cut = 0; cut < packed.length; cut += 1)
          assert.equal(inflate(packed.subarray(0, cut)), GunzipFailure.truncated, `cut at ${cut}`);
      }
  });

  it('refuses bytes behind the member', () => {
    for (const tail of [Buffer.from([0]), Buffer.from('garbage'), gzipSync(MESSAGE)])
      assert.equal(inflate(Buffer.concat([gzipSync(MESSAGE), tail])), GunzipFailure.corrupt);
  });

  it('refuses a wrong CRC, a wrong length and a wrong magic', () => {
    const packed = gzipSync(MESSAGE);
    for (const at of [0, 1, 2, packed.length - 8, packed.length - 5, packed.length - 4, packed.length - 1]) {
      const broken = Buffer.from(packed);
      broken[at] = (broken[at] as number) ^ 0x41;
      assert.equal(inflate(broken), GunzipFailure.corrupt, `byte ${at}`);
    }
  });

  it('with any bits flipped answers as zlib does, or refuses', () => {
    fc.assert(
      fc.property(
        content,
        fc.constantFrom(...STRATEGIES),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 3 }),
        (bytes, strategy, flips) => {
          const packed = gzipSync(bytes, { strategy });
          for (const [where, bit] of flips) {
            const at = where % packed.length;
            packed[at] = (packed[at] as number) ^ (1 << bit);
          }
          const ours = inflate(packed);
          if (typeof ours === 'number') return;
          assert.deepEqual(ours, reference(packed));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('judges deflate streams of any bytes as zlib does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(deflateStream, (stream) => {
        const inflated = referenceRaw(stream);
        const packed = member(PLAIN_HEADER, stream, inflated ?? Buffer.alloc(0));
        if (inflated !== undefined) accepted += 1;
        assert.deepEqual(inflate(packed), inflated ?? inflate(packed));
        assert.equal(typeof inflate(packed) === 'number', inflated === undefined);
      }),
      { numRuns: 8000 },
    );
    assert.ok(accepted > 100, `only ${accepted} streams were good ones`);
  });

  it('refuses a bomb at the bound, and takes what just fits', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    assert.ok(bomb.length * 1000 < 64 * 1024 * 1024);
    assert.equal(inflate(bomb), GunzipFailure.oversized);
    const fits = Buffer.alloc(BOUND, 'a');
    assert.deepEqual(inflate(gzipSync(fits)), fits);
    for (const level of [0, 9])
      assert.equal(inflate(gzipSync(Buffer.alloc(BOUND + 1, 'a'), { level })), GunzipFailure.oversized);
  });

  it('refuses an endless row of empty blocks without reading it', () => {
    const empty = Buffer.from([0, 0, 0, 255, 255]);
    const stream = Buffer.concat(new Array<Buffer>(BOUND).fill(empty));
    assert.equal(inflate(Buffer.concat([PLAIN_HEADER, stream])), GunzipFailure.oversized);
  });

  it('gives the right answer again after any refusal', () => {
    const packed = gzipSync(MESSAGE);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        inflate(Buffer.concat([packed.subarray(0, packed.length >> 1), Buffer.from(bytes)]));
        assert.deepEqual(inflate(packed), MESSAGE);
      }),
    );
  });
});
