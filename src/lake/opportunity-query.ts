import type { DuckDBValue } from '@duckdb/node-api';
import { SpreadscopeError } from '../core/errors.ts';
import { CLOSE_REASONS, type CloseReason, SURVIVAL_MS } from '../core/opportunity.ts';
import type { SurvivalGrouping, SurvivalSums } from '../core/survival.ts';
import { isVenueId, type VenueId } from '../core/venue-ids.ts';
import { type DuckSession, sqlParquet, sqlText } from './duck.ts';
import { HOUR_US } from './layout.ts';
import type { ClosedOpportunity } from './opportunity-rows.ts';
import { areThere, changedError, hoursOf, type PartFile, partFiles, partitionsOf } from './partitions.ts';

/** Which recorded opportunities are wanted; times are µs, and one counts when any of it lies in the range. */
export interface RecordedWish {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly symbol?: string | undefined;
  readonly buy?: VenueId | undefined;
  readonly sell?: VenueId | undefined;
  readonly minPeakBps?: number | undefined;
  /** Routes (`symbol:buy:sell`) that are left out. */
  readonly without?: readonly string[] | undefined;
  /** Single ones that are left out. */
  readonly known?: KnownOpportunities | undefined;
}

/** Opportunities that whoever asks has already. */
export interface KnownOpportunities {
  /** The earliest of their ends, µs. */
  readonly from: number;
  /** `symbol:buy:sell:start:end`, times in µs. */
  readonly keys: readonly string[];
}

export interface SurvivalGroup {
  /** Null where the grouping does not tell them apart. */
  readonly symbol: string | null;
  readonly buy: VenueId | null;
  readonly sell: VenueId | null;
  readonly sums: SurvivalSums;
}

/** What Parquet told; `until` is the latest end of all of it, µs, NaN = it holds none. */
export interface Recorded<T> {
  readonly rows: T;
  readonly until: number;
}

/** The files to read, as paths, of what was open at this time or later; asked anew when some have gone. */
export type FilesOf = (from: number) => readonly string[];

/** Each try lists the files anew: they are merged now and then. */
const TRIES = 5;
const KEYS: Readonly<Record<SurvivalGrouping, readonly string[]>> = {
  all: [],
  venues: ['buy', 'sell'],
  symbol: ['symbol'],
  route: ['symbol', 'buy', 'sell'],
};
const FIGURES = [
  ...[
    'duration_ms',
    'open_bps',
    'start_net_bps',
    'peak_net_bps',
    'mean_net_bps',
    'time_mean_net_bps',
    'ticks',
  ],
  ...['size', 'notional', 'peak_size', 'peak_notional', 'buy_age_ms', 'sell_age_ms'],
];

/** The recorded opportunities that closed last, the latest first. Throws FILE_UNREADABLE, what the engine throws, the signal's reason. */
export async function findRecorded(
  files: FilesOf,
  duck: DuckSession,
  wish: RecordedWish,
  limit: number,
  signal?: AbortSignal,
): Promise<Recorded<ClosedOpportunity[]>> {
  const times = ['start', '"end"', 'peak_time', 'buy_venue_time', 'sell_venue_time'];
  const columns = [
    ...['symbol', 'buy', 'sell', 'closed_by'],
    ...times.map((time) => `epoch_us(${time})::DOUBLE`),
    ...FIGURES.map((figure) => `${figure}::DOUBLE`),
    ...SURVIVAL_MS.map((delay) => `net_${delay}ms`),
  ];
  return await overFiles(files, duck, wish, signal, async (parquet) => {
    const order = '"end" DESC, start DESC, symbol, buy, sell';
    const rows = await duck.rows(
      `SELECT ${columns.join(', ')} FROM ${parquet} WHERE ${conditionOf(wish)} ORDER BY ${order} LIMIT ${limit}`,
    );
    return rows.map(opportunityOf);
  });
}

/**
 * How edges survived, by group: those of `also` (`symbol:buy:sell`, as far as the grouping tells them apart), and `limit` others, those with the most opportunities. Throws as
 * `findRecorded` does.
 */
export async function sumSurvival(
  files: FilesOf,
  duck: DuckSession,
  wish: RecordedWish,
  by: SurvivalGrouping,
  limit: number,
  also: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Recorded<SurvivalGroup[]>> {
  const keys = KEYS[by];
  const columns = [
    ...['symbol', 'buy', 'sell'].map((key) => (keys.includes(key) ? key : `NULL`)),
    ...['count(*)::DOUBLE', 'sum(start_net_bps)'],
    ...SURVIVAL_MS.map((delay) => `(count(*) FILTER (net_${delay}ms >= open_bps))::DOUBLE`),
    ...SURVIVAL_MS.map((delay) => `coalesce(sum(greatest(net_${delay}ms, 0)), 0)`),
  ];
  const first =
    also.length === 0 || keys.length === 0
      ? ''
      : `concat_ws(':', ${keys.join(', ')}) IN (${also.map(sqlText).join(', ')}) DESC, `;
  const group = keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')}`;
  return await overFiles(files, duck, wish, signal, async (parquet) => {
    const rows = await duck.rows(
      `SELECT ${columns.join(', ')} FROM ${parquet} WHERE ${conditionOf(wish)} ${group}
        ORDER BY ${first}count(*) DESC, 1, 2, 3 LIMIT ${limit + also.length}`,
    );
    return rows.map(groupOf).filter(({ sums }) => sums.count > 0);
  });
}

async function overFiles<T>(
  files: FilesOf,
  duck: DuckSession,
  wish: RecordedWish,
  signal: AbortSignal | undefined,
  read: (parquet: string) => Promise<T[]>,
): Promise<Recorded<T[]>> {
  for (let tries = 1; ; tries += 1) {
    const paths = files(wish.from ?? -Infinity);
    if (paths.length === 0) return { rows: [], until: Number.NaN };
    const parquet = sqlParquet(paths);
    try {
      signal?.throwIfAborted();
      const [until] = await duck.rows(`SELECT epoch_us(max("end"))::DOUBLE FROM ${parquet}`);
      signal?.throwIfAborted();
      return { rows: await read(parquet), until: until?.[0] == null ? Number.NaN : Number(until[0]) };
    } catch (error) {
      signal?.throwIfAborted();
      if (areThere(paths)) throw error;
      if (tries === TRIES) throw changedError(error);
    }
  }
}

/** The Parquet files that a lake has just now and that may hold any that was open at `from` or later. */
export function opportunityFiles(lake: string, from: number): string[] {
  return hoursOf(lake, 'opportunities')
    .filter((hour) => hour + HOUR_US > from)
    .flatMap((hour) => partitionsOf(lake, 'opportunities', hour))
    .flatMap((partition) => partFiles(lake, partition))
    .map(({ path }) => path);
}

/** Those of files that may hold any opportunity that was open at `from` or later, as paths: they are in the hour of their end. */
export function opportunitiesSince(files: readonly PartFile[], from: number): string[] {
  return files
    .filter(({ table, hour }) => table === 'opportunities' && hour + HOUR_US > from)
    .map(({ path }) => path);
}

function conditionOf(wish: RecordedWish): string {
  const { from, to, symbol, buy, sell, minPeakBps, without = [], known } = wish;
  const time = (value: number): string => `make_timestamptz(${Math.trunc(value)})`;
  return [
    'true',
    ...(from === undefined ? [] : [`"end" >= ${time(from)}`]),
    ...(to === undefined ? [] : [`start <= ${time(to)}`]),
    ...(symbol === undefined ? [] : [`symbol = ${sqlText(symbol)}`]),
    ...(buy === undefined ? [] : [`buy = ${sqlText(buy)}`]),
    ...(sell === undefined ? [] : [`sell = ${sqlText(sell)}`]),
    ...(without.length === 0
      ? []
      : [`concat_ws(':', symbol, buy, sell) NOT IN (${without.map(sqlText).join(', ')})`]),
    ...(known === undefined || known.keys.length === 0
      ? []
      : [
          // The time lets whole files and groups of rows pass without a look at the rest.
          `("end" < ${time(known.from)} OR concat_ws(':', symbol, buy, sell, epoch_us(start), epoch_us("end")) NOT IN (${known.keys.map(sqlText).join(', ')}))`,
        ]),
    ...(minPeakBps === undefined ? [] : [`peak_net_bps >= ${minPeakBps}`]),
  ].join(' AND ');
}

function opportunityOf(row: readonly DuckDBValue[]): ClosedOpportunity {
  const number = (at: number): number => Number(row[at]);
  const orNull = (at: number): number | null => (row[at] == null ? null : Number(row[at]));
  return {
    symbol: String(row[0]),
    buy: venueOf(row[1]),
    sell: venueOf(row[2]),
    closedBy: reasonOf(row[3]),
    ...{ start: number(4), end: number(5), peakTime: number(6) },
    ...{ buyVenueTime: orNull(7), sellVenueTime: orNull(8) },
    ...{ durationMs: number(9), openBps: number(10), startNetBps: number(11), peakNetBps: number(12) },
    ...{ meanNetBps: number(13), timeMeanNetBps: number(14), ticks: number(15) },
    ...{ size: number(16), notional: number(17), peakSize: number(18), peakNotional: number(19) },
    ...{ buyAgeMs: number(20), sellAgeMs: number(21) },
    survivalBps: SURVIVAL_MS.map((_, i) => orNull(22 + i)),
  };
}

function groupOf(row: readonly DuckDBValue[]): SurvivalGroup {
  const numbers = (at: number): number[] => SURVIVAL_MS.map((_, i) => Number(row[at + i]));
  const venue = (value: DuckDBValue | undefined): VenueId | null => (value == null ? null : venueOf(value));
  return {
    symbol: row[0] == null ? null : String(row[0]),
    buy: venue(row[1]),
    sell: venue(row[2]),
    sums: {
      ...{ count: Number(row[3]), startBps: Number(row[4] ?? 0) },
      ...{ over: numbers(5), leftBps: numbers(5 + SURVIVAL_MS.length) },
    },
  };
}

function venueOf(value: DuckDBValue | undefined): VenueId {
  const venue = String(value);
  if (isVenueId(venue)) return venue;
  throw new SpreadscopeError('LAKE_DAMAGED', `an opportunity of the lake names the venue ${venue}`);
}

function reasonOf(value: DuckDBValue | undefined): CloseReason {
  const reason = CLOSE_REASONS.find((known) => known === value);
  if (reason !== undefined) return reason;
  throw new SpreadscopeError('LAKE_DAMAGED', `an opportunity of the lake was closed by ${String(value)}`);
}
