import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type { Frame } from './frame.ts';
import { FrameKind } from './journal-format.ts';
import { Segment, type SegmentFile } from './segment.ts';
import { headingLength, isTaken, type Mark, markAfter } from './taken.ts';

/** A segment as its headers tell, before a byte of its rows is looked at. */
export interface SegmentOutline {
  readonly file: SegmentFile;
  /** µs; NaN if it has no whole frame. */
  readonly createdAt: number;
  /** Rows by venue index. */
  readonly quotes: Uint32Array;
  readonly trades: Uint32Array;
  readonly rows: number;
  readonly minTime: number;
}

/** A segment, open, with the frames that are to be taken from it. */
export interface OpenSegment {
  readonly segment: Segment;
  /** All frames before the first unsound one. */
  readonly sound: readonly Frame[];
  readonly frames: readonly Frame[];
  readonly instruments: ReadonlyMap<number, { readonly venue: VenueId; readonly symbol: string }>;
  /** The mark after it. */
  readonly mark: Mark;
  readonly repeatedFrames: number;
}

export function outlineOf(file: SegmentFile): SegmentOutline {
  const segment = Segment.open(file.path);
  try {
    const { frames } = segment.walk();
    const quotes = new Uint32Array(VENUE_IDS.length);
    const trades = new Uint32Array(VENUE_IDS.length);
    let [rows, minTime] = [0, Number.POSITIVE_INFINITY];
    for (const frame of frames) {
      const counts =
        frame.kind === FrameKind.quotes ? quotes : frame.kind === FrameKind.trades ? trades : null;
      if (counts === null || frame.venue === undefined) continue;
      const venue = VENUE_IDS.indexOf(frame.venue);
      counts[venue] = (counts[venue] as number) + frame.rows;
      rows += frame.rows;
      if (frame.minTime < minTime) minTime = frame.minTime;
    }
    return { file, createdAt: frames[0]?.writtenAt ?? Number.NaN, quotes, trades, rows, minTime };
  } finally {
    segment.close();
  }
}

/** Opens a segment and decides which of its frames count: those before the first unsound one that were not taken already. */
export function openSegment(file: SegmentFile, before: Mark): OpenSegment {
  const segment = Segment.open(file.path);
  try {
    const sound: Frame[] = [];
    for (const frame of segment.walk().frames) {
      if (!segment.isSound(frame)) break;
      sound.push(frame);
    }
    const run = runOf(segment, sound);
    const taken = run === before.run ? before : { run, frame: -1, holes: [] };
    const own = sound.slice(headingLength(sound));
    const frames = own.filter((frame) => !isTaken(taken, frame.number));
    return {
      segment,
      sound,
      frames,
      instruments: segment.instruments(sound),
      mark:
        frames.length === 0 ? before : frames.reduce((mark, { number }) => markAfter(mark, number), taken),
      repeatedFrames: own.filter((frame) => isRows(frame) && isTaken(taken, frame.number)).length,
    };
  } catch (error) {
    segment.close();
    throw error;
  }
}

function isRows(frame: Frame): boolean {
  return (
    frame.kind === FrameKind.quotes ||
    frame.kind === FrameKind.trades ||
    frame.kind === FrameKind.gaps ||
    frame.kind === FrameKind.opportunities
  );
}

function runOf(segment: Segment, frames: readonly Frame[]): string {
  const first = frames[0];
  const facts = first?.kind === FrameKind.segment ? segment.json(first) : undefined;
  const run = typeof facts === 'object' && facts !== null && 'run' in facts ? facts.run : undefined;
  return typeof run === 'string' ? run : '';
}
