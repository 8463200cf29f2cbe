/** Quotes that a new owner may bring a second time while it catches up; then its order of quotes is believed to have begun anew. */
const MAX_CATCH_UP = 10_000;
/** Bytes of one instrument, its group in the feed included. */
export const OWNERSHIP_BYTES = 4 * 4 + 3 * 8 + 2 + 1;

/**
 * Which connection may speak for an instrument, by epoch (0 = none). A connection that has ended owns nothing, so nothing of it can act any more. During a planned
 * replacement the newer connection is the `heir`: it takes over instrument by instrument, at a point of the stream where neither a quote is lost nor one
 * told twice. The older one is then the `elder` until it ends, whose trades still count.
 */
export class Ownership {
  readonly owner: Uint32Array;
  readonly heir: Uint32Array;
  readonly elder: Uint32Array;
  /** The epoch that was last heard for an instrument. */
  readonly heard: Uint32Array;
  /** Coins in one unit of the venue's, by which prices are divided and sizes multiplied. */
  readonly units: Float64Array;
  /** Place in the venue's own order of the last quote told: its update id, or its event time where there is none. NaN = not known. */
  readonly #last: Float64Array;
  /** Place of the last quote that the heir brought, NaN = none yet. */
  readonly #heirLast: Float64Array;
  /** Above 0 while a new owner catches up with what the older one had told. */
  readonly #catchUp: Uint16Array;

  constructor(instrumentCapacity: number) {
    this.owner = new Uint32Array(instrumentCapacity);
    this.heir = new Uint32Array(instrumentCapacity);
    this.elder = new Uint32Array(instrumentCapacity);
    this.heard = new Uint32Array(instrumentCapacity);
    this.units = new Float64Array(instrumentCapacity).fill(1);
    this.#last = new Float64Array(instrumentCapacity).fill(Number.NaN);
    this.#heirLast = new Float64Array(instrumentCapacity);
    this.#catchUp = new Uint16Array(instrumentCapacity);
  }

  /** Makes this epoch the owner, with nothing told before. */
  give(instrument: number, epoch: number): void {
    this.owner[instrument] = epoch;
    this.heir[instrument] = 0;
    this.elder[instrument] = 0;
    this.#last[instrument] = Number.NaN;
    this.#catchUp[instrument] = 0;
  }

  appoint(instrument: number, heir: number): void {
    this.heir[instrument] = heir;
    this.#heirLast[instrument] = Number.NaN;
  }

  /** Whether the heir has brought quotes that the owner has not come to yet. */
  isAhead(instrument: number): boolean {
    return (
      this.heir[instrument] !== 0 &&
      (this.#heirLast[instrument] as number) > (this.#last[instrument] as number)
    );
  }

  /** The heir becomes the owner, and what it brings again is left out. */
  pass(instrument: number): void {
    const heir = this.heir[instrument] as number;
    if (heir === 0) return;
    this.elder[instrument] = this.owner[instrument] as number;
    this.owner[instrument] = heir;
    this.heir[instrument] = 0;
    this.#catchUp[instrument] = MAX_CATCH_UP;
  }

  /** This epoch has ended: it gives up what it is to the instrument. Its heir, if there is one, starts afresh. */
  leave(instrument: number, epoch: number): void {
    if (this.heir[instrument] === epoch) this.heir[instrument] = 0;
    if (this.elder[instrument] === epoch) this.elder[instrument] = 0;
    if (this.owner[instrument] === epoch) this.give(instrument, this.heir[instrument] as number);
  }

  /** Whether trades of this epoch count: during a replacement those of both connections do. */
  admitsTrade(instrument: number, epoch: number): boolean {
    return (
      this.owner[instrument] === epoch || this.heir[instrument] === epoch || this.elder[instrument] === epoch
    );
  }

  /** Whether this epoch may bring the quote whose place in the venue's order is `place[0]`. */
  admits(instrument: number, epoch: number, place: Float64Array): boolean {
    const here = place[0] as number;
    if (this.owner[instrument] === epoch) {
      if (this.#catchUp[instrument] !== 0 && this.#toldBefore(instrument, here)) return false;
      this.#last[instrument] = here;
      // The owner has come to where the heir is: the heir's next quote follows on.
      if (this.heir[instrument] !== 0 && here >= (this.#heirLast[instrument] as number))
        this.pass(instrument);
      return true;
    }
    return this.heir[instrument] === epoch && this.#takesOver(instrument, here);
  }

  #toldBefore(instrument: number, here: number): boolean {
    if (here <= (this.#last[instrument] as number)) {
      this.#catchUp[instrument] = (this.#catchUp[instrument] as number) - 1;
      return true;
    }
    this.#catchUp[instrument] = 0;
    return false;
  }

  /**
   * The heir takes over as soon as the two streams are seen to overlap: when it brings a quote that was told before, or when what it brought last has been told
   * meanwhile. While it is ahead of the owner it waits. Where places cannot be compared it takes over at once.
   */
  #takesOver(instrument: number, here: number): boolean {
    const last = this.#last[instrument] as number;
    const ahead = here > last && !((this.#heirLast[instrument] as number) <= last);
    this.#heirLast[instrument] = here;
    if (ahead) return false;
    this.pass(instrument);
    if (here <= last) return false;
    this.#catchUp[instrument] = 0;
    this.#last[instrument] = here;
    return true;
  }
}
