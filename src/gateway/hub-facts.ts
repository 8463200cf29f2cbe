import type { BoundFacts } from '../core/bounds.ts';
import type { GatewayLimits } from './limits.ts';

/** What one client costs with nothing waiting: its socket, parser and subscriptions. */
const CLIENT_BYTES = 32 * 1024;
const SUBSCRIPTION_BYTES = 256;
/** A stream without the text of its parameters. */
export const STREAM_BYTES = 1024;

/** What streams may take with their texts. */
export function streamsBytes({
  streams,
  streamTextBytes,
}: Pick<GatewayLimits, 'streams' | 'streamTextBytes'>): number {
  return streams * STREAM_BYTES + streamTextBytes;
}

/** What the stream's structures may take, by their lines in the ledger. */
export function hubFacts(
  limits: Pick<GatewayLimits, 'clients' | 'subscriptions' | 'streams' | 'streamTextBytes' | 'outboxBytes'>,
): Readonly<Record<'clients' | 'subscriptions' | 'streams' | 'outboxes', BoundFacts>> {
  const { clients, subscriptions, streams, outboxBytes } = limits;
  const topics = clients * subscriptions;
  const end = "the client's end";
  return {
    clients: {
      ...{ name: 'gateway.clients', policy: 'close', capacity: clients },
      ...{ capacityBytes: clients * CLIENT_BYTES, cleanedBy: `${end}; 30 s without a pong` },
    },
    subscriptions: {
      ...{ name: 'gateway.subscriptions', policy: 'close', capacity: topics },
      ...{ capacityBytes: topics * SUBSCRIPTION_BYTES, cleanedBy: end },
    },
    streams: {
      ...{ name: 'gateway.streams', policy: 'refuse', capacity: streams },
      ...{ capacityBytes: streamsBytes(limits), cleanedBy: 'the end of its last subscriber' },
    },
    outboxes: {
      ...{ name: 'gateway.outboxes', policy: 'conflate', capacity: clients },
      ...{ capacityBytes: clients * outboxBytes, cleanedBy: 'the client; 5 s without reading' },
    },
  };
}
