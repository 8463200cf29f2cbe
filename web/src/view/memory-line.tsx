import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MemoryReply } from '../../../src/wire/api.ts';
import { MemoryChart } from '../chart/memory-chart.ts';
import { dayAndTime } from '../clock.ts';
import { duration, megabytes, share } from '../format.ts';
import { dark, zone } from '../settings.ts';
import { useFetched } from './use-fetched.ts';

const EVERY_MS = 30_000;

/** The memory of the last hours under its budget. */
export function MemoryLine() {
  const { data, error } = useFetched<MemoryReply>('memory', {}, EVERY_MS);
  const [point, setPoint] = useState<number | null>(null);
  if (data === null || data.time.length === 0)
    return error === '' ? null : <p class="wait memory-none">No line of memory: {error}</p>;
  return (
    <figure class="memory" id="memory-line">
      <figcaption>
        <b>Memory, resident</b> <Said reply={data} point={point} />
      </figcaption>
      <Plot reply={data} onPoint={setPoint} />
    </figure>
  );
}

/** The reading that is pointed at, or how it was over all. */
function Said({ reply: { time, rss, budget }, point }: { reply: MemoryReply; point: number | null }) {
  const pointed = point === null ? undefined : rss[point];
  if (pointed !== undefined && point !== null)
    return (
      <span>
        {dayAndTime((time[point] ?? Number.NaN) / 1e6)}: {megabytes(pointed)}, {share(pointed / budget)} of
        the budget
      </span>
    );
  const most = rss.reduce((peak, bytes) => Math.max(peak, bytes), 0);
  const first = rss[0] ?? Number.NaN;
  const last = rss.at(-1) ?? Number.NaN;
  const spanMs = ((time.at(-1) ?? 0) - (time[0] ?? 0)) / 1000;
  const change = last - first;
  return (
    <span>
      {megabytes(last)} now, at most {megabytes(most)} in {duration(spanMs)}, {change < 0 ? '−' : '+'}
      {megabytes(Math.abs(change))} since
    </span>
  );
}

function Plot({ reply, onPoint }: { reply: MemoryReply; onPoint: (index: number | null) => void }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<MemoryChart | null>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new MemoryChart(element, onPoint);
    chart.current = made;
    const room = new ResizeObserver(() => made.resize(element.clientWidth, element.clientHeight));
    room.observe(element);
    const stopColours = effect(() => {
      if ([dark.value, zone.value].length > 0) made.recolour();
    });
    return () => {
      room.disconnect();
      stopColours();
      made.destroy();
      chart.current = null;
    };
  }, [onPoint]);
  useEffect(() => chart.current?.show(reply), [reply]);
  return <div class="plot-line" ref={host} aria-hidden="true" />;
}
