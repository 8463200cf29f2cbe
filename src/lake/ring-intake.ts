import type { Columns, Schema } from '../core/records.ts';
import { columnBytes, layColumns, RingConsumer, type RingMemory } from '../ring/ring.ts';

/** The recorder's cursor in every ring. It laps: no ring ever waits for a disk. */
export const RECORDER = 'recorder';
/** Rows that are copied out of a ring at once. */
export const INTAKE_ROWS = 4096;

/** Takes rows out of a ring that may overwrite them while they are copied: what `take` leaves in `rows` is whole. */
export class RingIntake<S extends Schema> {
  readonly rows: Columns<S>;
  /** Where the rows of the last `take` end. */
  end = 0;
  readonly #ring: RingConsumer<S>;
  readonly #names: readonly (keyof S & string)[];
  /** Elements of a row, by column. */
  readonly #widths: readonly number[];

  constructor(memory: RingMemory<S>) {
    this.#ring = new RingConsumer(memory, RECORDER);
    this.rows = layColumns(memory.schema, INTAKE_ROWS, new ArrayBuffer(intakeBytes(memory.schema)), 0);
    this.#names = Object.keys(memory.schema);
    this.#widths = this.#names.map((name) => this.rows[name].length / INTAKE_ROWS);
  }

  /** Copies what there is, at most `INTAKE_ROWS`. The rows are `rows[from]` … `rows[to − 1]`; `from` is the answer, `to` is in `end`. */
  take(): number {
    const ring = this.#ring;
    const count = Math.min(ring.available(), INTAKE_ROWS);
    if (count > 0) this.#copy(ring.slot(0), count);
    this.end = count;
    // The first of them may have changed while they were copied.
    return count > 0 ? ring.release(count) : 0;
  }

  /** Rows that were overwritten before they were taken. */
  get missed(): number {
    return this.#ring.missed;
  }

  #copy(slot: number, count: number): void {
    const capacity = this.#ring.memory.capacity;
    const first = Math.min(count, capacity - slot);
    for (let i = 0; i < this.#names.length; i += 1) {
      const name = this.#names[i] as keyof S & string;
      const width = this.#widths[i] as number;
      copyRun(this.#ring.columns[name], this.rows[name], slot * width, (slot + first) * width, 0);
      if (first < count)
        copyRun(this.#ring.columns[name], this.rows[name], 0, (count - first) * width, first * width);
    }
  }
}

type Column = Uint8Array | Uint32Array | Float64Array;

function copyRun(from: Column, to: Column, start: number, end: number, at: number): void {
  to.set(from.subarray(start, end), at);
}

export function intakeBytes(schema: Schema): number {
  return columnBytes(schema, INTAKE_ROWS);
}
