import type { GapReason } from '../core/lake-status.ts';
import { QuoteKind } from '../core/records.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { readGapRows } from './gap-rows.ts';
import type { Spell } from './history-gaps.ts';
import { type JournalTail, loaded, numbersOf } from './history-tail.ts';
import { FrameKind } from './journal-format.ts';
import { hourOf } from './layout.ts';
import { openGapsAfter, reasonOfKind } from './open-gaps.ts';
import type { OpenSegment } from './segment-scan.ts';

interface Open {
  from: number;
  reason: GapReason;
}

/**
 * The spells of one instrument that the journal tells of: its gap rows, what its quotes say of their ends (from the row that says so to the next quote), and what is still open.
 * One that is open has `to` = Infinity. `add` may be given the same spell more than once.
 */
export function tailSpells(
  tail: JournalTail,
  venue: VenueId,
  symbol: string,
  add: (spell: Spell) => void,
): void {
  const replay = new Replay(venue, symbol, add);
  for (const open of tail.segments) replay.segment(open);
  replay.end();
  const newest = tail.segments.at(-1);
  if (newest === undefined) return;
  for (const gap of openGapsAfter(newest.segment, newest.sound))
    if (gap.venue === venue && isOf(symbol, gap))
      add({ from: gap.from, to: Number.POSITIVE_INFINITY, whole: gap.symbol === null, reason: gap.reason });
}

function isOf(
  symbol: string,
  gap: { readonly symbol: string | null; readonly stream: 'quotes' | 'trades' | null },
): boolean {
  return (gap.symbol === null || gap.symbol === symbol) && gap.stream !== 'trades';
}

/** Goes through the frames in their order, as the recorder did that wrote them. */
class Replay {
  readonly #venue: VenueId;
  readonly #symbol: string;
  readonly #add: (spell: Spell) => void;
  #open: Open | undefined;

  constructor(venue: VenueId, symbol: string, add: (spell: Spell) => void) {
    this.#venue = venue;
    this.#symbol = symbol;
    this.#add = add;
  }

  segment(open: OpenSegment): void {
    const numbers = numbersOf(open, this.#venue, this.#symbol);
    const inherited = openGapsAfter(open.segment, open.sound.filter(isSpells)).find(
      (gap) => gap.venue === this.#venue && gap.symbol === this.#symbol && gap.stream !== 'trades',
    );
    if (inherited !== undefined) this.#open ??= { from: inherited.from, reason: inherited.reason };
    for (const frame of open.frames) {
      if (frame.kind === FrameKind.gaps) this.#gaps(open.segment.json(frame));
      else if (frame.kind === FrameKind.quotes && frame.venue === this.#venue && numbers.size > 0)
        this.#quotes(loaded(open.segment.quotes(frame)), numbers);
    }
  }

  end(): void {
    if (this.#open !== undefined) this.#close(Number.POSITIVE_INFINITY);
  }

  #quotes(
    rows: { instrument: Uint32Array; kind: Uint8Array; receiveTime: Float64Array },
    numbers: ReadonlySet<number>,
  ): void {
    for (let row = 0; row < rows.kind.length; row += 1) {
      if (!numbers.has(rows.instrument[row] as number)) continue;
      const [kind, time] = [rows.kind[row] as number, rows.receiveTime[row] as number];
      const reason = reasonOfKind(kind);
      if (kind === QuoteKind.quote) this.#close(time);
      // A second end tells nothing new.
      else if (reason !== undefined) this.#open ??= { from: time, reason };
    }
  }

  #gaps(json: unknown): void {
    for (const row of readGapRows(json).rows) {
      if (row.venue !== this.#venue || !isOf(this.#symbol, row)) continue;
      this.#add({ from: row.from, to: row.to, whole: row.symbol === null, reason: row.reason });
      if (row.symbol === null || row.from !== this.#open?.from || row.reason !== this.#open.reason) continue;
      const split = row.to > row.from && row.to === hourOf(row.to);
      this.#open = split ? { from: row.to, reason: row.reason } : undefined;
    }
  }

  #close(to: number): void {
    if (this.#open === undefined) return;
    const { from, reason } = this.#open;
    this.#open = undefined;
    this.#add({ from, to: Math.max(from, to), whole: false, reason });
  }
}

function isSpells({ kind }: { readonly kind: FrameKind }): boolean {
  return kind === FrameKind.openGaps;
}
