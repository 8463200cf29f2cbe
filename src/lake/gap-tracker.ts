import type { BoundReading } from '../core/bounds.ts';
import type { GapReason, GapRow } from '../core/lake-status.ts';
import { VENUE_COUNT, type VenueId, venueIndex } from '../core/venue-ids.ts';
import { HOUR_US, hourOf } from './layout.ts';
import { closeGap, REASON_OF_KIND } from './open-gaps.ts';
import type { OpenGap } from './segment.ts';

/** Rows that wait for the journal. While there is no room for more, gaps stay open for longer: what is told is then too dark, never too bright. */
const MOST_WAITING = 32_768;
const MOST_OF_VENUES = 256;

/** Who an instrument is; undefined = not announced yet. */
export type NameOf = (instrument: number) => { readonly venue: VenueId; readonly symbol: string } | undefined;

/** The spells in which nobody looks: those of instruments, which their own rows open and end, and those of whole venues. Ended ones wait here until the journal takes them. Times are µs. */
export class GapTracker {
  readonly #nameOf: NameOf;
  /** When an instrument's gap began; NaN = it has none. */
  readonly #from: Float64Array;
  readonly #kind: Uint8Array;
  readonly #ofVenues: OpenGap[] = [];
  #waiting: GapRow[] = [];
  #open = 0;
  #peak = 0;
  #kept = 0;
  #hour = Number.NaN;
  /** Rows ever told, by venue index. */
  readonly told = new Float64Array(VENUE_COUNT);

  constructor(instruments: number, nameOf: NameOf) {
    this.#nameOf = nameOf;
    this.#from = new Float64Array(instruments).fill(Number.NaN);
    this.#kind = new Uint8Array(instruments);
  }

  /** A row said that what was known of the instrument ended. A second end tells nothing new. */
  ended(instrument: number, kind: number, time: number): void {
    if (!(instrument < this.#from.length) || !Number.isNaN(this.#from[instrument] as number)) return;
    this.#from[instrument] = time;
    this.#kind[instrument] = kind;
    this.#open += 1;
  }

  /** A quote of the instrument came. */
  heard(instrument: number, time: Float64Array, row: number): void {
    if (!Number.isNaN(this.#from[instrument] as number)) this.#close(instrument, time[row] as number);
  }

  /** A whole venue is not seen from now on. */
  openVenue(venue: VenueId, reason: GapReason, from: number): void {
    if (this.#ofVenues.length >= MOST_OF_VENUES || this.#ofVenues.some((gap) => gap.venue === venue)) return;
    this.#ofVenues.push({ instrument: null, venue, symbol: null, stream: null, from, reason });
  }

  /** It is again. */
  closeVenue(venue: VenueId, to: number): void {
    const index = this.#ofVenues.findIndex((gap) => gap.venue === venue);
    const gap = this.#ofVenues[index];
    if (gap === undefined) return;
    this.#ofVenues.splice(index, 1);
    this.#tell(closeGap(gap, Math.max(to, gap.from)), gap, to);
  }

  /** A gap that is known from its begin to its end. When no more can wait, one of the same kind grows instead. */
  tell(row: GapRow): void {
    if (this.#waiting.length >= MOST_WAITING && this.#joined(row)) return;
    this.#waiting.push(row);
    const venue = venueIndex(row.venue);
    this.told[venue] = (this.told[venue] as number) + 1;
  }

  /** Splits what is open at the end of each hour, so that each row lies in one hour. */
  split(now: number): void {
    const hour = hourOf(now);
    const before = this.#hour;
    this.#hour = hour;
    if (!(hour > before)) return;
    for (const [i, gap] of this.#ofVenues.entries()) {
      if (gap.from >= hour) continue;
      this.#tell(closeGap(gap, hour), gap, hour);
      this.#ofVenues[i] = { ...gap, from: hour };
    }
    for (let instrument = 0; instrument < this.#from.length && this.#open > 0; instrument += 1) {
      const gap = this.#gapOf(instrument);
      if (gap === undefined || gap.from >= hour || this.#waiting.length >= MOST_WAITING) continue;
      this.#tell(closeGap(gap, hour), gap, hour);
      this.#from[instrument] = hour;
    }
  }

  /** All that are open. */
  open(): OpenGap[] {
    const gaps = [...this.#ofVenues];
    for (let instrument = 0; instrument < this.#from.length; instrument += 1) {
      const gap = this.#gapOf(instrument);
      if (gap !== undefined) gaps.push(gap);
    }
    return gaps;
  }

  /**
   * The program ends: tells what is open up to `to`. What began after `goodbye`, as our own leave made it, is told once for a venue instead of once for each of its instruments.
   */
  closeAll(goodbye: number, to: number): void {
    const left = new Map<VenueId, number>();
    for (const gap of this.open()) {
      if (gap.instrument !== null && gap.from >= goodbye)
        left.set(gap.venue, Math.min(left.get(gap.venue) ?? gap.from, gap.from));
      else this.#tell(closeGap(gap, Math.max(to, gap.from)), gap, to);
    }
    for (const [venue, from] of left) {
      const gap = { instrument: null, venue, symbol: null, stream: null, from, reason: 'stopped' } as const;
      this.#tell(closeGap(gap, Math.max(to, from)), gap, to);
    }
    this.#from.fill(Number.NaN);
    this.#ofVenues.length = 0;
    this.#open = 0;
  }

  /** The first rows that wait, at most so many. */
  first(count: number): readonly GapRow[] {
    return this.#waiting.slice(0, count);
  }

  /** The journal has taken the first rows. */
  take(count: number): void {
    this.#peak = Math.max(this.#peak, this.#waiting.length);
    this.#waiting.splice(0, count);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  read(name: string): BoundReading {
    return {
      name,
      policy: 'wait',
      capacity: MOST_WAITING,
      capacityBytes: gapBytes(this.#from.length),
      cleanedBy: 'the journal',
      used: this.#waiting.length,
      usedBytes: this.#waiting.length * ROW_BYTES,
      peak: Math.max(this.#peak, this.#waiting.length),
      refused: this.#kept,
      replaced: 0,
      evicted: 0,
      lost: 0,
    };
  }

  #joined(row: GapRow): boolean {
    const same = (other: GapRow): boolean =>
      other.venue === row.venue &&
      other.symbol === row.symbol &&
      other.stream === row.stream &&
      other.reason === row.reason;
    const index = this.#waiting.findLastIndex(same);
    const other = this.#waiting[index];
    if (other === undefined) return false;
    const lost =
      other.rowsLost === null && row.rowsLost === null ? null : (other.rowsLost ?? 0) + (row.rowsLost ?? 0);
    this.#waiting[index] = { ...other, to: Math.max(other.to, row.to), rowsLost: lost };
    return true;
  }

  #close(instrument: number, time: number): void {
    const gap = this.#gapOf(instrument);
    if (gap === undefined) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#kept += 1;
      return;
    }
    this.#from[instrument] = Number.NaN;
    this.#open -= 1;
    const to = Math.max(Math.floor(time), gap.from);
    this.#tell(closeGap(gap, to), gap, to);
  }

  /** One without length is told too: it ends what was said until then. */
  #tell(rows: readonly GapRow[], { venue, symbol, stream, from, reason }: OpenGap, to: number): void {
    if (rows.length > 0) for (const row of rows) this.tell(row);
    else this.tell({ venue, symbol, stream, from, to: Math.max(from, to), reason, rowsLost: null });
  }

  #gapOf(instrument: number): OpenGap | undefined {
    const from = this.#from[instrument] as number;
    if (Number.isNaN(from)) return undefined;
    const named = this.#nameOf(instrument);
    const reason = REASON_OF_KIND[this.#kind[instrument] as number];
    if (named === undefined || reason === undefined) return undefined;
    return { instrument, ...named, stream: null, from, reason };
  }
}

/** What a waiting row takes, about. */
const ROW_BYTES = 128;

/** Bytes that the gaps of so many instruments may take. */
export function gapBytes(instruments: number): number {
  return instruments * 9 + MOST_WAITING * ROW_BYTES;
}

/** A gap with its end as rows of one hour each; the rows that were lost are told with the last one. */
export function splitByHour(row: GapRow): GapRow[] {
  const rows: GapRow[] = [];
  let from = row.from;
  while (hourOf(from) + HOUR_US < row.to && rows.length < 48) {
    const to = hourOf(from) + HOUR_US;
    rows.push({ ...row, from, to, rowsLost: row.rowsLost === null ? null : 0 });
    from = to;
  }
  rows.push({ ...row, from });
  return rows;
}
