import uPlot from 'uplot';
import type { Opportunity } from '../../../src/core/opportunity.ts';
import { dayAndTime, timeOfDay } from '../clock.ts';
import { bps, price } from '../format.ts';
import { pageNow } from '../page-clock.ts';
import { priceAxis, spreadAxis, timeAxis, within } from './axes.ts';
import { type Blind, drawBands, drawBlind, drawLevel, drawMarks } from './overlays.ts';
import { lowerAxis, type Range, upperAxis, valueRange, wholeAxis } from './ranges.ts';
import type { Series } from './series.ts';
import { stepPath } from './step-path.ts';
import { type ChartTheme, readTheme } from './theme.ts';
import type { PlotFrame } from './trade-strip.ts';

/** The smallest heights worth showing: 1 bps of spread, 1 bps of the price. */
const LEAST_NET_BPS = 1;
const LEAST_PRICE_SHARE = 1e-4;
const WHEEL_FACTOR = 1.25;
const LEAST_SPAN_S = 2;
const DAY_S = 86_400;

/** What the legend calls the three lines. */
export interface ChartLabels {
  readonly net: string;
  readonly ask: string;
  readonly bid: string;
}

/** What there is to draw, now. */
export interface ChartModel {
  readonly series: Series;
  /** The times on show, seconds since the epoch. */
  readonly view: Range;
  /** Whether both prices stand above the spread; else it has the whole plot. */
  readonly prices: boolean;
  readonly blind: readonly Blind[];
  readonly marks: readonly Opportunity[];
}

export interface ChartEvents {
  /** The reader asks for these times. */
  zoom(from: number, to: number): void;
  /** And back to the range. */
  reset(): void;
  /** The point of the series that is pointed at, and how far from the plot's left, CSS pixels; null = none. */
  point(index: number | null, left: number | null): void;
  /** It was drawn: where its plot lies. */
  drawn(frame: PlotFrame): void;
}

/** The chart of one route: the spread, in live view below both legs' prices; one time axis and one crosshair. */
export class RouteChart {
  readonly #plot: uPlot;
  readonly #model: () => ChartModel;
  readonly #events: ChartEvents;
  #theme: ChartTheme = readTheme();
  #now: ChartModel;
  #netRange: Range | null = null;
  #priceRange: Range | null = null;

  constructor(
    host: HTMLElement,
    legend: HTMLElement,
    labels: ChartLabels,
    model: () => ChartModel,
    events: ChartEvents,
  ) {
    this.#model = model;
    this.#events = events;
    this.#now = model();
    this.#measure();
    this.#plot = new uPlot(this.#options(host, legend, labels), dataOf(this.#now), host);
    this.#plot.over.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.#plot.over.addEventListener('dblclick', () => events.reset());
    this.draw();
  }

  /** Draws what there is now. */
  draw(): void {
    this.#now = this.#model();
    this.#measure();
    this.#plot.setData(dataOf(this.#now));
    const last = this.#now.series.time.length - 1;
    if ((this.#plot.cursor.left ?? -1) < 0 && last >= 0) this.#plot.setLegend({ idx: last });
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  /** Reads the page's colours again. */
  recolour(): void {
    this.#theme = readTheme();
    this.#plot.redraw();
  }

  /** What is drawn. */
  get shown(): ChartModel {
    return this.#now;
  }

  /** The picture, for whoever wants to keep it. */
  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas;
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #measure(): void {
    const { series, view, prices } = this.#now;
    const { time, value, upper, lower, ask, bid } = series;
    this.#netRange = valueRange(time, [value, upper, lower], view, LEAST_NET_BPS);
    const level = ask.findLast((known) => !Number.isNaN(known)) ?? 1;
    this.#priceRange = prices ? valueRange(time, [ask, bid], view, level * LEAST_PRICE_SHARE) : null;
  }

  #options(host: HTMLElement, legend: HTMLElement, labels: ChartLabels): uPlot.Options {
    const theme = () => this.#theme;
    return {
      width: host.clientWidth,
      height: host.clientHeight,
      // As much at the right as the last time needs, where no axis stands there.
      padding: [8, null, 0, 0],
      scales: {
        x: { time: true, range: () => this.#now.view },
        net: { range: () => this.#spreadScale() },
        price: { range: () => (this.#priceRange === null ? [0, 1] : upperAxis(this.#priceRange)) },
      },
      axes: [
        timeAxis(theme),
        spreadAxis(theme, () => this.#netRange),
        priceAxis(theme, () => this.#priceRange),
      ],
      series: [
        { label: 'time', value: (_u, value) => this.#timeText(value) },
        this.#line(labels.net, 'net', () => this.#theme.net, bps),
        this.#line(labels.ask, 'price', () => this.#theme.buy, price),
        this.#line(labels.bid, 'price', () => this.#theme.sell, price),
      ],
      cursor: {
        drag: { x: true, y: false, setScale: false },
        // The double click is the range's, not uPlot's own.
        bind: { dblclick: () => null },
        dataIdx: (u, series, index) =>
          series > 0 && Number.isNaN(u.data[series]?.[index] ?? Number.NaN) ? null : index,
      },
      legend: { mount: (_u, table) => legend.append(table), markers: { width: 3 } },
      hooks: {
        drawAxes: [(u) => this.#drawBehind(u)],
        draw: [
          (u) => {
            drawMarks(u, this.#theme, this.#now.marks, this.#now.view[1]);
            const [left, width] = [u.bbox.left / devicePixelRatio, u.bbox.width / devicePixelRatio];
            this.#events.drawn({ left, width, view: this.#now.view });
          },
        ],
        setSelect: [(u) => this.#selected(u)],
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -1;
            this.#events.point(left < 0 ? null : (u.cursor.idx ?? null), left < 0 ? null : left);
          },
        ],
      },
    };
  }

  #line(
    label: string,
    scale: string,
    stroke: () => string,
    text: (value: number | null) => string,
  ): uPlot.Series {
    return {
      ...{ label, scale, stroke, auto: false },
      width: scale === 'net' ? 1.75 : 1.25,
      paths: (u, index, from, to) =>
        scale === 'price' && !this.#now.prices ? null : stepPath(u, index, from, to),
      points: { show: false },
      value: (_u, value) => text(value),
    };
  }

  #timeText(value: number | null): string {
    const [from, to] = this.#now.view;
    return to - from >= DAY_S ? dayAndTime(value) : timeOfDay(value);
  }

  #spreadScale(): Range {
    if (this.#netRange === null) return [0, 1];
    return this.#now.prices ? lowerAxis(this.#netRange) : wholeAxis(this.#netRange);
  }

  #drawBehind(u: uPlot): void {
    drawBlind(u, this.#theme, this.#now.blind);
    drawBands(u, this.#theme, this.#now.series);
    if (within(this.#netRange, 0)) drawLevel(u, this.#theme.zero, 0);
  }

  #selected(u: uPlot): void {
    const { left, width } = u.select;
    if (width < 4) return;
    const [from, to] = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#zoomTo(from, to);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const [from, to] = this.#now.view;
    const at = this.#plot.posToVal(event.offsetX, 'x');
    const factor = event.deltaY < 0 ? 1 / WHEEL_FACTOR : WHEEL_FACTOR;
    this.#zoomTo(at - (at - from) * factor, at + (to - at) * factor);
  }

  #zoomTo(from: number, to: number): void {
    if (to - from >= LEAST_SPAN_S) this.#events.zoom(from, Math.min(to, pageNow() / 1000));
  }
}

function dataOf({ series: { time, value, ask, bid } }: ChartModel): uPlot.AlignedData {
  return [time, value, ask, bid];
}
