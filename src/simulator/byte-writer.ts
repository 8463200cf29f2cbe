const DIGIT_0 = 0x30;
const POINT = 0x2e;
const BILLION = 1_000_000_000;

const NAME_STRIDE = 48;

/** Short texts side by side: each one's length in bytes and then its bytes, in `NAME_STRIDE` bytes. */
export type NameTable = Uint8Array;

export function nameTable(names: readonly string[]): NameTable {
  const table = new Uint8Array(names.length * NAME_STRIDE);
  for (const [n, name] of names.entries()) {
    const bytes = new TextEncoder().encode(name);
    if (bytes.length >= NAME_STRIDE) throw new RangeError(`${name} is longer than ${NAME_STRIDE - 1} bytes`);
    table[n * NAME_STRIDE] = bytes.length;
    table.set(bytes, n * NAME_STRIDE + 1);
  }
  return table;
}

/** Writes text and numbers into bytes without making strings. The caller sees to the room. */
export class ByteWriter {
  bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  copy(piece: Uint8Array): void {
    const length = piece.length;
    // A loop beats `set` below some 24 bytes; many pieces are a few bytes.
    if (length > 24) {
      this.bytes.set(piece, this.at);
    } else {
      const { bytes, at } = this;
      for (let i = 0; i < length; i += 1) bytes[at + i] = piece[i] as number;
    }
    this.at += length;
  }

  /** A name out of a table of them. */
  copyNamed(names: NameTable, index: number): void {
    const from = index * NAME_STRIDE + 1;
    const length = names[from - 1] as number;
    const { bytes, at } = this;
    for (let i = 0; i < length; i += 1) bytes[at + i] = names[from + i] as number;
    this.at = at + length;
  }

  /** `value` × 10^−`decimals`, with zeros after it up to `shown` decimals. @param value a whole number in [0, 2^31) */
  decimal(value: number, decimals: number, shown: number): void {
    const whole = Math.max(digitsOf(value), decimals + 1);
    const end = this.at + whole + (decimals > 0 ? 1 : 0);
    const { bytes } = this;
    let rest = value | 0;
    let at = end - 1;
    for (let i = 0; i < whole; i += 1) {
      if (i === decimals && decimals > 0) {
        bytes[at] = POINT;
        at -= 1;
      }
      const next = (rest / 10) | 0;
      bytes[at] = DIGIT_0 + rest - next * 10;
      at -= 1;
      rest = next;
    }
    this.at = end;
    if (shown > decimals) this.#zeros(decimals, shown);
  }

  #zeros(decimals: number, shown: number): void {
    const { bytes } = this;
    if (decimals === 0) {
      bytes[this.at] = POINT;
      this.at += 1;
    }
    for (let i = decimals; i < shown; i += 1) {
      bytes[this.at] = DIGIT_0;
      this.at += 1;
    }
  }

  /** @param value a whole number in [0, 10^18), exact as a double */
  integer(value: number): void {
    if (value < BILLION) {
      this.decimal(value, 0, 0);
      return;
    }
    const high = Math.floor(value / BILLION);
    this.integer(high);
    this.#padded(value - high * BILLION, 9);
  }

  #padded(value: number, width: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let at = this.at + width - 1; at >= this.at; at -= 1) {
      const next = (rest / 10) | 0;
      bytes[at] = DIGIT_0 + rest - next * 10;
      rest = next;
    }
    this.at += width;
  }
}

function digitsOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 100_000_000) {
    return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  }
  return value < BILLION ? 9 : 10;
}
