import { QuoteKind } from '../core/records.ts';
import { VENUE_COUNT } from '../core/venue-ids.ts';
import { LEG_STRIDE, type QuoteTable, VALID_UNTIL } from './quotes.ts';

/** Why a leg is invalid. */
export const LegEnd = { none: 0, ended: 1, silent: 2, unlisted: 3, aged: 4, book: 5 } as const;

/**
 * The legs as those see them who follow every tick: by the time of the rows alone, whenever those are read. What follows from recorded rows is then what followed from
 * the live ones. (The table of quotes also ends legs by the time of whoever reads it.)
 */
export class TickLegs {
  /** Prices and sizes, as in the table of quotes. */
  readonly legs: Float64Array;
  readonly facts: Float64Array;
  /** The last µs at which a leg is valid; −Infinity = it is not. */
  readonly until: Float64Array;
  /** The `LegEnd` of a leg that is not valid. */
  readonly end: Uint8Array;
  /** The time of the row at hand, µs. */
  readonly clock = new Float64Array(1);

  constructor(quotes: QuoteTable) {
    this.legs = quotes.legs;
    this.facts = quotes.facts;
    const cells = quotes.instrumentOf.length;
    this.until = new Float64Array(cells).fill(-Infinity);
    this.end = new Uint8Array(cells);
  }

  get bytes(): number {
    return this.until.byteLength + this.end.byteLength;
  }

  /** Takes over what the table of quotes has just been told of a leg. */
  take(cell: number, kind: QuoteKind): void {
    const until = this.legs[cell * LEG_STRIDE + VALID_UNTIL] as number;
    this.until[cell] = until;
    this.end[cell] = kind !== QuoteKind.quote ? kind : until === -Infinity ? LegEnd.book : LegEnd.none;
  }

  /** The first cell of a symbol. */
  firstOf(cell: number): number {
    return cell - (cell % VENUE_COUNT);
  }
}
