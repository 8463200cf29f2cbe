import { computed, effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { readTheme } from '../chart/theme.ts';
import { drawTrades, laneSum, type PlotFrame, type TradeSpans } from '../chart/trade-strip.ts';
import { timeOfDay } from '../clock.ts';
import { amount, count } from '../format.ts';
import { shownPast } from '../route-past.ts';
import { dark } from '../settings.ts';
import { venueTitle } from '../state.ts';

/** Where the chart above has its plot; it says so whenever it draws. */
export const plotFrame = signal<PlotFrame | null>(null);
/** How far from the plot's left the pointer is, CSS pixels; null = it is not there. */
export const pointerLeft = signal<number | null>(null);

/** Read again when the page's change. */
const colours = computed(() => ({ dark: dark.value, ...readTheme() }));

/** What takers bought and sold on both venues, on the time axis of the chart above. */
export function TradeLanes({ symbol }: { symbol: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(
    () =>
      effect(() => {
        const frame = plotFrame.value;
        const spans = spansOf();
        const pointer = pointerLeft.value;
        if (canvas.current !== null && frame !== null)
          drawTrades(canvas.current, colours.value, frame, spans, pointer);
      }),
    [],
  );
  return (
    <figure class="trades" aria-label="Trades on both venues">
      <canvas ref={canvas} />
      <figcaption id="trades">{caption(symbol)}</figcaption>
    </figure>
  );
}

function spansOf(): TradeSpans | null {
  const read = shownPast.value?.trades ?? null;
  if (read === null || typeof read === 'string') return null;
  const [from, to] = [read.from / 1e6, read.to / 1e6];
  return { from, to, span: (to - from) / read.points, lanes: read.venues };
}

function caption(symbol: string): string {
  const read = shownPast.value?.trades ?? null;
  if (typeof read === 'string') return `Trades: ${read}`;
  const spans = spansOf();
  const frame = plotFrame.value;
  if (spans === null || frame === null) return 'Trades: reading …';
  const pointer = pointerLeft.value;
  const at =
    pointer === null ? null : frame.view[0] + (pointer / frame.width) * (frame.view[1] - frame.view[0]);
  const quote = symbol.slice(symbol.lastIndexOf('-') + 1);
  const lanes = spans.lanes.map((lane) => {
    const { bought, sold, trades } = laneSum(spans, lane, frame.view, at);
    if (trades === 0) return `${venueTitle(lane.venue)} none`;
    return `${venueTitle(lane.venue)} ▲ ${amount(bought)} ▼ ${amount(sold)} ${quote} in ${count(trades)}`;
  });
  const when = at === null ? 'on show' : `${timeOfDay(at)}, ${spanText(spans.span)}`;
  return `Trades (${when}): ${lanes.join(' · ')}`;
}

function spanText(seconds: number): string {
  return seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.round(seconds / 60)} min`;
}
