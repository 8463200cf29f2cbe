import { type BoundFacts, type BoundReading, boundOf } from '../core/bounds.ts';
import type { Columns, Schema } from '../core/records.ts';
import { columnBytes, layColumns, type RingProducer } from './ring.ts';

/**
 * A producer for live state: while the ring is full, the newest row of each key waits in a slot of its own and the older one is replaced, so memory is
 * O(keys) whatever the rate, and a reader that comes back finds the present, not a hole. Rows of one key never overtake one another.
 */
export class ConflatingProducer<S extends Schema> {
  readonly #ring: RingProducer<S>;
  readonly #overflow: Columns<S>;
  readonly #names: readonly (keyof S & string)[];
  readonly #widths: readonly number[];
  readonly #keys: number;
  /** 1 while the key's newest row waits in the overflow. */
  readonly #waiting: Uint8Array;
  /** The waiting keys in the order in which they began to wait. */
  readonly #queue: Uint32Array;
  readonly #groupOf: Uint8Array;
  #first = 0;
  #count = 0;
  #peak = 0;
  /** Where the row claimed last is to be written. */
  columns: Columns<S>;
  /** Rows replaced by a newer one of their key before anybody read them, by group. */
  readonly replaced: Float64Array;

  /**
   * @param keys number of keys, 0 … keys − 1
   * @param groupOf the group (at most 255) that a key's losses are counted under
   */
  constructor(ring: RingProducer<S>, keys: number, groupOf: Uint8Array, groups: number) {
    this.#ring = ring;
    this.#keys = keys;
    this.#groupOf = groupOf;
    this.replaced = new Float64Array(groups);
    this.#names = Object.keys(ring.memory.schema);
    this.#widths = this.#names.map((name) => columnWidthIn(ring, name));
    const bytes = columnBytes(ring.memory.schema, keys);
    this.#overflow = layColumns(ring.memory.schema, keys, new ArrayBuffer(bytes), 0);
    this.#waiting = new Uint8Array(keys);
    this.#queue = new Uint32Array(keys);
    this.columns = ring.columns;
  }

  /** The slot in `columns` to fill with this key's new row. Never refuses. */
  claim(key: number): number {
    if (this.#count > 0) this.#drain();
    if (this.#waiting[key] === 1) {
      const group = this.#groupOf[key] as number;
      this.replaced[group] = (this.replaced[group] as number) + 1;
      this.columns = this.#overflow;
      return key;
    }
    const slot = this.#ring.claim();
    if (slot >= 0) {
      this.columns = this.#ring.columns;
      return slot;
    }
    this.#waiting[key] = 1;
    this.#queue[(this.#first + this.#count) % this.#keys] = key;
    this.#count += 1;
    if (this.#count > this.#peak) this.#peak = this.#count;
    this.columns = this.#overflow;
    return key;
  }

  /** Publishes what was claimed, after moving what waits into the ring as far as there is room. */
  publish(): void {
    if (this.#count > 0) this.#drain();
    this.#ring.publish();
  }

  read(): BoundReading {
    return boundOf(overflowFacts(this.#ring.memory.name, this.#ring.memory.schema, this.#keys), {
      used: this.#count,
      peak: this.#peak,
      replaced: this.replaced.reduce((sum, n) => sum + n, 0),
    });
  }

  #drain(): void {
    while (this.#count > 0) {
      const slot = this.#ring.claim();
      if (slot < 0) return;
      const key = this.#queue[this.#first] as number;
      this.#move(key, slot);
      this.#waiting[key] = 0;
      this.#first = (this.#first + 1) % this.#keys;
      this.#count -= 1;
    }
  }

  #move(key: number, slot: number): void {
    for (let i = 0; i < this.#names.length; i += 1) {
      const name = this.#names[i] as keyof S & string;
      const width = this.#widths[i] as number;
      const from: Uint8Array | Uint32Array | Float64Array = this.#overflow[name];
      const to: Uint8Array | Uint32Array | Float64Array = this.#ring.columns[name];
      for (let b = 0; b < width; b += 1) to[slot * width + b] = from[key * width + b] as number;
    }
  }
}

/** What the overflow in front of a ring takes. */
export function overflowFacts(ring: string, schema: Schema, keys: number): BoundFacts {
  return {
    name: `${ring}-overflow`,
    policy: 'conflate',
    capacity: keys,
    // The rows, and for each key a mark and a place in the queue.
    capacityBytes: columnBytes(schema, keys) + keys * 5,
    cleanedBy: 'the ring, as it is read',
  };
}

/** Array elements per row of a column: 1, or the bytes of a `bytesN` column. */
function columnWidthIn<S extends Schema>(ring: RingProducer<S>, name: keyof S & string): number {
  const column: Uint8Array | Uint32Array | Float64Array = ring.columns[name];
  return column.length / ring.memory.capacity;
}
