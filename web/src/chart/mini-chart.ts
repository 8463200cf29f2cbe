import uPlot from 'uplot';
import { timeOfDay } from '../clock.ts';
import { bps } from '../format.ts';
import { pageNow } from '../page-clock.ts';
import { spreadAxis, timeAxis } from './axes.ts';
import { drawLevel } from './overlays.ts';
import { type Range, valueRange, wholeAxis } from './ranges.ts';
import { stepPath } from './step-path.ts';
import { type ChartTheme, readTheme } from './theme.ts';

const LEAST_BPS = 2;
/** A point a second is more than the pixels tell apart. */
const LEAST_STEP_S = 0.95;
/** All charts of the grid have one crosshair. */
const SYNC = 'grid';

/** A small chart of one net spread; what it holds is bounded by its capacity, the oldest points leave. */
export class MiniChart {
  readonly #plot: uPlot;
  readonly #time: Float64Array;
  readonly #value: Float64Array;
  #length = 0;
  #span: number;
  #range: Range | null = null;
  #theme: ChartTheme = readTheme();

  constructor(host: HTMLElement, span: number, capacity: number, onPoint: (text: string | null) => void) {
    this.#span = span;
    this.#time = new Float64Array(capacity);
    this.#value = new Float64Array(capacity);
    const theme = () => this.#theme;
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        // As much at the right as the last time needs.
        padding: [4, null, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: SYNC }, drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { time: true, range: () => this.#view() },
          net: { range: () => (this.#range === null ? [0, 1] : wholeAxis(this.#range)) },
        },
        axes: [timeAxis(theme), spreadAxis(theme, () => this.#range)],
        series: [
          {},
          {
            scale: 'net',
            auto: false,
            width: 1.25,
            stroke: () => theme().net,
            paths: stepPath,
            points: { show: false },
          },
        ],
        hooks: {
          drawAxes: [
            (u) => {
              if (this.#range !== null && this.#range[1] >= 0) drawLevel(u, theme().zero, 0);
            },
          ],
          setCursor: [(u) => onPoint(this.#pointText(u.cursor.idx ?? null, u.cursor.left ?? -1))],
        },
      },
      this.#data(),
      host,
    );
  }

  /** Replaces everything by columns of µs and basis points. */
  load(time: readonly number[], value: readonly (number | null)[]): void {
    const first = Math.max(0, time.length - this.#time.length);
    this.#length = time.length - first;
    for (let i = 0; i < this.#length; i++) {
      this.#time[i] = (time[first + i] as number) / 1e6;
      this.#value[i] = value[first + i] ?? Number.NaN;
    }
    this.draw();
  }

  /** A newer point; seconds since the epoch. One that comes too soon after the last is left out. */
  append(seconds: number, value: number): void {
    const last = this.#length === 0 ? Number.NEGATIVE_INFINITY : (this.#time[this.#length - 1] as number);
    if (seconds < last + LEAST_STEP_S) return;
    if (this.#length === this.#time.length) {
      const quarter = this.#length >> 2;
      this.#time.copyWithin(0, quarter);
      this.#value.copyWithin(0, quarter);
      this.#length -= quarter;
    }
    this.#time[this.#length] = seconds;
    this.#value[this.#length++] = value;
    this.draw();
  }

  draw(): void {
    const [time, value] = this.#data();
    this.#range = valueRange(time, [value], this.#view(), LEAST_BPS);
    this.#plot.setData([time, value]);
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  recolour(): void {
    this.#theme = readTheme();
    this.#plot.redraw();
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #view(): Range {
    const now = pageNow() / 1000;
    return [now - this.#span, now];
  }

  #data(): [Float64Array, Float64Array] {
    return [this.#time.subarray(0, this.#length), this.#value.subarray(0, this.#length)];
  }

  #pointText(index: number | null, left: number): string | null {
    if (left < 0 || index === null || index >= this.#length) return null;
    const value = this.#value[index] as number;
    return `${timeOfDay(this.#time[index] as number)}  ${bps(value)}`;
  }
}
