/** Two ends of an axis. */
export type Range = [min: number, max: number];

/** The share of the plot's height that the net spread has, below; the prices have the rest, above. */
export const NET_SHARE = 0.5;
const AIR = 0.08;

/**
 * The smallest and largest known value of columns between two times, or null when there is none. `least` is the smallest span worth showing,
 * so that a quiet line is not blown up to noise.
 */
export function valueRange(
  times: Float64Array,
  columns: readonly Float64Array[],
  [from, to]: Range,
  least: number,
): Range | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of columns) {
    for (let i = values.length - 1; i >= 0 && (times[i] as number) >= from; i--) {
      if ((times[i] as number) > to) continue;
      const value = values[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return null;
  const lack = Math.max(0, least - (max - min)) / 2;
  return [min - lack, max + lack];
}

/** The axis of a line that shall fill only the lower share of the plot. */
export function lowerAxis([min, max]: Range): Range {
  const height = (max - min) / (NET_SHARE - 2 * AIR);
  const bottom = min - AIR * height;
  return [bottom, bottom + height];
}

/** The axis of a line that shall fill only the upper share of the plot. */
export function upperAxis([min, max]: Range): Range {
  const height = (max - min) / (1 - NET_SHARE - 2 * AIR);
  const top = max + AIR * height;
  return [top - height, top];
}

/** The axis of a line that has the whole plot. */
export function wholeAxis([min, max]: Range): Range {
  const air = (max - min) * AIR * 1.5;
  return [min - air, max + air];
}

/** The times on show of a live series: all there are of the last `span` seconds, at least ten. */
export function timeRange(times: Float64Array, span: number): Range {
  const last = times.at(-1) ?? 0;
  const first = times[0] ?? 0;
  return [Math.max(last - span, Math.min(first, last - 10)), last];
}
