/** Bytes of one remembered trade. */
export const SLOT_BYTES = 8;

/**
 * Remembers the trades told last, so that those which a venue sends again (after a reconnect, on both connections of a rotation) are told once. A fixed table: the
 * newest trade of a slot replaces the older one, so a repetition that comes very late passes. Equal means: same instrument, id and venue time.
 */
export class RecentTrades {
  readonly #mask: number;
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  readonly #time = new Float64Array(1);
  readonly #timeBits = new Int32Array(this.#time.buffer);
  #used = 0;
  #evicted = 0;

  /** @param slots a power of two */
  constructor(slots: number) {
    this.#mask = slots - 1;
    this.#first = new Int32Array(slots);
    this.#second = new Int32Array(slots);
  }

  /** Trades that are remembered. */
  get used(): number {
    return this.#used;
  }

  /** Trades that were forgotten for a newer one. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Whether it was told before; remembers it. The venue time is `fields[timeField]`. */
  repeats(
    instrument: number,
    fields: Float64Array,
    timeField: number,
    id: Uint8Array,
    start: number,
    length: number,
  ): boolean {
    this.#time[0] = fields[timeField] as number;
    let a = Math.imul(instrument + 1, 0x9e3779b1) ^ (this.#timeBits[0] as number);
    let b = Math.imul(instrument + 1, 0x85ebca77) ^ (this.#timeBits[1] as number);
    for (let i = start; i < start + length; i += 1) {
      const byte = id[i] as number;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x5bd1e995);
    }
    a ^= a >>> 15;
    b ^= b >>> 13;
    const slot = (a ^ Math.imul(b, 0xc2b2ae3d)) & this.#mask;
    if (this.#first[slot] === a && this.#second[slot] === b) return true;
    if (this.#first[slot] === 0 && this.#second[slot] === 0) this.#used += 1;
    else this.#evicted += 1;
    this.#first[slot] = a;
    this.#second[slot] = b;
    return false;
  }
}
