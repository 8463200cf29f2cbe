import { signal } from '@preact/signals';

/** A route id of the address bar: symbol, venue to buy on, venue to sell on. */
const ROUTE_ID = /^[^:\s/]{1,64}:[a-z0-9-]{1,24}:[a-z0-9-]{1,24}$/u;
const PREFIX = '#/route/';

/** The route the address names, or null; a link with it opens the page on that route. */
export const chosenRoute = signal<string | null>(routeOfHash(window.location.hash));

window.addEventListener('hashchange', () => {
  chosenRoute.value = routeOfHash(window.location.hash);
});

/** The address of a route, for links. */
export function routeHref(id: string): string {
  return `${PREFIX}${id.split(':').map(encodeURIComponent).join(':')}`;
}

/** Back to no chosen route, as a step that the back button undoes. */
export function leaveRoute(): void {
  if (chosenRoute.value !== null) window.location.hash = '#/';
}

function routeOfHash(hash: string): string | null {
  if (!hash.startsWith(PREFIX)) return null;
  try {
    const id = decodeURIComponent(hash.slice(PREFIX.length));
    return ROUTE_ID.test(id) ? id : null;
  } catch {
    // A broken escape in a hand-made link is no route.
    return null;
  }
}
