import type { VenueId } from '../core/venue-ids.ts';
import type { Duck } from './duck.ts';
import { edgesOf, type GapEdges, listGaps, readSpells, type Spell } from './history-gaps.ts';
import { type KnownTimes, knownTimes, unrecorded } from './history-known.ts';
import { LegReader } from './history-leg.ts';
import { RouteMerge } from './history-merge.ts';
import {
  BAND_PERCENT,
  BAND_WINDOW,
  DEFAULT_MAX_QUOTE_AGE_US,
  type HistoryHead,
  type HistoryRequest,
  type HistorySink,
  type HistoryTotals,
  priceOf,
  type RecentLegs,
  type Unrecorded,
} from './history-request.ts';
import { LEG_ROWS, type LegRows } from './history-rows.ts';
import { BATCH_POINTS, type Series, WholeSeries } from './history-series.ts';
import { JournalTail } from './history-tail.ts';
import { ThinSeries } from './history-thin.ts';
import { Totals } from './history-totals.ts';
import { PieceRanges } from './piece-ranges.ts';

export interface HistoryOptions {
  readonly signal?: AbortSignal | undefined;
  /** How far it has come, of how far it goes: both µs. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** What is known of merged files from earlier reads. */
  readonly pieces?: PieceRanges;
  /** Rows of a leg that are in memory at a time. */
  readonly legRows?: number;
}

const SIDES = ['buy', 'sell'] as const;
type Side = (typeof SIDES)[number];

/**
 * Answers a route's series out of a lake, journal and Parquet as one, beside whoever works on the lake: at each quote of either leg from `from` to `to` at which both legs are valid one
 * point, in the order of time; at equal times the buy leg's quotes come first, each with a point of its own. Where the route stops being valid (a gap, a quote that is too old or
 * unsound) there is one point with NaN, at the first µs at which it is not. Quotes before `from` count for as long as they are valid. What is not known of makes an empty series.
 *
 * With `recent`, the quotes from its time on are those, and the lake's before it: one series, whose bands go on over the seam.
 *
 * Its memory does not depend on the range: rows come a bounded number at a time, and the sink is waited for.
 * @throws the signal's reason; BAD_REQUEST for a range with too many gaps; FILE_UNREADABLE; what the disk and the engine throw
 */
export async function readHistory(
  lake: string,
  request: HistoryRequest,
  engine: Duck,
  sink: HistorySink,
  options: HistoryOptions = {},
): Promise<HistoryTotals> {
  options.signal?.throwIfAborted();
  const tail = JournalTail.open(lake);
  try {
    const legs = { buy: await readLeg('buy'), sell: await readLeg('sell') };
    await sink.begin(headOf(request, legs));
    return await readPoints(lake, request, engine, tail, legs, sink, options);
  } finally {
    tail.close();
  }

  async function readLeg(side: Side): Promise<LegFacts> {
    const [venue, { symbol, maxQuoteAge = DEFAULT_MAX_QUOTE_AGE_US }] = [request[side], request];
    const wish = { venue, symbol, from: request.from - maxQuoteAge, to: endOf(request) };
    const spells = await readSpells(lake, tail, engine, wish);
    return { spells, known: await knownTimes(lake, tail, engine, venue) };
  }
}

interface LegFacts {
  readonly spells: readonly Spell[];
  readonly known: KnownTimes | undefined;
}

/** Nothing later is read: what is recorded meanwhile would be there for one leg and not yet for the other. */
function endOf({ to, now }: HistoryRequest): number {
  return Math.min(to, now);
}

function headOf(request: HistoryRequest, legs: Readonly<Record<Side, LegFacts>>): HistoryHead {
  const { from, to, now } = request;
  const sides = request.buy === request.sell ? (['buy'] as const) : SIDES;
  return {
    gaps: sides
      .flatMap((side) => listGaps(legs[side].spells, request[side], { from, to, now }))
      .sort((a, b) => a.from - b.from || a.to - b.to),
    unrecorded: sides.flatMap((side) => unrecordedOf(request, request[side], legs[side].known)),
  };
}

/** What a live market knows was recorded: in memory. */
function unrecordedOf(
  { from, to, now, recent }: HistoryRequest,
  venue: VenueId,
  known: KnownTimes | undefined,
): Unrecorded[] {
  if (recent === undefined) return unrecorded(venue, known, from, to);
  const before = from < recent.from ? unrecorded(venue, known, from, Math.min(to, recent.from)) : [];
  return to > now ? [...before, { from: Math.max(from, now), to, venue }] : before;
}

/** A leg's gaps; and if nobody looked at its venue for the last part of what is known of the other's, the end of that. */
function edgesFor(own: LegFacts, other: LegFacts, recent: RecentLegs | undefined): GapEdges {
  const [last, theirs] = [own.known, other.known];
  // A live market's quotes tell their own ends, and know of no gap of the recorder.
  if (recent !== undefined) return edgesOf(own.spells, recent.from);
  if (last?.told !== true || theirs === undefined || last.last >= theirs.last) return edgesOf(own.spells);
  const end = { from: last.last, to: Number.POSITIVE_INFINITY, whole: true, reason: 'stopped' } as const;
  return edgesOf([...own.spells, end]);
}

async function readPoints(
  lake: string,
  request: HistoryRequest,
  engine: Duck,
  tail: JournalTail,
  legs: Readonly<Record<Side, LegFacts>>,
  sink: HistorySink,
  options: HistoryOptions,
): Promise<HistoryTotals> {
  const { symbol, kind, fees, from, recent, maxQuoteAge: maxAge = DEFAULT_MAX_QUOTE_AGE_US } = request;
  const to = endOf(request);
  const merge = new RouteMerge({
    ...{ kind, fees, maxAge, from, to },
    buyGaps: edgesFor(legs.buy, legs.sell, recent),
    sellGaps: edgesFor(legs.sell, legs.buy, recent),
  });
  const connections = { buy: await engine.connect(), sell: await engine.connect() };
  const interrupt = () => {
    for (const side of SIDES) connections[side].interrupt();
  };
  options.signal?.addEventListener('abort', interrupt, { once: true });
  const { pieces = new PieceRanges(), legRows = LEG_ROWS } = options;
  const feedOf = (side: Side) => {
    const last = recent === undefined ? to : Math.min(to, recent.from - 1);
    const wish = {
      ...{ venue: request[side], symbol, price: priceOf(kind, side) },
      ...{ from: from - maxAge, to: last },
    };
    return new Ahead(new LegReader(lake, connections[side], tail, wish, pieces, legRows), recent?.[side]);
  };
  const feeds = { buy: feedOf('buy'), sell: feedOf('sell') };
  try {
    return await pump(merge, feeds, seriesOf(request), sink, request, options);
  } catch (error) {
    // A query that was interrupted says so in the engine's words.
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    for (const side of SIDES) {
      await feeds[side].end();
      connections[side].closeSync();
    }
  }
}

export function seriesOf(request: HistoryRequest): Series {
  const series = {
    from: request.from,
    to: request.to,
    window: request.bandWindow ?? BAND_WINDOW,
    percent: request.bandPercent ?? BAND_PERCENT,
    points: request.points,
  };
  return request.points === undefined ? new WholeSeries(series) : new ThinSeries(series);
}

async function pump(
  merge: RouteMerge,
  feeds: Readonly<Record<Side, Ahead>>,
  series: Series,
  sink: HistorySink,
  { from, to }: HistoryRequest,
  { signal, progress }: HistoryOptions,
): Promise<HistoryTotals> {
  const totals = new Totals();
  const handOut = async (least: number) => {
    const points = series.ready(least);
    if (points !== undefined) await sink.points(points);
  };
  while (!merge.done) {
    signal?.throwIfAborted();
    for (let side = merge.wants; side !== undefined; side = merge.wants)
      merge.feed(side, await feeds[side].next());
    signal?.throwIfAborted();
    merge.run();
    totals.take(merge.value, merge.points);
    series.take(merge.time, merge.value, merge.points);
    if (merge.points > 0) progress?.((merge.time[merge.points - 1] as number) - from, to - from);
    await handOut(BATCH_POINTS);
  }
  series.end();
  await handOut(1);
  return totals.totals(merge.quotes);
}

/** Reads a leg's next rows while those before are used. After the lake's come the recent ones, if there are any. */
class Ahead {
  readonly #reader: LegReader;
  #recent: LegRows | undefined;
  #next: Promise<{ rows: LegRows | undefined } | { error: unknown }>;

  constructor(reader: LegReader, recent: LegRows | undefined) {
    this.#reader = reader;
    this.#recent = recent;
    this.#next = this.#read();
  }

  async next(): Promise<LegRows | undefined> {
    const read = await this.#next;
    if ('error' in read) throw read.error;
    if (read.rows !== undefined) this.#next = this.#read();
    return read.rows;
  }

  /** Waits for what is being read; it is not wanted any more. */
  async end(): Promise<void> {
    await this.#next;
  }

  /** Never rejects: nobody may be waiting for it when it fails. */
  async #read(): Promise<{ rows: LegRows | undefined } | { error: unknown }> {
    try {
      const rows = await this.#reader.next();
      if (rows !== undefined) return { rows };
      const recent = this.#recent;
      this.#recent = undefined;
      return { rows: recent };
    } catch (error) {
      return { error };
    }
  }
}
