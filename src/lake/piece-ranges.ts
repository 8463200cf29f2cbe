import { type Duck, sqlFile } from './duck.ts';
import { compareText } from './gap-rows.ts';

/** Sets of fewer pieces are opened whole: that costs no more than to look for the right one. */
const LEAST_PIECES = 4;
/** Files whose range is kept in memory; the ones that were asked for longest ago go. */
const MOST_FILES = 4096;

interface Range {
  readonly least: string;
  readonly greatest: string;
}

/**
 * Knows which symbols a piece of a merged hour holds, out of its footer. A full lake has some hundred pieces for each hour and venue, and to open all of them for the statistics alone
 * would take longer than to read one route's day. What a name stands for never changes, so it is kept.
 */
export class PieceRanges {
  readonly #ranges = new Map<string, Range | undefined>();
  /** Where in its set the last symbol was found, of 1: most hours have much the same symbols. */
  readonly #places = new Map<string, number>();

  /**
   * The files out of one set of pieces, in the order of their symbols, that may hold a symbol's rows. Throws what the engine throws, for a file that is gone too.
   */
  async pick(
    engine: Pick<Duck, 'rows'>,
    paths: readonly string[],
    symbol: string,
  ): Promise<readonly string[]> {
    if (paths.length < LEAST_PIECES) return paths;
    let [low, high] = [0, paths.length - 1];
    let at = Math.round((this.#places.get(symbol) ?? 0.5) * (paths.length - 1));
    for (let step = 1; low <= high; step *= 2) {
      const path = paths[at] as string;
      const range = await this.#rangeOf(engine, path);
      if (range === undefined) return paths;
      const isAfter = compareText(symbol, range.greatest) > 0;
      if (!isAfter && compareText(symbol, range.least) >= 0) {
        this.#keep(this.#places, symbol, at / (paths.length - 1));
        return await this.#around(engine, paths, at, symbol);
      }
      if (isAfter) low = at + 1;
      else high = at - 1;
      // The guess is often off by few: step by step, then by halves.
      const next = isAfter ? at + step : at - step;
      at = step < 4 && next >= low && next <= high ? next : Math.floor((low + high) / 2);
    }
    return [];
  }

  /** A symbol with many rows has several pieces, one after the other. */
  async #around(
    engine: Pick<Duck, 'rows'>,
    paths: readonly string[],
    at: number,
    symbol: string,
  ): Promise<readonly string[]> {
    const holds = async (piece: number): Promise<boolean> => {
      const path = paths[piece];
      if (path === undefined) return false;
      const range = await this.#rangeOf(engine, path);
      return (
        range === undefined ||
        (compareText(symbol, range.least) >= 0 && compareText(symbol, range.greatest) <= 0)
      );
    };
    let [first, last] = [at, at];
    while (await holds(first - 1)) first--;
    while (await holds(last + 1)) last++;
    return paths.slice(first, last + 1);
  }

  /** Undefined if the footer does not say. */
  async #rangeOf(engine: Pick<Duck, 'rows'>, path: string): Promise<Range | undefined> {
    if (this.#ranges.has(path)) return this.#ranges.get(path);
    const [row] = await engine.rows(
      `SELECT min(stats_min_value), max(stats_max_value), count(*) = count(stats_min_value) AND count(*) = count(stats_max_value)
       FROM parquet_metadata(${sqlFile(path)}) WHERE path_in_schema = 'symbol'`,
    );
    const [least, greatest, whole] = row ?? [];
    const told = whole === true && typeof least === 'string' && typeof greatest === 'string';
    const range = told ? { least, greatest } : undefined;
    this.#keep(this.#ranges, path, range);
    return range;
  }

  #keep<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > MOST_FILES && oldest !== undefined) map.delete(oldest);
  }
}
