import { FIELD } from './statistics-fields.ts';

/** What is known of a directed route over a window, in plain units: fractions, seconds, counts a minute or an hour; NaN = not known. docs/STATISTICS.md defines each. */
export interface RouteFigures {
  /** Seconds at which both legs were valid: what all shares and rates are of. */
  readonly samples: number;
  readonly bandLow: number;
  readonly bandHigh: number;
  readonly mean: number;
  readonly deviation: number;
  readonly max: number;
  readonly min: number;
  readonly meanCrossingsPerMinute: number;
  readonly parityCrossingsPerMinute: number;
  readonly cycles: readonly [number, number, number];
  readonly meanCycleSeconds: number;
  readonly timeAbove: number;
  readonly opportunities: number;
  readonly opportunitiesPerHour: number;
  readonly meanPeak: number;
  readonly maxPeak: number;
  readonly highPeaks: number;
  readonly meanDurationSeconds: number;
  readonly halfLifeSeconds: number;
  readonly asymmetry: number;
}

type Row = Float32Array | Float64Array;

/**
 * @param rows of the window's buckets
 * @param direction 0 = buys on the venue of the lower index, 1 = on the other, for which the basis is mirrored
 * @param bands net spreads in order
 */
export function readFigures(
  rows: readonly Row[],
  direction: 0 | 1,
  bands: Float64Array,
  percent: number,
): RouteFigures {
  const sum = (field: number): number => rows.reduce((total, row) => total + (row[field] as number), 0);
  const samples = sum(FIELD.samples);
  const { mean, squares } = merged(rows, FIELD.samples, FIELD.mean, FIELD.squares);
  const heard = rows.filter((row) => (row[FIELD.samples] as number) > 0);
  const [max, min] = [extreme(heard, FIELD.max, Math.max), extreme(heard, FIELD.min, Math.min)];
  const opportunities = sum(FIELD.opportunities + direction);
  const minutes = samples / 60;
  const cycles = sum(FIELD.cycles30);
  const lean = (samples * mean) / sum(FIELD.absolute);
  return {
    samples,
    bandLow: nearestRank(bands, 100 - percent),
    bandHigh: nearestRank(bands, percent),
    mean: mirrored(mean, direction),
    deviation: samples > 0 ? Math.sqrt(squares / samples) : Number.NaN,
    max: mirrored(direction === 0 ? max : min, direction),
    min: mirrored(direction === 0 ? min : max, direction),
    meanCrossingsPerMinute: sum(FIELD.meanCrossings) / minutes,
    parityCrossingsPerMinute: sum(FIELD.parityCrossings) / minutes,
    cycles: [cycles, sum(FIELD.cycles40), sum(FIELD.cycles50)],
    meanCycleSeconds: sum(FIELD.cycleSeconds) / cycles,
    timeAbove: sum(FIELD.above + direction) / samples,
    opportunities,
    opportunitiesPerHour: opportunities / (samples / 3600),
    meanPeak: sum(FIELD.peakSum + direction) / opportunities,
    maxPeak: extreme(
      rows.filter((row) => (row[FIELD.opportunities + direction] as number) > 0),
      FIELD.peakMax + direction,
      Math.max,
    ),
    highPeaks: sum(FIELD.highPeaks + direction) / opportunities,
    meanDurationSeconds: sum(FIELD.openSeconds + direction) / opportunities,
    halfLifeSeconds: halfLife(rows),
    asymmetry: direction === 0 ? lean : -lean,
  };
}

/** The basis seen from the other venue. */
function mirrored(basis: number, direction: 0 | 1): number {
  return direction === 0 ? basis : 1 / (1 + basis) - 1;
}

function extreme(rows: readonly Row[], field: number, of: (a: number, b: number) => number): number {
  return rows.reduce((best, row) => {
    const value = row[field] as number;
    return Number.isNaN(best) ? value : of(best, value);
  }, Number.NaN);
}

/** Mean and sum of squares around it over several rows that each have their own. */
function merged(
  rows: readonly Row[],
  count: number,
  meanField: number,
  squaresField: number,
): { readonly mean: number; readonly squares: number } {
  let [n, mean, squares] = [0, Number.NaN, 0];
  for (const row of rows) {
    const more = row[count] as number;
    if (more === 0) continue;
    const own = row[meanField] as number;
    const shift = n === 0 ? 0 : own - mean;
    const total = n + more;
    squares += (row[squaresField] as number) + (shift * shift * n * more) / total;
    mean = n === 0 ? own : mean + (shift * more) / total;
    n = total;
  }
  return { mean, squares };
}

/** Of an Ornstein–Uhlenbeck process that is seen once a second: x(t + 1) = a + b·x(t), half-life ln 2 ÷ −ln b. NaN when it does not come back. */
function halfLife(rows: readonly Row[]): number {
  let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const row of rows) {
    const more = row[FIELD.steps] as number;
    if (more === 0) continue;
    const [dx, dy] = [(row[FIELD.earlier] as number) - x, (row[FIELD.later] as number) - y];
    const total = n + more;
    const share = n === 0 ? 0 : (n * more) / total;
    xx += (row[FIELD.earlierSquares] as number) + dx * dx * share;
    xy += (row[FIELD.products] as number) + dx * dy * share;
    x += (dx * more) / total;
    y += (dy * more) / total;
    n = total;
  }
  const slope = xy / xx;
  return slope > 0 && slope < 1 ? Math.LN2 / -Math.log(slope) : Number.NaN;
}

/** The value of which at least so many percent are not greater, as the history's bands; NaN of none. */
export function nearestRank(sorted: Float64Array, percent: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil((percent / 100) * sorted.length)));
  return sorted[rank - 1] as number;
}
