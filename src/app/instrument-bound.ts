import type { BoundFacts } from '../core/bounds.ts';

/** One instrument with its texts, in the index of the main thread and in the tables of the feed that watches it. */
const INSTRUMENT_BYTES = 512;

/** The instruments' line in the ledger. */
export function instrumentFacts(capacity: number): BoundFacts {
  return {
    ...{ name: 'app.instruments', policy: 'refuse', capacity },
    ...{ capacityBytes: capacity * INSTRUMENT_BYTES, cleanedBy: 'nobody: fixed size' },
  };
}
