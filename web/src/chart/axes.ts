import type uPlot from 'uplot';
import { dayAndTime, timeOfDay } from '../clock.ts';
import { bps, price } from '../format.ts';
import type { Range } from './ranges.ts';
import type { ChartTheme } from './theme.ts';

const FONT = '11px system-ui, sans-serif';
const DAY_S = 86_400;

export function timeAxis(theme: () => ChartTheme): uPlot.Axis {
  return {
    stroke: () => theme().text,
    grid: { stroke: () => theme().grid, width: 1 },
    ticks: { show: false },
    font: FONT,
    size: 26,
    space: 84,
    values: (u, splits) => {
      const { min = 0, max = 0 } = u.scales.x ?? {};
      const span = (max ?? 0) - (min ?? 0);
      if (span >= DAY_S) return splits.map((at) => dayAndTime(at).slice(0, -3));
      return splits.map((at) => (span > 3 * 3600 ? timeOfDay(at).slice(0, -3) : timeOfDay(at)));
    },
  };
}

export function spreadAxis(theme: () => ChartTheme, range: () => Range | null): uPlot.Axis {
  return {
    ...valueAxis(theme, range),
    scale: 'net',
    values: (_u, splits) => splits.map((value) => (value === null ? '' : bps(value))),
  };
}

export function priceAxis(theme: () => ChartTheme, range: () => Range | null): uPlot.Axis {
  return {
    ...valueAxis(theme, range),
    scale: 'price',
    side: 1,
    values: (_u, splits) => splits.map((value) => (value === null ? '' : price(value))),
  };
}

/** Each axis speaks only beside its own lines. */
function valueAxis(theme: () => ChartTheme, range: () => Range | null): uPlot.Axis {
  const own = (_u: uPlot, splits: number[]) => splits.map((value) => (within(range(), value) ? value : null));
  return {
    stroke: () => theme().text,
    grid: { stroke: () => theme().grid, width: 1, filter: own },
    ticks: { show: false },
    filter: own,
    font: FONT,
    gap: 6,
    space: 24,
    size: (u, values) => labelWidth(u, values),
  };
}

export function within(range: Range | null, value: number): boolean {
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
  // In steps, so that the plot does not breathe with its labels.
  return widest === 0 ? 6 : Math.ceil((widest + 12) / 8) * 8;
}
