import uPlot from 'uplot';
import { bps, clockTime, dayTime, price } from '../format.ts';
import type { HistoryColumns, RouteHistory } from '../route-history.ts';
import { lowerAxis, type Range, timeRange, upperAxis, valueRange } from './ranges.ts';
import { stepPath } from './step-path.ts';
import { type ChartTheme, readTheme } from './theme.ts';

/** The smallest heights worth showing: 1 bps of net spread, 1 bps of the price. */
const LEAST_NET_BPS = 1;
const LEAST_PRICE_SHARE = 1e-4;
/** Seconds; from there on an axis names days. */
const DAY = 86_400;
const FONT = '11px system-ui, sans-serif';

/** What the legend calls the three lines. */
export interface ChartLabels {
  readonly net: string;
  readonly ask: string;
  readonly bid: string;
}

/** The chart of one route: the net spread below, both legs' prices above, one time axis and one crosshair. */
export class RouteChart {
  readonly #plot: uPlot;
  readonly #columns: () => HistoryColumns;
  readonly #marks: () => RouteHistory['marks'];
  #theme: ChartTheme = readTheme();
  #span: number | null = null;
  #netRange: Range | null = null;
  #priceRange: Range | null = null;

  constructor(
    host: HTMLElement,
    legend: HTMLElement,
    labels: ChartLabels,
    columns: () => HistoryColumns,
    marks: () => RouteHistory['marks'],
  ) {
    this.#columns = columns;
    this.#marks = marks;
    this.#measure(columns());
    this.#plot = new uPlot(this.#options(host, legend, labels), columns(), host);
    this.draw();
  }

  /** Draws the history as it is now. */
  draw(): void {
    const columns = this.#columns();
    this.#measure(columns);
    this.#plot.setData(columns);
    const last = columns[0].length - 1;
    if ((this.#plot.cursor.left ?? -1) < 0 && last >= 0) this.#plot.setLegend({ idx: last });
  }

  /** Shows the last `span` seconds, or all when null. */
  setSpan(span: number | null): void {
    this.#span = span;
    this.draw();
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  /** Reads the page's colours again. */
  recolour(): void {
    this.#theme = readTheme();
    this.#plot.redraw();
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #measure(columns: HistoryColumns): void {
    const [times, net, ask, bid] = columns;
    const [from] = timeRange(columns, this.#span);
    this.#netRange = valueRange(times, [net], from, LEAST_NET_BPS);
    const level = ask.findLast((value) => !Number.isNaN(value)) ?? 1;
    this.#priceRange = valueRange(times, [ask, bid], from, level * LEAST_PRICE_SHARE);
  }

  #options(host: HTMLElement, legend: HTMLElement, labels: ChartLabels): uPlot.Options {
    return {
      width: host.clientWidth,
      height: host.clientHeight,
      padding: [8, 0, 0, 0],
      scales: {
        x: { time: true, range: () => timeRange(this.#columns(), this.#span) },
        net: { range: () => (this.#netRange === null ? [0, 1] : lowerAxis(this.#netRange)) },
        price: { range: () => (this.#priceRange === null ? [0, 1] : upperAxis(this.#priceRange)) },
      },
      axes: [this.#timeAxis(), this.#netAxis(), this.#priceAxis()],
      series: [
        { label: 'time', value: (_u, value) => clockTime(value) },
        this.#line(labels.net, 'net', () => this.#theme.net, bps),
        this.#line(labels.ask, 'price', () => this.#theme.buy, price),
        this.#line(labels.bid, 'price', () => this.#theme.sell, price),
      ],
      cursor: {
        drag: { x: false, y: false },
        dataIdx: (u, series, index) =>
          series > 0 && Number.isNaN(u.data[series]?.[index] ?? Number.NaN) ? null : index,
      },
      legend: { mount: (_u, table) => legend.append(table), markers: { width: 3 } },
      hooks: { drawAxes: [(u) => this.#drawMarks(u), (u) => this.#drawZero(u)] },
    };
  }

  #line(
    label: string,
    scale: string,
    stroke: () => string,
    text: (value: number | null) => string,
  ): uPlot.Series {
    return {
      label,
      scale,
      auto: false,
      stroke,
      width: scale === 'net' ? 1.75 : 1.25,
      paths: stepPath,
      points: { show: false },
      value: (_u, value) => text(value),
    };
  }

  #timeAxis(): uPlot.Axis {
    return {
      stroke: () => this.#theme.text,
      grid: { stroke: () => this.#theme.grid, width: 1 },
      ticks: { show: false },
      font: FONT,
      size: 26,
      space: 76,
      values: (u, splits) => {
        const { min = 0, max = 0 } = u.scales.x ?? {};
        return splits.map((max ?? 0) - (min ?? 0) > DAY ? dayTime : clockTime);
      },
    };
  }

  #netAxis(): uPlot.Axis {
    return {
      ...this.#valueAxis(() => this.#netRange),
      scale: 'net',
      values: (_u, splits) => splits.map((value) => (value === null ? '' : bps(value))),
    };
  }

  #priceAxis(): uPlot.Axis {
    return {
      ...this.#valueAxis(() => this.#priceRange),
      scale: 'price',
      side: 1,
      values: (_u, splits) => splits.map((value) => (value === null ? '' : price(value))),
    };
  }

  /** Each axis speaks only beside its own lines. */
  #valueAxis(range: () => Range | null): uPlot.Axis {
    const own = (_u: uPlot, splits: number[]) =>
      splits.map((value) => (within(range(), value) ? value : null));
    return {
      stroke: () => this.#theme.text,
      grid: { stroke: () => this.#theme.grid, width: 1, filter: own },
      ticks: { show: false },
      filter: own,
      font: FONT,
      gap: 6,
      space: 24,
      size: (u, values) => labelWidth(u, values),
    };
  }

  /** When the route was an opportunity: a tinted stripe, a pixel wide at least. */
  #drawMarks(u: uPlot): void {
    const { min, max } = u.scales.x ?? {};
    if (min == null || max == null) return;
    u.ctx.save();
    u.ctx.fillStyle = this.#theme.good;
    u.ctx.globalAlpha = 0.22;
    for (const [from, to] of this.#marks()) {
      if (to < min || from > max) continue;
      const left = u.valToPos(Math.max(min, from), 'x', true);
      const right = u.valToPos(Math.min(max, to), 'x', true);
      u.ctx.fillRect(left, u.bbox.top, Math.max(1, right - left), u.bbox.height);
    }
    u.ctx.restore();
  }

  #drawZero(u: uPlot): void {
    if (!within(this.#netRange, 0)) return;
    const y = Math.round(u.valToPos(0, 'net', true)) + 0.5;
    u.ctx.save();
    u.ctx.strokeStyle = this.#theme.zero;
    u.ctx.lineWidth = 1;
    u.ctx.setLineDash([4, 4]);
    u.ctx.beginPath();
    u.ctx.moveTo(u.bbox.left, y);
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
    u.ctx.stroke();
    u.ctx.restore();
  }
}

function within(range: Range | null, value: number): boolean {
  if (range === null) return false;
  const air = (range[1] - range[0]) * 0.15;
  return value >= range[0] - air && value <= range[1] + air;
}

/** Room for the longest label, measured, so that eight-digit prices are not cut. */
function labelWidth(u: uPlot, values: readonly string[] | null): number {
  u.ctx.save();
  u.ctx.font = FONT;
  let widest = 0;
  for (const text of values ?? []) widest = Math.max(widest, u.ctx.measureText(text ?? '').width);
  u.ctx.restore();
  return Math.ceil(widest) + 12;
}
