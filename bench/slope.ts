/** Most points that pairs are made of: longer series are thinned, evenly. */
const MOST_POINTS = 240;
const RESAMPLES = 200;

export interface Slope {
  /** Units of y per unit of x: the median of the slopes between all pairs of points (Theil–Sen), so that a few outliers do not move it. */
  readonly slope: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/**
 * The trend of a series. The interval comes from a bootstrap of the residuals in blocks, because neighbours in a series of memory are alike; chance is fixed, so the same series gives the same interval.
 * All NaN for fewer than 8 points.
 */
export function slopeOf(x: readonly number[], y: readonly number[]): Slope {
  const step = Math.max(1, Math.ceil(x.length / MOST_POINTS));
  const xs = x.filter((_, i) => i % step === 0);
  const ys = y.filter((_, i) => i % step === 0);
  if (xs.length < 8) return { slope: Number.NaN, low: Number.NaN, high: Number.NaN };
  const slope = theilSen(xs, ys);
  const level = median(ys.map((value, i) => value - slope * at(xs, i)));
  const line = xs.map((value) => level + slope * value);
  const residuals = ys.map((value, i) => value - at(line, i));
  const random = generator(12_345);
  const slopes = Array.from({ length: RESAMPLES }, () => {
    const noise = inBlocks(residuals, random);
    return theilSen(
      xs,
      line.map((value, i) => value + at(noise, i)),
    );
  }).sort((a, b) => a - b);
  return { slope, low: quantile(slopes, 0.025), high: quantile(slopes, 0.975) };
}

/** The value below which the share `q` of an ascending list lies; NaN of an empty one. */
export function quantile(ascending: readonly number[], q: number): number {
  if (ascending.length === 0) return Number.NaN;
  return at(ascending, Math.min(ascending.length - 1, Math.floor(q * ascending.length)));
}

function theilSen(xs: readonly number[], ys: readonly number[]): number {
  const slopes = new Float64Array((xs.length * (xs.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < xs.length; i += 1) {
    for (let j = i + 1; j < xs.length; j += 1) {
      const run = at(xs, j) - at(xs, i);
      if (run !== 0) slopes[count++] = (at(ys, j) - at(ys, i)) / run;
    }
  }
  const sorted = slopes.subarray(0, count).sort();
  return ((sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number)) / 2;
}

function inBlocks(values: readonly number[], random: () => number): number[] {
  const length = Math.max(2, Math.ceil(Math.sqrt(values.length)));
  const drawn: number[] = [];
  while (drawn.length < values.length) {
    const from = Math.floor(random() * (values.length - length + 1));
    drawn.push(...values.slice(from, from + length));
  }
  return drawn.slice(0, values.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (at(sorted, (sorted.length - 1) >> 1) + at(sorted, sorted.length >> 1)) / 2;
}

function at(values: readonly number[], i: number): number {
  return values[i] as number;
}

/** Park and Miller's generator: numbers from 0 to below 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}
