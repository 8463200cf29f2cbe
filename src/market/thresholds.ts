/** Thresholds of one directed route, fractions of net spread. */
export interface Thresholds {
  /** From which on it is open. */
  readonly openNet: number;
  /** Below which it is closed again. */
  readonly closeNet: number;
}

/** The thresholds of every directed route, as the pool of pairs numbers them. */
export class ThresholdTable {
  readonly openNet: Float64Array;
  readonly closeNet: Float64Array;

  /** @param common of every route that is given none of its own */
  constructor(pairs: number, common: Thresholds) {
    this.openNet = new Float64Array(2 * pairs).fill(common.openNet);
    this.closeNet = new Float64Array(2 * pairs).fill(common.closeNet);
  }

  set(place: number, { openNet, closeNet }: Thresholds): void {
    this.openNet[place] = openNet;
    this.closeNet[place] = closeNet;
  }
}
