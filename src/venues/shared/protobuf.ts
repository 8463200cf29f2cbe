/** How a field's value is written (protobuf encoding, "message structure"). Groups are gone from the language and not read. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** What `ProtobufReader.next` answers besides a field number. */
export const ProtobufEnd = { whole: 0, truncated: -1, malformed: -2 } as const;

/** A 64-bit varint has at most ten bytes, one of 32 bits five. */
const MAX_VARINT_BYTES = 10;
const MAX_TAG_BYTES = 5;

/**
 * Walks the fields of one message without building anything: `next` says which field comes and where its value is. Reading a value is a step of its own, so
 * that unknown fields cost only their being passed over.
 */
export class ProtobufReader {
  /** The current field: its `WireType`, and its value `bytes[start, end)`. */
  wireType = 0;
  start = 0;
  end = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #limit = 0;

  /** Begins at the first field of the message `bytes[start, end)`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#limit = end;
  }

  /** The number of the next field, or a `ProtobufEnd`. */
  next(): number {
    if (this.#at === this.#limit) return ProtobufEnd.whole;
    const tag = this.#readSmall();
    if (tag < 0) return tag;
    // There is no field 0.
    if (tag < 8) return ProtobufEnd.malformed;
    const wireType = tag & 7;
    this.wireType = wireType;
    let length = 0;
    if (wireType === WireType.bytes) length = this.#readSmall();
    else if (wireType === WireType.varint) length = this.#varintLength();
    else if (wireType === WireType.fixed64) length = 8;
    else if (wireType === WireType.fixed32) length = 4;
    else return ProtobufEnd.malformed;
    if (length < 0) return length;
    this.start = this.#at;
    this.end = this.#at + length;
    if (this.end > this.#limit) return ProtobufEnd.truncated;
    this.#at = this.end;
    return tag >>> 3;
  }

  /** A varint below 2^31: a tag or a length. */
  #readSmall(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at === this.#limit) return ProtobufEnd.truncated;
    let byte = bytes[at] as number;
    at += 1;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift === 7 * MAX_TAG_BYTES) return ProtobufEnd.malformed;
      if (at === this.#limit) return ProtobufEnd.truncated;
      byte = bytes[at] as number;
      at += 1;
      // The fifth byte would set the sign.
      if (shift === 28 && (byte & 0x7f) > 7) return ProtobufEnd.malformed;
      value |= (byte & 0x7f) << shift;
    }
    this.#at = at;
    return value;
  }

  #varintLength(): number {
    const bytes = this.#bytes;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      if (this.#at + i >= this.#limit) return ProtobufEnd.truncated;
      if ((bytes[this.#at + i] as number) < 0x80) return i + 1;
    }
    return ProtobufEnd.malformed;
  }
}

/** Writes the varint `bytes[start, end)`, read as int64, into `into[index]`, times `scale`; exact up to 2^53. */
export function readVarint(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
  index: number,
  scale: number,
): void {
  // In parts of 28 bits, so that each stays a small integer.
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let i = start, bit = 0; i < end; i += 1, bit += 7) {
    const part = (bytes[i] as number) & 0x7f;
    if (bit < 28) low |= part << bit;
    else if (bit < 56) middle |= part << (bit - 28);
    else high |= part << (bit - 56);
  }
  const top = (high << 24) >> 24;
  // The upper two first: their sum is exact, so that only one addition rounds.
  into[index] = (top * 0x100000000000000 + middle * 0x10000000 + low) * scale;
}
