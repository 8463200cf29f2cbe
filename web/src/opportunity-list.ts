import type { Opportunity } from '../../src/core/opportunity.ts';
import type { OpportunitiesUpdate } from '../../src/wire/stream.ts';

/** What the reader asks for; the address says it. */
export interface OpportunityFilter {
  /** A part of a symbol, in capitals; empty = all. */
  readonly symbol: string;
  readonly minPeakBps: number | null;
  readonly state: 'all' | 'open' | 'closed';
  /** Seconds back from now. */
  readonly seconds: number;
}

/** Open ones first, the highest peak first; then those that closed, the latest first. What is heard live is newer than what was read. */
export function joined(
  live: OpportunitiesUpdate | null,
  read: readonly Opportunity[],
  filter: OpportunityFilter,
  nowMs: number,
): readonly Opportunity[] {
  const byKey = new Map<string, Opportunity>();
  const open = live === null ? read.filter(({ end }) => end === null) : live.open;
  const closed = [...(live?.closed ?? []), ...read.filter(({ end }) => end !== null)];
  for (const one of [...open, ...closed]) {
    const known = byKey.get(keyOf(one));
    if (known === undefined || known.end === null) byKey.set(keyOf(one), one);
  }
  const from = (nowMs - filter.seconds * 1000) * 1000;
  return [...byKey.values()].filter((one) => passes(one, filter, from)).toSorted(before);
}

export function keyOf({ symbol, buy, sell, start }: Opportunity): string {
  return `${symbol}:${buy}:${sell} ${start}`;
}

function passes(one: Opportunity, { symbol, minPeakBps, state }: OpportunityFilter, from: number): boolean {
  if (symbol !== '' && !one.symbol.toUpperCase().includes(symbol)) return false;
  if (minPeakBps !== null && one.peakNetBps < minPeakBps) return false;
  if (state !== 'all' && (one.end === null) !== (state === 'open')) return false;
  return one.end === null || one.end >= from;
}

function before(a: Opportunity, b: Opportunity): number {
  if (a.end === null && b.end === null) return b.peakNetBps - a.peakNetBps;
  if (a.end === null) return -1;
  return b.end === null ? 1 : b.end - a.end;
}
