import type uPlot from 'uplot';
import type { Opportunity } from '../../../src/core/opportunity.ts';
import type { Series } from './series.ts';
import type { ChartTheme } from './theme.ts';

/** A spell in which a leg was not seen, seconds since the epoch, and why. */
export interface Blind {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

const MARK_HEIGHT = 4;

/** Shades the times in which a leg was not seen. */
export function drawBlind(u: uPlot, theme: ChartTheme, spells: readonly Blind[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = theme.gap;
  ctx.strokeStyle = theme.zero;
  for (const { from, to } of spells) {
    const [left, right] = [clampX(u, from), clampX(u, to)];
    const width = Math.max(right - left, 1);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    hatch(ctx, left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Lines across, so that the shade is told from the page by more than its tone. */
function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  const step = 10 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.globalAlpha = 0.25;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = left - height; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Fills between the bands, step by step as the lines go. */
export function drawBands(u: uPlot, theme: ChartTheme, { time, upper, lower }: Series): void {
  const { ctx, bbox } = u;
  const { min = null, max = null } = u.scales.x ?? {};
  if (min === null || max === null) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = theme.band;
  ctx.globalAlpha = 0.55;
  // One path, filled once: rectangles that touch would else show their seams.
  ctx.beginPath();
  for (let i = 0; i < time.length; i++) {
    const [high, low] = [upper[i] as number, lower[i] as number];
    const end = time[i + 1];
    if (end === undefined || Number.isNaN(high) || end < min || (time[i] as number) > max) continue;
    const left = u.valToPos(time[i] as number, 'x', true);
    const top = u.valToPos(high, 'net', true);
    const right = u.valToPos(end, 'x', true);
    ctx.rect(left, top, right - left, Math.max(1, u.valToPos(low, 'net', true) - top));
  }
  ctx.fill();
  ctx.restore();
}

/** Marks opportunities at the foot: as long as they were, with a tip at the peak. */
export function drawMarks(u: uPlot, theme: ChartTheme, marks: readonly Opportunity[], nowS: number): void {
  const { ctx, bbox } = u;
  const scale = devicePixelRatio;
  const base = bbox.top + bbox.height;
  ctx.save();
  ctx.fillStyle = theme.mark;
  for (const { start, end, peakTime } of marks) {
    const [left, right] = [clampX(u, start / 1e6), clampX(u, end === null ? nowS : end / 1e6)];
    if (right <= bbox.left || left >= bbox.left + bbox.width) continue;
    ctx.fillRect(left, base - MARK_HEIGHT * scale, Math.max(right - left, 2 * scale), MARK_HEIGHT * scale);
    const peak = clampX(u, peakTime / 1e6);
    ctx.beginPath();
    ctx.moveTo(peak - 3 * scale, base - MARK_HEIGHT * scale);
    ctx.lineTo(peak + 3 * scale, base - MARK_HEIGHT * scale);
    ctx.lineTo(peak, base - 2.5 * MARK_HEIGHT * scale);
    ctx.fill();
  }
  ctx.restore();
}

/** A dashed line across at a value. */
export function drawLevel(u: uPlot, colour: string, value: number): void {
  const { ctx, bbox } = u;
  const y = Math.round(u.valToPos(value, 'net', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash([4, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function clampX(u: uPlot, seconds: number): number {
  const { left, width } = u.bbox;
  return Math.min(left + width, Math.max(left, u.valToPos(seconds, 'x', true)));
}
