/** What a bounded structure does when it is full. */
export type BoundPolicy = 'refuse' | 'conflate' | 'drop-oldest' | 'wait' | 'close';

/** One bounded structure as the ledger shows it. Counters only grow. */
export interface BoundReading {
  readonly name: string;
  readonly policy: BoundPolicy;
  readonly capacity: number;
  readonly capacityBytes: number;
  readonly used: number;
  readonly usedBytes: number;
  readonly peak: number;
  readonly refused: number;
  readonly replaced: number;
  readonly evicted: number;
  readonly lost: number;
}
