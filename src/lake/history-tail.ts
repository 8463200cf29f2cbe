import { QuoteKind } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { readConverted } from './converted.ts';
import { errnoOf } from './file-steps.ts';
import type { Frame } from './frame.ts';
import { FrameKind, type JournalQuotes } from './journal-format.ts';
import { hourOf } from './layout.ts';
import { listSegments } from './segment.ts';
import { type OpenSegment, openSegment } from './segment-scan.ts';
import type { Mark } from './taken.ts';

const TRIES = 50;

/** Whether a quote may be used: the rule of `market/quotes.ts`. */
function isSound(quotes: JournalQuotes, row: number): boolean {
  const [bid, ask] = [quotes.bid[row] as number, quotes.ask[row] as number];
  return (
    bid > 0 &&
    ask >= bid &&
    ask < Infinity &&
    (quotes.bidSize[row] as number) > 0 &&
    (quotes.askSize[row] as number) > 0
  );
}

/** Which rows of the journal are wanted. */
export interface TailWish {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly price: 'bid' | 'ask';
  /** µs; from included, to not. */
  readonly from: number;
  readonly to: number;
  /** Whether rows of that segment and hour are read from Parquet. */
  readonly covered: (segment: number, hour: number) => boolean;
}

/**
 * What of a lake was in the journal and not yet wholly in Parquet at one moment. Its segments are held open, so that their rows can be read for as long as it takes, even after a
 * keeper has converted and deleted them. Folders are to be listed after it was opened: then a row that is in none of its segments is in a file.
 */
export class JournalTail {
  readonly segments: readonly OpenSegment[];

  private constructor(segments: readonly OpenSegment[]) {
    this.segments = segments;
  }

  /** Throws what the disk throws. */
  static open(lake: string): JournalTail {
    for (let tries = 1; ; tries += 1) {
      try {
        return new JournalTail(openAll(lake));
      } catch (error) {
        // A segment that was converted between the listing and the opening: what was taken is to be asked again.
        if (errnoOf(error) !== 'ENOENT' || tries === TRIES) throw error;
      }
    }
  }

  /**
   * Hands out the quotes of one instrument that are wanted, in the order of arrival: receive time, and the price, NaN if the quote is unsound.
   * @param take answers false when it can take no more; then this ends and answers false too
   */
  quotes(wish: TailWish, take: (time: number, price: number) => boolean): boolean {
    return this.segments.every((open) => {
      const wanted = numbersOf(open, wish.venue, wish.symbol);
      return wanted.size === 0 || takeSegment(open, wanted, wish, take);
    });
  }

  close(): void {
    for (const { segment } of this.segments) segment.close();
  }
}

/** The instrument numbers that stand for a symbol in a segment. */
export function numbersOf({ instruments }: OpenSegment, venue: VenueId, symbol: string): Set<number> {
  const numbers = new Set<number>();
  for (const [number, named] of instruments)
    if (named.venue === venue && named.symbol === symbol) numbers.add(number);
  return numbers;
}

function openAll(lake: string): OpenSegment[] {
  const converted = readConverted(lake);
  let mark: Mark = converted;
  const opened: OpenSegment[] = [];
  try {
    for (const file of listSegments(lake)) {
      if (file.number <= converted.segment) continue;
      const open = openSegment(file, mark);
      opened.push(open);
      mark = open.mark;
    }
    return opened;
  } catch (error) {
    for (const { segment } of opened) segment.close();
    throw error;
  }
}

function takeSegment(
  { segment, frames }: OpenSegment,
  wanted: ReadonlySet<number>,
  wish: TailWish,
  take: (time: number, price: number) => boolean,
): boolean {
  let [hour, covered] = [Number.NaN, false];
  for (const frame of frames) {
    if (!touches(frame, wish)) continue;
    const quotes = loaded(segment.quotes(frame));
    const prices = quotes[wish.price];
    for (let row = 0; row < frame.rows; row += 1) {
      if (!wanted.has(quotes.instrument[row] as number) || quotes.kind[row] !== QuoteKind.quote) continue;
      const time = quotes.receiveTime[row] as number;
      if (!(time >= wish.from && time < wish.to)) continue;
      if (hourOf(time) !== hour) {
        hour = hourOf(time);
        covered = wish.covered(segment.number, hour);
      }
      if (covered) continue;
      if (!take(time, isSound(quotes, row) ? (prices[row] as number) : Number.NaN)) return false;
    }
  }
  return true;
}

function touches(frame: Frame, { venue, from, to }: TailWish): boolean {
  return (
    frame.kind === FrameKind.quotes &&
    frame.venue === venue &&
    frame.rows > 0 &&
    !(frame.minTime >= to || frame.maxTime < from)
  );
}

/** A frame that was sound when the tail was opened, and is not now. */
export function loaded<T>(columns: T | undefined): T {
  if (columns === undefined) throw new Error('EIO: a frame of the journal changed while it was read');
  return columns;
}
