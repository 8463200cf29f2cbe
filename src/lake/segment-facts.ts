import { isVenueId } from '../core/venue-ids.ts';
import type { Frame } from './frame.ts';
import { isReason, isTime } from './gap-rows.ts';
import { FrameKind } from './journal-format.ts';
import { isRecord } from './json.ts';
import type { OpenGap, Segment, SegmentFacts } from './segment.ts';

/** What a segment says of itself; undefined if its first frame does not make sense. */
export function factsOf(segment: Segment, frames: readonly Frame[]): SegmentFacts | undefined {
  const first = frames[0];
  const facts = first?.kind === FrameKind.segment ? segment.json(first) : undefined;
  if (!isRecord(facts) || !Array.isArray(facts.venues)) return undefined;
  const { createdAt, run } = facts;
  if (!isTime(createdAt) || typeof run !== 'string') return undefined;
  const venues = (facts.venues as unknown[]).filter((venue) => typeof venue === 'string').filter(isVenueId);
  return { segment: segment.number, createdAt, venues, run };
}

/** The gaps that an openGaps frame tells of; what is none is left out. */
export function readOpenGaps(json: unknown): OpenGap[] {
  return Array.isArray(json) ? (json as unknown[]).filter(isOpenGap) : [];
}

function isOpenGap(value: unknown): value is OpenGap {
  return (
    isRecord(value) &&
    (value.instrument === null || typeof value.instrument === 'number') &&
    typeof value.venue === 'string' &&
    isVenueId(value.venue) &&
    (value.symbol === null || typeof value.symbol === 'string') &&
    (value.stream === null || value.stream === 'quotes' || value.stream === 'trades') &&
    isTime(value.from) &&
    isReason(value.reason)
  );
}
