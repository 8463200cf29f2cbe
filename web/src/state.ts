import { computed, signal } from '@preact/signals';
import type { VerdictName } from '../../src/core/route-notes.ts';
import type { RouteRow, StatusReply, VenueRow } from '../../src/wire/api.ts';
import type { RouteSort, RoutesParams, RouteUpdate } from '../../src/wire/stream.ts';
import { hidden, stars } from './lists.ts';

/** What the page shows, as signals. Null = not heard yet. */

export const venues = signal<readonly VenueRow[] | null>(null);
export const status = signal<StatusReply | null>(null);

export interface RoutesView {
  readonly rows: readonly RouteRow[];
  readonly total: number;
}
export const routes = signal<RoutesView | null>(null);
/** The rows as they were when the reader froze the table. */
export const frozen = signal<{ readonly view: RoutesView; readonly at: number } | null>(null);
export const shownRoutes = computed(() => frozen.value?.view ?? routes.value);
/** While the pointer rests on the table its order holds, so that a row does not run from the click. */
export const orderHeld = signal(false);

/** The newest word on the chosen route, and what went wrong with asking for it. */
export const route = signal<RouteUpdate | null>(null);
export const routeError = signal('');

/** How much time the chart shows, in seconds; null = all there is. */
export const chartSpan = signal<number | null>(null);

/** What was wrong with the filters, in the server's words. */
export const routesError = signal('');

export const ROUTES_LIMIT = 100;
export const sort = signal<RouteSort>('net');
export const symbolFilter = signal('');
export const minNetBps = signal<number | null>(null);
export const minNotional = signal<number | null>(null);
export const verdictFilter = signal<VerdictName | null>(null);
/** Whether only starred routes are shown. */
export const starsOnly = signal(false);
/** Ids with commas between; empty = all venues. */
export const venueFilter = signal('');
export const filtered = computed(
  () =>
    symbolFilter.value !== '' ||
    minNetBps.value !== null ||
    minNotional.value !== null ||
    verdictFilter.value !== null ||
    venueFilter.value !== '' ||
    starsOnly.value,
);
export const routesParams = computed<RoutesParams>(() => ({
  sort: sort.value,
  limit: ROUTES_LIMIT,
  ...(symbolFilter.value === '' ? {} : { symbol: symbolFilter.value }),
  ...(minNetBps.value === null ? {} : { minNetBps: minNetBps.value }),
  ...(minNotional.value === null ? {} : { minNotional: minNotional.value }),
  ...(verdictFilter.value === null ? {} : { verdict: verdictFilter.value }),
  ...(venueFilter.value === '' ? {} : { buy: venueFilter.value, sell: venueFilter.value }),
  ...(starsOnly.value ? { only: stars.value.length === 0 ? 'none' : stars.value.join(',') } : {}),
  ...(hidden.value.length === 0 ? {} : { hide: hidden.value.join(',') }),
}));

/** Ms since the epoch, a few times a second, for ages that grow without news. */
export const now = signal(Date.now());

const titles = computed(() => new Map((venues.value ?? []).map((row) => [String(row.venue), row.title])));

/** The venue's name for people. */
export function venueTitle(venue: string): string {
  return titles.value.get(venue) ?? venue;
}

/** `nobody`: no venue can be reached; `connecting`: none is live yet; `some`: at least one is. Null before the first word. */
export const reach = computed<'nobody' | 'connecting' | 'some' | null>(() => {
  const rows = venues.value;
  if (rows === null) return null;
  if (rows.some((row) => row.state === 'live' || row.state === 'stale')) return 'some';
  const tried = rows.every((row) => row.state === 'down' || row.reason !== '');
  return tried ? 'nobody' : 'connecting';
});

/** Whether the keys are told over the page. */
export const helpShown = signal(false);

export function clearFilters(): void {
  symbolFilter.value = '';
  minNetBps.value = null;
  minNotional.value = null;
  verdictFilter.value = null;
  venueFilter.value = '';
  starsOnly.value = false;
}

export function toggleFreeze(): void {
  const view = routes.value;
  frozen.value = frozen.value !== null || view === null ? null : { view, at: Date.now() };
}
