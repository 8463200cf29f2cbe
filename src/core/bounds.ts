/** What a bounded structure does when it is full. */
export type BoundPolicy = 'refuse' | 'conflate' | 'drop-oldest' | 'wait' | 'close';

/** What is known of a bounded structure before anything is in it. */
export interface BoundFacts {
  /** `component.structure`, such as `feed0.recent-trades`. */
  readonly name: string;
  readonly policy: BoundPolicy;
  readonly capacity: number;
  readonly capacityBytes: number;
  /** Who or what empties it, in a few words: `the reader`, `age`, `the connection's end`. */
  readonly cleanedBy: string;
}

/** One bounded structure as the ledger shows it. Counters only grow. */
export interface BoundReading extends BoundFacts {
  readonly used: number;
  readonly usedBytes: number;
  readonly peak: number;
  readonly refused: number;
  readonly replaced: number;
  readonly evicted: number;
  readonly lost: number;
}

/** What a structure holds now; bytes in use are in proportion to the items, the peak is what is in use, and a count is 0, unless they are given. */
export function boundOf(
  facts: BoundFacts,
  now: Pick<BoundReading, 'used'> & Partial<Omit<BoundReading, keyof BoundFacts>>,
): BoundReading {
  const { name, policy, capacity, capacityBytes, cleanedBy } = facts;
  const counts = { peak: now.used, refused: 0, replaced: 0, evicted: 0, lost: 0 };
  const usedBytes = capacity === 0 ? 0 : Math.round((capacityBytes / capacity) * now.used);
  return { name, policy, capacity, capacityBytes, cleanedBy, usedBytes, ...counts, ...now };
}
