import type { BoundReading } from '../core/bounds.ts';
import { type QuoteColumns, QuoteKind } from '../core/records.ts';
import { ASK, BID, decodePage, SampleEncoder, STATE_STRIDE, TIME } from './window-codec.ts';
import { PAGE_BYTES, PagePool, pagesBytes, pagesIn } from './window-pages.ts';

/** What the ledger calls them. */
export const WINDOWS_BOUND = 'market.windows';

export interface WindowOptions {
  /** How far back a window goes, ms. */
  readonly spanMs: number;
  /** At most one sample per instrument in so many ms. */
  readonly resolutionMs: number;
  /** What all windows together may take. */
  readonly bytes: number;
}

/** What an instrument said lately, as columns of equal length, copied out; in the order of time, of each slot of the resolution the last quote. */
export interface InstrumentWindow {
  /** From this time on, µs, no sample is missing. */
  readonly coveredFrom: number;
  /** Receive times, µs. */
  readonly time: Float64Array;
  /** NaN = it was not valid: unsound, or ended as `kind` says. */
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  /** A `QuoteKind` each. */
  readonly kind: Uint8Array;
}

/** How much of the span is there. */
export interface WindowCover {
  readonly spanMs: number;
  /** Of the span, as far as the windows of all instruments go back. */
  readonly coveredMs: number;
  readonly resolutionMs: number;
  /** Instruments that have one. */
  readonly windows: number;
  /** Pages that were taken back before their time. */
  readonly evicted: number;
}

/** The sample that may still be replaced: as the codec wants it, and the first µs after its slot. */
const OPEN_STRIDE = 4;
const UNTIL = 3;
/** Doubles and links that each instrument has, whether it speaks or not. */
const INSTRUMENT_BYTES = (OPEN_STRIDE + STATE_STRIDE + 1) * 8 + 2 * 4;

/** The least that `bytes` of the options may be for so many instruments: its tables, and four pages for each 64 of them. */
export function leastWindowBytes(instruments: number): number {
  return instruments * INSTRUMENT_BYTES + pagesBytes(Math.ceil(instruments / 16));
}

/**
 * The last hour of every instrument, or as much of it as fits: samples in pages that are handed to instruments as they tick, out of one block that is taken at the start. A slot without
 * a quote has no sample: whoever reads carries the last one on, for as long as a quote may be used.
 *
 * Expiry needs no timer: each sample that is put away frees pages whose last sample is older than the span. When none is free, the page that nobody has written to for the longest is
 * taken: of instruments that fell silent first, then everyone's oldest. What an instrument then still covers is told with its window.
 *
 * A clock that was set back by more than the resolution starts the window of the instrument anew; by less, the sample keeps its time, and what came last counts.
 */
export class WindowArena {
  readonly #span: number;
  readonly #resolution: number;
  readonly #pages: PagePool;
  readonly #encoder = new SampleEncoder();
  readonly #open: Float64Array;
  readonly #state: Float64Array;
  readonly #coveredFrom: Float64Array;
  /** The time of the row that is taken in: a cell and not an argument, since a double that is passed on is boxed. */
  readonly #row = new Float64Array(1);
  /** Since when there are windows at all, and the last time of which a sample was evicted. */
  readonly #known = Float64Array.of(Number.NaN, -Infinity);
  #windows = 0;
  #evicted = 0;

  constructor({ spanMs, resolutionMs, bytes }: WindowOptions, instrumentCapacity: number) {
    if (bytes < leastWindowBytes(instrumentCapacity))
      throw new RangeError(`windows of ${instrumentCapacity} instruments do not fit into ${bytes} bytes`);
    this.#span = spanMs * 1000;
    this.#resolution = resolutionMs * 1000;
    this.#pages = new PagePool(pagesIn(bytes - instrumentCapacity * INSTRUMENT_BYTES), instrumentCapacity);
    this.#open = new Float64Array(instrumentCapacity * OPEN_STRIDE).fill(Number.NaN);
    this.#state = new Float64Array(instrumentCapacity * STATE_STRIDE);
    this.#coveredFrom = new Float64Array(instrumentCapacity).fill(Number.NaN);
  }

  /** µs. */
  get resolution(): number {
    return this.#resolution;
  }

  get bytes(): number {
    return this.#coveredFrom.length * INSTRUMENT_BYTES + pagesBytes(this.#pages.capacity);
  }

  /**
   * Takes row `slot` in, which must be of a known instrument. A quote within its second is four stores in one cache line; the first of a second encodes a sample as well. Of 8,000
   * instruments at 100,000 quotes a second it is 40 to 50 ns a quote beside some 150 of its routes (bench/market).
   * @param sound whether it is a quote that may be used
   */
  sample(columns: QuoteColumns, slot: number, sound: boolean): void {
    const open = this.#open;
    const instrument = columns.instrument[slot] as number;
    const at = instrument * OPEN_STRIDE;
    const time = columns.receiveTime[slot] as number;
    if (time >= (open[at + TIME] as number) && time < (open[at + UNTIL] as number)) open[at + TIME] = time;
    else {
      this.#row[0] = time;
      this.#turn(instrument, at);
    }
    open[at + BID] = sound ? (columns.bid[slot] as number) : Number.NaN;
    open[at + ASK] = sound ? (columns.ask[slot] as number) : (columns.kind[slot] as number);
  }

  /** The window of an instrument; undefined if it has said nothing yet. */
  window(instrument: number): InstrumentWindow | undefined {
    const pages = this.#pages;
    const coveredFrom = this.#coveredFrom[instrument] as number;
    if (Number.isNaN(coveredFrom)) return undefined;
    let samples = 1;
    for (let page = pages.oldestOf(instrument); page >= 0; page = pages.following(page))
      samples += pages.samplesOf(page);
    const column = () => new Float64Array(samples);
    const [time, bid, ask] = [column(), column(), column()];
    let place = 0;
    for (let page = pages.oldestOf(instrument); page >= 0; page = pages.following(page)) {
      const from = page * PAGE_BYTES;
      place = decodePage(pages.bytes, from, from + pages.fillOf(page), { time, bid, ask }, place);
    }
    const at = instrument * OPEN_STRIDE;
    time[place] = this.#open[at + TIME] as number;
    bid[place] = this.#open[at + BID] as number;
    ask[place] = this.#open[at + ASK] as number;
    return { coveredFrom, time, bid, ask, kind: takeKinds(bid, ask) };
  }

  /** @param now µs */
  cover(now: number): WindowCover {
    const [since, evicted] = [this.#known[0] as number, this.#known[1] as number];
    const covered = Number.isNaN(since) ? 0 : now - Math.max(since, evicted);
    return {
      spanMs: this.#span / 1000,
      coveredMs: Math.max(0, Math.min(this.#span, covered)) / 1000,
      resolutionMs: this.#resolution / 1000,
      windows: this.#windows,
      evicted: this.#evicted,
    };
  }

  bound(): BoundReading {
    const { capacity, used, peak } = this.#pages;
    const none = { refused: 0, replaced: 0, lost: 0 };
    return {
      ...{ name: WINDOWS_BOUND, policy: 'drop-oldest', capacity, capacityBytes: this.bytes, used, peak },
      usedBytes: pagesBytes(used) + this.#windows * INSTRUMENT_BYTES,
      cleanedBy: 'age, as data is written',
      evicted: this.#evicted,
      ...none,
    };
  }

  /** A slot ended, or the clock was set back, or nothing was said before: opens the sample of the row's time. */
  #turn(instrument: number, at: number): void {
    const open = this.#open;
    const time = this.#row[0] as number;
    const last = open[at + TIME] as number;
    if (Number.isNaN(last)) {
      this.#begin(instrument, time);
      this.#windows++;
    } else if (time >= last) {
      this.#putAway(instrument, at);
    } else {
      if (last - time <= this.#resolution) return;
      this.#empty(instrument);
      this.#begin(instrument, time);
    }
    open[at + TIME] = time;
    open[at + UNTIL] = (Math.floor(time / this.#resolution) + 1) * this.#resolution;
  }

  #begin(instrument: number, time: number): void {
    this.#coveredFrom[instrument] = time;
    if (Number.isNaN(this.#known[0] as number)) this.#known[0] = time;
  }

  /** Writes the open sample of an instrument into its page. */
  #putAway(instrument: number, at: number): void {
    const pages = this.#pages;
    this.#expire();
    const stateAt = instrument * STATE_STRIDE;
    let page = pages.newestOf(instrument);
    let length = this.#encoder.encode(this.#open, at, this.#state, stateAt, page < 0);
    if (page < 0 || !pages.hasRoom(page, length)) {
      if (pages.isFull) this.#evict();
      page = pages.take(instrument);
      length = this.#encoder.encode(this.#open, at, this.#state, stateAt, true);
    }
    pages.write(page, this.#encoder.bytes, length, this.#open, at + TIME);
  }

  #expire(): void {
    const pages = this.#pages;
    const end = (this.#row[0] as number) - this.#span;
    while (pages.first >= 0 && pages.lastTimeOf(pages.first) < end) this.#release(pages.first);
  }

  #evict(): void {
    const page = this.#pages.first;
    this.#known[1] = Math.max(this.#known[1] as number, this.#pages.lastTimeOf(page));
    this.#release(page);
    this.#evicted++;
  }

  /** Takes a page back: its instrument covers what came after it. */
  #release(page: number): void {
    this.#coveredFrom[this.#pages.ownerOf(page)] = this.#pages.lastTimeOf(page) + 1;
    this.#pages.release(page);
  }

  #empty(instrument: number): void {
    const pages = this.#pages;
    for (let page = pages.oldestOf(instrument); page >= 0; page = pages.oldestOf(instrument))
      pages.release(page);
  }
}

/** What samples without a price have in place of the ask. */
function takeKinds(bid: Float64Array, ask: Float64Array): Uint8Array {
  return Uint8Array.from(bid, (price, i) => {
    if (!Number.isNaN(price)) return QuoteKind.quote;
    const kind = ask[i] as number;
    ask[i] = Number.NaN;
    return kind;
  });
}
