import { useEffect, useState } from 'preact/hooks';
import type { Opportunity } from '../../../src/core/opportunity.ts';
import type { OpportunitiesReply } from '../../../src/wire/api.ts';
import type { OpportunitiesUpdate } from '../../../src/wire/stream.ts';
import { ask } from '../api.ts';
import { amount, bps, clockTime, count, lasting } from '../format.ts';
import { routeHref } from '../location.ts';
import { venueTitle } from '../state.ts';
import type { Stream } from '../stream.ts';
import type { TopicMessage } from '../topics.ts';
import { Histogram } from './histogram.tsx';
import { useTopic } from './use-topic.ts';

type Update = TopicMessage & OpportunitiesUpdate;
const isUpdate = (message: TopicMessage): message is Update => 'open' in message;

/** The past is asked for again so often while the page is open, ms: fifty pages share the few histories that are read at once. */
const AGAIN_MS = 30_000;
const RANGES = [
  ['15 min', '-15m'],
  ['1 h', '-1h'],
  ['6 h', '-6h'],
  ['24 h', '-24h'],
] as const;

/** What is open now, what closed last, and how wide and long they were. */
export function OpportunitiesPage({ stream }: { stream: Stream }) {
  const { data } = useTopic(stream, 'opportunities', isUpdate);
  const [range, setRange] = useState<string>('-1h');
  const [symbol, setSymbol] = useState('');
  const past = usePast(range, symbol);
  const wanted = (one: Opportunity): boolean => symbol === '' || one.symbol.includes(symbol);
  return (
    <section class="sheet scrolls" aria-label="Opportunities">
      <search class="bar">
        <input
          id="search"
          type="search"
          aria-label="Symbol"
          placeholder="Symbol  ( / )"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setSymbol(event.currentTarget.value.trim().toUpperCase())}
        />
        {RANGES.map(([name, from]) => (
          <button key={from} type="button" aria-pressed={range === from} onClick={() => setRange(from)}>
            {name}
          </button>
        ))}
        {data !== null && (
          <output class="shown" id="totals">
            {count(data.totals.open)} open · {count(data.totals.closed)} closed in this run
            {data.totals.refused > 0 && ` · ${count(data.totals.refused)} found no room`}
          </output>
        )}
      </search>
      {past !== null && past.error !== '' && (
        <p class="trouble" role="alert">
          {past.error}
        </p>
      )}
      <Distributions list={past?.list ?? []} full={past?.full ?? false} />
      <h2>Open now</h2>
      <Table id="open" list={(data?.open ?? []).filter(wanted)} none="None is open." />
      <h2>Closed last</h2>
      <Table id="closed" list={(data?.closed ?? []).filter(wanted)} none="None has closed yet." />
    </section>
  );
}

interface Past {
  readonly list: readonly Opportunity[];
  /** There were more than the server tells at once. */
  readonly full: boolean;
  readonly error: string;
}

const MOST = 1000;

function usePast(from: string, symbol: string): Past | null {
  const [past, setPast] = useState<Past | null>(null);
  useEffect(() => {
    let gone = false;
    const read = (): void => {
      if (document.hidden) return;
      const query = new URLSearchParams({ state: 'closed', limit: String(MOST), from });
      if (symbol.includes('-')) query.set('symbol', symbol);
      ask<OpportunitiesReply>(`opportunities?${query}`).then(
        ({ opportunities }) => {
          if (!gone) setPast({ list: opportunities, full: opportunities.length === MOST, error: '' });
        },
        (error: unknown) => {
          if (!gone)
            setPast({ list: [], full: false, error: error instanceof Error ? error.message : String(error) });
        },
      );
    };
    read();
    const timer = window.setInterval(read, AGAIN_MS);
    return () => {
      gone = true;
      window.clearInterval(timer);
    };
  }, [from, symbol]);
  return past;
}

const DURATIONS_MS = [1, 10, 100, 1000, 10_000, 60_000, 600_000];
const PEAKS_BPS = [5, 10, 15, 20, 30, 50, 100, 300];

/** How they are distributed by duration, peak and hour of the day. */
function Distributions({ list, full }: { list: readonly Opportunity[]; full: boolean }) {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return (
    <div class="figures" id="distributions">
      <Histogram
        title={`Duration of ${count(list.length)}${full ? ', the latest' : ''}`}
        values={list.map(({ durationMs }) => durationMs)}
        edges={DURATIONS_MS}
        name={(edge) => lasting(edge).replace(/ 0 s$/, '')}
      />
      <Histogram
        title="Peak, net bps"
        values={list.map(({ peakNetBps }) => peakNetBps)}
        edges={PEAKS_BPS}
        name={(edge) => String(edge)}
      />
      <Histogram
        title="Hour of the day, local"
        values={list.map(({ start }) => new Date(start / 1000).getHours() + 0.5)}
        edges={hours.slice(1)}
        name={(edge) => (edge % 6 === 0 ? String(edge) : '')}
      />
    </div>
  );
}

function Table({ id, list, none }: { id: string; list: readonly Opportunity[]; none: string }) {
  if (list.length === 0) return <p class="wait">{none}</p>;
  return (
    <table class="plain" id={id}>
      <thead>
        <tr>
          <th scope="col">Began</th>
          <th scope="col">Symbol</th>
          <th scope="col">Buy on</th>
          <th scope="col">Sell on</th>
          <th scope="col" class="num">
            Lasted
          </th>
          <th scope="col" class="num hide">
            Start <small>bps</small>
          </th>
          <th scope="col" class="num">
            Peak <small>bps</small>
          </th>
          <th scope="col" class="num hide">
            Mean <small>over time</small>
          </th>
          <th scope="col" class="num">
            Notional <small>at the peak</small>
          </th>
          <th scope="col" class="hide">
            Ended by
          </th>
        </tr>
      </thead>
      <tbody>
        {list.map((one) => (
          <tr key={`${one.symbol}:${one.buy}:${one.sell}:${one.start}`}>
            <td>{clockTime(one.start / 1e6)}</td>
            <td>
              <a href={routeHref(`${one.symbol}:${one.buy}:${one.sell}`)}>{one.symbol}</a>
            </td>
            <td>{venueTitle(one.buy)}</td>
            <td>{venueTitle(one.sell)}</td>
            <td class="num">{lasting(one.durationMs)}</td>
            <td class="num hide">{bps(one.startNetBps)}</td>
            <td class="num strong">{bps(one.peakNetBps)}</td>
            <td class="num hide">{bps(one.timeMeanNetBps)}</td>
            <td class="num">{amount(one.peakNotional)}</td>
            <td class="hide dim">{one.closedBy ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
