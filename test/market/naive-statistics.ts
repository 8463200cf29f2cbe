/** The statistics of docs/STATISTICS.md, written from that page over the list of all samples, each figure by itself. */
export interface NaiveSample {
  /** Whole seconds since the epoch. */
  readonly second: number;
  readonly bidLow: number;
  readonly askLow: number;
  readonly bidHigh: number;
  readonly askHigh: number;
}

export interface NaiveEnded {
  readonly direction: 0 | 1;
  /** µs since the epoch. */
  readonly end: number;
  readonly start: number;
  readonly peak: number;
}

export interface NaiveShape {
  readonly bucketSeconds: number;
  readonly buckets: number;
  readonly bandSeconds: number;
  readonly bandSamples: number;
}

export interface NaiveRules {
  readonly openNet: number;
  readonly feeLow: number;
  readonly feeHigh: number;
  readonly percent: number;
}

/** @param now the second as of which is asked */
export function naiveStatistics(
  all: readonly NaiveSample[],
  ended: readonly NaiveEnded[],
  direction: 0 | 1,
  shape: NaiveShape,
  rules: NaiveRules,
  now: number,
) {
  const from = (Math.floor(now / shape.bucketSeconds) - shape.buckets + 1) * shape.bucketSeconds;
  const basis = all.map(({ bidLow, bidHigh }) => bidHigh / bidLow - 1);
  const within = all.flatMap(({ second }, i) => (second >= from && second <= now ? [i] : []));
  const values = within.map((i) => basis[i] as number);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const mirror = (x: number): number => (direction === 0 ? x : 1 / (1 + x) - 1);
  const [max, min] = [Math.max(...values), Math.min(...values)];
  const own = ended.filter((one) => one.direction === direction && bucketOf(one.end / 1e6) >= from);
  const bucketStart = (second: number): number =>
    (Math.floor(second / shape.bucketSeconds) - shape.buckets + 1) * shape.bucketSeconds;
  function bucketOf(end: number): number {
    return Math.floor(end / shape.bucketSeconds) * shape.bucketSeconds;
  }
  const net = all.map(({ bidLow, askLow, bidHigh, askHigh }) =>
    direction === 0
      ? (bidHigh * (1 - rules.feeHigh)) / (askLow * (1 + rules.feeLow)) - 1
      : (bidLow * (1 - rules.feeLow)) / (askHigh * (1 + rules.feeHigh)) - 1,
  );
  const peaks = own.map(({ peak }) => peak);
  const steps = within.filter((i) => i > 0 && all[i - 1]?.second === (all[i] as NaiveSample).second - 1);
  const x = steps.map((i) => basis[i - 1] as number);
  const y = steps.map((i) => basis[i] as number);
  const cycles = [0.003, 0.004, 0.005].map((out) =>
    cyclesOf(all, basis, out).filter(({ end }) => end >= from && end <= now),
  );
  const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
  const average = (list: readonly number[]): number => sum(list) / list.length;
  const slope =
    sum(x.map((value, i) => (value - average(x)) * ((y[i] as number) - average(y)))) /
    sum(x.map((value) => (value - average(x)) ** 2));
  const lastBand = Math.floor(now / shape.bandSeconds);
  const bands = all
    .flatMap(({ second }, i) => {
      const number = second / shape.bandSeconds;
      const wanted = Number.isInteger(number) && number <= lastBand && number > lastBand - shape.bandSamples;
      return wanted ? [net[i] as number] : [];
    })
    .sort((a, b) => a - b);
  const ranked = (percent: number): number =>
    bands[Math.max(1, Math.ceil((percent / 100) * bands.length)) - 1] ?? Number.NaN;
  return {
    samples: n,
    bandLow: ranked(100 - rules.percent),
    bandHigh: ranked(rules.percent),
    mean: mirror(mean),
    deviation: Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / n),
    max: n === 0 ? Number.NaN : mirror(direction === 0 ? max : min),
    min: n === 0 ? Number.NaN : mirror(direction === 0 ? min : max),
    meanCrossingsPerMinute: meanCrossings(all, basis, bucketStart, from, now) / (n / 60),
    parityCrossingsPerMinute: parityCrossings(all, basis, from, now) / (n / 60),
    cycles: cycles.map((list) => list.length),
    meanCycleSeconds: average((cycles[0] ?? []).map(({ start, end }) => end - start)),
    timeAbove: within.filter((i) => (net[i] as number) >= rules.openNet).length / n,
    opportunities: own.length,
    opportunitiesPerHour: own.length / (n / 3600),
    meanPeak: average(peaks),
    maxPeak: peaks.length === 0 ? Number.NaN : Math.max(...peaks),
    highPeaks: peaks.filter((peak) => peak > 0.005).length / peaks.length,
    meanDurationSeconds: average(own.map(({ start, end }) => end - start)) / 1e6,
    halfLifeSeconds: slope > 0 && slope < 1 ? Math.LN2 / -Math.log(slope) : Number.NaN,
    asymmetry: ((direction === 0 ? 1 : -1) * sum(values)) / sum(values.map(Math.abs)),
  };
}

/** The mean that counts at a sample is that of the samples before it in the window of its time. */
function meanCrossings(
  all: readonly NaiveSample[],
  basis: readonly number[],
  bucketStart: (second: number) => number,
  from: number,
  now: number,
): number {
  let side = 0;
  let count = 0;
  all.forEach(({ second }, i) => {
    const before = all.flatMap((one, j) =>
      j < i && one.second >= bucketStart(second) ? [basis[j] as number] : [],
    );
    if (before.length === 0) return;
    const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
    const here = Math.sign((basis[i] as number) - mean);
    // A basis that is the mean but for rounding is on no side that could be told.
    if (Math.abs((basis[i] as number) - mean) <= 1e-12) return;
    if (side !== 0 && here !== side && second >= from && second <= now) count++;
    side = here;
  });
  return count;
}

function parityCrossings(
  all: readonly NaiveSample[],
  basis: readonly number[],
  from: number,
  now: number,
): number {
  let side = 0;
  let count = 0;
  all.forEach(({ second }, i) => {
    const here = Math.sign(basis[i] as number);
    if (here === 0) return;
    if (side !== 0 && here !== side && second >= from && second <= now) count++;
    side = here;
  });
  return count;
}

function cyclesOf(
  all: readonly NaiveSample[],
  basis: readonly number[],
  out: number,
): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let since: number | undefined;
  all.forEach(({ second }, i) => {
    const far = Math.abs(basis[i] as number);
    if (since === undefined) {
      if (far >= out) since = second;
    } else if (far < 0.0005) {
      found.push({ start: since, end: second });
      since = undefined;
    }
  });
  return found;
}
