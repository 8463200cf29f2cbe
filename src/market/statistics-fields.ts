/** What is kept of one pair in one bucket of time, as places in a row of figures. Counts are whole numbers. */
export const FIELD = {
  /** Samples, and of their basis: mean, sum of squares around it, sum without sign, greatest, least. */
  samples: 0,
  mean: 1,
  squares: 2,
  absolute: 3,
  max: 4,
  min: 5,
  /** Of samples that follow one another by a second: how many, both means, sum of squares of the earlier and of products. */
  steps: 6,
  earlier: 7,
  later: 8,
  earlierSquares: 9,
  products: 10,
  meanCrossings: 11,
  parityCrossings: 12,
  /** Completed cycles beyond each of `CYCLES`, and how long those of the first took, s. */
  cycles30: 13,
  cycles40: 14,
  cycles50: 15,
  cycleSeconds: 16,
  /** Samples at which the net spread of a direction was over its opening threshold. */
  above: 17,
  /** Opportunities of a direction: how many ended, sum and greatest of their peaks, peaks over `HIGH_PEAK`, and how long they took, s. */
  opportunities: 19,
  peakSum: 21,
  peakMax: 23,
  highPeaks: 25,
  openSeconds: 27,
} as const;

/** Figures of a row; those of directions take two places. */
export const FIELDS = 29;
/** How far the basis has to go out for a cycle, and below what it has to come back. */
export const CYCLES = [0.003, 0.004, 0.005] as const;
export const CYCLE_END = 0.0005;
/** A peak over this is high. */
export const HIGH_PEAK = 0.005;
