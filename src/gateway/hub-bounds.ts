import { type BoundReading, boundOf } from '../core/bounds.ts';
import type { Client } from './client.ts';
import { hubFacts } from './hub-facts.ts';
import type { GatewayLimits } from './limits.ts';
import type { StreamPool } from './stream-pool.ts';

/** What the hub has counted; peaks are raised when the bounds are read. */
export interface HubCounts {
  readonly refusedClients: number;
  /** Messages left out for clients that are gone. */
  readonly conflated: number;
  /** Clients that did not read, or did not answer. */
  readonly cutOff: number;
  /** The most clients at once. */
  readonly clients: number;
  /** The most outboxes and topics in use at once. */
  underWay: number;
  topics: number;
}

/** The bounds of clients, topics and outboxes. */
export function hubBounds(
  limits: GatewayLimits,
  clients: Iterable<Client> & { readonly size: number },
  streams: StreamPool['use'],
  counts: HubCounts,
): BoundReading[] {
  const sums = sumsOf(clients);
  counts.underWay = Math.max(counts.underWay, sums.outboxes);
  counts.topics = Math.max(counts.topics, sums.topics);
  const facts = hubFacts(limits);
  return [
    boundOf(facts.clients, {
      ...{ used: clients.size, peak: counts.clients, refused: counts.refusedClients },
    }),
    boundOf(facts.subscriptions, { used: sums.topics, peak: counts.topics }),
    boundOf(facts.streams, streams),
    boundOf(facts.outboxes, {
      ...{ used: sums.outboxes, usedBytes: sums.bytes, peak: counts.underWay },
      ...{ replaced: counts.conflated + sums.conflated, evicted: counts.cutOff },
    }),
  ];
}

interface Sums {
  topics: number;
  outboxes: number;
  bytes: number;
  conflated: number;
}

function sumsOf(clients: Iterable<Client>): Sums {
  const sums: Sums = { topics: 0, outboxes: 0, bytes: 0, conflated: 0 };
  for (const client of clients) {
    sums.topics += client.topics.size;
    sums.outboxes += client.underWay > 0 ? 1 : 0;
    sums.bytes += client.underWay;
    sums.conflated += client.conflated;
  }
  return sums;
}
