import { QuoteField } from '../venue.ts';

const { bid, bidSize, ask, askSize } = QuoteField;

/** Doubles kept for an instrument: bid, bidSize, ask, askSize (as in `QuoteField`), last update id. */
const WIDTH = 5;
const LAST_UPDATE = 4;

/** Slots at first; twice as many when half are taken. Only instruments of the symbol table ever get one. */
const FIRST_SLOTS = 256;

/**
 * What one connection has said of each instrument's best levels: older protocol versions send changes of them, and any version may repeat itself or fall back.
 */
export class BookState {
  #size = 0;
  /** Instrument + 1; 0 = free. */
  #instruments = new Int32Array(FIRST_SLOTS);
  #state = new Float64Array(FIRST_SLOTS * WIDTH);

  /** Where the instrument's state begins in this object, for the other methods; of a new one `isKnown` is false. */
  locate(instrument: number): number {
    const slot = this.#find(instrument);
    if (this.#instruments[slot] !== 0) return slot * WIDTH;
    if (this.#size * 2 >= this.#instruments.length) {
      this.#grow();
      return this.locate(instrument);
    }
    this.#size += 1;
    this.#instruments[slot] = instrument + 1;
    this.#state.fill(Number.NaN, slot * WIDTH, slot * WIDTH + WIDTH);
    return slot * WIDTH;
  }

  isKnown(at: number): boolean {
    return !Number.isNaN(this.#state[at + LAST_UPDATE] as number);
  }

  /**
   * Whether a message with this update id comes in its order: not below the last one, unless it is 1, with which the venue starts anew. The same id again is a
   * repetition of what still holds.
   */
  isInOrder(at: number, fields: Float64Array): boolean {
    const update = fields[QuoteField.sequence] as number;
    return update === 1 || !(update < (this.#state[at + LAST_UPDATE] as number));
  }

  /** Takes a quote over as what holds now. */
  keep(at: number, fields: Float64Array): void {
    const state = this.#state;
    state[at + bid] = fields[bid] as number;
    state[at + bidSize] = fields[bidSize] as number;
    state[at + ask] = fields[ask] as number;
    state[at + askSize] = fields[askSize] as number;
    state[at + LAST_UPDATE] = fields[QuoteField.sequence] as number;
  }

  /** Brings both sides as they were into `fields`. */
  recall(at: number, fields: Float64Array): void {
    for (let i = 0; i < LAST_UPDATE; i += 1) fields[i] = this.#state[at + i] as number;
  }

  #find(instrument: number): number {
    const mask = this.#instruments.length - 1;
    let slot = Math.imul(instrument, 0x9e3779b1) & mask;
    while (this.#instruments[slot] !== 0 && this.#instruments[slot] !== instrument + 1) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const instruments = this.#instruments;
    const state = this.#state;
    this.#instruments = new Int32Array(instruments.length * 2);
    this.#state = new Float64Array(state.length * 2);
    instruments.forEach((key, slot) => {
      if (key === 0) return;
      const to = this.#find(key - 1);
      this.#instruments[to] = key;
      this.#state.set(state.subarray(slot * WIDTH, slot * WIDTH + WIDTH), to * WIDTH);
    });
  }
}
