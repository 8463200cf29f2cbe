import { nearestRank, SortedWindow } from './history-bands.ts';
import type { HistoryPoints } from './history-request.ts';

/** Points that are handed out at a time. */
export const BATCH_POINTS = 4096;

export interface SeriesOptions {
  /** The range that was asked for, µs. */
  readonly from: number;
  readonly to: number;
  readonly window: number;
  /** Percent of the upper band. */
  readonly percent: number;
  /** Undefined = every point. */
  readonly points: number | undefined;
}

/** Takes the points of a route and gives them their bands. */
export interface Series {
  /** Takes the first `count` points. */
  take(time: Float64Array, value: Float64Array, count: number): void;
  /** There are no more. */
  end(): void;
  /** What is ready to be handed out, at least `least` points of it; undefined = not yet. */
  ready(least: number): HistoryPoints | undefined;
}

/** Points on their way out. */
export class Outgoing {
  #columns = emptyPoints(BATCH_POINTS);
  #count = 0;

  add(time: number, value: number, upper: number, lower: number): void {
    if (this.#count === this.#columns.time.length) this.#columns = copyPoints(this.#columns, 2 * this.#count);
    this.#columns.time[this.#count] = time;
    this.#columns.value[this.#count] = value;
    this.#columns.upper[this.#count] = upper;
    this.#columns.lower[this.#count] = lower;
    this.#count += 1;
  }

  ready(least: number): HistoryPoints | undefined {
    if (this.#count < Math.max(1, least)) return undefined;
    const points = copyPoints(this.#columns, this.#count);
    this.#count = 0;
    return points;
  }
}

function emptyPoints(length: number): HistoryPoints {
  const column = () => new Float64Array(length);
  return { time: column(), value: column(), upper: column(), lower: column() };
}

function copyPoints(from: HistoryPoints, length: number): HistoryPoints {
  const to = emptyPoints(length);
  for (const name of ['time', 'value', 'upper', 'lower'] as const)
    to[name].set(from[name].subarray(0, length));
  return to;
}

/** Every point, with the bands over the last valid ones. */
export class WholeSeries implements Series {
  readonly #out = new Outgoing();
  readonly #recent: SortedWindow;
  readonly #percent: number;

  constructor({ window, percent }: SeriesOptions) {
    this.#recent = new SortedWindow(window);
    this.#percent = percent;
  }

  take(time: Float64Array, value: Float64Array, count: number): void {
    const recent = this.#recent;
    for (let i = 0; i < count; i += 1) {
      const now = value[i] as number;
      if (Number.isNaN(now)) {
        this.#out.add(time[i] as number, now, now, now);
        continue;
      }
      recent.push(now);
      const upper = recent.at(nearestRank(this.#percent, recent.count));
      const lower = recent.at(nearestRank(100 - this.#percent, recent.count));
      this.#out.add(time[i] as number, now, upper, lower);
    }
  }

  end(): void {}

  ready(least: number): HistoryPoints | undefined {
    return this.#out.ready(least);
  }
}
