import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Rows that the engine takes at a time. */
export const CHUNK_ROWS = 2048;
/** Longest text that the engine keeps in its 16-byte cell; a longer one lives elsewhere, and only the engine can put it there. */
const INLINE_BYTES = 12;
const CELL_BYTES = 16;
const TWO_32 = 2 ** 32;
/** Beyond it a double stands for no one whole number. */
const MAX_WHOLE = Number.MAX_SAFE_INTEGER;
const MAX_TEXT_BYTES = 255;

/**
 * Fills one chunk's columns with rows picked from longer columns: row i of the chunk is row `order[from + i]` of the source. Values go through scratch buffers of a chunk's
 * size, one copy a column: a call into the engine per value would cost some 100 ns (`npm run bench -- parquet`).
 */
export class ChunkColumns {
  readonly #scratch = new ArrayBuffer(CHUNK_ROWS * CELL_BYTES);
  readonly #bytes = new Uint8Array(this.#scratch);
  readonly #shorts = new Uint16Array(this.#scratch);
  readonly #words = new Uint32Array(this.#scratch);
  readonly #doubles = new Float64Array(this.#scratch);
  readonly #validity = new Uint8Array(CHUNK_ROWS / 8);
  readonly #text = new ArrayBuffer(MAX_TEXT_BYTES);
  readonly #textBytes = new Uint8Array(this.#text);
  /** The first n bytes of the text, for every n: so that no view is made per row. */
  readonly #texts = Array.from({ length: MAX_TEXT_BYTES + 1 }, (_, n) => new Uint8Array(this.#text, 0, n));
  #chunk: duckdb.DataChunk | undefined;
  #from = 0;
  #rows = 0;

  /** Sets what the next columns are of. */
  begin(chunk: DuckDBDataChunk, from: number, rows: number): void {
    this.#chunk = chunk.chunk;
    this.#from = from;
    this.#rows = rows;
    duckdb.data_chunk_set_size(chunk.chunk, rows);
  }

  /**
   * This and `doubles` take column `offset` of a source whose rows are `stride` values each: rows that lie together are fetched from memory once, not once a column.
   *
   * BIGINT or TIMESTAMP out of doubles; what is no whole number of at most 53 bits once its fraction is cut off is null.
   */
  integers(column: number, source: Float64Array, order: Uint32Array, stride = 1, offset = 0): void {
    const [words, from, rows] = [this.#words, this.#from, this.#rows];
    let nulls = false;
    for (let i = 0; i < rows; i += 1) {
      const value = source[(order[from + i] as number) * stride + offset] as number;
      if (value >= -MAX_WHOLE && value <= MAX_WHOLE) {
        const whole = Math.trunc(value);
        const high = Math.floor(whole / TWO_32);
        words[2 * i] = whole - high * TWO_32;
        words[2 * i + 1] = high;
      } else nulls = this.#setNull(i, nulls);
    }
    this.#put(column, rows * 8, nulls);
  }

  /** DOUBLE; NaN is null. */
  doubles(column: number, source: Float64Array, order: Uint32Array, stride = 1, offset = 0): void {
    const [doubles, from, rows] = [this.#doubles, this.#from, this.#rows];
    let nulls = false;
    for (let i = 0; i < rows; i += 1) {
      const value = source[(order[from + i] as number) * stride + offset] as number;
      doubles[i] = value;
      if (Number.isNaN(value)) nulls = this.#setNull(i, nulls);
    }
    this.#put(column, rows * 8, nulls);
  }

  /** Codes of an ENUM with `values` values; a code beyond them is null. */
  codes(column: number, source: Uint32Array | Uint8Array, order: Uint32Array, values: number): void {
    const [from, rows] = [this.#from, this.#rows];
    const width = values <= 0xff ? 1 : values <= 0xffff ? 2 : 4;
    const into = width === 1 ? this.#bytes : width === 2 ? this.#shorts : this.#words;
    let nulls = false;
    for (let i = 0; i < rows; i += 1) {
      const code = source[order[from + i] as number] as number;
      if (code < values) into[i] = code;
      else {
        into[i] = 0;
        nulls = this.#setNull(i, nulls);
      }
    }
    this.#put(column, rows * width, nulls);
  }

  /** VARCHAR out of runs of `width` bytes of which the first `lengths[row]` count; none = null. Bytes that are no UTF-8 become U+FFFD. */
  texts(column: number, source: Uint8Array, lengths: Uint8Array, width: number, order: Uint32Array): void {
    const [bytes, words, from, rows] = [this.#bytes, this.#words, this.#from, this.#rows];
    bytes.fill(0, 0, rows * CELL_BYTES);
    let nulls = false;
    let long = false;
    for (let i = 0; i < rows; i += 1) {
      const row = order[from + i] as number;
      const length = Math.min(lengths[row] as number, width);
      if (length === 0) nulls = this.#setNull(i, nulls);
      else if (length <= INLINE_BYTES && isAscii(source, row * width, length)) {
        words[(i * CELL_BYTES) / 4] = length;
        for (let k = 0; k < length; k += 1) bytes[i * CELL_BYTES + 4 + k] = source[row * width + k] as number;
      } else long = true;
    }
    const vector = this.#put(column, rows * CELL_BYTES, nulls);
    if (long) this.#longTexts(vector, source, lengths, width, order);
  }

  /** VARCHAR out of strings; null is null. For few rows: each costs a call. */
  strings(column: number, value: (row: number) => string | null, order: Uint32Array): void {
    this.#bytes.fill(0, 0, this.#rows * CELL_BYTES);
    let nulls = false;
    for (let i = 0; i < this.#rows; i += 1)
      if (value(order[this.#from + i] as number) === null) nulls = this.#setNull(i, nulls);
    const vector = this.#put(column, this.#rows * CELL_BYTES, nulls);
    for (let i = 0; i < this.#rows; i += 1) {
      const text = value(order[this.#from + i] as number);
      if (text !== null) duckdb.vector_assign_string_element_len(vector, i, Buffer.from(text));
    }
  }

  #longTexts(
    vector: duckdb.Vector,
    source: Uint8Array,
    lengths: Uint8Array,
    width: number,
    order: Uint32Array,
  ): void {
    for (let i = 0; i < this.#rows; i += 1) {
      const row = order[this.#from + i] as number;
      const length = Math.min(lengths[row] as number, width);
      const ascii = isAscii(source, row * width, length);
      if (length <= INLINE_BYTES && ascii) continue;
      for (let k = 0; k < length; k += 1) this.#textBytes[k] = source[row * width + k] as number;
      const text = this.#texts[length] as Uint8Array;
      duckdb.vector_assign_string_element_len(
        vector,
        i,
        ascii ? text : Buffer.from(Buffer.from(text).toString('utf8')),
      );
    }
  }

  /** Marks a row of the column as null; answers true. */
  #setNull(row: number, nulls: boolean): true {
    if (!nulls) this.#validity.fill(0xff);
    this.#validity[row >> 3] = (this.#validity[row >> 3] as number) & ~(1 << (row & 7));
    return true;
  }

  #put(column: number, bytes: number, nulls: boolean): duckdb.Vector {
    if (this.#chunk === undefined) throw new Error('no chunk was begun');
    const vector = duckdb.data_chunk_get_vector(this.#chunk, column);
    duckdb.copy_data_to_vector(vector, 0, this.#scratch, 0, bytes);
    if (nulls) {
      duckdb.vector_ensure_validity_writable(vector);
      const rows = Math.ceil(this.#rows / 64) * 8;
      duckdb.copy_data_to_vector_validity(vector, 0, this.#validity.buffer, 0, rows);
    }
    return vector;
  }
}

function isAscii(bytes: Uint8Array, at: number, length: number): boolean {
  let all = 0;
  for (let i = 0; i < length; i += 1) all |= bytes[at + i] as number;
  return all < 0x80;
}
