import type { OpportunitiesReply } from '../../../../src/wire/api.ts';
import type { OpportunitiesUpdate } from '../../../../src/wire/stream.ts';
import { durations, hours, peaks } from '../../distributions.ts';
import { count } from '../../format.ts';
import { place, setQuery } from '../../location.ts';
import { joined, type OpportunityFilter } from '../../opportunity-list.ts';
import { pageNow } from '../../page-clock.ts';
import { zone } from '../../settings.ts';
import type { Stream } from '../../stream.ts';
import type { TopicMessage } from '../../topics.ts';
import { Histogram } from '../histogram.tsx';
import { OpportunityLog } from '../opportunity-log.tsx';
import { useFetched } from '../use-fetched.ts';
import { useTopic } from '../use-topic.ts';

const EVERY_MS = 15_000;
const MOST = 1_000;
const SPANS = [
  { id: '1h', label: '1 h', seconds: 3_600 },
  { id: '24h', label: '24 h', seconds: 86_400 },
  { id: '7d', label: '7 d', seconds: 604_800 },
] as const;
const STATES = ['all', 'open', 'closed'] as const;

const readUpdate = (message: TopicMessage): OpportunitiesUpdate | null =>
  'open' in message ? message : null;

function filterOf(query: string): OpportunityFilter {
  const parts = new URLSearchParams(query);
  const least = parts.get('peak');
  return {
    symbol: (parts.get('q') ?? '').toUpperCase(),
    minPeakBps: least === null || !Number.isFinite(Number(least)) ? null : Number(least),
    state: STATES.find((state) => state === parts.get('state')) ?? 'all',
    seconds: (SPANS.find(({ id }) => id === parts.get('span')) ?? SPANS[0]).seconds,
  };
}

/** What is open and what was: a live log, and how peaks, durations and hours are spread. */
export function Opportunities({ stream }: { stream: Stream }) {
  const filter = filterOf(place.value.query);
  const heard = useTopic(stream, 'opportunities', readUpdate);
  // A whole symbol is asked of the server; a part of one is sought among the latest.
  const symbol = filter.symbol.includes('-') ? filter.symbol : null;
  const asked = { from: `-${filter.seconds}s`, limit: MOST, minPeakBps: filter.minPeakBps, symbol };
  const { data, error } = useFetched<OpportunitiesReply>('opportunities', asked, EVERY_MS);
  const list = joined(heard.data, data?.opportunities ?? [], filter, pageNow());
  const totals = heard.data?.totals ?? data?.totals;
  const trouble = heard.error === '' ? error : heard.error;
  return (
    <section class="sheet-page" id="opportunities" aria-label="Opportunities">
      <header class="bar">
        <h2>
          <b id="open-count">{count(totals?.open ?? null)}</b> open
        </h2>
        <FilterBar filter={filter} />
        <p class="shown">
          {totals !== undefined && `${count(totals.opened)} opened since the start`}
          {totals !== undefined && totals.refused > 0 && `, ${count(totals.refused)} left out`}
        </p>
      </header>
      {trouble !== '' && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      {data?.hole !== null && data !== null && (
        <p class="trouble">
          Some are missing here: on their way to the disk, or gone if nothing is recorded.
        </p>
      )}
      <div class="histograms">
        <Histogram title="Peak" unit="bps" bins={peaks(list)} />
        <Histogram title="Duration" unit="ms" bins={durations(list)} />
        <Histogram title="Began at" unit="hour" bins={hours(list, zone.value === 'UTC')} />
      </div>
      {list.length === 0 && data !== null ? (
        <div class="empty">
          <h2>No opportunity passes the filters</h2>
          <p>One opens when a route’s net spread reaches the threshold of the configuration.</p>
        </div>
      ) : (
        <OpportunityLog list={list} most={MOST} />
      )}
    </section>
  );
}

function FilterBar({ filter }: { filter: OpportunityFilter }) {
  return (
    <>
      <input
        id="search"
        type="search"
        aria-label="Symbol contains"
        placeholder="Symbol  ( / )"
        autocomplete="off"
        value={filter.symbol}
        onInput={(event) => setQuery({ q: event.currentTarget.value.trim().toUpperCase() })}
      />
      <label class="least">
        Peak ≥
        <input
          id="min-peak"
          type="number"
          step="any"
          inputMode="decimal"
          aria-label="Least peak in basis points"
          placeholder="any"
          value={filter.minPeakBps ?? ''}
          onChange={(event) => setQuery({ peak: event.currentTarget.value })}
        />
        bps
      </label>
      <fieldset class="spans">
        <legend class="unseen">How far back</legend>
        {SPANS.map(({ id, label, seconds }) => (
          <button
            type="button"
            key={id}
            data-span={id}
            aria-pressed={filter.seconds === seconds}
            onClick={() => setQuery({ span: id === SPANS[0].id ? null : id })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <fieldset class="spans">
        <legend class="unseen">State</legend>
        {STATES.map((state) => (
          <button
            type="button"
            key={state}
            data-state={state}
            aria-pressed={filter.state === state}
            onClick={() => setQuery({ state: state === 'all' ? null : state })}
          >
            {state}
          </button>
        ))}
      </fieldset>
    </>
  );
}
