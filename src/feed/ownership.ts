/**
 * Which connection may speak for an instrument, by epoch (0 = none). A connection that has ended owns nothing, so nothing of it can act any more. During a planned
 * replacement the newer connection is the `heir`: it takes over instrument by instrument, at a point of the stream where neither a quote is lost nor one
 * told twice.
 */
export class Ownership {
  readonly owner: Uint32Array;
  readonly heir: Uint32Array;
  /** The epoch that was last heard for an instrument. */
  readonly heard: Uint32Array;
  /** Place in the venue's own order of the last quote accepted: its update id, or its event time where there is none. NaN = not known. */
  readonly #last: Float64Array;
  /** The first such place that the heir brought, and the heir it is of. */
  readonly #heirFirst: Float64Array;
  readonly #heirSeen: Uint32Array;

  constructor(instrumentCapacity: number) {
    this.owner = new Uint32Array(instrumentCapacity);
    this.heir = new Uint32Array(instrumentCapacity);
    this.heard = new Uint32Array(instrumentCapacity);
    this.#last = new Float64Array(instrumentCapacity).fill(Number.NaN);
    this.#heirFirst = new Float64Array(instrumentCapacity);
    this.#heirSeen = new Uint32Array(instrumentCapacity);
  }

  give(instrument: number, epoch: number): void {
    this.owner[instrument] = epoch;
    if (this.heir[instrument] === epoch) this.heir[instrument] = 0;
  }

  /** The instrument's quotes are over: whoever comes next starts afresh. */
  end(instrument: number): void {
    this.owner[instrument] = this.heir[instrument] as number;
    this.heir[instrument] = 0;
    this.#last[instrument] = Number.NaN;
  }

  /** Withdraws an heir that ended before it took over. */
  disinherit(instrument: number, epoch: number): void {
    if (this.heir[instrument] === epoch) this.heir[instrument] = 0;
  }

  /** Whether this epoch may bring the quote whose place in the venue's order is the first number of `place`. */
  admits(instrument: number, epoch: number, place: Float64Array): boolean {
    if (this.owner[instrument] !== epoch && !this.#takesOver(instrument, epoch, place)) return false;
    this.#last[instrument] = place[0] as number;
    return true;
  }

  /**
   * The heir takes over with its first quote behind the owner's last, once it has also brought one that the owner had already: then the two streams overlap, and between them
   * nothing is missing.
   */
  #takesOver(instrument: number, epoch: number, place: Float64Array): boolean {
    if (this.heir[instrument] !== epoch) return false;
    const here = place[0] as number;
    const last = this.#last[instrument] as number;
    if (this.#heirSeen[instrument] !== epoch) {
      this.#heirSeen[instrument] = epoch;
      this.#heirFirst[instrument] = here;
    }
    const comparable = !Number.isNaN(here) && !Number.isNaN(last);
    if (comparable && (here <= last || (this.#heirFirst[instrument] as number) > last)) return false;
    this.give(instrument, epoch);
    return true;
  }
}
