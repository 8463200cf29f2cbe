import type { BoundReading } from '../core/bounds.ts';
import type { MetricsText, Sample } from './metrics-text.ts';

/** One ring, and how far each of its consumers is behind, rows. */
export interface RingState {
  readonly reading: BoundReading;
  readonly lag: Readonly<Record<string, number>>;
}

export function writeRings(text: MetricsText, rings: readonly RingState[]): void {
  const of = (pick: (reading: BoundReading) => number): Sample[] =>
    rings.map(({ reading }) => [{ ring: reading.name }, pick(reading)]);
  text.gauge(
    'ring_capacity_rows',
    'Rows that a ring holds.',
    of(({ capacity }) => capacity),
  );
  text.gauge(
    'ring_rows',
    'Rows that its slowest consumer has not taken.',
    of(({ used }) => used),
  );
  text.gauge(
    'ring_peak_rows',
    'The most rows that ever waited.',
    of(({ peak }) => peak),
  );
  text.counter(
    'ring_refused_rows_total',
    'Rows that found a ring full.',
    of(({ refused }) => refused),
  );
  text.counter(
    'ring_lost_rows_total',
    'Rows that a consumer came too late for.',
    of(({ lost }) => lost),
  );
  text.gauge(
    'ring_lag_rows',
    'Rows that each consumer is behind.',
    rings.flatMap(({ reading, lag }) =>
      Object.entries(lag).map(([consumer, rows]): Sample => [{ ring: reading.name, consumer }, rows]),
    ),
  );
}

/** The ledger, line by line. */
export function writeBounds(text: MetricsText, bounds: readonly BoundReading[], allowance: number): void {
  const of = (pick: (reading: BoundReading) => number): Sample[] =>
    bounds.map((reading) => [{ bound: reading.name }, pick(reading)]);
  text.gauge(
    'bound_capacity_bytes',
    'What a bounded structure may take.',
    of((one) => one.capacityBytes),
  );
  text.gauge(
    'bound_used_bytes',
    'What it takes.',
    of((one) => one.usedBytes),
  );
  text.gauge(
    'bound_capacity',
    'Items that it may hold.',
    of((one) => one.capacity),
  );
  text.gauge(
    'bound_used',
    'Items that it holds.',
    of((one) => one.used),
  );
  text.gauge(
    'bound_peak',
    'The most items that it ever held.',
    of((one) => one.peak),
  );
  text.counter('bound_dropped_total', 'What it had to give up, by reason.', bounds.flatMap(dropped));
  text.gauge(
    'memory_allowance_bytes',
    'What V8, the libraries and threads may take beside the bounds.',
    allowance,
  );
}

function dropped({ name, refused, replaced, evicted, lost }: BoundReading): Sample[] {
  return Object.entries({ refused, replaced, evicted, lost }).map(([reason, count]) => [
    { bound: name, reason },
    count,
  ]);
}
