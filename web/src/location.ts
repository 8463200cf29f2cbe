import { computed, signal } from '@preact/signals';

/** A route id of the address bar: symbol, venue to buy on, venue to sell on. */
const ROUTE_ID = /^[^:\s/]{1,64}:[a-z0-9-]{1,24}:[a-z0-9-]{1,24}$/u;
const SYMBOL = /^[^:\s/]{1,64}$/u;
const ROUTE = '#/route/';

export const PAGES = ['routes', 'opportunities', 'matrix', 'alerts', 'bounds'] as const;
export type PageName = (typeof PAGES)[number];

const hash = signal(window.location.hash);

window.addEventListener('hashchange', () => {
  hash.value = window.location.hash;
});

/** The route the address names, or null; a link with it opens the page on that route. */
export const chosenRoute = computed(() => part(hash.value, ROUTE, ROUTE_ID));

/** Which page the address names; what it does not know is the list of routes. */
export const page = computed<PageName>(() => {
  const name = /^#\/([a-z]+)/.exec(hash.value)?.[1];
  return PAGES.find((known) => known === name) ?? 'routes';
});

/** The symbol whose matrix the address names, or null. */
export const matrixSymbol = computed(() => part(hash.value, '#/matrix/', SYMBOL));

/** The address of a route, for links. */
export function routeHref(id: string): string {
  return `${ROUTE}${id.split(':').map(encodeURIComponent).join(':')}`;
}

export function pageHref(name: PageName): string {
  return name === 'routes' ? '#/' : `#/${name}`;
}

export function matrixHref(symbol: string): string {
  return `#/matrix/${encodeURIComponent(symbol)}`;
}

/** Back to no chosen route, as a step that the back button undoes. */
export function leaveRoute(): void {
  if (chosenRoute.value !== null) window.location.hash = '#/';
}

function part(from: string, prefix: string, shape: RegExp): string | null {
  if (!from.startsWith(prefix)) return null;
  try {
    const text = decodeURIComponent(from.slice(prefix.length));
    return shape.test(text) ? text : null;
  } catch {
    // A broken escape in a hand-made link is none.
    return null;
  }
}
