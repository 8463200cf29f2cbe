import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type ChartLabels, RouteChart } from '../chart/route-chart.ts';
import { chartSpan } from '../state.ts';
import { history } from '../wiring.ts';

/** The chart is drawn anew at most this often. */
const DRAW_GAP_MS = 100;
const SPANS = [
  { label: '1 min', seconds: 60 },
  { label: '15 min', seconds: 900 },
  { label: '1 h', seconds: 3600 },
  { label: '6 h', seconds: 21_600 },
  { label: '24 h', seconds: 86_400 },
  { label: '7 d', seconds: 604_800 },
  { label: 'all', seconds: null },
] as const;

/** The live chart of the chosen route; `labels` name its lines. */
export function ChartView({ labels }: { labels: ChartLabels }) {
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const chart = useRef<RouteChart | null>(null);
  const span = chartSpan.value;
  const { net, ask, bid } = labels;
  useEffect(() => {
    if (host.current === null || legend.current === null) return;
    const made = new RouteChart(
      host.current,
      legend.current,
      { net, ask, bid },
      () => history.columns(),
      () => history.marks,
    );
    chart.current = made;
    const stop = keepDrawn(made, host.current);
    return () => {
      stop();
      made.destroy();
      legend.current?.replaceChildren();
      chart.current = null;
    };
  }, [net, ask, bid]);
  useEffect(() => chart.current?.setSpan(span), [span, net, ask, bid]);
  return (
    <section class="chart" aria-label="Net spread and both prices over time">
      <div class="key" ref={legend} />
      <div class="plot" ref={host} />
    </section>
  );
}

/** Chooses how much time the chart shows. */
export function ChartSpans() {
  return (
    <fieldset class="spans">
      <legend class="unseen">Time on show</legend>
      {SPANS.map(({ label, seconds }) => (
        <button
          type="button"
          key={label}
          aria-pressed={chartSpan.value === seconds}
          onClick={() => {
            chartSpan.value = seconds;
          }}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

/** Draws when the history changes, the room changes or the colours change; answers how to stop. */
function keepDrawn(chart: RouteChart, host: HTMLElement): () => void {
  const stopDrawing = drawOnChange(chart);
  const room = new ResizeObserver(() => chart.resize(host.clientWidth, host.clientHeight));
  room.observe(host);
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const recolour = () => chart.recolour();
  dark.addEventListener('change', recolour);
  return () => {
    stopDrawing();
    room.disconnect();
    dark.removeEventListener('change', recolour);
  };
}

function drawOnChange(chart: RouteChart): () => void {
  let drawnAt = 0;
  let timer = 0;
  let frame = 0;
  const draw = () => {
    frame = 0;
    drawnAt = performance.now();
    chart.draw();
  };
  const onTimer = () => {
    timer = 0;
    frame = requestAnimationFrame(draw);
  };
  const stop = effect(() => {
    if (history.version.value === 0 || timer !== 0 || frame !== 0) return;
    timer = window.setTimeout(onTimer, Math.max(0, drawnAt + DRAW_GAP_MS - performance.now()));
  });
  return () => {
    stop();
    window.clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
