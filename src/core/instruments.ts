import { SpreadscopeError } from './errors.ts';
import { type VenueId, venueIndex } from './venue-ids.ts';

/** One symbol on one venue. */
export interface Instrument {
  /** Dense number, given once and never reused. */
  readonly instrument: number;
  readonly venue: VenueId;
  /** The venue's own id, exactly as it sends it (`BTCUSDT`, `BTC_USDT`, …). */
  readonly nativeId: string;
  /** Canonical `BASE-QUOTE`. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Taker fee as a fraction: 0.001 = 0.10 %. */
  readonly takerFee: number;
  /** How many coins of `base` one unit of the venue's is, when it is not one; prices and sizes are told per coin. */
  readonly units?: number | undefined;
}

/** An instrument before it has its number. */
export type InstrumentListing = Omit<Instrument, 'instrument' | 'symbol'>;

/** The canonical symbol, `BASE-QUOTE`; the quote is what follows the last hyphen. */
export function canonicalSymbol(base: string, quote: string): string {
  return `${base}-${quote}`;
}

/**
 * Gives instruments their dense numbers. Append-only and idempotent: the same venue and native id always
 * give the same number, however often a catalogue is loaded again, so state tables can be plain arrays.
 */
export class InstrumentIndex {
  readonly capacity: number;
  readonly #instruments: Instrument[] = [];
  readonly #byKey = new Map<string, Instrument>();

  /** @param capacity the most instruments there may ever be; one more is an INSTRUMENTS_FULL error */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#instruments.length;
  }

  /** The instrument of this venue and native id, numbered now if it is new. */
  add(listing: InstrumentListing): Instrument {
    const key = instrumentKey(listing.venue, listing.nativeId);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#instruments.length >= this.capacity) {
      throw new SpreadscopeError(
        'INSTRUMENTS_FULL',
        `more than ${this.capacity} instruments; raise limits.instruments or filter more (minUsdVolume, quotes)`,
      );
    }
    const symbol = canonicalSymbol(listing.base, listing.quote);
    const instrument: Instrument = { ...listing, symbol, instrument: this.#instruments.length };
    this.#instruments.push(instrument);
    this.#byKey.set(key, instrument);
    return instrument;
  }

  find(venue: VenueId, nativeId: string): Instrument | undefined {
    return this.#byKey.get(instrumentKey(venue, nativeId));
  }

  at(instrument: number): Instrument | undefined {
    return this.#instruments[instrument];
  }

  all(): readonly Instrument[] {
    return this.#instruments;
  }
}

function instrumentKey(venue: VenueId, nativeId: string): string {
  return `${venueIndex(venue)}:${nativeId}`;
}
