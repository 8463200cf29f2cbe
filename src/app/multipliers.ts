import { canonicalSymbol, type InstrumentListing } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import type { Config } from './config-schema.ts';

/** `gate:1000PEPE-USDT=PEPE-USDT*1000`: one unit of gate's 1000PEPE-USDT is 1,000 of the coin that others list as PEPE-USDT. */
export interface Multiplier {
  readonly venue: string;
  readonly symbol: string;
  readonly as: string;
  readonly units: number;
}

/** @param text in the form that the configuration allows */
export function readMultiplier(text: string): Multiplier {
  const [from = '', to = ''] = text.split('=');
  const at = from.indexOf(':');
  const times = to.lastIndexOf('*');
  return {
    ...{ venue: from.slice(0, at), symbol: from.slice(at + 1) },
    ...{ as: to.slice(0, times), units: Number(to.slice(times + 1)) },
  };
}

/**
 * Instruments that are a multiple of a coin under another name. They are listed under the coin's symbol, and their prices and sizes are told per coin from the
 * moment they are decoded: everything behind, the recording too, compares like with like.
 */
export class Multipliers {
  readonly #all: readonly Multiplier[];
  readonly #log: Log;

  constructor({ identity }: Pick<Config, 'identity'>, log: Log) {
    this.#all = identity.multipliers.map(readMultiplier);
    this.#log = log;
  }

  /** A venue's list with those of its instruments that are declared. One whose coin the venue lists too is left as it is: two cannot stand in one place. */
  apply(venue: VenueId, listings: readonly InstrumentListing[]): readonly InstrumentListing[] {
    const own = this.#all.filter((one) => one.venue === venue);
    if (own.length === 0) return listings;
    const listed = new Set(listings.map(({ base, quote }) => canonicalSymbol(base, quote)));
    return listings.map((listing) => {
      const symbol = canonicalSymbol(listing.base, listing.quote);
      const found = own.find((one) => one.symbol === symbol);
      if (found === undefined) return listing;
      if (found.as !== symbol && listed.has(found.as)) {
        this.#log.warn('a multiplier is left out: the venue lists the coin itself as well', {
          venue,
          symbol,
        });
        return listing;
      }
      const [base = found.as, quote = ''] = found.as.split(/-(?=[^-]*$)/);
      return { ...listing, base, quote, units: found.units };
    });
  }
}
