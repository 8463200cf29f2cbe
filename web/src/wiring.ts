import { effect } from '@preact/signals';
import type { HistoryReply, OpportunitiesReply } from '../../src/wire/api.ts';
import { ask } from './api.ts';
import { chosenRoute, page } from './location.ts';
import { notifying, notifyOf } from './notify.ts';
import { RouteHistory } from './route-history.ts';
import {
  chartSpan,
  now,
  type RoutesView,
  route,
  routeError,
  routes,
  routesError,
  routesParams,
  venues,
} from './state.ts';
import type { Stream } from './stream.ts';
import type { TopicMessage } from './topics.ts';

/** The table changes at most this often: faster cannot be read. The chosen route is shown at the server's pace. */
const TABLE_GAP_MS = 250;
const CLOCK_MS = 500;

/** The recent past of the chosen route, for its chart. */
export const history = new RouteHistory();

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

/** Points of the recording that a chart gets: more than it has pixels across. */
const PAST_POINTS = 1600;
/** What is shown when all is, s: as much as is worth asking for at once. */
const ALL_SECONDS = 3600;

/** Asks the recording for the time that the chart shows before the page was opened. */
function readPast(id: string, seconds: number, gone: AbortSignal): void {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const query = new URLSearchParams({ symbol, buy, sell, from: `-${seconds}s`, points: String(PAST_POINTS) });
  ask<Pick<HistoryReply, 'time' | 'value'>>(`history?${query}`).then(
    ({ time, value }) => {
      if (!gone.aborted) history.recorded(time, value);
    },
    // The chart then begins with what is live; nothing of it is wrong.
    () => undefined,
  );
  const spells = new URLSearchParams({ route: id, from: `-${seconds}s`, limit: '1000', identity: 'all' });
  ask<Pick<OpportunitiesReply, 'opportunities'>>(`opportunities?${spells}`).then(
    ({ opportunities }) => {
      if (!gone.aborted) history.mark(opportunities);
    },
    // A chart without marks says nothing wrong either.
    () => undefined,
  );
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
  const data = (message: TopicMessage) => {
    if (!('routes' in message)) return;
    routesError.value = '';
    latest = { rows: message.routes, total: message.total };
    const wait = message.type === 'snapshot' ? 0 : shownAt + TABLE_GAP_MS - Date.now();
    if (wait <= 0) {
      window.clearTimeout(timer);
      show();
    } else if (timer === 0) timer = window.setTimeout(show, wait);
  };
  const error = (_code: string, message: string) => {
    routesError.value = message;
  };
  const listener = { data, error };
  // Other pages do not show it.
  effect(() =>
    page.value === 'routes' ? stream.listen('routes', listener, true, routesParams.peek()) : undefined,
  );
  effect(() => stream.setParams('routes', routesParams.value));
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
    const seconds = chartSpan.value ?? ALL_SECONDS;
    if (id === null) return undefined;
    const gone = new AbortController();
    readPast(id, seconds, gone.signal);
    return () => gone.abort();
  });
  effect(() => {
    const id = chosenRoute.value;
    route.value = null;
    routeError.value = '';
    history.clear();
    return id === null ? undefined : stream.listen(`route/${id}`, listener, true);
  });
}
