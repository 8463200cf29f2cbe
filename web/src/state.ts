import { computed, signal } from '@preact/signals';
import type { RouteRow, StatusReply, VenueRow } from '../../src/wire/api.ts';
import type { RouteUpdate } from '../../src/wire/stream.ts';

/** What the page shows, as signals. Null = not heard yet. */

export const venues = signal<readonly VenueRow[] | null>(null);
export const status = signal<StatusReply | null>(null);

export interface RoutesView {
  readonly rows: readonly RouteRow[];
  readonly total: number;
  /** How many of the ranking stand before the first row. */
  readonly offset: number;
  /** What was asked for, as text: views of the same question may be compared row by row. */
  readonly asked: string;
}
export const routes = signal<RoutesView | null>(null);
/** The rows as they were when the reader froze the table. */
export const frozen = signal<{ readonly view: RoutesView; readonly at: number } | null>(null);
export const shownRoutes = computed(() => frozen.value?.view ?? routes.value);
/** While the pointer rests on the table its order holds, so that a row does not run from the click. */
export const orderHeld = signal(false);
/** The part of the ranking that is in sight, and a little around it. */
export const rowsWanted = signal({ offset: 0, limit: 100 });

/** The newest word on the chosen route, and what went wrong with asking for it. */
export const route = signal<RouteUpdate | null>(null);
export const routeError = signal('');

/** What was wrong with the filters, in the server's words. */
export const routesError = signal('');

/** Ms since the epoch, a few times a second, for ages that grow without news. */
export const now = signal(Date.now());

/** Whether the keys are explained. */
export const helpShown = signal(false);

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

export function toggleFreeze(): void {
  const view = routes.value;
  frozen.value = frozen.value !== null || view === null ? null : { view, at: Date.now() };
}
