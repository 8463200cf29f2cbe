import type { DuckDBValue } from '@duckdb/node-api';
import { SpreadscopeError } from '../core/errors.ts';
import type { GapReason, GapRow } from '../core/lake-status.ts';
import { isVenueId, VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import { type Duck, sqlParquet } from './duck.ts';
import { isReason, readGapRows } from './gap-rows.ts';
import { readFolders } from './history-folders.ts';
import { knownTimes } from './history-known.ts';
import { JournalTail } from './history-tail.ts';
import { FrameKind } from './journal-format.ts';
import { hourOf, partitionFolder } from './layout.ts';
import { openGapsAfter } from './open-gaps.ts';
import { hoursOf } from './partitions.ts';

/** Which gaps are wanted; times are µs, and one counts when any of it lies in the range. */
export interface GapsWish {
  readonly from: number;
  readonly to: number;
  /** What is open lasts until then, µs. */
  readonly now: number;
  /** Undefined = all. */
  readonly venue?: VenueId | undefined;
  /** Spells; the latest count. */
  readonly limit: number;
}

/** A time in which a venue, or some of its symbols, were not seen or not recorded: gaps of one reason that touch each other, as one, cut to the range. */
export interface GapSpell {
  readonly venue: VenueId;
  readonly reason: GapReason;
  readonly from: number;
  readonly to: number;
  /** It has not ended. */
  readonly open: boolean;
  /** How many symbols, at least; null = the whole venue. */
  readonly symbols: number | null;
  /** For how long each of them was not seen, added up: they need not have been away at the same time. Null = the whole venue. */
  readonly symbolMs: number | null;
  /** Null = nobody could count them. */
  readonly rowsLost: number | null;
}

export interface FoundGaps {
  /** In order of their beginning. */
  readonly gaps: readonly GapSpell[];
  /** There were older ones in the range. */
  readonly more: boolean;
  /** Since when each venue is recorded at all, µs; who is not here never was. */
  readonly recorded: readonly { readonly venue: VenueId; readonly since: number }[];
}

/** As in `history-gaps`: of a gap that lasts, a row is written at each hour's end. */
const HOURS_BEFORE = 4;
/** Rows that wait for Parquet, and spells that are open. */
const MOST_ROWS = 100_000;

/**
 * The gaps of all venues, from Parquet and journal.
 * @throws BAD_REQUEST if more wait for Parquet than can be told; FILE_UNREADABLE; what the disk and the engine throw
 */
export async function findGaps(lake: string, engine: Pick<Duck, 'rows'>, wish: GapsWish): Promise<FoundGaps> {
  const tail = JournalTail.open(lake);
  try {
    const venues = wish.venue === undefined ? VENUE_IDS : [wish.venue];
    const recorded: FoundGaps['recorded'][number][] = [];
    for (const venue of venues) {
      const known = await knownTimes(lake, tail, engine, venue);
      if (known !== undefined) recorded.push({ venue, since: known.since });
    }
    const folders = hoursFor(lake, wish).flatMap((hour) =>
      venues.map((venue) => ({
        venue,
        folder: partitionFolder('gaps', hour, venue),
      })),
    );
    const names = folders.map(({ folder }) => folder);
    return await readFolders(lake, names, async (view) => {
      const covered = (segment: number, { venue, from }: GapRow): boolean =>
        view.covers(partitionFolder('gaps', hourOf(from), venue), segment);
      const spells = tailSpells(tail, wish, covered);
      for (const { venue, folder } of folders) {
        const paths = view.pathsOf(folder);
        if (paths.length > 0) {
          const rows = await engine.rows(islandsSql(paths, wish));
          spells.push(...rows.flatMap((row) => spellOf(venue, row)));
        }
      }
      return { ...latest(joined(spells), wish), recorded };
    });
  } finally {
    tail.close();
  }
}

function hoursFor(lake: string, { from, to }: GapsWish): number[] {
  const hours = hoursOf(lake, 'gaps').filter((hour) => hour <= to);
  const first = hours.findIndex((hour) => hour >= hourOf(from));
  return hours.slice(Math.max(0, (first === -1 ? hours.length : first) - HOURS_BEFORE));
}

/** Rows that touch each other as one, in the engine: a thousand symbols that lose their connection are a thousand rows. */
function islandsSql(paths: readonly string[], { from, to, limit }: GapsWish): string {
  return `WITH gap AS (
      SELECT symbol, reason, rows_lost, epoch_us("from") AS f, epoch_us("to") AS t FROM ${sqlParquet(paths)}
      WHERE "to" >= make_timestamptz(${from}) AND "from" <= make_timestamptz(${to})),
    marked AS (SELECT *, coalesce(f > max(t) OVER (PARTITION BY reason ORDER BY f, t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true)::INTEGER AS fresh FROM gap),
    island AS (SELECT *, sum(fresh) OVER (PARTITION BY reason ORDER BY f, t) AS number FROM marked)
    SELECT reason, min(f)::DOUBLE, max(t)::DOUBLE, bool_or(symbol IS NULL), count(DISTINCT symbol)::DOUBLE, sum(rows_lost)::DOUBLE,
      sum(least(t, ${to}) - greatest(f, ${from}))::DOUBLE / 1000
    FROM island GROUP BY reason, number ORDER BY max(t) DESC LIMIT ${limit + 1}`;
}

function spellOf(venue: VenueId, row: readonly DuckDBValue[]): GapSpell[] {
  const [reason, from, to, whole, symbols, lost, ms] = row;
  if (!isReason(reason)) return [];
  return [
    {
      ...{ venue, reason, from: Number(from), to: Number(to), open: false },
      symbols: whole === true ? null : Number(symbols),
      symbolMs: whole === true ? null : Number(ms),
      rowsLost: lost == null ? null : Number(lost),
    },
  ];
}

/** What the journal tells that no file does. */
function tailSpells(
  tail: JournalTail,
  wish: GapsWish,
  covered: (segment: number, row: GapRow) => boolean,
): GapSpell[] {
  const found = new Map<string, { spell: GapSpell; symbols: Set<string> }>();
  let rows = 0;
  const add = (
    row: Pick<GapRow, 'venue' | 'symbol' | 'reason' | 'from' | 'to' | 'rowsLost'>,
    open: boolean,
  ) => {
    if (row.to < wish.from || row.from > wish.to || (wish.venue ?? row.venue) !== row.venue) return;
    if (++rows > MOST_ROWS)
      throw new SpreadscopeError(
        'BAD_REQUEST',
        `more than ${MOST_ROWS} gaps are on their way to the lake; ask again in a minute`,
      );
    // A connection's symbols all have its end as their beginning.
    const key = `${row.venue} ${row.reason} ${row.from} ${row.symbol === null} ${open}`;
    const known = found.get(key) ?? {
      spell: { ...row, open, symbols: 0, symbolMs: 0 },
      symbols: new Set<string>(),
    };
    if (row.symbol !== null) known.symbols.add(row.symbol);
    const { spell, symbols } = known;
    const lost = found.has(key) ? plus(spell.rowsLost, row.rowsLost) : row.rowsLost;
    const { venue, reason, from } = row;
    found.set(key, {
      symbols,
      spell: {
        ...{ venue, reason, from, to: Math.max(spell.to, row.to), open, rowsLost: lost },
        symbols: row.symbol === null ? null : symbols.size,
        symbolMs:
          row.symbol === null
            ? null
            : (spell.symbolMs ?? 0) + (Math.min(row.to, wish.to) - Math.max(row.from, wish.from)) / 1000,
      },
    });
  };
  for (const { segment, frames } of tail.segments)
    for (const frame of frames)
      if (frame.kind === FrameKind.gaps)
        for (const row of readGapRows(segment.json(frame)).rows)
          if (!covered(segment.number, row)) add(row, false);
  const newest = tail.segments.at(-1);
  if (newest !== undefined)
    for (const gap of openGapsAfter(newest.segment, newest.sound)) {
      const { venue, symbol, reason, from } = gap;
      if (isVenueId(venue))
        add({ venue, symbol, reason, from, to: Math.max(from, wish.now), rowsLost: null }, true);
    }
  return [...found.values()].map(({ spell }) => spell);
}

/** Spells of one venue and reason that touch each other, as one. */
function joined(spells: readonly GapSpell[]): GapSpell[] {
  const order = spells.toSorted(
    (a, b) => compare(a.venue, b.venue) || compare(a.reason, b.reason) || a.from - b.from || a.to - b.to,
  );
  const whole: GapSpell[] = [];
  for (const spell of order) {
    const last = whole.at(-1);
    if (
      last === undefined ||
      last.venue !== spell.venue ||
      last.reason !== spell.reason ||
      spell.from > last.to
    ) {
      whole.push(spell);
      continue;
    }
    const every = last.symbols === null || spell.symbols === null;
    whole[whole.length - 1] = {
      ...last,
      ...{ to: Math.max(last.to, spell.to), open: last.open || spell.open },
      symbols: every ? null : Math.max(last.symbols ?? 0, spell.symbols ?? 0),
      symbolMs: every ? null : (last.symbolMs ?? 0) + (spell.symbolMs ?? 0),
      rowsLost: plus(last.rowsLost, spell.rowsLost),
    };
  }
  return whole;
}

function latest(spells: readonly GapSpell[], { from, to, limit }: GapsWish): Omit<FoundGaps, 'recorded'> {
  const kept = spells.toSorted((a, b) => b.to - a.to || b.from - a.from).slice(0, limit);
  return {
    gaps: kept
      .map((spell) => ({ ...spell, from: Math.max(spell.from, from), to: Math.min(spell.to, to) }))
      .sort((a, b) => a.from - b.from || a.to - b.to || compare(a.venue, b.venue)),
    more: spells.length > limit,
  };
}

function plus(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
