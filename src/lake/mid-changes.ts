import duckdb from '@duckdb/node-bindings';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import type { MidChanges } from '../market/lead-lag.ts';
import { type DuckSession, sqlParquet, sqlText } from './duck.ts';
import { readFolders } from './history-folders.ts';
import { HOUR_US } from './layout.ts';
import { hoursOf, type PartFile, partitionsOf } from './partitions.ts';

/** Which legs; times are µs, both included. */
export interface LegsWish {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  /** Undefined = all. */
  readonly venues?: readonly VenueId[] | undefined;
}

/** How late a venue's quotes come by its own clock: receive time minus venue time, ms, so clock offset and way together. */
export interface ClockOffset {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface RecordedLeg extends MidChanges {
  readonly venue: VenueId;
  /** Undefined = the venue sends no time. */
  readonly clockOffsetMs: ClockOffset | undefined;
  /** Whether older changes had to go for want of room: it begins later than was asked for. */
  readonly cut: boolean;
}

/** The most changes of one leg: the latest count. */
export const MOST_CHANGES = 30_000;
const BYTES = 8;

/** Those of files that may hold quotes of these legs. */
export function quotesWithin(files: readonly PartFile[], { from, to, venues }: LegsWish): PartFile[] {
  return files.filter(
    ({ table, hour, venue }) =>
      table === 'quotes' && hour + HOUR_US > from && hour <= to && (venues?.includes(venue) ?? true),
  );
}

/** As `readMidChanges`, from what a lake has in Parquet just now. Throws FILE_UNREADABLE too. */
export async function readLakeMidChanges(
  duck: DuckSession,
  lake: string,
  wish: LegsWish,
  signal: AbortSignal,
): Promise<RecordedLeg[]> {
  const partitions = hoursOf(lake, 'quotes')
    .filter((hour) => hour + HOUR_US > wish.from && hour <= wish.to)
    .flatMap((hour) => partitionsOf(lake, 'quotes', hour))
    .filter(({ venue }) => wish.venues?.includes(venue) ?? true);
  const folders = partitions.map(({ folder }) => folder);
  return await readFolders(lake, folders, async (view) => {
    signal.throwIfAborted();
    const files = partitions.flatMap(({ venue, folder }) =>
      view.pathsOf(folder).map((path) => ({ venue, path })),
    );
    return await readMidChanges(duck, files, wish, signal);
  });
}

/**
 * The mid prices of one symbol on each venue where they changed, in the order of receive time. In bounded memory: of a leg with more changes than `MOST_CHANGES` the latest.
 * @throws what the engine throws, the signal's reason
 */
export async function readMidChanges(
  duck: DuckSession,
  files: readonly Pick<PartFile, 'venue' | 'path'>[],
  wish: LegsWish,
  signal: AbortSignal,
): Promise<RecordedLeg[]> {
  const legs: RecordedLeg[] = [];
  for (const venue of VENUE_IDS) {
    const paths = files.filter((file) => file.venue === venue).map(({ path }) => path);
    const leg = paths.length === 0 ? undefined : await readLeg(duck, venue, paths, wish, signal);
    if (leg !== undefined) legs.push(leg);
  }
  return legs;
}

async function readLeg(
  duck: DuckSession,
  venue: VenueId,
  paths: readonly string[],
  { symbol, from, to }: LegsWish,
  signal: AbortSignal,
): Promise<RecordedLeg | undefined> {
  const rows = `FROM ${sqlParquet(paths)} WHERE symbol = ${sqlText(symbol)}
    AND receive_time >= make_timestamptz(${from}) AND receive_time <= make_timestamptz(${to})`;
  const ring = new LastChanges();
  const result = await duck.connection.stream(
    `SELECT epoch_us(receive_time)::DOUBLE AS t, (bid + ask) / 2 AS mid ${rows} AND bid > 0 AND ask >= bid ORDER BY receive_time`,
  );
  for (;;) {
    signal.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const [time, mid] = [0, 1].map((column) => {
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
      const bytes = duckdb.vector_get_data(vector, chunk.rowCount * BYTES);
      return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount);
    });
    if (time !== undefined && mid !== undefined) ring.add(time, mid);
  }
  if (ring.total === 0) return undefined;
  const [late] = await duck.rows(
    `SELECT approx_quantile((epoch_us(receive_time) - epoch_us(venue_time)) / 1000.0, [0.1, 0.5, 0.9]) ${rows} AND venue_time IS NOT NULL`,
  );
  return { venue, ...ring.changes(), clockOffsetMs: offsetOf(late?.[0]), cut: ring.total > MOST_CHANGES };
}

function offsetOf(value: unknown): ClockOffset | undefined {
  if (typeof value !== 'object' || value === null || !('items' in value) || !Array.isArray(value.items))
    return undefined;
  const [p10, p50, p90] = (value.items as readonly unknown[]).map(Number);
  return p10 === undefined || p50 === undefined || p90 === undefined ? undefined : { p10, p50, p90 };
}

/** The latest changes of a price, the older ones making room. */
class LastChanges {
  readonly #time = new Float64Array(MOST_CHANGES);
  readonly #mid = new Float64Array(MOST_CHANGES);
  total = 0;
  #last = Number.NaN;

  add(time: Float64Array, mid: Float64Array): void {
    for (let i = 0; i < time.length; i++) {
      const now = mid[i] as number;
      if (now === this.#last) continue;
      this.#last = now;
      this.#time[this.total % MOST_CHANGES] = time[i] as number;
      this.#mid[this.total % MOST_CHANGES] = now;
      this.total++;
    }
  }

  changes(): MidChanges {
    const count = Math.min(this.total, MOST_CHANGES);
    const [time, mid] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < count; i++) {
      const at = (this.total - count + i) % MOST_CHANGES;
      time[i] = this.#time[at] as number;
      mid[i] = this.#mid[at] as number;
    }
    return { time, mid };
  }
}
