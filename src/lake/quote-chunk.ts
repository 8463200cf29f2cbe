import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

const TWO_32 = 2 ** 32;

/**
 * The columns that `readQuotes` takes. Whether a quote is sound (the rule of `market/quotes.ts`) is decided where its columns lie, so that two instead of five cross into JavaScript:
 * each chunk and column that does costs a copy and an object on the thread that has most to do (`npm run bench -- history`).
 */
export function quoteColumns(price: 'bid' | 'ask'): string {
  const sound = `bid > 0 AND ask >= bid AND ask < 'infinity'::DOUBLE AND bid_size > 0 AND ask_size > 0`;
  return `receive_time, CASE WHEN ${sound} THEN ${price} ELSE 'nan'::DOUBLE END`;
}

/** Reads a chunk of `quoteColumns`, without nulls, into place: µs since the epoch, and the price, NaN if the quote is not sound. */
export function readQuotes(
  { chunk, rowCount }: DuckDBDataChunk,
  times: Float64Array,
  prices: Float64Array,
  at: number,
): void {
  const time = bytesOf(chunk, 0, rowCount);
  const halves = new Int32Array(time.buffer, time.byteOffset, 2 * rowCount);
  for (let row = 0; row < rowCount; row += 1)
    times[at + row] = (halves[2 * row + 1] as number) * TWO_32 + ((halves[2 * row] as number) >>> 0);
  const price = bytesOf(chunk, 1, rowCount);
  prices.set(new Float64Array(price.buffer, price.byteOffset, rowCount), at);
}

/** Eight bytes a row, as they lie in the engine's memory: gone with the chunk. */
function bytesOf(chunk: duckdb.DataChunk, column: number, rows: number): Uint8Array {
  return duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), rows * 8);
}
