import uPlot from 'uplot';
import type { MemoryReply } from '../../../src/wire/api.ts';
import { timeAxis } from './axes.ts';
import { type ChartTheme, readTheme } from './theme.ts';

const SHADE = 0.16;
/** A budget that nothing comes near is drawn all the same: it is what the line is about. */
const HEADROOM = 1.06;

/** Resident memory over time under its budget. */
export class MemoryChart {
  readonly #plot: uPlot;
  #theme: ChartTheme = readTheme();
  #budget = 1;

  constructor(host: HTMLElement, onPoint: (index: number | null) => void) {
    const theme = () => this.#theme;
    this.#plot = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        padding: [6, 8, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
        scales: { x: { time: true }, mb: { range: (_u, _min, max) => [0, this.#top(max)] } },
        axes: [
          timeAxis(theme),
          {
            scale: 'mb',
            stroke: () => theme().text,
            grid: { stroke: () => theme().grid, width: 1 },
            ticks: { show: false },
            font: '11px system-ui, sans-serif',
            size: 56,
            space: 28,
            values: (_u, splits) => splits.map((value) => `${value} MB`),
          },
        ],
        series: [
          {},
          {
            scale: 'mb',
            width: 1.5,
            stroke: () => theme().net,
            fill: () => shaded(theme().net),
            points: { show: false },
          },
        ],
        hooks: {
          draw: [(u) => this.#drawBudget(u)],
          setCursor: [(u) => onPoint((u.cursor.left ?? -1) < 0 ? null : (u.cursor.idx ?? null))],
        },
      },
      [[], []],
      host,
    );
  }

  show({ time, rss, budget }: MemoryReply): void {
    this.#budget = budget / 1e6;
    this.#plot.setData([time.map((at) => at / 1e6), rss.map((bytes) => bytes / 1e6)]);
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

  #top(max: number | null): number {
    return Math.max(this.#budget, max ?? 0) * HEADROOM;
  }

  #drawBudget({ ctx, bbox, valToPos }: uPlot): void {
    const y = Math.round(valToPos(this.#budget, 'mb', true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = this.#theme.sell;
    ctx.fillStyle = this.#theme.sell;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'top';
    ctx.fillText(
      `budget ${Math.round(this.#budget)} MB`,
      bbox.left + bbox.width - 4,
      y + 3 * devicePixelRatio,
    );
    ctx.restore();
  }
}

/** A colour of the page, `#rrggbb`, thin enough to lie under lines. */
function shaded(colour: string): string {
  const part = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  return `rgb(${part(1)} ${part(3)} ${part(5)} / ${SHADE})`;
}
