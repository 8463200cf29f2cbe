import type { BoundReading } from '../core/bounds.ts';
import type { Client } from './client.ts';
import type { GatewayLimits } from './limits.ts';

/** What one client costs with nothing under way: its socket, parser and subscriptions. */
const CLIENT_BYTES = 32 * 1024;
const SUBSCRIPTION_BYTES = 256;
const STREAM_BYTES = 1024;

/** What the hub has counted; peaks are raised when the bounds are read. */
export interface HubCounts {
  readonly refusedClients: number;
  readonly refusedTopics: number;
  /** Messages left out for clients that are gone. */
  readonly conflated: number;
  readonly slow: number;
  /** The most clients at once. */
  readonly clients: number;
  /** The most outboxes in use at once. */
  underWay: number;
}

/** The bounds of clients, topics and outboxes. */
export function hubBounds(
  limits: GatewayLimits,
  clients: Iterable<Client> & { readonly size: number },
  streams: number,
  counts: HubCounts,
): BoundReading[] {
  const sums = sumsOf(clients);
  counts.underWay = Math.max(counts.underWay, sums.outboxes);
  const subscriptions = limits.clients * limits.subscriptions;
  return [
    {
      ...entry('gateway.clients', limits.clients, CLIENT_BYTES, clients.size),
      policy: 'close',
      peak: counts.clients,
      refused: counts.refusedClients,
    },
    { ...entry('gateway.subscriptions', subscriptions, SUBSCRIPTION_BYTES, sums.topics), policy: 'close' },
    {
      ...entry('gateway.streams', limits.streams, STREAM_BYTES, streams),
      policy: 'refuse',
      refused: counts.refusedTopics,
    },
    {
      ...entry('gateway.outboxes', limits.clients, limits.outboxBytes, sums.outboxes),
      policy: 'conflate',
      usedBytes: sums.bytes,
      peak: counts.underWay,
      replaced: counts.conflated + sums.conflated,
      evicted: counts.slow,
    },
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

function entry(name: string, capacity: number, each: number, used: number): Omit<BoundReading, 'policy'> {
  return {
    name,
    capacity,
    capacityBytes: capacity * each,
    used,
    usedBytes: used * each,
    peak: used,
    refused: 0,
    replaced: 0,
    evicted: 0,
    lost: 0,
  };
}
