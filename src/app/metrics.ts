import type { FeedStatus } from '../core/feed-status.ts';
import type { BoundsReply, VenueRow } from '../wire/api.ts';
import type { LakeReport } from './lake-host.ts';
import { type RingState, writeBounds, writeRings } from './metrics-bounds.ts';
import { writeLake } from './metrics-lake.ts';
import { type ProcessReading, writeProcess } from './metrics-process.ts';
import { MetricsText } from './metrics-text.ts';
import { writeVenues } from './metrics-venues.ts';

/** Everything that is shown, read at one moment. */
export interface MetricsReading {
  /** µs since the epoch. */
  readonly now: number;
  readonly statuses: readonly FeedStatus[];
  readonly venues: readonly VenueRow[];
  readonly rings: readonly RingState[];
  readonly market: { readonly symbols: number; readonly routes: number };
  /** Undefined = nothing is recorded. */
  readonly lake: LakeReport | undefined;
  readonly clients: number;
  /** How many clients were closed, by reason. */
  readonly closed: Readonly<Record<string, number>>;
  /** Bytes that the kernel holds for sockets that are not read; undefined = not known. */
  readonly kernelBytes: number | undefined;
  readonly ledger: Omit<BoundsReply, 'total'>;
  readonly process: ProcessReading;
}

/** All metrics as text of Prometheus' format 0.0.4. Labels are venues, reasons, rings, threads and bounds; there is never one for a symbol or a client. */
export function metricsText(reading: MetricsReading): string {
  const text = new MetricsText();
  const { market, ledger } = reading;
  writeVenues(text, reading.statuses, reading.venues);
  text.gauge('symbols', 'Symbols that are watched.', market.symbols);
  text.gauge('routes', 'Directed routes, valid now or not.', market.routes);
  writeRings(text, reading.rings);
  writeLake(text, reading.lake, reading.now);
  writeClients(text, reading);
  writeBounds(text, ledger.bounds, ledger.allowance);
  writeProcess(text, reading.process);
  return text.toString();
}

function writeClients(text: MetricsText, { clients, closed, kernelBytes, ledger }: MetricsReading): void {
  const outboxes = ledger.bounds.find(({ name }) => name === 'gateway.outboxes');
  text.gauge('clients', 'Stream clients that are connected.', clients);
  text.gauge('outbox_waiting_bytes', 'Bytes that wait for all clients together.', outboxes?.usedBytes ?? 0);
  text.counter(
    'conflated_messages_total',
    'Messages left out for clients that did not read.',
    outboxes?.replaced ?? 0,
  );
  text.counter(
    'clients_closed_total',
    'Clients that were closed, by reason.',
    Object.entries(closed).map(([reason, count]) => [{ reason }, count]),
  );
  text.gauge(
    'kernel_socket_bytes',
    'What the kernel holds for clients that do not read, beside the resident memory.',
    [[{}, kernelBytes]],
  );
}
