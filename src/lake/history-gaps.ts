import { SpreadscopeError } from '../core/errors.ts';
import type { GapReason } from '../core/lake-status.ts';
import type { VenueId } from '../core/venue-ids.ts';
import { type Duck, sqlParquet, sqlText } from './duck.ts';
import { isReason } from './gap-rows.ts';
import { tailSpells } from './history-ended.ts';
import { readFolders } from './history-folders.ts';
import type { HistoryGap } from './history-request.ts';
import type { JournalTail } from './history-tail.ts';
import { HOUR_US, hourOf, partitionFolder } from './layout.ts';
import { hoursOf } from './partitions.ts';

/** A spell in which an instrument was not seen, as it was written down. */
export interface Spell {
  /** µs. */
  readonly from: number;
  /** µs; Infinity = it has not ended. */
  readonly to: number;
  /** Whether it is of the whole venue. */
  readonly whole: boolean;
  readonly reason: GapReason;
}

/** When spells end what was said, in rising order: at a `from` everything said until then, at a `to` everything said before. */
export interface GapEdges {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** No instrument is cut off that often in a range that somebody looks at. */
const MOST_SPELLS = 100_000;
/** Hours with gaps before the range that are looked at: a spell of which no hour's end was written began in one of the last. */
const HOURS_BEFORE = 4;

/** What is asked of one leg's gaps. */
export interface GapWish {
  readonly venue: VenueId;
  readonly symbol: string;
  /** µs, both included. */
  readonly from: number;
  readonly to: number;
}

/**
 * The spells of one instrument that touch a range, from Parquet and journal, in no order, some of them perhaps more than once.
 * @throws BAD_REQUEST if there are more than can be told; what the disk and the engine throw
 */
export async function readSpells(
  lake: string,
  tail: JournalTail,
  engine: Pick<Duck, 'rows'>,
  wish: GapWish,
): Promise<Spell[]> {
  const spells: Spell[] = [];
  const add = (spell: Spell) => {
    if (spell.to < wish.from || spell.from > wish.to) return;
    if (spells.length === MOST_SPELLS)
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `${wish.symbol} on ${wish.venue} has more than ${MOST_SPELLS} gaps in that time; ask for less of it`,
      );
    spells.push(spell);
  };
  tailSpells(tail, wish.venue, wish.symbol, add);
  const folders = hoursFor(lake, wish).map((hour) => partitionFolder('gaps', hour, wish.venue));
  const rows = await readFolders(lake, folders, async (view) => {
    const paths = view.paths();
    return paths.length === 0 ? [] : await engine.rows(spellsSql(paths, wish));
  });
  for (const [from, to, whole, reason] of rows)
    if (isReason(reason)) add({ from: Number(from), to: Number(to), whole: whole === true, reason });
  return spells;
}

function hoursFor(lake: string, { from, to }: GapWish): number[] {
  const hours = hoursOf(lake, 'gaps').filter((hour) => hour <= to);
  const first = hours.findIndex((hour) => hour >= hourOf(from));
  return hours.slice(Math.max(0, (first === -1 ? hours.length : first) - HOURS_BEFORE));
}

function spellsSql(paths: readonly string[], { symbol, from, to }: GapWish): string {
  return `SELECT epoch_us("from")::DOUBLE, epoch_us("to")::DOUBLE, symbol IS NULL, reason FROM ${sqlParquet(paths)}
    WHERE (symbol IS NULL OR symbol = ${sqlText(symbol)}) AND (stream IS NULL OR stream = 'quotes')
      AND "to" >= make_timestamptz(${from}) AND "from" <= make_timestamptz(${to}) LIMIT ${MOST_SPELLS + 1}`;
}

/** @param before edges from this time on are left out, µs */
export function edgesOf(spells: readonly Spell[], before = Number.POSITIVE_INFINITY): GapEdges {
  return {
    // One that ends as it begins ends only what was said before.
    from: Float64Array.from(
      spells.filter(({ from, to }) => from < to && from < before).map(({ from }) => from),
    ).sort(),
    to: Float64Array.from(spells.map((spell) => spell.to).filter((to) => to < before)).sort(),
  };
}

/**
 * The spells as people are told them, cut to a range: each once, whole where the end of an hour had split it; in order of time.
 * @param now when what is open ends, at the latest
 */
export function listGaps(
  spells: readonly Spell[],
  venue: VenueId,
  range: { readonly from: number; readonly to: number; readonly now: number },
): HistoryGap[] {
  const order = [...spells].sort(
    (a, b) =>
      Number(a.whole) - Number(b.whole) || compare(a.reason, b.reason) || a.from - b.from || a.to - b.to,
  );
  const whole: { -readonly [K in keyof Spell]: Spell[K] }[] = [];
  for (const spell of order) {
    const last = whole.at(-1);
    if (last !== undefined && goesOn(last, spell)) last.to = Math.max(last.to, spell.to);
    else whole.push({ ...spell });
  }
  return whole
    .map(({ from, to, reason }) => ({
      from: Math.max(from, range.from),
      to: Math.min(to, range.to, to === Number.POSITIVE_INFINITY ? Math.max(range.now, from) : to),
      venue,
      reason,
    }))
    .filter(({ from, to }) => from <= to)
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

function goesOn(last: Spell, next: Spell): boolean {
  if (last.whole !== next.whole || last.reason !== next.reason) return false;
  if (next.from < last.to || (next.from === last.from && next.to === last.to)) return true;
  return next.from === last.to && last.to % HOUR_US === 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
