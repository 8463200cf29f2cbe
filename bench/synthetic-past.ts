import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { VenueId } from '../src/core/venue-ids.ts';
import { type Duck, openDuck, sqlText } from '../src/lake/duck.ts';
import { HOUR_US, hourOf, partitionFolder, partName } from '../src/lake/layout.ts';
import { COMPACTED_STYLE, copyOptions } from '../src/lake/parquet-writer.ts';

/** A market's present quote: its past ends there. */
export interface Market {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
}

export interface Past {
  /** µs since the epoch. */
  readonly from: number;
  readonly to: number;
  /** µs between two quotes of a market. */
  readonly everyUs: number;
}

const ENGINE = { memoryMb: 512, threads: 1 };
const NAME = partName({ first: 1, last: 1, piece: 1, pieces: 1 });

/**
 * Writes quotes into a lake as the keeper leaves them: sorted by symbol and time, one file an hour and venue. Each coin has one price that wanders and ends at the present one; each venue
 * strays a little from it, and now and then so far that another can be crossed.
 * @returns rows written
 */
export async function writePast(lake: string, markets: readonly Market[], past: Past): Promise<number> {
  const duck = await openDuck(ENGINE);
  try {
    await loadMarkets(duck, markets);
    let rows = 0;
    for (const venue of new Set(markets.map((market) => market.venue))) {
      for (let hour = hourOf(past.from); hour < past.to; hour += HOUR_US) {
        const folder = join(lake, partitionFolder('quotes', hour, venue));
        mkdirSync(folder, { recursive: true });
        const span = { from: Math.max(hour, past.from), to: Math.min(hour + HOUR_US, past.to) };
        const path = sqlText(join(folder, NAME));
        await duck.run(`COPY (${hourSql(venue, span, past)}) TO ${path} ${copyOptions(COMPACTED_STYLE)}`);
        const [[count] = []] = await duck.rows(`SELECT count(*)::INTEGER FROM read_parquet(${path})`);
        rows += Number(count);
      }
    }
    return rows;
  } finally {
    duck.close();
  }
}

/** `coin`: the same number for a symbol on all venues; `shop`: another for each venue. */
async function loadMarkets(duck: Duck, markets: readonly Market[]): Promise<void> {
  const symbols = [...new Set(markets.map(({ symbol }) => symbol))];
  const venues = [...new Set(markets.map(({ venue }) => venue))];
  const anchors = symbols.map((symbol) => {
    const mids = markets.filter((market) => market.symbol === symbol).map(({ bid, ask }) => (bid + ask) / 2);
    return mids.toSorted((a, b) => a - b)[mids.length >> 1] ?? Number.NaN;
  });
  const rows = markets.map(({ venue, symbol, bid, ask }) => {
    const coin = symbols.indexOf(symbol);
    const half = (ask - bid) / (ask + bid);
    const values = [sqlText(venue), sqlText(symbol), coin, venues.indexOf(venue), anchors[coin], half];
    return `(${values.join()})`;
  });
  await duck.run(
    'CREATE TABLE markets (venue VARCHAR, symbol VARCHAR, coin DOUBLE, shop DOUBLE, anchor DOUBLE, half DOUBLE)',
  );
  await duck.run(`INSERT INTO markets VALUES ${rows.join()}`);
}

/** Seconds are counted from the end, so that the walk is nothing there. */
function hourSql(
  venue: VenueId,
  span: { readonly from: number; readonly to: number },
  { to, everyUs }: Past,
): string {
  const count = Math.max(0, Math.floor((span.to - span.from) / everyUs));
  const walk =
    '0.011 * sin(s / 9700) + 0.004 * sin(s / 1700 * (1 + coin % 5 / 9)) + 0.0012 * sin(s / 311 * (1 + coin % 7 / 11))';
  // Whole-number ratios would beat: each market has its own.
  const stray =
    '0.0003 * sin(s / (1900 + 310 * shop + 77 * coin) + shop) + 0.00025 * sin(s / (230 + 41 * shop + 13 * coin) + coin) + 0.0002 * sin(s / (37 + 3 * shop + coin)) + 0.00025 * (random() - 0.5)';
  const away =
    'CASE WHEN hash(floor(s / 240), shop, coin) % 23 = 0 THEN 0.0026 * exp((240 * floor(s / 240) - s) / 30) ELSE 0 END';
  return `
    WITH ticks AS (
      SELECT symbol, coin, shop, anchor, half, ${span.from} + i * ${everyUs} + CAST(random() * ${everyUs * 0.8} AS BIGINT) AS t
      FROM markets, range(${count}) r(i) WHERE venue = ${sqlText(venue)}),
    timed AS (SELECT *, (t - ${to}) / 1e6 AS s FROM ticks),
    mids AS (SELECT *, anchor * (1 + ${walk}) * (1 + ${stray} + ${away}) AS mid FROM timed),
    priced AS (SELECT *, 7 - CAST(ceil(log10(anchor)) AS INTEGER) AS digits FROM mids)
    SELECT symbol, make_timestamptz(t - 3000) AS venue_time, make_timestamptz(t) AS receive_time,
      round(mid * (1 - half), digits) AS bid, round((50 + 9000 * pow(random(), 3)) / anchor, digits) + 0.001 AS bid_size,
      round(mid * (1 + half), digits) AS ask, round((50 + 9000 * pow(random(), 3)) / anchor, digits) + 0.001 AS ask_size,
      t AS "sequence"
    FROM priced ORDER BY symbol, t`;
}
