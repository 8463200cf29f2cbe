import type { SymbolTable } from '../venue.ts';

/** The longest native id in bytes (UTF-8); longer ones are not listed anywhere. */
const MAX_ID_BYTES = 64;

/**
 * Native ids to instrument numbers: open addressing over typed arrays, compared byte by byte, so that a lookup makes no string. Filled before a
 * connection's first frame and then only read.
 */
export class NativeIdTable implements SymbolTable {
  readonly #mask: number;
  readonly #capacity: number;
  /** Instrument + 1; 0 = free. */
  readonly #instruments: Uint32Array;
  readonly #hashes: Int32Array;
  readonly #lengths: Uint8Array;
  readonly #ids: Uint8Array;
  #size = 0;

  /** @param capacity the most ids it will hold */
  constructor(capacity: number) {
    const slots = slotsFor(capacity);
    this.#capacity = capacity;
    this.#mask = slots - 1;
    this.#instruments = new Uint32Array(slots);
    this.#hashes = new Int32Array(slots);
    this.#lengths = new Uint8Array(slots);
    this.#ids = new Uint8Array(slots * MAX_ID_BYTES);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an id, or gives a known one its new instrument. Ids over 64 bytes are ignored: no venue has such. */
  add(nativeId: string, instrument: number): void {
    const bytes = utf8Bytes(nativeId);
    if (bytes.length === 0 || bytes.length > MAX_ID_BYTES) return;
    const hash = hashBytes(bytes, 0, bytes.length);
    let slot = hash & this.#mask;
    while (this.#instruments[slot] !== 0 && !this.#matches(slot, hash, bytes, 0, bytes.length))
      slot = (slot + 1) & this.#mask;
    if (this.#instruments[slot] === 0) {
      if (this.#size >= this.#capacity) throw new RangeError(`more than ${this.#capacity} native ids`);
      this.#size += 1;
    }
    this.#instruments[slot] = instrument + 1;
    this.#hashes[slot] = hash;
    this.#lengths[slot] = bytes.length;
    this.#ids.set(bytes, slot * MAX_ID_BYTES);
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    let slot = hash & this.#mask;
    for (;;) {
      const instrument = this.#instruments[slot] as number;
      if (instrument === 0) return -1;
      if (this.#matches(slot, hash, bytes, start, end)) return instrument - 1;
      slot = (slot + 1) & this.#mask;
    }
  }

  #matches(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#hashes[slot] !== hash || this.#lengths[slot] !== end - start) return false;
    const ids = this.#ids;
    let at = slot * MAX_ID_BYTES;
    for (let i = start; i < end; i += 1, at += 1) if (ids[at] !== bytes[i]) return false;
    return true;
  }
}

/** Four bytes a step: the multiplications of a hash wait for one another, the reads between them do not. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const low = (bytes[i] as number) | ((bytes[i + 1] as number) << 8);
    const high = (bytes[i + 2] as number) | ((bytes[i + 3] as number) << 8);
    hash = Math.imul(hash ^ low ^ (high << 16), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x9e3779b1);
  // The low bits pick the slot: fold the high ones in.
  return hash ^ (hash >>> 15);
}

/** UTF-8 bytes of a text (the pure folders have no TextEncoder). */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return Uint8Array.from(bytes);
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. For cold paths. */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let i = start;
  while (i < end) {
    const lead = bytes[i] as number;
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    let code = length === 1 ? lead : lead & (0x7f >> length);
    let good = length > 0 && i + length <= end;
    for (let k = 1; good && k < length; k += 1) {
      const next = bytes[i + k] as number;
      good = (next & 0xc0) === 0x80;
      code = (code << 6) | (next & 63);
    }
    if (good && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)) {
      text += String.fromCodePoint(code);
      i += length;
    } else {
      text += '\uFFFD';
      i += 1;
    }
  }
  return text;
}

function slotsFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, capacity * 2)));
}

/** Bytes of a table for so many ids. */
export function symbolTableBytes(capacity: number): number {
  return slotsFor(capacity) * (4 + 4 + 1 + MAX_ID_BYTES);
}
