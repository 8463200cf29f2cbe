import type { Random } from './random.ts';

/**
 * The slots somebody is subscribed to, drawn at random by weight (alias method: one draw costs the same however many there are) or in turn.
 */
export class ActiveSet {
  readonly #weights: Float64Array;
  readonly #position: Int32Array;
  readonly #slots: Int32Array;
  readonly #alias: Int32Array;
  readonly #keep: Float64Array;
  #size = 0;
  #turn = 0;
  #dirty = false;

  /** @param weights of all slots there are */
  constructor(weights: Float64Array) {
    this.#weights = weights;
    this.#position = new Int32Array(weights.length).fill(-1);
    this.#slots = new Int32Array(weights.length);
    this.#alias = new Int32Array(weights.length);
    this.#keep = new Float64Array(weights.length);
  }

  get size(): number {
    return this.#size;
  }

  add(slot: number): void {
    if (this.#position[slot] !== -1) return;
    this.#position[slot] = this.#size;
    this.#slots[this.#size] = slot;
    this.#size += 1;
    this.#dirty = true;
  }

  remove(slot: number): void {
    const position = this.#position[slot] as number;
    if (position === -1) return;
    this.#size -= 1;
    const last = this.#slots[this.#size] as number;
    this.#slots[position] = last;
    this.#position[last] = position;
    this.#position[slot] = -1;
    this.#dirty = true;
  }

  /** The slots in turn. Only to be asked when there are some. */
  next(): number {
    this.#turn = this.#turn + 1 < this.#size ? this.#turn + 1 : 0;
    return this.#slots[this.#turn] as number;
  }

  /** One slot by weight. Only to be asked when there are some. */
  draw(random: Random): number {
    if (this.#dirty) this.#build();
    const column = ((random.bits() >>> 0) * this.#size * 2 ** -32) | 0;
    const kept = (random.bits() >>> 0) * 2 ** -32 < (this.#keep[column] as number);
    return this.#slots[kept ? column : (this.#alias[column] as number)] as number;
  }

  #build(): void {
    this.#dirty = false;
    const size = this.#size;
    let total = 0;
    for (let i = 0; i < size; i += 1) total += this.#weight(i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < size; i += 1) {
      const share = (this.#weight(i) * size) / total;
      this.#keep[i] = share;
      this.#alias[i] = i;
      (share < 1 ? small : large).push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number;
      const more = large.pop() as number;
      this.#alias[less] = more;
      const left = (this.#keep[more] as number) - (1 - (this.#keep[less] as number));
      this.#keep[more] = left;
      (left < 1 ? small : large).push(more);
    }
    for (const i of [...small, ...large]) this.#keep[i] = 1;
  }

  #weight(position: number): number {
    return this.#weights[this.#slots[position] as number] as number;
  }
}
