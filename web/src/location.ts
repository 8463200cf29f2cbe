import { computed, signal } from '@preact/signals';

/** The pages, in the order of the navigation; `route` is the screener with a route open. */
export const PAGES = [
  'screener',
  'grid',
  'matrix',
  'opportunities',
  'venues',
  'bounds',
  'alerts',
  'identity',
] as const;
export type PageName = (typeof PAGES)[number];

/** Where the reader is, as the address says: `#/matrix/BTC-USDT?key=value`. */
export interface Place {
  readonly page: PageName;
  /** What stands behind the page's name: a route's id, a symbol; null = nothing. */
  readonly subject: string | null;
  readonly query: string;
}

/** A route id of the address bar: symbol, venue to buy on, venue to sell on. */
const ROUTE_ID = /^[^:\s/]{1,64}:[a-z0-9-]{1,24}:[a-z0-9-]{1,24}$/u;

export const place = signal<Place>(placeOfHash(window.location.hash));
/** The screener's query as it was last, so that coming back finds the same view. */
const screenerQuery = signal(place.peek().page === 'screener' ? place.peek().query : '');

/** The route the address names, or null; a link with it opens the page on that route. */
export const chosenRoute = computed(() => (place.value.page === 'screener' ? place.value.subject : null));
/** What the screener's view is made of, also while another page is open. */
export const viewQuery = computed(() => new URLSearchParams(screenerQuery.value));

window.addEventListener('hashchange', () => show(placeOfHash(window.location.hash)));

/** A zoom is of one route's chart. */
const NO_ZOOM = { from: null, to: null };

/** The address of a page, for links. */
export function pageHref(page: PageName, subject: string | null = null): string {
  if (page === 'screener') return `#/${behind(screenerQuery.value)}`;
  return subject === null ? `#/${page}` : `#/${page}/${encodeURIComponent(subject)}`;
}

/** The address of a route, for links. */
export function routeHref(id: string): string {
  return routeHrefWith(id, changed(screenerQuery.value, NO_ZOOM));
}

/** Back to no chosen route, as a step that the back button undoes. */
export function leaveRoute(): void {
  if (chosenRoute.value !== null) {
    window.location.hash = `#/${behind(changed(screenerQuery.peek(), { ...NO_ZOOM, wide: null }))}`;
  }
}

/** Changes keys of the address's query (null takes one away) without a step for the back button. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const { page, subject, query } = place.peek();
  const next = { page, subject, query: changed(query, changes) };
  window.history.replaceState(null, '', hashOf(next));
  show(next);
}

/** The same for the screener's view, also while another page is open. */
export function setView(changes: Readonly<Record<string, string | null>>): void {
  if (place.peek().page === 'screener') setQuery(changes);
  else screenerQuery.value = changed(screenerQuery.peek(), changes);
}

function changed(query: string, changes: Readonly<Record<string, string | null>>): string {
  const parts = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') parts.delete(key);
    else parts.set(key, value);
  }
  // Commas and colons stay as they are: people read addresses.
  return parts.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
}

function show(next: Place): void {
  if (next.page === 'screener') screenerQuery.value = next.query;
  place.value = next;
}

function hashOf({ page, subject, query }: Place): string {
  if (page === 'screener') return subject === null ? `#/${behind(query)}` : routeHrefWith(subject, query);
  return `#/${page}${subject === null ? '' : `/${encodeURIComponent(subject)}`}${behind(query)}`;
}

function routeHrefWith(id: string, query: string): string {
  return `#/route/${id.split(':').map(encodeURIComponent).join(':')}${behind(query)}`;
}

function behind(query: string): string {
  return query === '' ? '' : `?${query}`;
}

function placeOfHash(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name = '', ...rest] = path.split('/');
  const subject = decoded(rest.join('/'));
  if (name === 'route') {
    return { page: 'screener', subject: subject !== null && ROUTE_ID.test(subject) ? subject : null, query };
  }
  const page = PAGES.find((known) => known === name) ?? 'screener';
  return { page, subject: page === 'screener' ? null : subject, query };
}

function decoded(text: string): string | null {
  if (text === '') return null;
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape in a hand-made link names nothing.
    return null;
  }
}
