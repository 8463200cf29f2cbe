import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { HistoryReply, RouteRow } from '../../../src/wire/api.ts';
import { ApiError, getJson } from '../api.ts';
import { MiniChart } from '../chart/mini-chart.ts';
import { signedBps } from '../format.ts';
import { inTurn } from '../in-turn.ts';
import { routeHref } from '../location.ts';
import { pageNow } from '../page-clock.ts';
import { dark, zone } from '../settings.ts';
import { venueTitle } from '../state.ts';

const POINTS = 300;
/** Beside what is read, so many live points fit before the past is read again. */
const LIVE_POINTS = 1_200;
const AGAIN_MS = 60_000;
const BUSY_MS = 2_000;

/** One route of the grid: its past once a minute, its present as it comes. */
export function GridCard({ id, seconds, row }: { id: string; seconds: number; row: RouteRow | null }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<MiniChart | null>(null);
  const [point, setPoint] = useState<string | null>(null);
  useEffect(() => {
    if (host.current === null) return;
    const made = new MiniChart(host.current, seconds, POINTS + LIVE_POINTS, setPoint);
    chart.current = made;
    const stop = keepLoaded(made, id, seconds);
    const element = host.current;
    const room = new ResizeObserver(() => made.resize(element.clientWidth, element.clientHeight));
    room.observe(element);
    const stopColours = effect(() => {
      if ([dark.value, zone.value].length > 0) made.recolour();
    });
    return () => {
      stop();
      room.disconnect();
      stopColours();
      made.destroy();
      chart.current = null;
    };
  }, [id, seconds]);
  const net = row?.netBps ?? null;
  useEffect(() => {
    chart.current?.append(pageNow() / 1000, net ?? Number.NaN);
  });
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  return (
    <article class="card" data-card={id}>
      <header>
        <a href={routeHref(id)}>{symbol}</a>
        <small>
          {venueTitle(buy)} → {venueTitle(sell)}
        </small>
        <b class={(net ?? 0) >= 0.05 ? 'gain' : ''}>{point ?? signedBps(net)}</b>
      </header>
      <div class="mini" ref={host} />
    </article>
  );
}

function keepLoaded(chart: MiniChart, id: string, seconds: number): () => void {
  const abort = new AbortController();
  const [symbol = '', buy = '', sell = ''] = id.split(':');
  const params = { symbol, buy, sell, from: `-${seconds}s`, to: 'now', points: Math.min(POINTS, seconds) };
  let timer = 0;
  const again = (ms: number) => {
    if (!abort.signal.aborted) timer = window.setTimeout(load, ms);
  };
  const load = () => {
    if (document.hidden) {
      again(AGAIN_MS);
      return;
    }
    inTurn(() => getJson<HistoryReply>('history', params, abort.signal)).then(
      (reply) => {
        if (abort.signal.aborted) return;
        chart.load(reply.time, reply.value);
        again(AGAIN_MS);
      },
      (error: unknown) =>
        again(error instanceof ApiError && error.code === 'HISTORY_BUSY' ? BUSY_MS : AGAIN_MS),
    );
  };
  load();
  return () => {
    abort.abort();
    window.clearTimeout(timer);
  };
}
