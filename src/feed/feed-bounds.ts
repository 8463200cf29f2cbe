import type { BoundFacts } from '../core/bounds.ts';
import { QUOTE_SCHEMA } from '../core/records.ts';
import { overflowFacts } from '../ring/conflating-producer.ts';
import type { Venue } from '../venues/venue.ts';
import { LAG_BYTES } from './lag-histogram.ts';
import { OWNERSHIP_BYTES } from './ownership.ts';
import { SLOT_BYTES } from './recent-trades.ts';
import { READ_BYTES } from './socket-reads.ts';

/** Trades of one venue that are remembered; a power of two. */
export const RECENT_TRADES = 2 ** 14;
/** Ids in a connection's symbol table for each place; instruments that left keep theirs. */
export const TABLE_FACTOR = 2;
/** A planned replacement has both connections open. */
const OVERLAP = 2;
/** What one connection takes beside its tables: 2 KiB for a message that spans chunks, the socket, TLS and our objects. */
const CONNECTION_BYTES = 24 * 1024;
/** What one topic takes in a connection's books: its state, its key, its places in two maps. */
const TOPIC_BYTES = 256;

/** What a feed is made for. */
export interface FeedSizes {
  /** The worker, as in the names of its rings. */
  readonly name: string;
  readonly limits: readonly Pick<Venue['limits'], 'symbolsPerConnection' | 'maxConnections'>[];
  /** Topics of one instrument. */
  readonly channels: number;
  readonly instruments: number;
  /** The most instruments that one venue has at once. */
  readonly instrumentsPerVenue: number;
  readonly largeMessageBytes: number;
  /** Bytes of a symbol table for so many ids. */
  readonly symbolTableBytes: (ids: number) => number;
}

export type FeedStructure =
  | 'overflow'
  | 'largeMessages'
  | 'recentTrades'
  | 'ownership'
  | 'connections'
  | 'symbolTables'
  | 'subscriptions'
  | 'lagHistograms'
  | 'reads';

/** The lines of one feed in the ledger, before anything is in them. */
export function feedFacts(sizes: FeedSizes): Readonly<Record<FeedStructure, BoundFacts>> {
  const { name, limits, channels, instruments, instrumentsPerVenue, symbolTableBytes } = sizes;
  const perVenue = limits.map(({ symbolsPerConnection, maxConnections }) => {
    const slots = Math.ceil(instrumentsPerVenue / symbolsPerConnection);
    const connections = Math.min(slots * OVERLAP, maxConnections ?? Number.POSITIVE_INFINITY);
    return { connections, ids: symbolsPerConnection * TABLE_FACTOR };
  });
  const sum = (of: (venue: (typeof perVenue)[number]) => number): number =>
    perVenue.reduce((total, venue) => total + of(venue), 0);
  const connections = sum((venue) => venue.connections);
  const topics = limits.length * instrumentsPerVenue * channels * OVERLAP;
  const facts = (
    structure: string,
    policy: BoundFacts['policy'],
    [capacity, capacityBytes]: readonly [number, number],
    cleanedBy: string,
  ): BoundFacts => ({ name: `${name}.${structure}`, policy, capacity, capacityBytes, cleanedBy });
  const end = "the connection's end";
  return {
    overflow: overflowFacts(`${name}.quotes`, QUOTE_SCHEMA, instruments),
    largeMessages: facts(
      'large-messages',
      'close',
      [sizes.largeMessageBytes, sizes.largeMessageBytes],
      'the end of the message',
    ),
    recentTrades: facts(
      'recent-trades',
      'drop-oldest',
      [limits.length * RECENT_TRADES, limits.length * RECENT_TRADES * SLOT_BYTES],
      'a newer trade in its place',
    ),
    ownership: facts(
      'ownership',
      'refuse',
      [instruments, instruments * OWNERSHIP_BYTES],
      'nobody: fixed size',
    ),
    connections: facts('connections', 'wait', [connections, connections * CONNECTION_BYTES], end),
    symbolTables: facts(
      'symbol-tables',
      'refuse',
      [
        sum((venue) => venue.connections * venue.ids),
        sum((venue) => venue.connections * symbolTableBytes(venue.ids)),
      ],
      end,
    ),
    subscriptions: facts('subscriptions', 'refuse', [topics, topics * TOPIC_BYTES], end),
    lagHistograms: facts(
      'lag-histograms',
      'conflate',
      [limits.length, limits.length * LAG_BYTES],
      'age, every 5 s',
    ),
    reads: facts('socket-reads', 'wait', [1, READ_BYTES], 'the frame reader, before the next read'),
  };
}
