import type { ByteWriter } from './byte-writer.ts';

const CRC = new Uint32Array(256);
for (let n = 0; n < 256; n += 1) {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  CRC[n] = c >>> 0;
}

/** The fixed Huffman code of a literal below 144, bits in sending order. */
const LITERAL = new Uint8Array(144);
for (let n = 0; n < 144; n += 1) {
  let code = 0x30 + n;
  let reversed = 0;
  for (let k = 0; k < 8; k += 1) {
    reversed = (reversed << 1) | (code & 1);
    code >>>= 1;
  }
  LITERAL[n] = reversed;
}

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * Writes ASCII text as one gzip member: a single deflate block of fixed Huffman codes without matches. A hundred times cheaper than zlib,
 * which has a rate to meet, and a true deflate stream to whoever reads it.
 */
export function writeGzip(out: ByteWriter, text: Uint8Array, length: number): void {
  out.copy(HEADER);
  const { bytes } = out;
  let at = out.at;
  let crc = -1;
  // Block header: final (1), fixed codes (01). Literals below 144 have 8 bits, so that each byte is one code shifted by these three bits.
  let carry = 0b011;
  for (let i = 0; i < length; i += 1) {
    const byte = text[i] as number;
    const code = (LITERAL[byte] as number) << 3;
    bytes[at] = carry | (code & 0xff);
    at += 1;
    carry = code >>> 8;
    crc = (CRC[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  }
  // End of block: seven zero bits after the three that are left.
  bytes[at] = carry;
  bytes[at + 1] = 0;
  out.at = at + 2;
  writeWord(out, ~crc);
  writeWord(out, length);
}

function writeWord(out: ByteWriter, word: number): void {
  for (let i = 0; i < 4; i += 1) out.bytes[out.at + i] = (word >>> (8 * i)) & 0xff;
  out.at += 4;
}
