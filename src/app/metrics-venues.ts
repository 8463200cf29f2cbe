import type { FeedStatus } from '../core/feed-status.ts';
import type { VenueRow, VenueState } from '../wire/api.ts';
import type { MetricsText, Sample } from './metrics-text.ts';

const STATES: readonly VenueState[] = ['connecting', 'live', 'stale', 'down'];
const MS = 1000;

/** What came from the venues, what was wrong with it and what of it was dropped. */
export function writeVenues(
  text: MetricsText,
  statuses: readonly FeedStatus[],
  rows: readonly VenueRow[],
): void {
  const of = (pick: (status: FeedStatus) => number): Sample[] =>
    statuses.map((status) => [{ venue: status.venue }, pick(status)]);
  text.counter(
    'frames_total',
    'WebSocket messages received, by venue.',
    of(({ totals }) => totals.frames),
  );
  text.counter(
    'quotes_total',
    'Quotes decoded, by venue.',
    of(({ totals }) => totals.quotes),
  );
  text.counter(
    'trades_total',
    'Trades decoded, by venue.',
    of(({ totals }) => totals.trades),
  );
  text.counter(
    'passed_frames_total',
    'Messages of no use to us, by venue.',
    of((status) => status.passedFrames),
  );
  text.counter(
    'bad_frames_total',
    'Messages that could not be read, by venue and reason.',
    statuses.flatMap(({ venue, bad }) =>
      Object.entries(bad).map(([reason, count]): Sample => [{ venue, reason }, count]),
    ),
  );
  text.counter(
    'dropped_rows_total',
    'Rows not passed on, by venue and reason: replaced = a newer quote came first, ring_full = a trade found no room, repeated = told twice, foreign = of a connection that did not own the instrument.',
    statuses.flatMap(({ venue, ...status }): Sample[] => [
      [{ venue, reason: 'replaced' }, status.quotesReplaced],
      [{ venue, reason: 'ring_full' }, status.tradesLost],
      [{ venue, reason: 'repeated' }, status.tradesRepeated],
      [{ venue, reason: 'foreign' }, status.foreignRecords],
    ]),
  );
  writeStates(text, rows);
}

function writeStates(text: MetricsText, rows: readonly VenueRow[]): void {
  const of = (pick: (row: VenueRow) => number | null): Sample[] =>
    rows.map((row) => [{ venue: row.venue }, pick(row)]);
  text.gauge(
    'venue_live',
    '1 while market data arrives from the venue.',
    of(({ state }) => Number(state === 'live')),
  );
  text.gauge(
    'venue_state',
    '1 for the state the venue is in.',
    rows.flatMap(({ venue, state }) =>
      STATES.map((one): Sample => [{ venue, state: one }, Number(one === state)]),
    ),
  );
  text.gauge(
    'connections',
    'Open connections, by venue.',
    of(({ connections }) => connections.open),
  );
  text.gauge(
    'connections_wanted',
    'Connections that should be open, by venue.',
    of(({ connections }) => connections.wanted),
  );
  text.gauge(
    'epoch',
    "The newest connection's epoch, by venue.",
    of(({ epoch }) => epoch),
  );
  text.counter(
    'reconnects_total',
    'Connections that were dialled again after an end, by venue.',
    of((row) => row.reconnects),
  );
  text.gauge(
    'instruments',
    'Instruments watched, by venue.',
    of(({ instruments }) => instruments),
  );
  text.gauge(
    'subscriptions',
    'Instruments by what became of their subscription.',
    rows.flatMap(({ venue, subscriptions }) =>
      Object.entries(subscriptions).map(([state, count]): Sample => [{ venue, state }, count]),
    ),
  );
  text.gauge(
    'lag_seconds',
    "Receive time less the venue's own time over the last 5 to 10 s, by venue.",
    rows.flatMap(({ venue, lagMs }): Sample[] => [
      [{ venue, quantile: '0.5' }, lagMs.p50 === null ? null : lagMs.p50 / MS],
      [{ venue, quantile: '0.99' }, lagMs.p99 === null ? null : lagMs.p99 / MS],
    ]),
  );
  text.gauge(
    'last_message_age_seconds',
    'How long ago the last message came, by venue.',
    of(({ lastMessageAgeMs }) => (lastMessageAgeMs === null ? null : lastMessageAgeMs / MS)),
  );
}
