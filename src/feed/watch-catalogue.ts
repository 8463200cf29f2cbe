import { setTimeout as wait } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import type { LoadedCatalogue } from './catalogue.ts';
import { DEFAULT_TUNING, type FeedTuning } from './tuning.ts';

export interface CatalogueWatch {
  /** Loads it once; called with a signal that ends with the watch. */
  readonly load: (signal: AbortSignal) => Promise<LoadedCatalogue>;
  readonly onLoaded: (catalogue: LoadedCatalogue) => void;
  /** It will be tried again after `retryMs`. */
  readonly onFailed: (error: unknown, retryMs: number) => void;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** How often it is loaded again, for listings and delistings; default an hour. */
  readonly reloadMs?: number;
  readonly tuning?: Partial<FeedTuning>;
}

const HOUR_MS = 3_600_000;
/** The least wait after a failure: a venue that refuses at once is not asked at once again. */
const LEAST_RETRY_MS = 250;

/** Keeps a venue's catalogue fresh until the signal: a failure is tried again with backoff, for ever. Resolves when aborted; throws only what the callbacks throw. */
export async function watchCatalogue(watch: CatalogueWatch): Promise<void> {
  const { signal, random } = watch;
  const backoff = new Backoff({ ...DEFAULT_TUNING, ...watch.tuning }, random);
  let good = false;
  while (!signal.aborted) {
    const result = await watch.load(signal).then(
      (catalogue) => ({ catalogue }),
      (error: unknown) => ({ error }),
    );
    if (signal.aborted) return;
    let waitMs: number;
    if ('catalogue' in result) {
      good = true;
      watch.onLoaded(result.catalogue);
      waitMs = (watch.reloadMs ?? HOUR_MS) * (0.9 + 0.2 * random());
    } else {
      waitMs = LEAST_RETRY_MS + backoff.next(good ? Number.POSITIVE_INFINITY : Number.NaN);
      good = false;
      watch.onFailed(result.error, waitMs);
    }
    await wait(waitMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
