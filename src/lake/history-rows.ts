/** Quotes of one leg, in the order of time: receive time in µs, and the price that its side of the route needs, NaN = unsound. */
export interface LegRows {
  readonly time: Float64Array;
  readonly price: Float64Array;
}

/** Rows that one load of a leg may take from Parquet, and as many from the journal. */
export const LEG_ROWS = 2 ** 16;
const FIRST_ROWS = 16_384;

/** Collects a leg's rows in the order of arrival. Whoever fills it counts: it grows to what is put in and stays that large. */
export class RowBuffer {
  #time = new Float64Array(FIRST_ROWS);
  #price = new Float64Array(FIRST_ROWS);
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  /** The time of the last row; NaN if there is none. */
  get lastTime(): number {
    return this.#time[this.#rows - 1] ?? Number.NaN;
  }

  add(time: number, price: number): void {
    this.#reserve(this.#rows + 1);
    this.#time[this.#rows] = time;
    this.#price[this.#rows] = price;
    this.#rows += 1;
  }

  /** Takes so many rows, which `fill` puts in place: the first at `at`. */
  addRows(rows: number, fill: (time: Float64Array, price: Float64Array, at: number) => void): void {
    this.#reserve(this.#rows + rows);
    fill(this.#time, this.#price, this.#rows);
    this.#rows += rows;
  }

  truncate(rows: number): void {
    this.#rows = Math.min(rows, this.#rows);
  }

  clear(): void {
    this.#rows = 0;
  }

  isSorted(): boolean {
    for (let row = 1; row < this.#rows; row += 1)
      if ((this.#time[row] as number) < (this.#time[row - 1] as number)) return false;
    return true;
  }

  /** The rows with times before `end` in the order of time, those of one time in the order they came. Valid until something is added. */
  take(end: number): LegRows {
    if (!this.isSorted()) this.#sort();
    let rows = this.#rows;
    while (rows > 0 && (this.#time[rows - 1] as number) >= end) rows -= 1;
    return { time: this.#time.subarray(0, rows), price: this.#price.subarray(0, rows) };
  }

  #sort(): void {
    const time = this.#time.slice(0, this.#rows);
    const price = this.#price.slice(0, this.#rows);
    const order = Uint32Array.from(time, (_, row) => row);
    order.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b);
    order.forEach((row, at) => {
      this.#time[at] = time[row] as number;
      this.#price[at] = price[row] as number;
    });
  }

  #reserve(rows: number): void {
    if (rows <= this.#time.length) return;
    const length = Math.max(2 * this.#time.length, rows);
    const [time, price] = [new Float64Array(length), new Float64Array(length)];
    time.set(this.#time.subarray(0, this.#rows));
    price.set(this.#price.subarray(0, this.#rows));
    this.#time = time;
    this.#price = price;
  }
}
