import { effect, signal } from '@preact/signals';
import type { SparklinesReply } from '../../src/wire/api.ts';
import { getJson } from './api.ts';
import { place } from './location.ts';
import { tokenNeeded } from './token.ts';

/** As many as the server takes at once. */
const MOST_ASKED = 100;
/** Lines that are kept: some screens' worth. */
const MOST_KEPT = 400;
/** A line is as old as this when the next minute is asked for. */
const EVERY_MS = 60_000;
/** Who scrolls asks once they rest. */
const PAUSE_MS = 250;
const AGAIN_MS = 10_000;

/** Net spreads of the last hour, a minute each, basis points. */
export type Spark = readonly (number | null)[];

interface Kept {
  readonly spark: Spark;
  /** ms since the epoch. */
  readonly readAt: number;
}

const kept = new Map<string, Kept>();
/** Grows when there are new lines. */
const version = signal(0);
/** Ids of the routes that are on show. */
const inSight = signal('');

/** The line of a route, if it was read. */
export function sparkOf(id: string): Spark | null {
  // Reading the version has the row drawn again when lines came.
  return version.value < 0 ? null : (kept.get(id)?.spark ?? null);
}

export function showSparks(ids: readonly string[]): void {
  const text = ids.slice(0, MOST_ASKED).join(',');
  if (inSight.peek() !== text) inSight.value = text;
}

/** Keeps the lines of what is in sight, and only those, no older than a minute. */
export function followSparks(): void {
  effect(() => {
    const ids = inSight.value;
    if (ids === '' || place.value.page !== 'screener' || tokenNeeded.value) return undefined;
    const abort = new AbortController();
    let timer = 0;
    const again = (ms: number) => {
      timer = window.setTimeout(() => {
        read(ids, abort.signal).then(
          () => again(EVERY_MS / 4),
          () => {
            if (!abort.signal.aborted) again(AGAIN_MS);
          },
        );
      }, ms);
    };
    again(PAUSE_MS);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  });
}

async function read(ids: string, abort: AbortSignal): Promise<void> {
  if (document.hidden) return;
  const now = Date.now();
  const wanted = ids.split(',').filter((id) => !(now - (kept.get(id)?.readAt ?? 0) < EVERY_MS));
  if (wanted.length === 0) return;
  const { routes } = await getJson<SparklinesReply>('sparklines', { routes: wanted.join(',') }, abort);
  for (const { id, netBps } of routes) {
    kept.delete(id);
    kept.set(id, { spark: netBps, readAt: now });
  }
  for (const id of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(id);
  }
  version.value = version.peek() + 1;
}
