import { computed, effect } from '@preact/signals';
import type { RoutesParams } from '../../src/wire/stream.ts';
import { filterParams } from './filters.ts';
import { gridParams } from './grid.ts';
import { chosenRoute, place } from './location.ts';
import { notifying, notifyOf } from './notify.ts';
import { RouteHistory } from './route-history.ts';
import { now, type RoutesView, route, routeError, routes, routesError, rowsWanted, venues } from './state.ts';
import type { Stream } from './stream.ts';
import type { TopicMessage } from './topics.ts';

/** The table changes at most this often: faster cannot be read. The chosen route is shown at the server's pace. */
const TABLE_GAP_MS = 250;
const CLOCK_MS = 500;

/** The recent past of the chosen route, for its chart. */
export const history = new RouteHistory();

/** What is asked of the topic `routes` now; null = the page shows none. */
const routesParams = computed<RoutesParams | null>(() => {
  const { page } = place.value;
  if (page === 'grid') return gridParams.value;
  return page === 'screener' ? { ...filterParams.value, ...rowsWanted.value } : null;
});
const routesShown = computed(() => routesParams.value !== null);

/** Joins the stream's topics to the page's signals. */
export function wire(stream: Stream): void {
  window.setInterval(() => {
    now.value = Date.now();
  }, CLOCK_MS);
  stream.listen('venues', { data: showVenues }, false);
  effect(() => (notifying.value ? stream.listen('alerts', { data: notify }, false) : undefined));
  listenToRoutes(stream);
  listenToChosenRoute(stream);
  effect(() => {
    if (stream.connection.value.phase !== 'open') history.breakLine();
  });
}

function notify(message: TopicMessage): void {
  if ('alerts' in message) notifyOf(message.alerts);
}

function showVenues(message: TopicMessage): void {
  if ('venues' in message) venues.value = message.venues;
}

function listenToRoutes(stream: Stream): void {
  let latest: RoutesView | null = null;
  let shownAt = 0;
  let timer = 0;
  const show = () => {
    timer = 0;
    shownAt = Date.now();
    routes.value = latest;
  };
  const data = (message: TopicMessage, asked: RoutesParams | undefined) => {
    if (!('routes' in message)) return;
    routesError.value = '';
    const { offset = 0, limit: _, ...question } = asked ?? {};
    latest = { rows: message.routes, total: message.total, offset, asked: JSON.stringify(question) };
    const wait = message.type === 'snapshot' ? 0 : shownAt + TABLE_GAP_MS - Date.now();
    if (wait <= 0) {
      window.clearTimeout(timer);
      show();
    } else if (timer === 0) timer = window.setTimeout(show, wait);
  };
  const error = (_code: string, message: string) => {
    routesError.value = message;
  };
  effect(() => {
    if (!routesShown.value) return undefined;
    return stream.listen('routes', { data, error }, true, routesParams.peek() ?? {});
  });
  effect(() => {
    if (routesParams.value !== null) stream.setParams('routes', routesParams.value);
  });
}

function listenToChosenRoute(stream: Stream): void {
  const listener = {
    data(message: TopicMessage) {
      if (!('route' in message) || message.route.id !== chosenRoute.peek()) return;
      routeError.value = '';
      history.take(message);
      route.value = message;
    },
    error(code: string, message: string) {
      routeError.value = `${message} (${code})`;
    },
  };
  effect(() => {
    const id = chosenRoute.value;
    route.value = null;
    routeError.value = '';
    history.clear();
    return id === null ? undefined : stream.listen(`route/${id}`, listener, true);
  });
}
