import type { GapRow } from '../../src/core/lake-status.ts';
import { QuoteKind, TRADE_ID_BYTES } from '../../src/core/records.ts';
import type { VenueId } from '../../src/core/venue-ids.ts';
import { FrameKind } from '../../src/lake/journal-format.ts';
import { listSegments } from '../../src/lake/segment.ts';
import { openSegment } from '../../src/lake/segment-scan.ts';
import type { Mark } from '../../src/lake/taken.ts';

export interface ReadQuote {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly kind: number;
  readonly receiveTime: number;
  readonly bid: number;
  readonly sequence: number;
}

export interface ReadTrade {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly receiveTime: number;
  readonly price: number;
  readonly id: string;
}

/** All that a journal holds, each frame once, in the order in which it counts. */
export function readJournal(lake: string): {
  quotes: ReadQuote[];
  trades: ReadTrade[];
  gaps: GapRow[];
  beats: number;
  numbers: number[];
} {
  const quotes: ReadQuote[] = [];
  const trades: ReadTrade[] = [];
  const gaps: GapRow[] = [];
  const numbers: number[] = [];
  let beats = 0;
  let mark: Mark = { run: '', frame: -1, holes: [] };
  for (const file of listSegments(lake)) {
    const open = openSegment(file, mark);
    mark = open.mark;
    for (const frame of open.frames) {
      numbers.push(frame.number);
      if (frame.kind === FrameKind.heartbeat) beats += 1;
      if (frame.kind === FrameKind.gaps) gaps.push(...(open.segment.json(frame) as GapRow[]));
      const rows = open.segment.quotes(frame);
      for (let i = 0; rows !== undefined && i < frame.rows; i += 1) {
        const named = open.instruments.get(rows.instrument[i] as number);
        if (named === undefined) throw new Error('an instrument has no name');
        quotes.push({
          ...named,
          kind: rows.kind[i] ?? QuoteKind.quote,
          receiveTime: rows.receiveTime[i] as number,
          bid: rows.bid[i] as number,
          sequence: rows.sequence[i] as number,
        });
      }
      const sold = open.segment.trades(frame);
      for (let i = 0; sold !== undefined && i < frame.rows; i += 1) {
        const named = open.instruments.get(sold.instrument[i] as number);
        if (named === undefined) throw new Error('an instrument has no name');
        const at = i * TRADE_ID_BYTES;
        const id = Buffer.from(sold.id.subarray(at, at + (sold.idLength[i] as number))).toString('utf8');
        trades.push({
          ...named,
          receiveTime: sold.receiveTime[i] as number,
          price: sold.price[i] as number,
          id,
        });
      }
    }
    open.segment.close();
  }
  return { quotes, trades, gaps, beats, numbers };
}
