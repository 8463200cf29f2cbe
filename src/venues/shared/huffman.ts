/** The longest code of deflate (RFC 1951, 3.2.7). */
const MAX_BITS = 15;
/** Codes up to this length are found by one look into a table; short messages have few longer ones. */
const ROOT_BITS = 9;

/**
 * A canonical Huffman code, rebuilt in place for each block: `begin`, `add` each used symbol in rising order, `finish`. Only used symbols cost anything,
 * because building the codes is half the work on a short message.
 */
export class HuffmanCode {
  /** By the next `rootBits` bits of input: symbol << 4 | length; 0 = a longer code or none. */
  readonly table = new Uint16Array(1 << ROOT_BITS);
  rootBits = 1;
  /** Codes of each length. */
  readonly #counts = new Uint16Array(MAX_BITS + 1);
  readonly #offsets = new Uint16Array(MAX_BITS + 1);
  /** Table entries as they were added, and in the order of their codes. */
  readonly #added: Uint16Array;
  readonly #sorted: Uint16Array;
  #size = 0;

  /** @param symbols the most symbols a code may have */
  constructor(symbols: number) {
    this.#added = new Uint16Array(symbols);
    this.#sorted = new Uint16Array(symbols);
  }

  begin(): void {
    const counts = this.#counts;
    for (let length = 0; length <= MAX_BITS; length += 1) counts[length] = 0;
    this.#size = 0;
  }

  /** @param length the length of its code, 1 to 15 */
  add(symbol: number, length: number): void {
    const counts = this.#counts;
    counts[length] = (counts[length] as number) + 1;
    this.#added[this.#size] = (symbol << 4) | length;
    this.#size += 1;
  }

  /**
   * Answers whether what was added is a code: not over-subscribed, and complete. `orSingle` also allows no symbol at all, or one of one bit, which is how
   * a block without matches is sent.
   */
  finish(orSingle: boolean): boolean {
    const counts = this.#counts;
    const offsets = this.#offsets;
    let longest = 0;
    let left = 1;
    let unused = 1;
    let offset = 0;
    for (let length = 1; length <= MAX_BITS; length += 1) {
      const count = counts[length] as number;
      offsets[length] = offset;
      offset += count;
      left = (left << 1) - count;
      if (left < 0) return false;
      if (count === 0) continue;
      longest = length;
      unused = left;
    }
    if (unused > 0 && !(orSingle && longest <= 1)) return false;
    this.rootBits = longest < 2 ? 1 : Math.min(longest, ROOT_BITS);
    this.#sort();
    this.#fill();
    return true;
  }

  #sort(): void {
    const added = this.#added;
    const sorted = this.#sorted;
    const offsets = this.#offsets;
    const size = this.#size;
    for (let i = 0; i < size; i += 1) {
      const entry = added[i] as number;
      const at = offsets[entry & 15] as number;
      sorted[at] = entry;
      offsets[entry & 15] = at + 1;
    }
  }

  /** Walks the codes in order, bits reversed as they come in the stream, and writes each at all the places that end in it. */
  #fill(): void {
    const table = this.table;
    const sorted = this.#sorted;
    const root = this.rootBits;
    const places = 1 << root;
    const size = this.#size;
    // A complete code of short codes overwrites every place by itself.
    if (root === ROOT_BITS || size < 2) for (let at = 0; at < places; at += 1) table[at] = 0;
    let code = 0;
    for (let i = 0; i < size; i += 1) {
      const entry = sorted[i] as number;
      const step = 1 << (entry & 15);
      if (step > places) return;
      for (let at = code; at < places; at += step) table[at] = entry;
      let bit = step >> 1;
      while ((code & bit) !== 0) bit >>= 1;
      code = bit === 0 ? 0 : (code & (bit - 1)) + bit;
    }
  }

  /** The code at the low end of `hold`, bit by bit, as symbol << 4 | length; −1 when the bits are no code. Missing bits are read as 0. */
  longCode(hold: number): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length += 1) {
      code |= (hold >>> (length - 1)) & 1;
      const count = this.#counts[length] as number;
      if (code - count < first) return this.#sorted[index + (code - first)] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }
}
