import { crc32 } from './crc32.ts';
import { HuffmanCode } from './huffman.ts';

/** What `Gunzip.inflate` answers instead of a length. */
export const GunzipFailure = { truncated: -1, corrupt: -2, oversized: -3 } as const;

const DONE = 0;
const { truncated: TRUNCATED, corrupt: CORRUPT, oversized: OVERSIZED } = GunzipFailure;

/** The order in which code length codes are sent (RFC 1951, 3.2.7). */
const LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
/** Match lengths and distances by code (RFC 1951, 3.2.5): the smallest, and the extra bits that are added. */
const LENGTH_BASE = Uint16Array.of(
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163],
  ...[195, 227, 258],
);
const LENGTH_EXTRA = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
const DISTANCE_BASE = Uint16Array.from({ length: 30 }, (_, code) =>
  code < 2 ? code + 1 : (2 + (code & 1)) * 2 ** ((code >> 1) - 1) + 1,
);
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, code) => (code < 2 ? 0 : (code >> 1) - 1));

const FIXED_LITERALS = fixedCode(288, (symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
const FIXED_DISTANCES = fixedCode(32, () => 5);

function fixedCode(symbols: number, lengthOf: (symbol: number) => number): HuffmanCode {
  const code = new HuffmanCode(symbols);
  code.begin();
  for (let symbol = 0; symbol < symbols; symbol += 1) code.add(symbol, lengthOf(symbol));
  code.finish(false);
  return code;
}

const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const FLAGS_RESERVED = 0xe0;

/**
 * Inflates one gzip member at a time into a buffer of its own. Node's gunzipSync makes a stream object and crosses into native code for each call, which costs
 * two to three times what inflating a 200-byte message does, and leaves garbage. Work and memory are bounded by the buffer whatever comes in.
 */
export class Gunzip {
  /** The last result is `output[0, length)`; the next call overwrites it. */
  readonly output: Uint8Array;
  readonly #literals = new HuffmanCode(288);
  readonly #distances = new HuffmanCode(32);
  readonly #lengthCode = new HuffmanCode(19);
  readonly #lengths = new Uint8Array(LENGTH_ORDER.length);
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** Bits read but not used, lowest first, and their number. */
  #hold = 0;
  #bits = 0;
  #length = 0;

  /** @param maxBytes the longest output */
  constructor(maxBytes: number) {
    this.output = new Uint8Array(maxBytes);
  }

  /** Inflates the one member that `bytes[start, end)` is; answers the length of the output or a `GunzipFailure`. */
  inflate(bytes: Uint8Array, start: number, end: number): number {
    // No encoder makes an output this much longer; it would be work without a result.
    if (end - start > 2 * this.output.length + 1024) return OVERSIZED;
    const body = memberBody(bytes, start, end);
    if (body < 0) return body;
    this.#input = bytes;
    this.#at = body;
    this.#end = end;
    this.#hold = 0;
    this.#bits = 0;
    this.#length = 0;
    for (;;) {
      if (!this.#fill(3)) return TRUNCATED;
      const head = this.#take(3);
      const status = this.#block(head >>> 1);
      if (status !== DONE) return status;
      if ((head & 1) !== 0) return this.#trailer();
    }
  }

  #block(type: number): number {
    if (type === 1) return this.#compressed(FIXED_LITERALS, FIXED_DISTANCES);
    if (type === 0) return this.#stored();
    if (type !== 2) return CORRUPT;
    const status = this.#readCodes();
    return status === DONE ? this.#compressed(this.#literals, this.#distances) : status;
  }

  /** Makes at least `count` (≤ 25) bits available where the input has them. */
  #fill(count: number): boolean {
    while (this.#bits < count) {
      if (this.#at >= this.#end) return false;
      this.#hold |= (this.#input[this.#at] as number) << this.#bits;
      this.#at += 1;
      this.#bits += 8;
    }
    return true;
  }

  #take(count: number): number {
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  /** Gives whole unused bytes back and drops the rest of the current one. */
  #align(): void {
    this.#at -= this.#bits >>> 3;
    this.#hold = 0;
    this.#bits = 0;
  }

  #stored(): number {
    this.#align();
    const input = this.#input;
    const at = this.#at;
    if (at + 4 > this.#end) return TRUNCATED;
    const length = (input[at] as number) | ((input[at + 1] as number) << 8);
    const inverse = (input[at + 2] as number) | ((input[at + 3] as number) << 8);
    if (length !== (inverse ^ 0xffff)) return CORRUPT;
    if (this.#length + length > this.output.length) return OVERSIZED;
    if (at + 4 + length > this.#end) return TRUNCATED;
    const output = this.output;
    let to = this.#length;
    for (let from = at + 4; from < at + 4 + length; from += 1, to += 1) output[to] = input[from] as number;
    this.#length = to;
    this.#at = at + 4 + length;
    return DONE;
  }

  /** Reads the codes of a dynamic block (RFC 1951, 3.2.7). */
  #readCodes(): number {
    if (!this.#fill(14)) return TRUNCATED;
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const ordered = this.#take(4) + 4;
    if (literals > 286 || distances > 30) return CORRUPT;
    const lengths = this.#lengths;
    for (let i = 0; i < LENGTH_ORDER.length; i += 1) lengths[i] = 0;
    for (let i = 0; i < ordered; i += 1) {
      if (!this.#fill(3)) return TRUNCATED;
      lengths[LENGTH_ORDER[i] as number] = this.#take(3);
    }
    const code = this.#lengthCode;
    code.begin();
    for (let i = 0; i < LENGTH_ORDER.length; i += 1) {
      const length = lengths[i] as number;
      if (length > 0) code.add(i, length);
    }
    if (!code.finish(false)) return CORRUPT;
    const status = this.#readLengths(literals, literals + distances);
    if (status !== DONE) return status;
    return this.#literals.finish(true) && this.#distances.finish(true) ? DONE : CORRUPT;
  }

  /** Reads the run-length coded lengths of `count` symbols, of which the first `literals` belong to the literal code. */
  #readLengths(literals: number, count: number): number {
    const literalCode = this.#literals;
    const distanceCode = this.#distances;
    const table = this.#lengthCode.table;
    const mask = (1 << this.#lengthCode.rootBits) - 1;
    const input = this.#input;
    const end = this.#end;
    let at = this.#at;
    let hold = this.#hold;
    let bits = this.#bits;
    let last = -1;
    let canEnd = false;
    literalCode.begin();
    distanceCode.begin();
    for (let i = 0; i < count; ) {
      // At most 7 bits of code and 7 of repeat count; near the end of the input there may be fewer.
      for (; bits < 14 && at < end; bits += 8, at += 1) hold |= (input[at] as number) << bits;
      const entry = table[hold & mask] as number;
      const symbol = entry >>> 4;
      const used = entry & 15;
      const extra = symbol < 16 ? 0 : symbol === 18 ? 7 : symbol - 14;
      if (used + extra > bits) return TRUNCATED;
      const repeat = symbol < 16 ? 1 : ((hold >>> used) & ((1 << extra) - 1)) + (symbol === 18 ? 11 : 3);
      hold >>>= used + extra;
      bits -= used + extra;
      if (symbol === 16 && last < 0) return CORRUPT;
      if (symbol !== 16) last = symbol < 16 ? symbol : 0;
      const stop = i + repeat;
      if (stop > count) return CORRUPT;
      if (last === 0) i = stop;
      for (; i < stop; i += 1) {
        if (i >= literals) distanceCode.add(i - literals, last);
        else literalCode.add(i, last);
        if (i === 256) canEnd = true;
      }
    }
    this.#at = at;
    this.#hold = hold;
    this.#bits = bits;
    // Without a code for its end the block could not end.
    return canEnd ? DONE : CORRUPT;
  }

  /** The hot loop: literals and matches up to the end of the block. State is in locals because fields would be written back at each step. */
  #compressed(literals: HuffmanCode, distances: HuffmanCode): number {
    const input = this.#input;
    const end = this.#end;
    const output = this.output;
    const limit = output.length;
    const literalTable = literals.table;
    const literalMask = (1 << literals.rootBits) - 1;
    const distanceTable = distances.table;
    const distanceMask = (1 << distances.rootBits) - 1;
    let at = this.#at;
    let hold = this.#hold;
    let bits = this.#bits;
    let length = this.#length;
    for (;;) {
      for (; bits <= 24 && at < end; bits += 8, at += 1) hold |= (input[at] as number) << bits;
      let entry = literalTable[hold & literalMask] as number;
      if (entry === 0) entry = literals.longCode(hold);
      if (entry < 0) return bits < 15 ? TRUNCATED : CORRUPT;
      let used = entry & 15;
      if (used > bits) return TRUNCATED;
      hold >>>= used;
      bits -= used;
      const symbol = entry >>> 4;
      if (symbol < 256) {
        if (length === limit) return OVERSIZED;
        output[length] = symbol;
        length += 1;
        continue;
      }
      if (symbol === 256) break;
      if (symbol > 285) return CORRUPT;
      used = LENGTH_EXTRA[symbol - 257] as number;
      if (used > bits) return TRUNCATED;
      const run = (LENGTH_BASE[symbol - 257] as number) + (hold & ((1 << used) - 1));
      hold >>>= used;
      bits -= used;

      for (; bits <= 24 && at < end; bits += 8, at += 1) hold |= (input[at] as number) << bits;
      entry = distanceTable[hold & distanceMask] as number;
      if (entry === 0) entry = distances.longCode(hold);
      if (entry < 0) return bits < 15 ? TRUNCATED : CORRUPT;
      used = entry & 15;
      if (used > bits) return TRUNCATED;
      hold >>>= used;
      bits -= used;
      const code = entry >>> 4;
      if (code > 29) return CORRUPT;
      for (; bits <= 24 && at < end; bits += 8, at += 1) hold |= (input[at] as number) << bits;
      used = DISTANCE_EXTRA[code] as number;
      if (used > bits) return TRUNCATED;
      const distance = (DISTANCE_BASE[code] as number) + (hold & ((1 << used) - 1));
      hold >>>= used;
      bits -= used;
      if (distance > length) return CORRUPT;
      if (length + run > limit) return OVERSIZED;
      for (const stop = length + run; length < stop; length += 1)
        output[length] = output[length - distance] as number;
    }
    this.#at = at;
    this.#hold = hold | 0;
    this.#bits = bits;
    this.#length = length;
    return DONE;
  }

  #trailer(): number {
    this.#align();
    const at = this.#at;
    if (at + 8 > this.#end) return TRUNCATED;
    if (at + 8 < this.#end) return CORRUPT;
    if (readInt32(this.#input, at) !== crc32(this.output, 0, this.#length)) return CORRUPT;
    return readInt32(this.#input, at + 4) === (this.#length | 0) ? this.#length : CORRUPT;
  }
}

/** The position behind the member's header (RFC 1952, 2.3), or a `GunzipFailure`. */
function memberBody(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 10) return TRUNCATED;
  if (bytes[start] !== 0x1f || bytes[start + 1] !== 0x8b || bytes[start + 2] !== 8) return CORRUPT;
  const flags = bytes[start + 3] as number;
  if (flags === 0) return start + 10;
  if ((flags & FLAGS_RESERVED) !== 0) return CORRUPT;
  let at = start + 10;
  if ((flags & FLAG_EXTRA) !== 0) {
    if (at + 2 > end) return TRUNCATED;
    at += 2 + ((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
  }
  if ((flags & FLAG_NAME) !== 0) at = behindZero(bytes, at, end);
  if ((flags & FLAG_COMMENT) !== 0) at = behindZero(bytes, at, end);
  if ((flags & FLAG_HEADER_CRC) === 0) return at > end ? TRUNCATED : at;
  if (at + 2 > end) return TRUNCATED;
  const stated = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return stated === (crc32(bytes, start, at) & 0xffff) ? at + 2 : CORRUPT;
}

/** The position behind the next zero byte; past the end where there is none. */
function behindZero(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== 0) i += 1;
  return i + 1;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
