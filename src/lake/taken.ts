import type { Frame } from './frame.ts';
import { FrameKind } from './journal-format.ts';

/** Frame numbers from … to, both included. */
export type Hole = readonly [from: number, to: number];

/**
 * Which frames were taken, of one life of the program: those up to `frame`, but for the holes. What has been taken is here for the second time when it comes again, because it was written again. A hole is what
 * an abandoned segment did not hold to its end while the one after it did; it is filled when its frames come again.
 */
export interface Mark {
  readonly run: string;
  readonly frame: number;
  readonly holes: readonly Hole[];
}

/** Only a disk that fails again and again makes more; the oldest are then taken for lost. */
const MOST_HOLES = 64;
/** What a segment begins with, in this order: it bears numbers of frames before it, again. */
const HEADING = [FrameKind.segment, FrameKind.instruments, FrameKind.openGaps] as const;

/** How many of a segment's first frames are its heading. */
export function headingLength(frames: readonly Frame[]): number {
  let length = 0;
  while (length < HEADING.length && frames[length]?.kind === HEADING[length]) length += 1;
  return length;
}

export function isTaken({ frame, holes }: Mark, number: number): boolean {
  return number <= frame && !holes.some(([from, to]) => from <= number && number <= to);
}

/** The mark after a frame of this number of the same run was taken too. */
export function markAfter(mark: Mark, number: number): Mark {
  const { run, frame, holes } = mark;
  if (number > frame) {
    // Before the first frame of a run there is nothing to miss.
    const news: Hole[] = number > frame + 1 && frame >= 0 ? [[frame + 1, number - 1]] : [];
    return { run, frame: number, holes: news.length === 0 ? holes : [...holes, ...news].slice(-MOST_HOLES) };
  }
  const left = holes.flatMap(([from, to]): Hole[] => {
    if (number < from || number > to) return [[from, to]];
    const parts: Hole[] = [
      [from, number - 1],
      [number + 1, to],
    ];
    return parts.filter(([a, b]) => a <= b);
  });
  return { run, frame, holes: left };
}

/** The mark when a heading has shown that frames up to this number were made. */
export function markUpTo(mark: Mark, number: number): Mark {
  const { run, frame, holes } = mark;
  if (number <= frame || frame < 0) return mark;
  return { run, frame: number, holes: [...holes, [frame + 1, number] as Hole].slice(-MOST_HOLES) };
}

/** How many frames the holes stand for. */
export function missingFrames({ holes }: Mark): number {
  return holes.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
