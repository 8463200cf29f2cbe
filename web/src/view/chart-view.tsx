import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type DrawClock, DrawPace } from '../chart/draw-pace.ts';
import { type Range, timeRange } from '../chart/ranges.ts';
import { type ChartLabels, type ChartModel, RouteChart } from '../chart/route-chart.ts';
import { SeriesBuffer } from '../chart/series.ts';
import type { PlotFrame } from '../chart/trade-strip.ts';
import { pageNow } from '../page-clock.ts';
import { blindSpells, routePast, shownPast } from '../route-past.ts';
import { leaveZoom, liveView, type RouteView, routeView, zoomTo } from '../route-view.ts';
import { dark, zone } from '../settings.ts';
import { history } from '../wiring.ts';
import { PointNotes } from './point-notes.tsx';
import { plotFrame, pointerLeft, TradeLanes } from './trade-lanes.tsx';

/** The chart is drawn anew at most this often: live, and where a point is less than a pixel. */
const DRAW_GAP_MS = 100;
const SLOW_GAP_MS = 400;

const PAGE_CLOCK: DrawClock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = window.setTimeout(then, ms);
    return () => window.clearTimeout(timer);
  },
  atFrame(then) {
    const frame = requestAnimationFrame(then);
    return () => cancelAnimationFrame(frame);
  },
};

const buffer = new SeriesBuffer();
/** The chart on show, for the exports. */
export const shownChart = signal<RouteChart | null>(null);
/** Which of its points is pointed at. */
export const pointedAt = signal<number | null>(null);

function modelNow(): ChartModel {
  const view = routeView.peek();
  const live = liveView.peek();
  const past = shownPast.peek();
  const series = buffer.compose(past?.reply ?? null, history.columns(), view.kind, live);
  return {
    series,
    view: live ? timeRange(series.time, view.seconds) : timesOf(view),
    prices: live,
    blind: blindSpells.peek(),
    marks: past?.marks ?? [],
  };
}

function timesOf({ zoom, seconds }: RouteView): Range {
  if (zoom !== null) return [...zoom];
  const now = pageNow() / 1000;
  return [now - seconds, now];
}

/** The chart of the chosen route, with the trades of both venues below; `labels` name its lines. */
export function ChartView({ labels, symbol }: { labels: ChartLabels; symbol: string }) {
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const { net, ask, bid } = labels;
  useEffect(() => {
    if (host.current === null || legend.current === null) return;
    const point = (index: number | null, left: number | null) => {
      pointedAt.value = index;
      pointerLeft.value = left;
    };
    const drawn = (frame: PlotFrame) => {
      plotFrame.value = frame;
    };
    const events = { zoom: zoomTo, reset: leaveZoom, point, drawn };
    const made = new RouteChart(host.current, legend.current, { net, ask, bid }, modelNow, events);
    shownChart.value = made;
    const stop = keepDrawn(made, host.current);
    return () => {
      stop();
      made.destroy();
      legend.current?.replaceChildren();
      shownChart.value = null;
      pointedAt.value = null;
      pointerLeft.value = null;
      plotFrame.value = null;
    };
  }, [net, ask, bid]);
  return (
    <section class="chart" aria-label="The spread over time">
      <div class="key" ref={legend} />
      <PointNotes />
      <div class="plot" ref={host} />
      <TradeLanes symbol={symbol} />
    </section>
  );
}

/** Draws when the data, the view, the room or the colours change; answers how to stop. */
function keepDrawn(chart: RouteChart, host: HTMLElement): () => void {
  const stopDrawing = drawOnChange(chart);
  const room = new ResizeObserver(() => chart.resize(host.clientWidth, host.clientHeight));
  room.observe(host);
  const stopColours = effect(() => {
    if ([dark.value, zone.value].length > 0) chart.recolour();
  });
  return () => {
    stopDrawing();
    room.disconnect();
    stopColours();
  };
}

function drawOnChange(chart: RouteChart): () => void {
  const pace = new DrawPace(PAGE_CLOCK, () => chart.draw());
  const stopView = effect(() => {
    if ([routeView.value, routePast.value].length > 0) pace.soon(0);
  });
  const stopLive = effect(() => {
    if (history.version.value === 0 || routeView.value.zoom !== null) return;
    pace.soon(liveView.peek() ? DRAW_GAP_MS : SLOW_GAP_MS);
  });
  return () => {
    stopView();
    stopLive();
    pace.stop();
  };
}
