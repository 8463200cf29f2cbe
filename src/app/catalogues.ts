import type { InstrumentListing } from '../core/instruments.ts';
import type { Log } from '../core/log.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { type CatalogueFilter, type LoadedCatalogue, loadCatalogue } from '../feed/catalogue.ts';
import { restFetch } from '../feed/rest.ts';
import { watchCatalogue } from '../feed/watch-catalogue.ts';
import type { Endpoints, Venue } from '../venues/venue.ts';

/** A failing venue is logged at most once in this long. */
const SAY_EVERY_MS = 60_000;

export interface CatalogueSource {
  readonly venue: Venue;
  readonly endpoints: Endpoints;
  readonly filter: CatalogueFilter;
  /** Configured taker fee, a fraction. */
  readonly takerFee: number | undefined;
}

export interface CataloguesOptions {
  readonly venues: readonly CatalogueSource[];
  readonly log: Log;
  /** Empty text = the list is there. */
  readonly onTrouble: (venue: VenueId, trouble: string) => void;
  /** The venue's markets that pass its filter; called again after each reload. */
  readonly onListings: (venue: VenueId, listings: readonly InstrumentListing[]) => void;
}

/** Loads every venue's instrument list and keeps it fresh, each venue by itself: one that cannot be reached holds up no other. */
export class Catalogues {
  readonly #options: CataloguesOptions;
  readonly #stopped = new AbortController();
  readonly #saidAt = new Map<VenueId, number>();
  readonly #watches: Promise<unknown>;

  constructor(options: CataloguesOptions) {
    this.#options = options;
    this.#watches = Promise.all(options.venues.map((source) => this.#watch(source)));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watches;
  }

  async #watch(source: CatalogueSource): Promise<void> {
    const { venue, endpoints, filter, takerFee } = source;
    try {
      await watchCatalogue({
        load: (signal) =>
          loadCatalogue(venue, endpoints, filter, restFetch, Date.now(), { takerFee, signal }),
        onLoaded: (catalogue) => this.#loaded(venue, catalogue),
        onFailed: (error) => this.#failed(venue, error),
        random: Math.random,
        signal: this.#stopped.signal,
      });
    } catch (error) {
      // What the callbacks throw: the tables are full. The venue keeps the instruments that it had.
      this.#failed(venue, error);
    }
  }

  #loaded(venue: Venue, catalogue: LoadedCatalogue): void {
    const { log, onListings, onTrouble } = this.#options;
    const leftOut = Object.entries(catalogue.leftOut).filter(([, count]) => count > 0);
    log.info(
      `${venue.title}: ${catalogue.listings.length} of ${catalogue.listed} markets`,
      Object.fromEntries(leftOut),
    );
    onTrouble(venue.id, catalogue.listings.length === 0 ? 'no market passes the filters' : '');
    onListings(venue.id, catalogue.listings);
  }

  #failed(venue: Venue, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onTrouble(venue.id, reason);
    const now = performance.now();
    if (now - (this.#saidAt.get(venue.id) ?? -SAY_EVERY_MS) < SAY_EVERY_MS) return;
    this.#saidAt.set(venue.id, now);
    this.#options.log.warn(`${venue.title}: no instrument list; trying again`, { reason });
  }
}
