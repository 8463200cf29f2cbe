/** Quotes and trades are numbered apart. */
export const Stream = { quotes: 0, trades: 1 } as const;
export type Stream = (typeof Stream)[keyof typeof Stream];
const STREAMS = 2;

/** What is lost of one venue's stream, once nothing more was lost for a while. */
export interface Loss {
  readonly venue: number;
  readonly stream: Stream;
  readonly rows: number;
  /** Receive times around it, µs; NaN = there was no row before it. */
  readonly from: number;
  readonly to: number;
}

/** So long after the last loss nothing that was overtaken still comes, unless the market stands still too. */
const QUIET_MS = 1000;
/** While rows are lost all the time, that is told as often. */
const LATE_MS = 10_000;

/**
 * Finds lost rows by their numbers: each venue's quotes, and its trades, are numbered from 1 as they leave the feed. A full ring lets newer rows overtake older ones, so what counts is the greatest number
 * less the rows that came.
 */
export class LossCounter {
  readonly #greatest: Float64Array;
  readonly #came: Float64Array;
  /** Losses that were told, of this feed's life. */
  readonly #told: Float64Array;
  /** Losses of earlier lives that are still to be told. */
  readonly #owed: Float64Array;
  /** Losses of all lives. */
  readonly #lost: Float64Array;
  readonly #lastTime: Float64Array;
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  readonly #changedAt: Float64Array;
  /** When the oldest loss that is not told was noticed. */
  readonly #since: Float64Array;
  /** 1 = rows without a number of their own may be missing too. */
  readonly #lapped: Uint8Array;

  /** @param fromStart whether the first row of each is number 1; else counting begins with the first that comes */
  constructor(venues: number, fromStart: boolean) {
    const cells = venues * STREAMS;
    this.#greatest = new Float64Array(cells).fill(fromStart ? 0 : Number.NaN);
    this.#came = new Float64Array(cells);
    this.#told = new Float64Array(cells);
    this.#owed = new Float64Array(cells);
    this.#lost = new Float64Array(cells);
    this.#lastTime = new Float64Array(cells).fill(Number.NaN);
    this.#from = new Float64Array(cells).fill(Number.NaN);
    this.#to = new Float64Array(cells).fill(Number.NaN);
    this.#lapped = new Uint8Array(cells);
    this.#changedAt = new Float64Array(cells).fill(Number.NEGATIVE_INFINITY);
    this.#since = new Float64Array(cells).fill(Number.NEGATIVE_INFINITY);
  }

  /** Row `row` of these columns came. */
  came(
    venue: number,
    stream: number,
    numbers: Float64Array,
    times: Float64Array,
    row: number,
    ms: number,
  ): void {
    const cell = venue * STREAMS + stream;
    const number = numbers[row] as number;
    const greatest = this.#greatest[cell] as number;
    if (number !== greatest + 1) this.#jump(cell, number, times[row] as number, ms);
    if (!(number <= greatest)) this.#greatest[cell] = number;
    this.#came[cell] = (this.#came[cell] as number) + 1;
    this.#lastTime[cell] = times[row] as number;
  }

  /** All rows up to this number have left the feed, whether they came or not. */
  knownUpTo(venue: number, stream: number, number: number, time: number, ms: number): void {
    const cell = venue * STREAMS + stream;
    if (!(number > (this.#greatest[cell] as number))) return;
    this.#greatest[cell] = number;
    this.#notice(cell, time, ms);
  }

  /**
   * The ring was overwritten before it was read: whatever was in it, a word that quotes ended included, is missing.
   * @param emptyAt when the ring was last empty, µs; @param time of the first row after the hole, µs; NaN = not known
   */
  lapped(venue: number, stream: Stream, emptyAt: number, time: number, ms: number): void {
    const cell = venue * STREAMS + stream;
    this.#lapped[cell] = 1;
    // Nothing was in it when it was last empty: of a quiet venue that may be long after its last row.
    if (emptyAt > (this.#lastTime[cell] as number)) this.#lastTime[cell] = emptyAt;
    this.#notice(cell, Number.isNaN(time) ? (this.#lastTime[cell] as number) : time, ms);
  }

  /** The feed died; its successor counts from 1. What it lost is known as far as its rows tell. */
  restart(venue: number, stream: Stream): void {
    const cell = venue * STREAMS + stream;
    this.#owed[cell] = Math.max(0, this.#missing(cell));
    this.#greatest[cell] = 0;
    this.#came[cell] = 0;
    this.#told[cell] = 0;
  }

  /** What was lost and can be told now; `all`: also what has only just been lost. */
  settled(ms: number, all = false): Loss[] {
    const losses: Loss[] = [];
    for (let cell = 0; cell < this.#greatest.length; cell += 1) {
      const rows = Math.max(0, this.#missing(cell));
      if (rows === 0 && this.#lapped[cell] === 0) continue;
      const quiet = ms - (this.#changedAt[cell] as number) >= QUIET_MS;
      const late = ms - (this.#since[cell] as number) >= LATE_MS;
      if (!all && !quiet && !late) continue;
      this.#lapped[cell] = 0;
      this.#told[cell] = (this.#told[cell] as number) + rows - (this.#owed[cell] as number);
      this.#owed[cell] = 0;
      this.#lost[cell] = (this.#lost[cell] as number) + rows;
      losses.push({
        venue: Math.trunc(cell / STREAMS),
        stream: cell % STREAMS === Stream.quotes ? Stream.quotes : Stream.trades,
        rows,
        from: this.#from[cell] as number,
        to: Math.max(this.#to[cell] as number, this.#from[cell] as number),
      });
      this.#from[cell] = Number.NaN;
    }
    return losses;
  }

  /** Rows of a venue's stream that are known to be lost, told or not. */
  lost(venue: number, stream: number): number {
    const cell = venue * STREAMS + stream;
    return (this.#lost[cell] as number) + Math.max(0, this.#missing(cell));
  }

  /** Rows that should have come by now. */
  #missing(cell: number): number {
    const [greatest, came] = [this.#greatest[cell] as number, this.#came[cell] as number];
    if (Number.isNaN(greatest)) return 0;
    return greatest - came - (this.#told[cell] as number) + (this.#owed[cell] as number);
  }

  /** A row that is not the next one. */
  #jump(cell: number, number: number, time: number, ms: number): void {
    // Who comes late to a feed that runs cannot know what was before.
    if (Number.isNaN(this.#greatest[cell] as number)) this.#came[cell] = number - 1;
    else if (number > (this.#greatest[cell] as number)) this.#notice(cell, time, ms);
  }

  #notice(cell: number, time: number, ms: number): void {
    if (Number.isNaN(this.#from[cell] as number)) {
      const last = this.#lastTime[cell] as number;
      this.#from[cell] = Number.isNaN(last) ? time : Math.min(last, time);
      this.#since[cell] = ms;
    }
    this.#to[cell] = time;
    this.#changedAt[cell] = ms;
  }
}
