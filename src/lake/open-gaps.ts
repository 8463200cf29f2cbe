import type { GapReason, GapRow } from '../core/lake-status.ts';
import { QuoteKind } from '../core/records.ts';
import type { Frame } from './frame.ts';
import { readGapRows } from './gap-rows.ts';
import { FrameKind } from './journal-format.ts';
import { HOUR_US, hourOf } from './layout.ts';
import type { OpenGap, Segment } from './segment.ts';
import { readOpenGaps } from './segment-facts.ts';

/** Why a quote row that is none says that what was known ended. */
export const REASON_OF_KIND: Readonly<Record<number, GapReason>> = {
  [QuoteKind.ended]: 'connection',
  [QuoteKind.silent]: 'silence',
  [QuoteKind.unlisted]: 'unlisted',
};

/** Why what was known ended, by the kind of the row that says so; undefined for a quote. */
export function reasonOfKind(kind: number): GapReason | undefined {
  return REASON_OF_KIND[kind];
}

/** A gap that is longer stays one row: only damage makes one, for a gap is split at the end of each hour. */
const MOST_HOURS = 48;

/** The gaps that were open after the last of these frames, which are sound and the first ones of a segment. */
export function openGapsAfter(segment: Segment, frames: readonly Frame[]): OpenGap[] {
  const instruments = segment.instruments(frames);
  const ofVenues: OpenGap[] = [];
  const ofInstruments = new Map<number, OpenGap>();
  for (const frame of frames) {
    if (frame.kind === FrameKind.openGaps) {
      for (const gap of readOpenGaps(segment.json(frame))) {
        if (gap.instrument === null) ofVenues.push(gap);
        else ofInstruments.set(gap.instrument, gap);
      }
    } else if (frame.kind === FrameKind.quotes) {
      replayQuotes(segment, frame, instruments, ofInstruments);
    } else if (frame.kind === FrameKind.gaps) {
      const { rows } = readGapRows(segment.json(frame));
      for (const row of rows) {
        closeVenueGap(ofVenues, row);
        cutInstrumentGap(ofInstruments, row);
      }
    }
  }
  return [...ofVenues, ...ofInstruments.values()];
}

function replayQuotes(
  segment: Segment,
  frame: Frame,
  instruments: ReturnType<Segment['instruments']>,
  open: Map<number, OpenGap>,
): void {
  const quotes = segment.quotes(frame);
  for (let row = 0; quotes !== undefined && row < frame.rows; row += 1) {
    const instrument = quotes.instrument[row] ?? 0;
    const kind = quotes.kind[row] ?? QuoteKind.quote;
    if (kind === QuoteKind.quote) {
      open.delete(instrument);
      continue;
    }
    const named = instruments.get(instrument);
    const reason = reasonOfKind(kind);
    // A second end tells nothing new.
    if (named === undefined || reason === undefined || open.has(instrument)) continue;
    open.set(instrument, { instrument, ...named, stream: null, from: quotes.receiveTime[row] ?? 0, reason });
  }
}

function closeVenueGap(open: OpenGap[], row: GapRow): void {
  const index = open.findIndex(
    (gap) =>
      gap.venue === row.venue &&
      gap.symbol === row.symbol &&
      gap.stream === row.stream &&
      gap.reason === row.reason &&
      gap.from === row.from,
  );
  const gap = open[index];
  if (gap === undefined) return;
  if (isSplit(row)) open[index] = { ...gap, from: row.to };
  else open.splice(index, 1);
}

/** A row of an instrument's gap ends it, or was written at the end of an hour and is followed by another. (That it ended in peace is told by its next quote as well.) */
function cutInstrumentGap(open: Map<number, OpenGap>, row: GapRow): void {
  if (row.symbol === null) return;
  for (const [instrument, gap] of open) {
    if (gap.venue !== row.venue || gap.symbol !== row.symbol) continue;
    // Rows that were lost at the very moment are another gap.
    if (gap.from !== row.from || gap.reason !== row.reason) continue;
    if (isSplit(row)) open.set(instrument, { ...gap, from: row.to });
    else open.delete(instrument);
  }
}

function isSplit(row: GapRow): boolean {
  return row.to > row.from && row.to === hourOf(row.to);
}

/** An open gap as rows up to `to`, each within one hour; none if it begins only then. */
export function closeGap(gap: OpenGap, to: number): GapRow[] {
  const { venue, symbol, stream, reason } = gap;
  const rows: GapRow[] = [];
  const whole = to - gap.from > MOST_HOURS * HOUR_US;
  for (let from = gap.from; from < to; ) {
    const end = whole ? to : Math.min(to, hourOf(from) + HOUR_US);
    rows.push({ venue, symbol, stream, from, to: end, reason, rowsLost: null });
    from = end;
  }
  return rows;
}
