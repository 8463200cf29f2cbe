import type { TradeFlow } from '../../../src/wire/api.ts';
import type { Range } from './ranges.ts';
import type { ChartTheme } from './theme.ts';

/** Where the plot of the chart above lies, CSS pixels, and which times it shows, seconds. */
export interface PlotFrame {
  readonly left: number;
  readonly width: number;
  readonly view: Range;
}

/** What takers bought and sold by spans of time, of each leg's venue. */
export interface TradeSpans {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** Of one span, seconds. */
  readonly span: number;
  readonly lanes: readonly TradeFlow[];
}

export interface LanePoint {
  readonly bought: number;
  readonly sold: number;
  readonly trades: number;
}

const GAP = 3;
const LABEL_FONT = '11px system-ui, sans-serif';

/** Draws a lane for each venue: bought above its line, sold below, by the square root, so that small trades are seen beside large ones. */
export function drawTrades(
  canvas: HTMLCanvasElement,
  theme: ChartTheme,
  { left, width, view }: PlotFrame,
  spans: TradeSpans | null,
  pointer: number | null,
): void {
  const scale = devicePixelRatio;
  const [room, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(room * scale);
  canvas.height = Math.round(height * scale);
  const ctx = canvas.getContext('2d');
  if (ctx === null) return;
  ctx.scale(scale, scale);
  const lanes = spans?.lanes ?? [];
  const tall = (height - GAP * Math.max(0, lanes.length - 1)) / Math.max(1, lanes.length);
  const most = Math.sqrt(lanes.reduce((peak, { bought, sold }) => Math.max(peak, ...bought, ...sold), 0));
  const x = (second: number): number => left + ((second - view[0]) / (view[1] - view[0])) * width;
  lanes.forEach((lane, i) => {
    const middle = i * (tall + GAP) + tall / 2;
    ctx.fillStyle = theme.grid;
    ctx.fillRect(left, Math.round(middle), width, 1);
    if (spans === null || most === 0) return;
    const bar = Math.max(1, (spans.span / (view[1] - view[0])) * width - 1);
    for (const [at, time] of lane.time.entries()) {
      const from = x(time / 1e6);
      if (from + bar < left || from > left + width) continue;
      const start = Math.max(left, from);
      const wide = Math.min(bar, left + width - start);
      const up = (Math.sqrt(lane.bought[at] ?? 0) / most) * (tall / 2 - 1);
      const down = (Math.sqrt(lane.sold[at] ?? 0) / most) * (tall / 2 - 1);
      ctx.fillStyle = theme.buy;
      if (up > 0) ctx.fillRect(start, middle - Math.max(1, up), wide, Math.max(1, up));
      ctx.fillStyle = theme.sell;
      if (down > 0) ctx.fillRect(start, middle + 1, wide, Math.max(1, down));
    }
  });
  label(ctx, theme, height);
  if (pointer === null) return;
  ctx.fillStyle = theme.zero;
  ctx.fillRect(Math.round(left + pointer), 0, 1, height);
}

/** What is up and what is down, where the axis of the chart above is. */
function label(ctx: CanvasRenderingContext2D, theme: ChartTheme, height: number): void {
  ctx.fillStyle = theme.text;
  ctx.font = LABEL_FONT;
  ctx.textBaseline = 'middle';
  ctx.fillText('trades', 2, height / 2);
}

/** The trades of one lane within a span, or of all of what is on show. @param at seconds; null = all */
export function laneSum(spans: TradeSpans, lane: TradeFlow, view: Range, at: number | null): LanePoint {
  const sum = { bought: 0, sold: 0, trades: 0 };
  for (const [i, time] of lane.time.entries()) {
    const from = time / 1e6;
    const counts =
      at === null ? from + spans.span > view[0] && from <= view[1] : at >= from && at < from + spans.span;
    if (!counts) continue;
    sum.bought += lane.bought[i] ?? 0;
    sum.sold += lane.sold[i] ?? 0;
    sum.trades += lane.trades[i] ?? 0;
  }
  return sum;
}
