import { computed } from '@preact/signals';
import type { HistoryKind } from '../../src/wire/api.ts';
import { chosenRoute, setView, viewQuery } from './location.ts';

/** How much time a chart may show. The first is the live view, with both prices. */
export const RANGES = [
  { id: '5m', label: '5 min', seconds: 300 },
  { id: '15m', label: '15 min', seconds: 900 },
  { id: '1h', label: '1 h', seconds: 3_600 },
  { id: '6h', label: '6 h', seconds: 21_600 },
  { id: '24h', label: '24 h', seconds: 86_400 },
  { id: '7d', label: '7 d', seconds: 604_800 },
] as const;
const KINDS: readonly HistoryKind[] = ['net', 'gross', 'basis'];
const MOST_POINTS = 1_200;

/** The chart's view as the address says it. */
export interface RouteView {
  readonly seconds: number;
  readonly kind: HistoryKind;
  /** Two times, seconds since the epoch, that the reader zoomed to; null = it ends now and goes on. */
  readonly zoom: readonly [from: number, to: number] | null;
}

export const routeView = computed<RouteView>(() => {
  const query = viewQuery.value;
  const range = RANGES.find(({ id }) => id === query.get('range')) ?? RANGES[0];
  const kind = KINDS.find((known) => known === query.get('kind')) ?? 'net';
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
  return { seconds: range.seconds, kind, zoom: from > 0 && to > from ? [from, to] : null };
});

/** Whether it is the live view. */
export const liveView = computed(
  () => routeView.value.zoom === null && routeView.value.seconds === RANGES[0].seconds,
);
export const wide = computed(() => viewQuery.value.get('wide') !== null && chosenRoute.value !== null);

export function chooseRange(id: string): void {
  setView({ range: id === RANGES[0].id ? null : id, from: null, to: null });
}

export function chooseKind(kind: HistoryKind): void {
  setView({ kind: kind === 'net' ? null : kind });
}

export function zoomTo(from: number, to: number): void {
  setView({ from: from.toFixed(3), to: to.toFixed(3) });
}

export function leaveZoom(): void {
  setView({ from: null, to: null });
}

/** The parameters of a history that fills the view. Samples of a second are enough, but for a zoom into less. */
export function historyParams(
  id: string,
  { seconds, kind, zoom }: RouteView,
): Record<string, string | number> {
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const route = { symbol, buy, sell, kind };
  if (zoom === null) {
    return { ...route, from: `-${seconds}s`, to: 'now', points: Math.min(MOST_POINTS, seconds) };
  }
  const [from, to] = zoom;
  return { ...route, from: Math.round(from * 1e6), to: Math.round(to * 1e6), points: MOST_POINTS };
}
