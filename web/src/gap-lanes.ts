import type { GapReason } from '../../src/core/lake-status.ts';
import type { GapsReply, VenueGap, VenueRow } from '../../src/wire/api.ts';

/** What each reason is called, and the kind of trouble it is: of the line, of ours, or nobody there. */
export const REASON_WORDS: Readonly<
  Record<GapReason, { readonly name: string; readonly kind: 'line' | 'ours' | 'away' }>
> = {
  connection: { name: 'connection lost', kind: 'line' },
  silence: { name: 'silence', kind: 'line' },
  unlisted: { name: 'not listed', kind: 'away' },
  malformed: { name: 'unreadable frames', kind: 'line' },
  overflow: { name: 'recorder behind', kind: 'ours' },
  disk: { name: 'disk', kind: 'ours' },
  clock: { name: 'clock was set', kind: 'ours' },
  stopped: { name: 'not running', kind: 'away' },
  crash: { name: 'crash', kind: 'ours' },
};

/** One venue's day, as shares of the range from 0 to 1. */
export interface Lane {
  readonly venue: string;
  readonly gaps: readonly VenueGap[];
  /** Until here nothing of the venue was recorded. */
  readonly recordedFrom: number;
  /** µs that were not seen of the venue: a tenth of its symbols for ten seconds count as one. */
  readonly blindUs: number;
  /** Symbols that are watched there now. */
  readonly instruments: number;
}

export function lanesOf(reply: GapsReply, venues: readonly VenueRow[]): Lane[] {
  return venues.map(({ venue, instruments }) => {
    const gaps = reply.gaps.filter((gap) => gap.venue === venue);
    const since = reply.recorded.find((one) => one.venue === venue)?.since ?? reply.to;
    return {
      venue,
      gaps,
      recordedFrom: shareOf(reply, since),
      blindUs: blindOf(gaps, instruments),
      instruments,
    };
  });
}

/** How much of the venue was not seen, over the gap's time, 0 … 1. */
export function weightOf({ symbolMs, from, to }: VenueGap, instruments: number): number {
  if (symbolMs === null || to <= from) return 1;
  return Math.min(1, (symbolMs * 1000) / (to - from) / Math.max(1, instruments));
}

/** Where a time lies in the range, 0 … 1. */
export function shareOf({ from, to }: Pick<GapsReply, 'from' | 'to'>, time: number): number {
  return to <= from ? 0 : Math.min(1, Math.max(0, (time - from) / (to - from)));
}

/** The gap under a place in the lane, or the nearest within `reach`; shares of the range. What is of the whole venue counts before what is of some symbols. */
export function gapAt(reply: GapsReply, lane: Lane, at: number, reach: number): VenueGap | null {
  let best: VenueGap | null = null;
  let least = reach;
  for (const gap of lane.gaps) {
    const [from, to] = [shareOf(reply, gap.from), shareOf(reply, gap.to)];
    const away = at < from ? from - at : Math.max(0, at - to);
    const nearer = away < least || (away === least && (gap.symbols === null || best === null));
    if (!nearer) continue;
    best = gap;
    least = away;
  }
  return best;
}

/** Of spells in order of their beginning; where two lie over each other the first counts. */
function blindOf(gaps: readonly VenueGap[], instruments: number): number {
  let [sum, until] = [0, Number.NEGATIVE_INFINITY];
  for (const gap of gaps) {
    sum += Math.max(0, gap.to - Math.max(gap.from, until)) * weightOf(gap, instruments);
    until = Math.max(until, gap.to);
  }
  return sum;
}

/** Round times of the range for its axis, µs, at most so many. */
export function ticksOf(
  { from, to }: Pick<GapsReply, 'from' | 'to'>,
  most: number,
  offsetUs: number,
): number[] {
  const steps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((s) => s * 1e6);
  const step = steps.find((size) => (to - from) / size <= most) ?? 86_400e6;
  const ticks: number[] = [];
  for (let at = Math.ceil((from + offsetUs) / step) * step - offsetUs; at <= to; at += step) ticks.push(at);
  return ticks;
}
