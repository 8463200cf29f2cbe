import type { HistoryTotals } from './history-request.ts';

/** Counts all points of a series, before any is left out. */
export class Totals {
  #ticks = 0;
  #breaks = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #last = Number.NaN;

  take(values: Float64Array, count: number): void {
    let ticks = 0;
    let sum = 0;
    let min = this.#min;
    let max = this.#max;
    let last = this.#last;
    for (let i = 0; i < count; i += 1) {
      const value = values[i] as number;
      if (Number.isNaN(value)) continue;
      ticks += 1;
      sum += value;
      last = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.#ticks += ticks;
    this.#breaks += count - ticks;
    this.#sum += sum;
    this.#min = min;
    this.#max = max;
    this.#last = last;
  }

  totals(quotes: number): HistoryTotals {
    const [ticks, breaks] = [this.#ticks, this.#breaks];
    if (ticks === 0) {
      const none = Number.NaN;
      return { quotes, ticks, breaks, min: none, max: none, mean: none, last: none };
    }
    return {
      quotes,
      ticks,
      breaks,
      min: this.#min,
      max: this.#max,
      mean: this.#sum / ticks,
      last: this.#last,
    };
  }
}
