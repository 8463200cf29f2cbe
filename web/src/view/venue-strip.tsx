import type { VenueRow } from '../../../src/wire/api.ts';
import { age, count, lag } from '../format.ts';
import { venues } from '../state.ts';
import { VenueMark } from './venue-mark.tsx';

/** One tile for each venue: state, rate, lag, connections; more when pointed at or focused. */
export function VenueStrip() {
  const rows = venues.value;
  if (rows === null) return null;
  return (
    <section class="venues" aria-label="Venues">
      {rows.map((row) => (
        <VenueTile key={row.venue} row={row} />
      ))}
    </section>
  );
}

function VenueTile({ row }: { row: VenueRow }) {
  const { open, wanted } = row.connections;
  const live = `${open}/${wanted} conn · ${age(row.lastMessageAgeMs)} ago`;
  return (
    <details class={`tile ${row.state}`} name="venue" data-venue={row.venue} data-state={row.state}>
      <summary>
        <span class="name">
          <VenueMark state={row.state} />
          <b>{row.title}</b>
          <span class="state">{row.state}</span>
        </span>
        <span class="figure" title="messages a second">
          <b>{count(row.rates.frames)}</b> /s
        </span>
        <span class="figure end" title="lag: median / 99th percentile">
          <b>
            {lag(row.lagMs.p50)} / {lag(row.lagMs.p99)}
          </b>{' '}
          ms
        </span>
        <span class="reason">{row.state === 'live' || row.reason === '' ? live : row.reason}</span>
      </summary>
      <dl class="more">
        {row.reason !== '' && <p>{row.reason}</p>}
        <Pair name="Connections">{`${open} of ${wanted}`}</Pair>
        <Pair name="Last message">{`${age(row.lastMessageAgeMs)} ago`}</Pair>
        <Pair name="Instruments live">{`${count(row.subscriptions.live)} of ${count(row.instruments)}`}</Pair>
        <Pair name="… silent">{count(row.subscriptions.silent)}</Pair>
        <Pair name="… pending">{count(row.subscriptions.pending)}</Pair>
        <Pair name="… refused">{count(row.subscriptions.refused)}</Pair>
        <Pair name="Reconnects">{count(row.reconnects)}</Pair>
        <Pair name="Bad frames">{count(sum(row.errors))}</Pair>
        <Pair name="Taker fee">{`${row.takerFeeBps} bps`}</Pair>
      </dl>
    </details>
  );
}

function Pair({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, value) => total + value, 0);
}
